"""The mail part of the handover: the services that send, the records, what the checks saw, the receivers' rules."""

from __future__ import annotations

from launchready_tui.handover.document import Facts, Paragraph, Part, Section, Word, clean, table_or
from launchready_tui.handover.inventory import Rows, of_families
from launchready_tui.handover.words import moment
from launchready_tui.session.mail_seen import MailSeen, MarkSeen
from launchready_tui.session.model import Session

FAMILIES = ("spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt", "bimi", "mail")
_MARKS = {"right": Word("✓ right", "good"), "wrong": Word("✗ wrong", "bad"), "unknown": Word("? unknown", "warn")}
_RULES = {
    "right": Word("✓ holds", "good"),
    "wrong": Word("✗ does not", "bad"),
    "unknown": Word("? not visible", "soft"),
}
_NOBODY_LOOKED = "Which services send was not looked at in this sprint (the mail screen does it)."
_RULES_INTRO = (
    "What Google, Yahoo and Microsoft ask of senders. What stands as 'only bulk' is needed from some 5,000 mails a day"
    " to one receiver on. 'Not visible' means that DNS alone does not show it."
)


def mail(session: Session) -> Section:
    seen = session.mail.seen or MailSeen()
    rows: Rows = [
        (clean(s.name), clean(s.kind), *(_MARKS[mark.state] for mark in s.marks), clean(_why(s.marks)))
        for s in seen.services
    ]
    headers = ("Service", "For", "SPF", "DKIM", "Return path", "DMARC", "What is not right")
    parts: list[Part] = [table_or(_NOBODY_LOOKED, headers, (16, 13, 11, 11, 11, 11, 27), rows)]
    if records := [(clean(record.title), clean(record.record)) for record in seen.records if record.record]:
        parts.append(Facts((*records, ("Seen", moment(seen.at)))))
    parts += of_families(session, "mail", "", *FAMILIES).parts
    if seen.rules:
        parts += [Paragraph(_RULES_INTRO), _rules(seen)]
    return Section("mail", "Mail: SPF, DKIM, DMARC", tuple(parts))


def _why(marks: tuple[MarkSeen, ...]) -> str:
    return "; ".join(mark.why for mark in marks if mark.state == "wrong")


def _rules(seen: MailSeen) -> Part:
    rows: Rows = [
        (
            clean(rule.receiver),
            "only bulk" if rule.bulk_only else "required",
            clean(rule.rule),
            _RULES[rule.state],
            clean(rule.why) if rule.state == "wrong" else "",
        )
        for rule in seen.rules
    ]
    return table_or("", ("Receiver", "Needed", "Rule", "State", "Why not"), (14, 12, 38, 16, 20), rows)

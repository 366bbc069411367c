"""The parts of the mail screen as text: the services, the three records, the test mails, what the checks found."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from launchready_tui.session.mail_seen import BranchSeen, MailSeen, MarkSeen, RecordSeen, RuleSeen, ServiceSeen
from launchready_tui.session.model import StoredFinding
from screens.signs import DASH, status_sign
from screens.text import columns, hanging, shown, shown_line
from screens.widgets.detail import finding_text, worst_first

MARKS = {"right": ("✓", "$status-pass"), "wrong": ("✗", "$status-fail"), "unknown": ("?", "$status-error")}
RULE_WORDS = {"right": "holds", "wrong": "does not", "unknown": "not visible"}
CELLS = ("SPF", "DKIM", "return", "DMARC")
CELL = 9
SEED_CHECKS = (("mail.seed-lost", "arrived"), ("mail.seed-spam", "folder"), ("mail.seed-auth", "trusted"))


def services_text(seen: MailSeen, width: int) -> Content:
    """The table: a line a service, four marks, and below it what is not right and by what it was recognised."""
    name = max(16, min(30, width // 4))
    kind = max(8, width - name - len(CELLS) * (CELL + 1) - 2)
    header = [("service", name), ("what for", kind), *((cell, CELL) for cell in CELLS)]
    lines = [Content.styled("Who sends in your name", "bold $primary")]
    lines.append(columns([(Content.styled(word, "$quiet"), cells) for word, cells in header]))
    if not seen.services:
        lines.append(Content.styled("No service was recognised.", "$quiet"))
    for service in seen.services:
        row = [(shown_line(service.name, "bold"), name), (shown_line(service.kind, "$quiet"), kind)]
        lines.append(columns([*row, *((_mark(mark), CELL) for mark in service.marks)]))
        lines += _reasons(service, width)
    return Content("\n").join([*lines, Content("")])


def _mark(mark: MarkSeen) -> Content:
    sign, colour = MARKS[mark.state]
    return Content.styled(f"{sign} {mark.state}", colour)


def _reasons(service: ServiceSeen, width: int) -> Iterable[Content]:
    for cell, mark in zip(CELLS, service.marks, strict=True):
        # Of DMARC it is told even where all is right: it says which of the two speaks for the domain.
        if mark.why and (mark.state != "right" or cell == "DMARC"):
            yield hanging(Content.styled(f"    {cell}", "$quiet"), shown(mark.why, "$quiet"), width, 12)
    if service.evidence:
        by = shown_line("; ".join(service.evidence), "$quiet", limit=300)
        yield hanging(Content.styled("    seen", "$quiet"), by, width, 12)


def record_text(record: RecordSeen, where: str, width: int) -> Content:
    """One record: its text, its tree, and what to publish in its place.

    Args:
        where: "At Cloudflare (your DNS host)".
    """
    lines = [Content.styled(record.title, "bold $primary")]
    if record.problem:
        lines.append(hanging(Content.styled("?", "$status-error"), shown(record.problem), width, 2))
    elif record.record:
        lines.append(hanging(Content(""), shown(record.record, "bold"), width, 0))
    elif not record.branches:
        lines.append(Content.styled(f"{DASH} not published", "$status-warn"))
    lines += [_branch(branch, width) for branch in record.branches]
    if record.advice:
        lines.append(hanging(Content.styled("note", "$quiet"), shown(record.advice, "$quiet"), width, 9))
    if record.publish:
        at = shown_line(f"{where}:", "$quiet").append("\n")
        lines.append(hanging(Content.styled("publish", "$quiet"), at + shown(record.publish, "$primary"), width, 9))
    return Content("\n").join([*lines, Content("")])


def _branch(branch: BranchSeen, width: int) -> Content:
    twig = Content.styled("  " * branch.depth + "└ ", "$rule")
    sign = Content("")
    if branch.good is not None:
        mark, colour = MARKS["right" if branch.good else "wrong"]
        sign = Content.styled(f"{mark} ", colour)
    text = Content.assemble(sign, shown_line(branch.text, limit=300), "  ", shown_line(branch.note, "$quiet"))
    return hanging(twig, text, width, 2 * branch.depth + 2)


def rules_text(rules: Iterable[RuleSeen], width: int) -> Content:
    """What the large receivers ask, a line a rule; what only bulk senders need says so."""
    lines = [Content.styled("What Google, Yahoo and Microsoft ask", "bold $primary")]
    words = "Bulk means some 5,000 mails a day or more to one receiver, which a young business is far below."
    lines.append(hanging(Content(""), Content.styled(words, "$quiet"), width, 0))
    before = ""
    for rule in rules:
        sign, colour = MARKS[rule.state]
        begin = [
            (shown_line(rule.receiver if rule.receiver != before else "", "bold"), 10),
            (Content.styled("only bulk" if rule.bulk_only else "required", "$quiet"), 10),
            (Content.styled(f"{sign} {RULE_WORDS[rule.state]}", colour), 14),
        ]
        text = shown(rule.rule)
        if rule.state == "wrong":
            text = text.append("\n").append(shown(rule.why, "$quiet"))
        lines.append(hanging(columns(begin), text, width, 37))
        before = rule.receiver
    return Content("\n").join([*lines, Content("")])


def seeds_text(rows: Iterable[StoredFinding], width: int) -> Content:
    """The test mails, a line a mailbox: whether it arrived, in which folder, and whether the receiver trusts it."""
    told: dict[str, dict[str, StoredFinding]] = {}
    for row in rows:
        if row.check.startswith("mail.seed-"):
            told.setdefault(row.target, {})[row.check] = row
    seen = {mailbox: each for mailbox, each in told.items() if any(row.standing != "skipped" for row in each.values())}
    lines = [Content.styled("Test mails in mailboxes of your own", "bold $primary")]
    if not seen:
        words = "None was read yet. b judges one that you received; with consent and credentials a run sends one."
        lines.append(hanging(Content(""), Content.styled(words, "$quiet"), width, 0))
    else:
        lines.append(_seed_row(Content.styled("mailbox", "$quiet"), [("$quiet", w) for _, w in SEED_CHECKS], width))
    for mailbox, each in seen.items():
        found = [(each[check], word) for check, word in SEED_CHECKS if check in each]
        signs = [status_sign(each[check].standing) if check in each else None for check, _ in SEED_CHECKS]
        cells = [(sign.colour, f"{sign.mark} {sign.word}") if sign else ("$quiet", DASH) for sign in signs]
        lines.append(_seed_row(shown_line(mailbox, "bold"), cells, width))
        for row, word in found:
            if row.status != "pass":
                lines.append(hanging(Content.styled(f"    {word}", "$quiet"), shown(row.summary, "$quiet"), width, 12))
    return Content("\n").join([*lines, Content("")])


def _seed_row(mailbox: Content, cells: list[tuple[str, str]], width: int) -> Content:
    name = max(20, width - len(cells) * 13)
    return columns([(mailbox, name), *((Content.styled(word, colour), 12) for colour, word in cells)])


def findings_text(rows: Iterable[StoredFinding], width: int) -> Content:
    """The problems that the checks found about mail."""
    problems = [row for row in worst_first(rows) if row.is_problem]
    lines = [Content.styled(f"What the checks found · {len(problems)}", "bold $primary")]
    lines += [finding_text(row, width) for row in problems] or [
        Content.styled("Nothing is wrong, or nothing was run yet.", "$quiet")
    ]
    return Content("\n").join(lines)

"""The first half of the handover: go or no-go, the minimum bar, what was measured, the risk list, what changed."""

from __future__ import annotations

from collections.abc import Iterable

from launchready_tui.decision import Decision
from launchready_tui.handover.document import (
    Card,
    Facts,
    Paragraph,
    Part,
    Points,
    Section,
    Table,
    Word,
    clean,
    table_or,
)
from launchready_tui.handover.words import MET, UNMET, UNPROVEN, count, moment, seconds, status_word
from launchready_tui.plan import plan
from launchready_tui.progress import Progress
from launchready_tui.ranking import risk_list
from launchready_tui.session.model import Session, StoredFinding

RISKS = {
    "downtime": "the site is down",
    "mail": "mail does not arrive",
    "onboarding": "visitors cannot get in",
    "data": "data or secrets are exposed",
}


def go_or_no_go(decision: Decision) -> Section:
    """The advice, with every open blocker."""
    parts: list[Part] = [Paragraph(decision.sentence, "good" if decision.go else "bad")]
    if decision.blockers:
        parts.append(Paragraph("Must be settled before the launch:"))
        parts.append(Points(tuple(_blocker(b.target, b.text) for b in decision.blockers)))
    if decision.unproven:
        parts.append(Paragraph("Not known to be broken, and not proven to work:"))
        parts.append(Points(tuple(_blocker(b.target, b.text) for b in decision.unproven)))
    return Section("decision", "Go or no-go", tuple(parts))


def _blocker(target: str, text: str) -> str:
    return clean(f"{target}: {text}" if target and target not in text else text)


def minimum_bar(progress: Progress) -> Section:
    rows: list[tuple[str | Word, ...]] = []
    for state in progress.bars():
        word = MET if state.met else UNMET if state.broken else UNPROVEN
        rows.append((state.bar.id, state.bar.title, word, clean(state.reason)))
    intro = Paragraph("Twelve things that every site needs before its first customer. Below this bar, do not launch.")
    return Section(
        "bar", "The minimum bar", (intro, Table(("", "What", "State", "Why not"), (6, 44, 17, 33), tuple(rows)))
    )


def measured(session: Session) -> Section:
    """How often, when, from where, and how each family of checks came out."""
    runs = session.run
    whole = sum(run.complete and not run.only for run in runs)
    regions = sorted({str(r.get("region", "")) for row in session.watch for r in row.regions if r.get("region")})
    facts = [("How often", f"{count(len(runs), 'run')} of the live checks, {whole} of them whole")] if runs else []
    if runs:
        facts.append(("When", f"first {moment(runs[0].started)}, last {moment(runs[-1].started)}"))
        facts.append(("How long", f"the last run took {seconds(runs[-1].seconds)}"))
        facts.append(("From where", "the machine on which the sprint was done" + _beside(regions)))
    rows: list[tuple[str | Word, ...]] = []
    for family in plan().families:
        found = [row for row in session.finding if row.family == family.id]
        if found:
            rows.append(_family_row(family.title, found))
    headers = ("Family", "In order", "Problems", "Not looked at", "Could not be checked", "Last")
    nothing = "The live checks have not been run in this sprint."
    parts: list[Part] = [Facts(tuple(facts))] if facts else []
    parts.append(table_or(nothing, headers, (30, 10, 11, 12, 14, 23), rows))
    parts.append(Paragraph("These run by themselves, and can be repeated at any time:"))
    parts.append(Table(("", "What", "Command"), (6, 52, 42), tuple((a.id, a.title, a.how) for a in plan().automations)))
    return Section("measured", "What was measured", tuple(parts))


def _beside(regions: list[str]) -> str:
    return f", and probes in {', '.join(map(clean, regions))}" if regions else ""


def _family_row(title: str, found: list[StoredFinding]) -> tuple[str | Word, ...]:
    statuses = [row.status for row in found]
    problems = sum(row.is_problem for row in found)
    return (
        title,
        str(statuses.count("pass") + statuses.count("info")),
        Word(str(problems), "bad" if problems else ""),
        str(statuses.count("skipped")),
        Word(str(statuses.count("error")), "warn" if "error" in statuses else ""),
        moment(max(row.observed for row in found)),
    )


def risks(session: Session) -> tuple[Section, Section]:
    """The ranked list, split into what must be fixed now and what can wait 30 days."""
    every = risk_list(session.finding)
    now = [row for row in every if row.triage == "now"]
    later = [row for row in every if row.triage == "later"]
    return (
        Section("now", "Must fix now", _cards(now, 1, "Nothing that was looked at must be fixed now.")),
        Section("later", "Can wait 30 days", _cards(later, 1 + len(now), "Nothing is waiting.")),
    )


def _cards(rows: list[StoredFinding], first: int, nothing: str) -> tuple[Part, ...]:
    return tuple(_card(number, row) for number, row in enumerate(rows, first)) or (Paragraph(nothing, "soft"),)


def _card(number: int, row: StoredFinding) -> Card:
    seen = row.known or row
    facts = [("Where", row.target), ("Costs", seen.cost), ("Risk", RISKS.get(row.risk, row.risk))]
    facts.append(("Seen", f"{moment(seen.observed)} ({row.check})"))
    if row.known:
        facts.append(("Since then", f"could not be checked again: {row.summary}"))
    if (row.rule and row.triage != row.rule) or row.triage_reason:
        by = f" by {row.triage_by}" if row.triage_by else ""
        facts.append(("Decided", f"{row.triage}{by}{f': {row.triage_reason}' if row.triage_reason else ''}"))
    return Card(
        number=number,
        title=clean(seen.summary or row.check),
        word=status_word(row.standing),
        facts=tuple((label, clean(text)) for label, text in facts if text),
        fix=clean(seen.fix),
        evidence=tuple(map(clean, seen.evidence)),
    )


def changes(session: Session) -> Section:
    """What people changed in production, and what the checks saw change."""
    rows: list[tuple[str | Word, ...]] = [
        (moment(c.at), clean(c.what), clean(c.by), clean(c.before), clean(c.after), clean(c.undo))
        for c in session.change
    ]
    headers = ("When", "What", "By", "Before", "After", "How to undo it")
    mended = list(_mended(session))
    parts: list[Part] = [table_or("No change in production was noted.", headers, (14, 22, 11, 16, 16, 21), rows)]
    if mended:
        parts.append(Paragraph("Problems that a later run of the checks no longer saw:"))
        parts.append(Table(("Check", "Where", "When"), (32, 43, 25), tuple(mended)))
    return Section("changes", "What changed", tuple(parts))


def _mended(session: Session) -> Iterable[tuple[str | Word, ...]]:
    """The last run that saw each problem go, where it is still gone."""
    gone: dict[tuple[str, str], str] = {}
    for run in session.run:
        for change in run.before:
            if change.was in ("warn", "fail") and change.now in ("pass", "info", ""):
                gone[change.check, change.target] = run.started
            elif change.now in ("warn", "fail"):
                gone.pop((change.check, change.target), None)
    for (check, target), when in gone.items():
        yield (check, clean(target), moment(when))

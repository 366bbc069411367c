"""The end of the handover: every step with its state, what was not tested, what was left alone, who signs."""

from __future__ import annotations

from collections import Counter

from launchready_tui.handover.document import (
    Facts,
    Lines,
    Paragraph,
    Part,
    Points,
    Section,
    Table,
    Word,
    clean,
    table_or,
)
from launchready_tui.handover.words import count, moment, state_word
from launchready_tui.plan import plan
from launchready_tui.progress import BlockState, Progress, StepState
from launchready_tui.session.model import Session

_UNTESTED_LINES = 60


def steps(progress: Progress) -> Section:
    """All steps of the plan, block by block and stage by stage."""
    parts: list[Part] = []
    for block in progress.blocks():
        settled = f"{block.block.id} {block.block.title}: {block.done} of {block.total} settled"
        parts.append(Paragraph("; ".join((settled, *_times(block)))))
        for stage in block.block.stages:
            rows = tuple(_step_row(state) for state in block.steps if state.step.stage == stage.id)
            headers = ("", f"{stage.id} {stage.title}", "State", "Note", "By, when")
            parts.append(Table(headers, (8, 34, 17, 23, 18), rows))
    return Section("steps", "The checklist", tuple(parts))


def _times(block: BlockState) -> list[str]:
    """When the block was opened and closed, as far as it was."""
    times = (("opened", block.opened), ("closed", block.closed))
    return [f"{word} {moment(at)}" for word, at in times if at]


def _step_row(state: StepState) -> tuple[str | Word, ...]:
    note = state.note or state.reason
    if not note and state.problems:
        note = f"{count(len(state.problems), 'problem')}, see the risk list"
    who = ", ".join(part for part in (clean(state.by), moment(state.at)) if part)
    return (state.step.id, state.step.title, state_word(state.state), clean(note), who)


def not_tested(session: Session) -> Section:
    """What was skipped, what could not be checked, and what was never run: none of it is proof of anything."""
    never = Counter(check.partition(".")[0] for check in set(plan().checks) - {row.check for row in session.finding})
    parts: list[Part] = [
        Paragraph("Nothing in this section is known to be right or wrong. Whoever launches takes this risk knowingly.")
    ]
    for status, title in (("error", "Could not be checked"), ("skipped", "Not looked at")):
        found = [row for row in session.finding if row.status == status]
        if found:
            rows: list[tuple[str | Word, ...]] = [(clean(r.target), clean(r.check), clean(r.summary)) for r in found]
            parts.append(Paragraph(f"{title}: {len(found)}"))
            parts.append(Table(("Where", "Check", "Why"), (28, 24, 48), tuple(rows[:_UNTESTED_LINES])))
            if len(rows) > _UNTESTED_LINES:
                parts.append(
                    Paragraph(f"and {len(rows) - _UNTESTED_LINES} more, which are in the session file", "soft")
                )
    if never:
        lines = [f"{plan().family_title(family)}: {count(number, 'check')}" for family, number in sorted(never.items())]
        parts.append(Paragraph(f"Never run: {count(sum(never.values()), 'check')}"))
        parts.append(Points(tuple(lines)))
    return Section("untested", "What was not tested", tuple(parts))


def left_alone() -> Section:
    """The restraints: what the sprint does not push anyone into."""
    rows: list[tuple[str | Word, ...]] = [(entry.id, entry.title, entry.why) for entry in plan().restraints]
    intro = Paragraph("Good ideas for later. None of them lowers a risk of this week, so the sprint left them alone.")
    return Section(
        "left", "What was left alone on purpose", (intro, table_or("", ("", "What", "Why"), (6, 36, 58), rows))
    )


def sign_off(session: Session) -> Section:
    signed = tuple(
        (clean(f"{s.name}, {s.role}" if s.role else s.name), clean(f"{s.decision} {moment(s.at)} {s.note}"))
        for s in session.sprint.signed
    )
    labels = ("Client: name, date, signature", "Consultant: name, date, signature")
    parts: tuple[Part, ...] = (Facts(signed),) if signed else ()
    return Section("sign-off", "Sign-off", (*parts, Lines(labels)))


def way_of_working(session: Session) -> str:
    """Which of the plan's ways of working this sprint was, in words."""
    way = plan().ways[0 if session.sprint.consultant and session.sprint.client else 1]
    return f"{way.title} ({way.id}); {plan().ways[2].title.lower()} ({plan().ways[2].id}) with the session file"

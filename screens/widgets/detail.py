"""What there is to say of one step: its problems first, each with its cost, its mending and what was seen."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from launchready_tui.progress import State, StepState
from launchready_tui.session.model import StoredFinding
from launchready_tui.session.words import WORST_FIRST
from screens.signs import status_sign
from screens.text import hanging, shown, shown_line
from screens.times import day_and_time

LABEL = 9
EVIDENCE_LINES = 3
"""Of each finding in the overview; the rest is a key away."""


class StepDetail(VerticalScroll):
    """The step under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self._state: StepState | None = None
        self._presenter = False
        self._drawn: Content | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="detail-text")

    def show(self, state: StepState | None, *, presenter: bool) -> None:
        """Show a step; the place scrolled to stays while it is the same one."""
        other = state is None or self._state is None or state.step.id != self._state.step.id
        self._state, self._presenter = state, presenter
        if other:
            self.scroll_home(animate=False)
        self._draw()

    def _draw(self) -> None:
        room = max(24, self.scrollable_content_region.width - 2)
        drawn = step_text(self._state, room, presenter=self._presenter) if self._state else Content("")
        if self._drawn is None or not drawn.is_same(self._drawn):
            self._drawn = drawn
            self.query_one("#detail-text", Static).update(drawn)

    def on_resize(self) -> None:
        self._draw()


def worst_first(findings: Iterable[StoredFinding]) -> list[StoredFinding]:
    """Problems first, what must be fixed now before what can wait; passes last."""

    def key(row: StoredFinding) -> tuple[int, int]:
        place = WORST_FIRST.index(row.status)
        return (0 if row.is_problem and row.triage == "now" else 1, place)

    return sorted(findings, key=key)


def step_text(state: StepState, width: int, *, presenter: bool) -> Content:
    """All of a step as text in `width` cells."""
    step = state.step
    parts = [shown_line(step.title, "bold $strong")]
    parts += _mark(state, width, presenter=presenter)
    findings = worst_first(state.findings)
    for row in findings:
        if row.is_problem:
            parts.append(finding_text(row, width))
    if state.reason:
        parts.append(_labelled("open", shown(state.reason), width))
    if step.ask and state.state is not State.DONE:
        parts.append(_labelled("asked", Content.styled(step.ask, "$hour"), width))
    parts.append(_labelled("why", Content.styled(step.why, "$quiet"), width))
    parts += [_one_line(row, width) for row in findings if not row.is_problem]
    return Content("\n").join(parts)


def finding_text(row: StoredFinding, width: int) -> Content:
    """A problem with its cost, its mending and the first of what was seen."""
    seen = row.seen
    parts = [hanging(status_sign(row.standing).content, shown(seen.summary), width, LABEL)]
    if seen.cost:
        parts.append(_labelled("cost", shown(seen.cost), width))
    if seen.fix:
        parts.append(_labelled("fix", shown(seen.fix, "$primary"), width))
    if row.known:
        since = Content.assemble(shown(row.summary), (f"  {day_and_time(row.observed)}", "$quiet"))
        parts.append(_labelled("since", since, width))
    if seen.evidence:
        lines = [shown_line(line) for line in seen.evidence[:EVIDENCE_LINES]]
        if len(seen.evidence) > EVIDENCE_LINES:
            lines.append(Content.styled(f"and {len(seen.evidence) - EVIDENCE_LINES} more (enter)", "$quiet"))
        parts.append(_labelled("seen", Content("\n").join(lines).stylize("$quiet"), width))
    return Content("\n").join(parts)


def _mark(state: StepState, width: int, *, presenter: bool) -> list[Content]:
    parts = []
    if state.by:
        said = Content.assemble(f"{state.mark}, says ", shown_line(state.by), " ", (day_and_time(state.at), "$quiet"))
        parts.append(_labelled("marked", said, width))
    if state.note:
        parts.append(_labelled("note", shown(state.note), width))
    if state.private_note and not presenter:
        parts.append(_labelled("private", shown(state.private_note, "italic"), width))
    return parts


def _one_line(row: StoredFinding, width: int) -> Content:
    text = shown_line(row.summary).append(Content.styled(f"  {day_and_time(row.observed)}", "$quiet"))
    return hanging(status_sign(row.status).content, text, width, LABEL + 3)


def _labelled(label: str, text: Content, width: int) -> Content:
    return hanging(Content.styled(label, "$quiet"), text, width, LABEL)

"""The steps of a block, in the plan's order, each with where it stands."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option, OptionDoesNotExist

from launchready_tui.progress import BlockState, State, StepState
from screens.keys import key
from screens.signs import Sign, step_sign
from screens.text import columns, shown_line
from screens.times import day_and_time

SIGN_WIDTH = 9
BY_WIDTH = 26
NOTE_WIDTH = 30
WIDE, VERY_WIDE = 76, 110
"""Cells from which on there is a column for who and when, and one for the note."""


class StepList(OptionList):
    """One line a step; the stages stand between them as headings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "select", "open", "Open the finding", "steps.open", "enter"),
    ]

    class Opened(Message):
        """Enter or a click on a step."""

        def __init__(self, step: str) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id, classes="plain", markup=False)
        self._states: dict[str, StepState] = {}
        self._rows: dict[str, Content] = {}

    @property
    def current(self) -> StepState | None:
        """The step under the cursor."""
        option = self.highlighted_option
        return self._states.get(option.id or "") if option else None

    def show(self, block: BlockState, cursor: str | None = None) -> None:
        """List another block, with the cursor on the step `cursor`, else on the first that is not settled."""
        self._states = {state.step.id: state for state in block.steps}
        self._rows = {}
        options = []
        for stage in block.block.stages:
            if len(block.block.stages) > 1:
                options.append(Option(Content.styled(stage.title, "bold $primary"), disabled=True))
            for state in (state for state in block.steps if state.step.stage == stage.id):
                self._rows[state.step.id] = self._row(state)
                options.append(Option(self._rows[state.step.id], id=state.step.id))
        self.set_options(options)
        wanted = cursor or (block.next_step.step.id if block.next_step else block.steps[0].step.id)
        self.highlighted = self.get_option_index(wanted)

    def update_steps(self, block: BlockState) -> None:
        """Redraw the rows that changed, and no other; where the block has other steps now, list them anew."""
        if self._states.keys() != {state.step.id for state in block.steps}:
            current = self.current.step.id if self.current else ""
            self.show(block, current if any(state.step.id == current for state in block.steps) else None)
        for state in block.steps:
            self._states[state.step.id] = state
            self._redraw(state)

    def _redraw(self, state: StepState) -> None:
        row = self._row(state)
        if self._rows.get(state.step.id) == row and self._rows[state.step.id].is_same(row):
            return
        self._rows[state.step.id] = row
        try:
            self.replace_option_prompt(state.step.id, row)
        except OptionDoesNotExist:
            return

    def _row(self, state: StepState) -> Content:
        width = max(30, self.scrollable_content_region.width - 2)
        cells = [(sign_of(state), SIGN_WIDTH)]
        right: list[tuple[Content, int]] = []
        if width >= WIDE:
            right.append((who_and_when(state), BY_WIDTH))
        if width >= VERY_WIDE:
            right.append((shown_line(state.note or state.reason, "$quiet"), NOTE_WIDTH))
        room = width - SIGN_WIDTH - 1 - sum(cells + 1 for _, cells in right)
        cells.append((Content(state.step.title), room))
        return columns([*cells, *right])

    def on_resize(self, event: events.Resize) -> None:
        for state in self._states.values():
            self._redraw(state)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id:
            self.post_message(self.Opened(event.option.id))


def sign_of(state: StepState) -> Content:
    """Sign and word of a step: how far its checks are, how many problems it has."""
    sign = step_sign(state.state)
    if state.state is State.RUNNING:
        return Content.styled(f"{sign.mark} {state.reported}/{state.total}", sign.colour)
    if state.state is State.PROBLEM:
        now, every = len(state.problems_now), len(state.problems)
        words = f"{now} now" if now else f"{every} later"
        return Content.styled(f"{sign.mark if now else '!'} {words}", sign.colour if now else "$status-warn")
    return Sign(*sign).content


def who_and_when(state: StepState) -> Content:
    """ "Mara, today 12:04"; empty where nobody marked it."""
    if not state.by:
        return Content("")
    return Content.assemble(shown_line(state.by, limit=40), (f", {day_and_time(state.at)}", "$quiet"))

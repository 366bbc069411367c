"""The screen of a sprint: one block of the 48 hours with its steps, the step at hand, and the risk list at its side."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from launchready_tui.plan import plan
from launchready_tui.progress import BlockState, StepState
from launchready_tui.session.model import StoredFinding
from screens import deeds
from screens.base import LaunchScreen
from screens.widgets.detail import StepDetail, worst_first
from screens.widgets.hour_line import HourLine, Stretch
from screens.widgets.risks import RiskList
from screens.widgets.steps import StepList

BESIDE = {
    "H1": "b before and after",
    "H2": "b before and after",
    "H3": "m mail table",
    "H4": "w watch   d alert drill",
    "H5": "h handover   v vault",
}
"""The screens that belong to a block, as its heading names them."""


class BlockScreen(LaunchScreen):
    """Shows one block at a time; the risk list stays as it is when another block comes up."""

    CSS_PATH = "block.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run_step", "run", id="block.run", tooltip="Run the checks of this step"),
        Binding("R", "run_all", "run all", id="block.run-all", tooltip="Run all checks of the sprint"),
        Binding("s", "stop", "stop", id="block.stop", tooltip="Stop the checks; what was found stays"),
        Binding("enter", "open", "open", key_display="enter", id="block.open", tooltip="Open the finding"),
        Binding("space", "mark", "mark", id="block.mark", tooltip="Mark this step, with your name and a note"),
        Binding("n", "note", "note", id="block.note", tooltip="Write a note on this step"),
        Binding("c", "copy_fix", "copy fix", id="block.copy", tooltip="Copy the exact change that mends the problem"),
        Binding("t", "triage", "triage", id="block.triage", tooltip="Decide when a problem must be mended"),
        Binding(
            "escape",
            "stop_or_leave",
            "Home",
            id="screen.back",
            show=False,
            tooltip="Stop the checks; when none run: to the list of sprints",
        ),
        *(
            Binding(
                str(number),
                f"block('H{number}')",
                f"Block {number}",
                show=False,
                id=f"block.{number}",
                tooltip=f"Block {number} of the 48 hours",
            )
            for number in range(1, 6)
        ),
        Binding("left", "neighbour(-1)", "Block before", show=False, id="block.before", tooltip="The block before"),
        Binding("right", "neighbour(1)", "Next block", show=False, id="block.next", tooltip="The next block"),
    ]

    def __init__(self, block: str = "") -> None:
        super().__init__()
        self.block = block or plan().blocks[0].id
        self._cursors: dict[str, str] = {}

    def compose_body(self) -> ComposeResult:
        yield HourLine()
        with Horizontal(id="block"):
            with Vertical(id="block-left"):
                yield Static(id="outcome")
                yield StepList(id="steps")
                yield StepDetail(id="detail")
            yield RiskList(id="risks")

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(20, self.refresh_top_line)
        self.query_one(StepList).focus()
        self.call_after_refresh(self.show_block, self.block)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.redraw()

    # ---------------------------------------------------------------- drawing

    def _on_changed(self, change: object) -> None:
        if self.is_current:
            self.redraw()

    def show_block(self, block: str) -> None:
        """Bring a block up, with the cursor where it was left."""
        steps = self.query_one(StepList)
        if steps.current is not None:
            self._cursors[self.block] = steps.current.step.id
        self.block = block
        state = self.app.sprint.block_state(block)
        self.query_one("#outcome", Static).update(Content.styled(state.block.outcome, "$quiet"))
        steps.border_title = Content.assemble((f" {state.block.title} ", "bold"), (BESIDE.get(block, ""), "not bold"))
        steps.show(state, self._cursors.get(block))
        steps.focus()
        self.redraw()

    def redraw(self) -> None:
        """Bring everything up to date; only rows that changed are drawn again."""
        if not self.app.has_sprint or not self.query(StepList):
            return
        self.refresh_top_line()
        blocks = self.app.sprint.progress().blocks()
        line = self.query_one(HourLine)
        line.stretches = tuple(stretch(state) for state in blocks)
        line.current = self.block
        line.hour = self.app.sprint.hour
        steps = self.query_one(StepList)
        steps.update_steps(next(state for state in blocks if state.block.id == self.block))
        self.draw_detail()
        self.query_one(RiskList).show(self.app.sprint.risks(), empty=self._nothing_found())

    def draw_detail(self) -> None:
        detail = self.query_one(StepDetail)
        detail.show(self.query_one(StepList).current, presenter=self.app.presenter)

    def _nothing_found(self) -> str:
        runs = self.app.sprint.session.run
        if self.app.running:
            return "Nothing yet; checks run."
        return "Nothing to fix now." if any(run.complete for run in runs) else "R runs all checks."

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_list.id == "steps":
            self.draw_detail()

    # ---------------------------------------------------------------- what is at hand

    @property
    def step(self) -> StepState | None:
        return self.query_one(StepList).current

    @property
    def finding(self) -> StoredFinding | None:
        """The problem at hand: in the risk list the one under the cursor, else the step's worst."""
        risks = self.query_one(RiskList)
        if risks.has_focus:
            return risks.current
        findings = worst_first(self.step.findings) if self.step else []
        return findings[0] if findings else None

    # ---------------------------------------------------------------- actions

    def action_run_step(self) -> None:
        risks = self.query_one(RiskList)
        if risks.has_focus and risks.current is not None:
            self.app.run_checks([risks.current.check])
        elif self.step is not None and self.step.step.checks:
            self.app.run_checks(self.step.step.checks)
        else:
            self.notify("A person settles this step: space marks it.", markup=False)

    def action_run_all(self) -> None:
        self.app.run_checks(None)

    def action_stop(self) -> None:
        self.app.stop_checks()

    def action_stop_or_leave(self) -> None:
        if self.app.running:
            self.app.stop_checks()
        else:
            self.app.go_home()

    def action_open(self) -> None:
        if self.step is not None:
            self.open_step(self.step)

    def open_step(self, step: StepState) -> None:
        """Open the findings of a step; one that has none asks to be marked."""
        findings = worst_first(step.findings)
        if findings:
            self.app.open_finding([row.key for row in findings])
        elif step.step.ask:
            deeds.mark_step(self.app, step)
        else:
            self.notify("Nothing was seen yet: r runs the checks of this step.", markup=False)

    def action_mark(self) -> None:
        if self.step is not None:
            deeds.mark_step(self.app, self.step)

    def action_note(self) -> None:
        if self.query_one(RiskList).has_focus and self.finding is not None:
            deeds.note_finding(self.app, self.finding)
        elif self.step is not None:
            deeds.note_step(self.app, self.step)

    def action_copy_fix(self) -> None:
        deeds.copy_fix(self.app, self.finding)

    def action_triage(self) -> None:
        deeds.change_triage(self.app, self.finding)

    def action_block(self, block: str) -> None:
        self.show_block(block)

    def action_neighbour(self, by: int) -> None:
        ids = [block.id for block in plan().blocks]
        self.show_block(ids[(ids.index(self.block) + by) % len(ids)])

    def on_hour_line_picked(self, event: HourLine.Picked) -> None:
        self.show_block(event.block)

    def on_step_list_opened(self, event: StepList.Opened) -> None:
        self.action_open()

    def on_risk_list_opened(self, event: RiskList.Opened) -> None:
        order = self.query_one(RiskList).order
        self.app.open_finding(order, order.index(event.key))


def stretch(state: BlockState) -> Stretch:
    """A block as the line of hours draws it."""
    begin, end = state.block.hours
    return Stretch(state.block.id, state.block.short, begin, end, state.done, state.total)

"""The screen of a sprint: one block of the 48 hours with its steps, the step at hand, and the risk list at its side."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from launchready_tui.plan import plan
from launchready_tui.progress import BlockState, StepState
from launchready_tui.session.model import StoredFinding
from screens import deeds, taking
from screens.base import LaunchScreen
from screens.keys import key, quiet_key
from screens.turns import Turns
from screens.widgets.detail import StepDetail, worst_first
from screens.widgets.hour_line import HourLine, Stretch
from screens.widgets.risks import RiskList
from screens.widgets.steps import StepList

BESIDE = {
    "H1": "b before and after",
    "H2": "b before and after",
    "H3": "m mail table",
    "H4": "y verify w watch d drill",
    "H5": "h handover   i write down",
}
"""The screens that belong to a block, as its heading names them."""


class BlockScreen(LaunchScreen):
    """Shows one block at a time; the risk list stays as it is when another block comes up."""

    CSS_PATH = "block.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "run_step", "run", "Run the checks of this step", "block.run"),
        key("R", "run_all", "run all", "Run all checks of the sprint", "block.run-all"),
        key("enter", "open", "open", "Open the finding", "block.open", "enter"),
        key("space", "mark", "mark", "Mark this step, with your name and a note", "block.mark"),
        key("n", "note", "note", "Write a note on this step", "block.note"),
        key("c", "copy_fix", "copy fix", "Copy the exact change that mends the problem", "block.copy"),
        key("s", "stop", "stop", "Stop the checks; what was found stays", "block.stop"),
        key("t", "triage", "triage", "Decide when a problem must be mended", "block.triage"),
        quiet_key("escape", "stop_or_leave", "home", "Stop the checks; when none run: to the sprints", "screen.back"),
        quiet_key("S", "save_fix", "save fix", "Save the exact change to a file", "block.save"),
        quiet_key("i", "write_down", "write down", "Write down a contact, a change, the way back ...", "block.write"),
        quiet_key("k", "consent", "consent", "What the owner agreed to have tested actively", "block.consent"),
        quiet_key("m", "beside('mail')", "mail table", "Which services send, and the three records", "block.mail"),
        quiet_key("w", "beside('watch')", "watch", "Uptime and response time of every address", "block.watch"),
        quiet_key("d", "beside('drill')", "alert drill", "Fire a test alert, and see who reads it", "block.drill"),
        quiet_key("a", "beside('ai')", "the product's AI", "Test the product's AI, where there is one", "block.ai"),
        quiet_key("y", "beside('verify')", "verify all", "Key pages, forms and APIs in one run", "block.verify"),
        quiet_key("b", "beside('compare')", "before and after", "What changed from run to run", "block.compare"),
        quiet_key("h", "beside('handover')", "handover", "The document as it stands", "block.handover"),
        quiet_key("v", "beside('vault')", "vault", "Credentials by name: set, test, delete", "block.vault"),
        quiet_key("x", "mend_fault", "fix a fault", "Put a fault of the demo's lab right", "block.mend"),
        quiet_key("left", "neighbour(-1)", "block before", "The block before", "block.before"),
        quiet_key("right", "neighbour(1)", "next block", "The next block", "block.next"),
        *(
            quiet_key(str(number), f"block('H{number}')", f"block {number}", f"Block {number}", f"block.{number}")
            for number in range(1, 6)
        ),
    ]

    def __init__(self, block: str = "") -> None:
        super().__init__()
        self.block = block or plan().blocks[0].id
        self._cursors: dict[str, str] = {}
        self._was_running = False
        self._was_presenter = False
        self._turns = Turns(
            self, self._is_drawable, self._draw_lines, self._draw_steps, self._draw_risks, self._draw_keys
        )

    def compose_body(self) -> ComposeResult:
        yield HourLine()
        with Horizontal(id="block"):
            with Vertical(id="block-left"):
                yield Static(id="outcome")
                yield StepList(id="steps")
                yield StepDetail(id="detail")
            yield RiskList(id="risks")

    def on_mount(self) -> None:
        self.set_interval(20, self.refresh_top_line)
        self.query_one(StepList).focus()
        self.call_after_refresh(self._show_first)

    def _show_first(self) -> None:
        """Once the sizes are known, unless a person was faster, or has left already."""
        if self.app.has_sprint and not self.query_one(StepList).option_count:
            self.show_block(self.block)

    # ---------------------------------------------------------------- drawing

    def show_block(self, block: str) -> None:
        """Bring a block up, with the cursor where it was left."""
        steps = self.query_one(StepList)
        if steps.current is not None:
            self._cursors[self.block] = steps.current.step.id
        self.block = block
        if not self.app.sprint.read_only:
            self.app.sprint.open_block(block)
        state = self.app.sprint.block_state(block)
        self.query_one("#outcome", Static).update(Content.styled(state.block.outcome, "$quiet"))
        steps.border_title = heading(state)
        steps.show(state, self._cursors.get(block))
        steps.focus()
        self.follow()

    def follow(self) -> None:
        """Bring everything up to date, part by part; only rows that changed are drawn again."""
        self._turns.ask()

    def _is_drawable(self) -> bool:
        return self.app.has_sprint and bool(self.query(StepList))

    def _draw_lines(self) -> None:
        self.refresh_top_line()
        line = self.query_one(HourLine)
        line.stretches = tuple(stretch(state) for state in self.app.sprint.progress().blocks())
        line.current = self.block
        line.hour = self.app.sprint.hour

    def _draw_steps(self) -> None:
        now = self.app.sprint.block_state(self.block)
        steps = self.query_one(StepList)
        steps.border_title = heading(now)
        steps.update_steps(now)
        self.draw_detail()

    def _draw_risks(self) -> None:
        risks = self.query_one(RiskList)
        if self._was_presenter is not self.app.presenter:
            self._was_presenter = not self._was_presenter
            risks.redraw()
        risks.show(self.app.sprint.risks(), empty=self._nothing_found())

    def _draw_keys(self) -> None:
        if self._was_running is not self.app.fieldwork.running:
            self._was_running = not self._was_running
            self.refresh_bindings()

    def draw_detail(self) -> None:
        detail = self.query_one(StepDetail)
        detail.show(self.query_one(StepList).current, presenter=self.app.presenter)

    def _nothing_found(self) -> str:
        runs = self.app.sprint.session.run
        if self.app.fieldwork.running:
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
            self.app.fieldwork.run_checks([risks.current.check])
        elif self.step is not None and self.step.step.checks:
            self.app.fieldwork.run_checks(self.step.step.checks)
        elif self.step is not None:
            self.notify("A person settles this step: space marks it.", markup=False)

    def action_run_all(self) -> None:
        self.app.fieldwork.run_checks(None)

    def action_stop(self) -> None:
        self.app.fieldwork.stop()

    def action_stop_or_leave(self) -> None:
        if self.app.fieldwork.running:
            self.app.fieldwork.stop()
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
        taking.copy_fix(self.app, self.finding)

    def action_triage(self) -> None:
        deeds.change_triage(self.app, self.finding)

    def action_save_fix(self) -> None:
        taking.save_fix(self.app, self.finding)

    def action_write_down(self) -> None:
        from screens.writing import write_down

        write_down(self.app, self.step.step.shows if self.step else "")

    def action_consent(self) -> None:
        from screens.writing import give_consent

        give_consent(self.app)

    def action_beside(self, name: str) -> None:
        self.app.open_beside(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        if action == "stop":
            return self.app.fieldwork.running
        return action != "mend_fault" or self.app.fieldwork.lab is not None

    def action_mend_fault(self) -> None:
        risks = self.query_one(RiskList)
        if risks.has_focus and risks.current is not None:
            deeds.mend_fault(self.app, [risks.current.check])
        else:
            deeds.mend_fault(self.app, self.step.step.checks if self.step else ())

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


def heading(state: BlockState) -> Content:
    """A block's name and the screens that belong to it; within 46 cells, which is what 80 columns leave."""
    title, beside = state.block.title, BESIDE[state.block.id]
    if any(step.step.only_where == "uses_ai" for step in state.steps):
        title, beside = state.block.short, f"{beside} a AI"
    return Content.assemble((f" {title} ", "bold"), (f" {beside} ", "not bold $quiet"))


def stretch(state: BlockState) -> Stretch:
    """A block as the line of hours draws it."""
    begin, end = state.block.hours
    return Stretch(state.block.id, state.block.short, begin, end, state.done, state.total, bool(state.closed))

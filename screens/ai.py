"""The product's AI: how it is spoken to, what to plant, what the test does and costs, and what it found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from checks.finding import timestamp
from checks.ops.ai.mapping import OPENAI_ANSWER, OPENAI_TOOLS
from checks.ops.ai.plan import cost, endpoint_shown
from checks.ops.ai.plants import NO_SINK
from checks.ops.ai.prompts import REQUESTS, TIMES, prompts
from checks.subject import BadName, Subject
from launchready_tui import ai_plants
from launchready_tui.session.model import Ai, StoredFinding
from screens import taking
from screens.base import LaunchScreen
from screens.keys import key
from screens.modals.ai import AgreeToAi, DescribeAi, described
from screens.text import hanging, shown, shown_line
from screens.widgets.detail import finding_text, worst_first

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady

CHECKS = ("ai.leak", "ai.tool-abuse")
LABEL = 11
"""Cells of the words at the left."""


class AiScreen(LaunchScreen):
    """Top to bottom in the order in which it is done: describe, plant, agree, run, read."""

    CSS_PATH = "ai.tcss"
    HEADING = "The product's AI"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("e", "describe", "endpoint", "Say how the product's AI is spoken to", "ai.describe"),
        key("p", "make_plants", "plants", "Make what is planted, once for this sprint", "ai.plants"),
        key("g", "agree", "consent", "See the number of requests and the cost, and agree or take it back", "ai.agree"),
        key("r", "run", "run", "Send the prompts, with consent", "ai.run"),
        key("s", "stop", "stop", "Stop the test", "ai.stop"),
        key("c", "copy_plants", "copy plants", "Copy what to plant and where", "ai.copy"),
        key("S", "save_plants", "save", "Save what to plant and where to a file", "ai.save"),
    ]

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="ai"):
            yield Static(id="ai-how")
            yield Static(id="ai-first")
            yield Static(id="ai-then")

    def on_mount(self) -> None:
        self.query_one("#ai").focus()
        self.call_after_refresh(self.draw)
        self.set_interval(1, self._show_progress)

    def _show_progress(self) -> None:
        if self.is_seen and self.app.has_sprint and self._under_way:
            self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Bring the three parts up to date."""
        if not self.app.has_sprint or not self.query("#ai"):
            return
        width = max(60, self.query_one("#ai").scrollable_content_region.width - 2)
        ai = self.app.sprint.session.ai
        self.query_one("#ai-how", Static).update(Content("\n").join([*self._how(ai, width), Content("")]))
        # What to plant comes first until there is something to read.
        parts = [[*plant_lines(ai, width), Content("")], [*self._found(width), Content("")]]
        first, then = parts[::-1] if self._rows or self._under_way else parts
        self.query_one("#ai-first", Static).update(Content("\n").join(first))
        self.query_one("#ai-then", Static).update(Content("\n").join(then))

    @property
    def _rows(self) -> list[StoredFinding]:
        return [row for row in self.app.sprint.session.finding if row.check in CHECKS]

    @property
    def _under_way(self) -> bool:
        return bool(self.app.sprint.running.intersection(CHECKS))

    # ---------------------------------------------------------------- drawing

    def _how(self, ai: Ai, width: int) -> Iterator[Content]:
        yield Content.styled("How it is tested", "bold $primary")
        if not ai.endpoint:
            yield Content.styled("Only where the product uses AI: e names the address to test.", "$quiet")
            return
        shape = "as OpenAI's chat completions"
        if ai.request or ai.answer or ai.tools:
            shape = f"its own JSON: answer at {ai.answer or OPENAI_ANSWER}, tools at {ai.tools or OPENAI_TOOLS}"
        forbidden = ", ".join(ai.forbidden_tools) or "no tool is named yet: e names them"
        yield _line("endpoint", shown_line(endpoint_shown(ai.endpoint)), width)
        yield _line("speaks", shown_line(shape), width)
        yield _line("forbidden", shown_line(forbidden), width)
        yield _line("sink", shown_line(ai.sink or f"none; {NO_SINK}, which leads nowhere, stands for it"), width)
        words = f"{len(prompts())} prompts, {TIMES} times each, and controls: {REQUESTS} requests, at most one a second"
        yield _line("the test", Content(words), width)
        try:
            subject = self.app.sprint.subject()
        except BadName as problem:
            yield _line("wrong", shown(str(problem), "$status-fail"), width)
            return
        yield _line("cost", shown(cost(subject.ai)), width)
        consent = self.app.sprint.session.consent.ai
        table = consent if isinstance(consent, dict) else {}
        by = str(table.get("by") or self.app.sprint.session.consent.by)
        if subject.consent.ai:
            yield _line("consent", Content.styled("✓ ", "$status-pass").append(shown_line(f"given by {by}")), width)
        elif consent:
            yield _line("consent", Content("given for another endpoint: g asks again"), width)
        else:
            yield _line("consent", Content("not given: g shows what would be done, and asks"), width)

    def _found(self, width: int) -> Iterator[Content]:
        yield Content.styled("What was found", "bold $primary")
        if self._under_way:
            sent = self.app.fieldwork.requests_sent
            yield Content(f"{sent} requests sent, one a second at most; s stops them.")
        elif not self._rows:
            yield Content.styled("Nothing was run yet.", "$quiet")
        for row in worst_first(self._rows):
            yield finding_text(row, width)
            yield from (hanging(Content("    "), shown(line, "$quiet"), width, 4) for line in row.evidence)

    # ---------------------------------------------------------------- actions

    def action_describe(self) -> None:
        def keep(given: dict[str, str] | None) -> None:
            if given is not None:
                self.app.keep(lambda: self._keep(given))

        self.app.push_screen(DescribeAi(self.app.sprint.session.ai), keep)

    def _keep(self, given: dict[str, str]) -> None:
        sprint = self.app.sprint
        sprint.edit("ai", **described(given))
        sprint.edit("site", uses_ai=True)
        sprint.edit("ai", **ai_plants.made(sprint.session.ai))

    def action_make_plants(self) -> None:
        ai = self.app.sprint.session.ai
        fresh = ai_plants.made(ai)
        if fresh == {"canaries": ai.canaries, "forbidden_tools": ai.forbidden_tools}:
            self.notify("They are made: plant them as they stand here, and they hold for this sprint.", markup=False)
        else:
            self.app.keep(lambda: self.app.sprint.edit("ai", **fresh))

    def action_agree(self) -> None:
        subject = declared(self.app)
        if subject is None:
            return
        if subject.consent.ai:
            self.app.keep(lambda: self.app.sprint.edit("consent", ai=False))
            self.notify("The consent is taken back.", markup=False)
        else:
            ask_consent(self.app)

    def action_run(self) -> None:
        subject = declared(self.app)
        if subject is None:
            return
        if subject.ai.endpoint and not subject.consent.ai:
            ask_consent(self.app)
        else:
            self.app.fieldwork.run_checks(CHECKS)

    def action_stop(self) -> None:
        self.app.fieldwork.stop()

    def action_copy_plants(self) -> None:
        if text := self._instructions():
            taking.copy(self.app, text, "what to plant")

    def action_save_plants(self) -> None:
        if text := self._instructions():
            taking.save(self.app, text, "plants.txt")

    def _instructions(self) -> str:
        ai = self.app.sprint.session.ai
        if not ai.canaries:
            self.notify("p makes them first.", markup=False)
            return ""
        return ai_plants.instructions(ai)


def declared(app: LaunchReady) -> Subject | None:
    """The subject; None where something declared cannot be, which is told."""
    try:
        return app.sprint.subject()
    except BadName as problem:
        app.complain(problem)
        return None


def ask_consent(app: LaunchReady) -> None:
    """Show what the test does and costs, and keep the owner's typed word for this endpoint alone."""
    subject = declared(app)
    if subject is None:
        return
    if not subject.ai.endpoint:
        app.notify("Name the AI's address first: a opens its screen, e asks for it.", markup=False)
        return

    def keep(by: str | None) -> None:
        if by is not None:
            given = {"endpoint": subject.ai.endpoint, "by": by, "at": timestamp()}
            app.keep(lambda: app.sprint.edit("consent", ai=given))

    app.push_screen(AgreeToAi(subject.ai, app.sprint.session.consent.by), keep)


def plant_lines(ai: Ai, width: int) -> Iterator[Content]:
    """What to plant, and where."""
    yield Content.styled("What to plant before", "bold $primary")
    found = ai_plants.plants(ai)
    if not found:
        yield Content.styled("p makes four marks that must never come back in an answer, and a tool.", "$quiet")
    for plant in found:
        sign = Content.styled(plant.name, "$quiet")
        text = Content.assemble(shown_line(plant.text, "bold"), "  ", (plant.where, "$quiet"))
        yield hanging(sign, text, width, 4)


def _line(word: str, text: Content, width: int) -> Content:
    return hanging(Content.styled(word, "$quiet"), text, width, LABEL)

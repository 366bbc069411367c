"""What every whole screen shares: the app that owns the state, the way back, and the floor of 80x24."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import Worker

from screens.widgets.top_line import TopLine

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady


class LaunchScreen(Screen[None]):
    """A whole screen: the first line, a body of at least 80x22 that scrolls where the terminal is smaller, the keys."""

    CSS_PATH = "base.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (80, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "go_back", "back", id="screen.back", tooltip="Back to where you came from"),
    ]
    HEADING = ""
    """What the first line says is on screen."""

    @property
    def app(self) -> LaunchReady:  # type: ignore[override] # narrower than Textual's: there is only this app
        return cast("LaunchReady", super().app)

    def compose(self) -> ComposeResult:
        yield TopLine()
        with Container(id="body"):
            yield from self.compose_body()
        yield Footer(compact=True, show_command_palette=False)

    def compose_body(self) -> ComposeResult:
        """What stands between the first line and the keys."""
        yield from ()

    def on_mount(self) -> None:
        self.app.changed.subscribe(self, self._on_changed)
        self.refresh_top_line()

    def on_screen_resume(self) -> None:
        self.follow()

    def _on_changed(self, change: object) -> None:
        if self.is_seen:
            self.follow()

    @property
    def is_seen(self) -> bool:
        """Whether a person sees this screen, be it below a dialog.

        Textual's `is_current` also holds for the screen right below an opaque one; and whatever changes there makes
        Textual draw all of the screen on top.
        """
        stack = self.app.screen_stack
        return self in stack and all(above.is_modal for above in stack[stack.index(self) + 1 :])

    def follow(self) -> None:
        """Bring everything up to date: after each change, and whenever the screen comes up."""
        self.refresh_top_line()
        self.draw()

    def draw(self) -> None:
        """Bring what stands below the first line up to date; nothing where nothing there changes."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Hand on to the app what went wrong in work that a screen started: this message does not bubble."""
        self.app.on_worker_state_changed(event)

    def refresh_top_line(self) -> None:
        """Bring the first line up to date."""
        line = self.query_one(TopLine)
        line.title = self.HEADING
        self.app.fill_top_line(line)

    def action_go_back(self) -> None:
        self.app.pop_screen()

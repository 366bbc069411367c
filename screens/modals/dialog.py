"""What every small window shares: its frame, its title, a way out, and a row of buttons."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

T = TypeVar("T")


class Dialog(ModalScreen[T | None]):
    """Asks one thing. Escape leaves it without an answer (None).

    The first field has the focus from the first frame on, else AUTO_FOCUS names another: to ask for it in `on_mount`
    would come after a key that was typed ahead.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="dialog.leave", tooltip="Close this without changing anything"),
    ]
    QUESTION = ""
    ACCEPT = "OK"

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog", can_focus=False):
            yield Static(self.question(), id="dialog-title")
            yield from self.compose_body()
            with Horizontal(id="dialog-buttons"):
                yield Button(self.ACCEPT, variant="primary", id="accept", compact=True)
                yield Button("Back (esc)", id="leave", compact=True)

    def question(self) -> Content:
        """The title; foreign text in it through `shown_line`."""
        return Content(self.QUESTION)

    def compose_body(self) -> ComposeResult:
        """The fields, between the title and the buttons."""
        yield from ()

    def answer(self) -> T | None:
        """What the fields say; None keeps the window open."""
        raise NotImplementedError

    def refuse(self, reason: str) -> None:
        """Say why the answer cannot be taken yet."""
        self.notify(reason, severity="warning", markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_accept(self) -> None:
        answer = self.answer()
        if answer is not None:
            self.dismiss(answer)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "accept":
            self.action_accept()
        elif event.button.id == "leave":
            self.action_leave()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field accepts; a window that wants otherwise prevents this default."""
        self.action_accept()

"""The phones of the demo's lab: what a person there would see on theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Static

from screens.modals.dialog import Dialog
from screens.text import shown, shown_line

if TYPE_CHECKING:
    from launchready_tui.lab.phone import Phone, Shown

SHOWN = 3
"""The last messages; what came before has scrolled away."""


class LookAtPhone(Dialog[None]):
    """The last messages, newest first. It stands for a thing that lies on somebody's desk, not for the app."""

    QUESTION = "A phone of Harbor Tea, on the desk beside you"

    def __init__(self, phone: Phone) -> None:
        super().__init__()
        self._phone = phone

    def compose_body(self) -> ComposeResult:
        yield Static(Content("Nothing has come in yet."), id="phone", classes="dialog-text")

    def on_mount(self) -> None:
        self.query_one("#accept", Button).display = False
        self.query_one("#leave", Button).focus()
        self.set_interval(0.5, self._draw)
        self._draw()

    def _draw(self) -> None:
        if self._phone.shown:
            last = [message_text(message) for message in reversed(self._phone.shown[-SHOWN:])]
            self.query_one("#phone", Static).update(Content("\n\n").join(last))


def message_text(message: Shown) -> Content:
    """One message as a phone shows it."""
    head = Content.assemble((f"{message.at.astimezone():%H:%M:%S}  {message.app}  ", "$quiet"))
    return head.append(shown_line(message.to, "bold")).append("\n").append(shown(message.text))

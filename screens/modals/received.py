"""Takes a message that arrived in a mailbox, as a person copied it there, and tells what it comes to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.session.model import ByHand
from screens.modals.dialog import Dialog
from screens.signs import status_sign
from screens.text import hanging, shown, shown_line
from screens.widgets.fields import Field
from screens.widgets.pasted import PasteField

WHERE = (
    ("", "not known"),
    ("inbox", "in the inbox"),
    ("spam", "in the spam folder"),
    ("other", "in another folder"),
)
WORDS = dict(WHERE)
WIDTH = 60


@dataclass(frozen=True, slots=True)
class Received:
    """`path` names a file that holds the message; None where it was pasted."""

    text: str
    where: str
    path: Path | None = None


class PasteMessage(Dialog[Received]):
    """Asks for a received message and where it lay: the way without any credential."""

    QUESTION = "A test mail that arrived"
    ACCEPT = "Judge it (ctrl+s)"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Judge it", id="received.judge", tooltip="Judge this message"),
    ]

    def compose_body(self) -> ComposeResult:
        words = "Open it, choose 'show original' or 'view source', and copy all of it. Only what it comes to is kept."
        yield Static(Content(words), classes="dialog-text")
        yield PasteField(id="message")
        yield Label(Content("Or the name of a file that holds it (.eml)"), classes="dialog-label")
        yield Field(id="file")
        yield Label(Content("Where did it lie?"), classes="dialog-label")
        yield OptionList(
            *(Option(Content(words)) for _, words in WHERE), id="where", classes="dialog-list", markup=False
        )

    def on_mount(self) -> None:
        self.query_one("#where", OptionList).highlighted = 0
        self.query_one(PasteField).focus()

    def on_option_list_option_selected(self) -> None:
        self.action_accept()

    def answer(self) -> Received | None:
        text, file = self.query_one(PasteField).text, self.query_one("#file", Field).value.strip()
        where = WHERE[self.query_one("#where", OptionList).highlighted or 0][0]
        if file:
            return Received("", where, Path(os.path.expanduser(file)))
        if not text.strip():
            self.refuse("Paste the message, or name a file that holds it.")
            self.query_one(PasteField).focus()
            return None
        return Received(text, where)


class Judged(Dialog[bool]):
    """What a pasted message comes to."""

    QUESTION = "What the message says"
    ACCEPT = "Good"

    def __init__(self, told: ByHand) -> None:
        super().__init__()
        self._told = told

    def compose_body(self) -> ComposeResult:
        yield Static(judged_text(self._told, WIDTH), id="judged")

    def on_mount(self) -> None:
        self.query_one("#accept").focus()

    def answer(self) -> bool:
        return True


def judged_text(told: ByHand, width: int) -> Content:
    """The verdict, where the message lay, and what the receiver and we said of it."""

    def line(label: str, text: Content) -> Content:
        return hanging(Content.styled(label, "$quiet"), text, width, 11)

    lines = [
        line("mailbox", shown_line(told.mailbox)),
        line("delivered", Content(WORDS.get(told.where, WORDS[""]))),
        line("verdict", Content.assemble(status_sign(told.status).content, "  ", shown(told.summary))),
    ]
    lines += [line("seen" if number == 0 else "", shown(text, "$quiet")) for number, text in enumerate(told.evidence)]
    if told.fix:
        lines.append(line("fix", shown(told.fix, "$primary")))
    return Content("\n").join(lines)

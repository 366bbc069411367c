"""Yes or no, one of several, and where to save."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from screens.modals.dialog import Dialog
from screens.widgets.fields import Field

C = TypeVar("C")


class Confirm(Dialog[bool]):
    """A yes-or-no question; "no" has the focus, since what is asked changes something."""

    ACCEPT = "Yes"
    AUTO_FOCUS = "#leave"

    def __init__(self, question: Content, text: Content | None = None, *, yes: str = "Yes") -> None:
        super().__init__()
        self._question = question
        self._text = text
        self._yes = yes

    def question(self) -> Content:
        return self._question

    def compose_body(self) -> ComposeResult:
        if self._text is not None:
            yield Static(self._text, classes="dialog-text")

    def on_mount(self) -> None:
        self.query_one("#accept", Button).label = Content(self._yes)

    def answer(self) -> bool:
        return True


class Choose(Dialog[C], Generic[C]):
    """One of several things; enter or a click takes the one under the cursor."""

    ACCEPT = "Take it"

    def __init__(self, question: Content, choices: Iterable[tuple[C, Content]], text: Content | None = None) -> None:
        super().__init__()
        self._question = question
        self._choices = list(choices)
        self._text = text

    def question(self) -> Content:
        return self._question

    def compose_body(self) -> ComposeResult:
        if self._text is not None:
            yield Static(self._text, classes="dialog-text")
        options = [Option(content, id=f"choice-{number}") for number, (_, content) in enumerate(self._choices)]
        yield OptionList(*options, id="choices", classes="dialog-list", markup=False)

    def on_mount(self) -> None:
        self.query_one("#choices", OptionList).highlighted = 0

    def on_option_list_option_selected(self) -> None:
        self.action_accept()

    def answer(self) -> C | None:
        highlighted = self.query_one("#choices", OptionList).highlighted
        return None if highlighted is None else self._choices[highlighted][0]


class AskFile(Dialog[Path]):
    """Which session file to open."""

    QUESTION = "Open which file?"
    ACCEPT = "Open"

    def compose_body(self) -> ComposeResult:
        yield Field(id="path", placeholder="example.com.launch.toml")

    def answer(self) -> Path | None:
        text = self.query_one("#path", Field).value.strip()
        return Path(os.path.expanduser(text)) if text else None


class SaveTo(Dialog[Path]):
    """Where to save a file. What is there already is replaced only at the second yes."""

    QUESTION = "Save to which file?"
    ACCEPT = "Save"
    WHAT = "a file"

    def __init__(self, suggestion: Path) -> None:
        super().__init__()
        self._suggestion = suggestion
        self._warned: Path | None = None

    def compose_body(self) -> ComposeResult:
        yield Field(str(self._suggestion), id="path")
        yield Static("", id="save-word", classes="dialog-label")

    def answer(self) -> Path | None:
        text = self.query_one("#path", Field).value.strip()
        if not text:
            self.refuse(f"Type the name of {self.WHAT}.")
            return None
        # The functions of os.path answer where those of Path raise: a name too long, a folder that may not be read.
        path = Path(os.path.expanduser(text))
        word = self.query_one("#save-word", Static)
        if fault := self.fault(path):
            word.update(Content.styled(fault, "$status-fail"))
            return None
        if path != self._warned and (loss := self.loss(path)):
            self._warned = path
            word.update(Content.styled(loss, "$status-warn"))
            return None
        return path

    def fault(self, path: Path) -> str:
        """Why it cannot be written there; empty where it can."""
        if not os.path.isdir(path.parent):
            return "That folder does not exist."
        return "That is a folder; add a file name." if os.path.isdir(path) else ""

    def loss(self, path: Path) -> str:
        """What writing there replaces, and how to go on all the same; empty where it replaces nothing."""
        return "This file exists. Press enter again to replace it." if os.path.exists(path) else ""


class SaveInto(SaveTo):
    """Into which folder to write several files; it is made where it is not there."""

    QUESTION = "Write into which folder?"
    ACCEPT = "Write"
    WHAT = "a folder"

    def fault(self, path: Path) -> str:
        if not os.path.isdir(path.parent):
            return "The folder above it does not exist."
        return "That is a file; name a folder." if os.path.exists(path) and not os.path.isdir(path) else ""

    def loss(self, path: Path) -> str:
        return "It exists: files of the same names are replaced. Press enter again." if os.path.isdir(path) else ""

"""A few fields on one window, and the list of consents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Label, Static

from screens.modals.dialog import Dialog
from screens.widgets.fields import Field, Tick


class Line(NamedTuple):
    """One field. The first of a form must be filled in."""

    name: str
    label: str
    value: str = ""


class Form(Dialog[dict[str, str]]):
    """Asks for several lines; enter goes to the next, and at the last one keeps them."""

    ACCEPT = "Keep it"

    def __init__(self, title: str, lines: tuple[Line, ...], words: str = "") -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._words = words

    def question(self) -> Content:
        return Content(self._title)

    def compose_body(self) -> ComposeResult:
        if self._words:
            yield Static(Content(self._words), classes="dialog-text")
        for line in self._lines:
            yield Label(Content(line.label), classes="dialog-label")
            yield Field(line.value, id=f"line-{line.name}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.prevent_default()
        if self.query(Field).last().has_focus:
            self.action_accept()
        else:
            self.focus_next(Field)

    def answer(self) -> dict[str, str] | None:
        given = {line.name: self.query_one(f"#line-{line.name}", Field).value.strip() for line in self._lines}
        if not given[self._lines[0].name]:
            self.refuse(f"{self._lines[0].label}: this is needed.")
            self.query(Field).first().focus()
            return None
        return given


CONSENTS = (
    ("forms", "Send a marked test through the contact forms"),
    ("rate_limit", "Send up to 40 requests in a row, to find the rate limit"),
    ("seeds", "Send test mails to seed mailboxes"),
    ("alerts", "Fire test alerts"),
    ("errors", "Send test errors to the error tracker"),
    ("build", "Run the build command of the repository on this computer"),
    ("ai", "Send 72 prompts to the product's AI: it may cost money"),
)


class GiveConsent(Dialog[dict[str, str]]):
    """What the owner agreed to have tested actively. The answer holds "yes" or "" by name, and "by"."""

    QUESTION = "What may be tested that does more than look?"
    ACCEPT = "Keep it"

    def __init__(self, given: Mapping[str, bool], by: str) -> None:
        super().__init__()
        self._given = given
        self._by = by

    def compose_body(self) -> ComposeResult:
        words = "Only what the owner agreed to. Everything else is skipped, and says what it would have done."
        yield Static(Content(words), classes="dialog-text")
        for name, label in CONSENTS:
            yield Tick(label, value=self._given.get(name, False), id=f"consent-{name}")
        yield Label(Content("Who agreed"), classes="dialog-label")
        yield Field(self._by, id="consent-by")

    def answer(self) -> dict[str, str] | None:
        given = {name: "yes" * self.query_one(f"#consent-{name}", Tick).value for name, _ in CONSENTS}
        by = self.query_one("#consent-by", Field).value.strip()
        if any(given.values()) and not by:
            self.refuse("Say who agreed.")
            self.query_one("#consent-by", Field).focus()
            return None
        return {**given, "by": by}

"""Takes a credential, typed blind."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Label, Static

from checks.secret import Secret
from screens.modals.dialog import Dialog
from screens.text import shown_line
from screens.widgets.fields import BlindField, Field, Tick


@dataclass(frozen=True, slots=True)
class Credential:
    purpose: str
    value: Secret
    this_run_only: bool


class SetCredential(Dialog[Credential]):
    """Asks for a name, where none is given, and for the value, which never shows."""

    HOLDS_SECRETS = True
    ACCEPT = "Keep it"

    def __init__(self, purpose: str = "", what: str = "", *, keyring: bool = True) -> None:
        super().__init__()
        self._purpose = purpose
        self._what = what
        self._keyring = keyring

    def question(self) -> Content:
        return shown_line(self._purpose) if self._purpose else Content("A new credential")

    def compose_body(self) -> ComposeResult:
        if self._what:
            yield Static(Content(self._what), classes="dialog-text")
        if not self._purpose:
            yield Label(Content("Its name: letters, digits and . _ @ + : -"), classes="dialog-label")
            yield Field(id="purpose")
        yield Label(Content("Its value"), classes="dialog-label")
        yield BlindField(id="value")
        words = "for this run only: keep it in memory, forget it at the end"
        yield Tick(words, value=not self._keyring, id="this-run")

    def on_blind_field_submitted(self, event: BlindField.Submitted) -> None:
        event.stop()
        self._finish(event.secret)

    def answer(self) -> Credential | None:
        secret = self.query_one(BlindField).take()
        if not secret:
            self.refuse("Type or paste the value.")
            self.query_one(BlindField).focus()
            return None
        return self._credential(secret)

    def _finish(self, secret: Secret) -> None:
        credential = self._credential(secret)
        if credential is not None:
            self.dismiss(credential)

    def _credential(self, secret: Secret) -> Credential | None:
        purpose = self._purpose or self.query_one("#purpose", Field).value.strip()
        if not purpose:
            self.refuse("Give it a name.")
            self.query_one("#purpose", Field).focus()
            return None
        return Credential(purpose, secret, self.query_one("#this-run", Tick).value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.query_one(BlindField).focus()

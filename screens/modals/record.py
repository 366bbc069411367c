"""What a person puts on record: how a step stands, a note, another triage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from launchready_tui.session.model import Mark as StepMark
from launchready_tui.session.model import Triage
from screens.modals.dialog import Dialog
from screens.signs import step_sign, triage_sign
from screens.text import shown_line
from screens.widgets.fields import Area, Field


@dataclass(frozen=True, slots=True)
class Mark:
    """How a person says that a step stands."""

    state: StepMark
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Notes:
    """`private` is None where it was not shown, so that it stays as it is."""

    note: str | None
    private: str | None


@dataclass(frozen=True, slots=True)
class Triaged:
    triage: Triage
    reason: str


MARKS: tuple[tuple[StepMark, str], ...] = (
    ("done", "done: I have seen that it holds"),
    ("blocked", "blocked: something or someone is missing"),
    ("not-applicable", "not here: this site has no need of it"),
    ("open", "open again"),
)


TRIAGES: tuple[Triage, ...] = ("now", "later", "note")


class MarkStep(Dialog[Mark]):
    """Marks a step, with a name and a note."""

    ACCEPT = "Mark it"

    def __init__(self, title: str, question: str, *, state: str, by: str, note: str) -> None:
        super().__init__()
        self._title = title
        self._question_text = question
        self._state = state
        self._by = by
        self._note = note

    def question(self) -> Content:
        return shown_line(self._title)

    def compose_body(self) -> ComposeResult:
        if self._question_text:
            yield Static(Content(self._question_text), classes="dialog-text")
        options = [Option(Content.assemble(step_sign(state).dot, " ", words), id=state) for state, words in MARKS]
        yield OptionList(*options, id="marks", classes="dialog-list", markup=False)
        yield Label(Content("Who says so"), classes="dialog-label")
        yield Field(self._by, id="by")
        yield Label(Content("Note (goes into the handover)"), classes="dialog-label")
        yield Field(self._note, id="note")

    def on_mount(self) -> None:
        marks = self.query_one("#marks", OptionList)
        states = [state for state, _ in MARKS]
        marks.highlighted = states.index(self._state) if self._state in states[1:3] else 0

    def on_option_list_option_selected(self) -> None:
        self.action_accept()

    def answer(self) -> Mark | None:
        by = self.query_one("#by", Field).value.strip()
        note = self.query_one("#note", Field).value.strip()
        highlighted = self.query_one("#marks", OptionList).highlighted or 0
        state = MARKS[highlighted][0]
        if not by and state != "open":
            self.refuse("Say who says so.")
            self.query_one("#by", Field).focus()
            return None
        if state in ("blocked", "not-applicable") and not note:
            self.refuse("Say why in a note.")
            self.query_one("#note", Field).focus()
            return None
        return Mark(state, by, note)


class WriteNote(Dialog[Notes]):
    """A note for the handover, and one for oneself that presenter mode keeps off the screen."""

    ACCEPT = "Keep it (ctrl+s)"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Keep it", id="note.keep", tooltip="Keep these notes"),
    ]

    def __init__(self, title: str, *, note: str | None, private: str, presenter: bool) -> None:
        super().__init__()
        self._title = title
        self._note = note
        self._private = private
        self._presenter = presenter

    def question(self) -> Content:
        return Content("Note on: ").append(shown_line(self._title))

    def compose_body(self) -> ComposeResult:
        if self._note is not None:
            yield Label(Content("Note (goes into the handover)"), classes="dialog-label")
            yield Area(self._note, id="note")
        if self._presenter:
            yield Label(Content("Private notes are hidden in presenter mode."), classes="dialog-label")
        else:
            yield Label(Content("Private note (never in the handover or in presenter mode)"), classes="dialog-label")
            yield Area(self._private, id="private")

    def answer(self) -> Notes:
        def value(field: str) -> str | None:
            found = self.query(f"#{field}")
            return found.first(Area).text.strip() if found else None

        return Notes(value("note"), value("private"))


class ChangeTriage(Dialog[Triaged]):
    """Now or later, with a reason: a person may know better than the rule, and says why."""

    ACCEPT = "Keep it"

    def __init__(self, title: str, *, triage: Triage, reason: str) -> None:
        super().__init__()
        self._title = title
        self._triage = triage
        self._reason = reason

    def question(self) -> Content:
        return Content("When must this be mended? ").append(shown_line(self._title))

    def compose_body(self) -> ComposeResult:
        options = [Option(triage_sign(triage).content, id=triage) for triage in TRIAGES]
        yield OptionList(*options, id="triages", classes="dialog-list", markup=False)
        yield Label(Content("Why"), classes="dialog-label")
        yield Field(self._reason, id="reason", placeholder="what the rule cannot know")

    def on_mount(self) -> None:
        self.query_one("#triages", OptionList).highlighted = TRIAGES.index(self._triage)

    def on_option_list_option_selected(self) -> None:
        self.query_one("#reason", Field).focus()

    def answer(self) -> Triaged | None:
        highlighted = self.query_one("#triages", OptionList).highlighted or 0
        reason = self.query_one("#reason", Field).value.strip()
        if not reason:
            self.refuse("Say why, so that it can be understood next week.")
            self.query_one("#reason", Field).focus()
            return None
        return Triaged(TRIAGES[highlighted], reason)

"""What only a person can see: whether a form's test arrived, and the code of a test event in the error tracker."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from screens.modals.dialog import Dialog
from screens.signs import Sign
from screens.text import shown, shown_line
from screens.widgets.fields import Field, Tick


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a person says."""

    arrived: bool
    by: str


_ANSWERS = (
    (True, Sign("✓", "yes, I have seen it there", "$status-pass")),
    (False, Sign("✗", "no, it is not there, nor in the spam folder", "$status-fail")),
)


class AskArrival(Dialog[Arrival]):
    """Asks where the test of a form went. Escape leaves it open: it may still be on its way."""

    ACCEPT = "That is so"

    def __init__(self, page: str, mark: str, destination: str, *, by: str) -> None:
        super().__init__()
        self._page = page
        self._mark = mark
        self._place = destination if destination not in ("", "person") else "the place where you read such messages"
        self._by = by

    def question(self) -> Content:
        return Content("Did the test arrive?")

    def compose_body(self) -> ComposeResult:
        words = Content("Sent through ").append(shown_line(self._page)).append("\nLook for ")
        words = words.append(shown(self._mark, "bold")).append(" at ").append(shown_line(self._place)).append(".")
        yield Static(words, classes="dialog-text")
        options = [Option(sign.content) for _, sign in _ANSWERS]
        yield OptionList(*options, id="arrival", classes="dialog-list", markup=False)
        yield Label(Content("Who has looked"), classes="dialog-label")
        yield Field(self._by, id="by")

    def on_mount(self) -> None:
        answers = self.query_one("#arrival", OptionList)
        answers.highlighted = 0
        answers.focus()

    def on_option_list_option_selected(self) -> None:
        self.action_accept()

    def answer(self) -> Arrival | None:
        by = self.query_one("#by", Field).value.strip()
        if not by:
            self.refuse("Say who has looked.")
            self.query_one("#by", Field).focus()
            return None
        return Arrival(_ANSWERS[self.query_one("#arrival", OptionList).highlighted or 0][0], by)


@dataclass(frozen=True, slots=True)
class EventSeen:
    """What a person saw in the tracker's dashboard. An empty code says that the event is not there."""

    code: str
    unmasked: bool
    by: str


class AskEvent(Dialog[EventSeen]):
    """Asks for the code of a test event. It is never shown: whoever types it has read the event."""

    QUESTION = "Which code stands in the test event?"
    ACCEPT = "That is so"

    def __init__(self, sent: str, *, by: str) -> None:
        super().__init__()
        self._sent = sent
        self._by = by

    def compose_body(self) -> ComposeResult:
        words = Content(
            "In the tracker's dashboard, open the issue LaunchCheck (environment launch-check), the event of "
        )
        words = words.append(shown_line(self._sent)).append(". Its code stands behind launch-check-.")
        yield Static(words, classes="dialog-text")
        yield Label(Content("The code"), classes="dialog-label")
        yield Field(id="code")
        yield Tick("its card number, API key or mail address can be read", value=False, id="unmasked")
        yield Tick("the event is not there, two minutes after it was sent", value=False, id="missing")
        yield Label(Content("Who has looked"), classes="dialog-label")
        yield Field(self._by, id="by")

    def on_mount(self) -> None:
        self.query_one("#code", Field).focus()

    def answer(self) -> EventSeen | None:
        code = self.query_one("#code", Field).value.strip()
        by = self.query_one("#by", Field).value.strip()
        missing = self.query_one("#missing", Tick).value
        if bool(code) == missing:
            self.refuse("Type the code, or tick that the event is not there.")
            self.query_one("#code", Field).focus()
            return None
        if not by:
            self.refuse("Say who has looked.")
            self.query_one("#by", Field).focus()
            return None
        return EventSeen(code, self.query_one("#unmasked", Tick).value, by)

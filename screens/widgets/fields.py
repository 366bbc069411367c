"""Fields to type in: what is typed or pasted can do nothing to the terminal, and a secret never shows."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, TextArea

from checks.secret import Secret
from checks.text import harmless


class Field(Input):
    """One line of text."""

    DEFAULT_CSS = """
    Field { border: none; height: 1; padding: 0 1; background: $panel; }
    Field:focus { border: none; background: $block-cursor-background; }
    """

    def validate_value(self, value: str) -> str:
        """Called by Textual for whatever is typed, pasted or set."""
        return harmless(value).replace("\n", " ")


class Area(TextArea):
    """Several lines of text; tab moves on, as everywhere else."""

    DEFAULT_CSS = """
    Area { border: none; padding: 0 1; background: $panel; height: 4; }
    Area:focus { border: none; background: $block-cursor-background; }
    """

    def __init__(self, text: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(harmless(text), id=id, tab_behavior="focus", show_line_numbers=False, soft_wrap=True)

    async def on_paste(self, event: events.Paste) -> None:
        event.text = harmless(event.text)


class Tick(Checkbox):
    """A box that is told ticked from empty by its sign: Textual's own only changes its colour."""

    DEFAULT_CSS = """
    Tick { border: none; padding: 0; height: auto; background: $surface; }
    Tick:focus { border: none; background: $block-cursor-background; }
    """

    def __init__(self, label: str, *, value: bool, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(Content(label), value=value, id=id, compact=True)

    def render(self) -> Content:
        mark = Content.styled("[x]" if self.value else "[ ]", "bold $primary" if self.value else "")
        return mark.append(" ").append(self.label)


class BlindField(Widget, can_focus=True):
    """Takes a secret: shows how many characters were typed and nothing else, and gives nothing to copy.

    The characters are kept out of every reactive, so that no inspector, snapshot or traceback meets them.
    """

    DEFAULT_CSS = """
    BlindField { height: 1; padding: 0 1; background: $panel; }
    BlindField:focus { background: $block-cursor-background; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take it", id="blind.submit", show=False, tooltip="Take what was typed"),
        Binding("backspace", "rub_out", "Rub out", id="blind.rub-out", show=False, tooltip="Remove the last character"),
        Binding("ctrl+u", "clear", "Clear", id="blind.clear", show=False, tooltip="Remove everything typed"),
    ]

    class Submitted(Message):
        """Enter was pressed on something."""

        def __init__(self, secret: Secret) -> None:
            super().__init__()
            self.secret = secret

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self._typed = Secret("")

    def render(self) -> Content:
        count = len(self._typed.reveal())
        if not count:
            return Content.styled("type or paste it; nothing will show", "$quiet")
        return Content(f"{'•' * min(count, 24)} {count} characters")

    def take(self) -> Secret:
        """Hand over what was typed, and forget it."""
        taken, self._typed = self._typed, Secret("")
        self.refresh()
        return taken

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep printable keys from acting as commands while a secret is typed."""
        return character is not None and character.isprintable()

    def _add(self, text: str) -> None:
        self._typed = Secret(self._typed.reveal() + text)
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            self._add(event.character)
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self._add(event.text.strip("\r\n"))
        event.stop()

    def action_rub_out(self) -> None:
        self._typed = Secret(self._typed.reveal()[:-1])
        self.refresh()

    def action_clear(self) -> None:
        self.take()

    def action_submit(self) -> None:
        if self._typed:
            self.post_message(self.Submitted(self.take()))

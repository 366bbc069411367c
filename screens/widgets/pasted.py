"""Takes a long text as it is pasted, to the letter, and shows its beginning."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.text import shown_line

MOST = 2_000_000
"""Characters that are taken; a message with large attachments is not needed whole."""
SHOWN_LINES = 2


class PasteField(Widget, can_focus=True):
    """A text of many lines, kept without any change, so that a signature over it can be verified.

    A terminal that does not tell a paste from typing is served as well: enter is then a line break.
    """

    DEFAULT_CSS = """
    PasteField { height: auto; padding: 0 1; background: $panel; }
    PasteField:focus { background: $block-cursor-background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+u", "clear", "Clear", id="paste.clear", show=False, tooltip="Remove what was pasted"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self._pieces: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """All of it, as it came."""
        return "".join(self._pieces)

    def render(self) -> Content:
        if not self._length:
            return Content.styled("paste it here (ctrl+shift+v in most terminals)", "$quiet")
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
        count = f"{len(lines):,} line{'s' * (len(lines) != 1)}, {self._length:,} characters; ctrl+u removes it"
        return Content("\n").join(
            [Content.styled(count, "bold"), *(shown_line(line, "$quiet") for line in lines[:SHOWN_LINES])]
        )

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return SHOWN_LINES + 1

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep printable keys from acting as commands while a text is typed."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self._length:
            self._add("\n")
        elif event.is_printable and event.character:
            self._add(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self._add(event.text)
        event.stop()

    def _add(self, text: str) -> None:
        taken = text[: MOST - self._length]
        if len(taken) < len(text):
            self.notify("This is too long: paste the header alone.", severity="warning", markup=False)
        self._pieces.append(taken)
        self._length += len(taken)
        self.refresh()

    def action_clear(self) -> None:
        self._pieces, self._length = [], 0
        self.refresh()

"""Help: the keys of the screen at hand, and every word that a founder may not know."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from screens.base import LaunchScreen
from screens.glossary import glossary
from screens.signs import STATUS
from screens.text import fitted
from screens.widgets.fields import Field

KEYS_WIDTH = 12


class HelpScreen(LaunchScreen):
    """Opened over any screen; shows that screen's keys."""

    CSS_PATH = "help.tcss"
    HEADING = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find_word", "Find a word", key_display="/", id="help.find", tooltip="Look up one word"),
    ]

    def __init__(self, keys: dict[str, ActiveBinding]) -> None:
        super().__init__()
        self._keys = keys

    def compose_body(self) -> ComposeResult:
        yield Field(placeholder="/ finds a word", id="find")
        with VerticalScroll(id="help"):
            yield Static(self._everything(), id="help-text")

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def _everything(self) -> Content:
        parts = [("Keys here", self._key_list()), ("How to read the signs", self._signs()), ("Words", self._words(""))]
        return Content("\n\n").join([Content.assemble((title, "bold $primary"), "\n", text) for title, text in parts])

    def _key_list(self) -> Content:
        by_action: dict[str, list[ActiveBinding]] = {}
        for active in self._keys.values():
            if active.binding.description and not active.binding.system:
                by_action.setdefault(active.binding.action, []).append(active)
        lines = []
        # Those of the screen first; then the ones that lists and fields have everywhere.
        for actives in sorted(by_action.values(), key=lambda found: found[0].binding.id is None):
            keys = " ".join(dict.fromkeys(self.app.get_key_display(active.binding) for active in actives))
            binding = actives[0].binding
            word = binding.tooltip or binding.description
            lines.append(Content.assemble(fitted(Content.styled(keys, "bold $hour"), KEYS_WIDTH), " ", word))
        lines.append(
            Content.assemble(
                fitted(Content.styled("shift+drag", "bold $hour"), KEYS_WIDTH),
                " ",
                "Select text with the mouse, by the terminal itself",
            )
        )
        return Content("\n").join(lines)

    def _signs(self) -> Content:
        meanings = {
            "pass": "looked at, and right",
            "warn": "works, but weak",
            "fail": "broken or dangerous",
            "info": "good to know, no fault",
            "skipped": "not looked at, with the reason beside it",
            "error": "the check could not do its work: neither right nor wrong",
        }
        return Content("\n").join(
            [Content.assemble(fitted(STATUS[name].content, KEYS_WIDTH), " ", word) for name, word in meanings.items()]
        )

    def _words(self, part: str) -> Content:
        wanted = part.strip().casefold()
        found = [
            Content.assemble((word, "bold $strong"), "\n  ", meaning)
            for word, meaning in glossary().items()
            if wanted in word.casefold() or (len(wanted) > 3 and wanted in meaning.casefold())
        ]
        return Content("\n").join(found) if found else Content.styled("No such word here.", "$quiet")

    def on_input_changed(self, event: Input.Changed) -> None:
        text = self._words(event.value) if event.value.strip() else self._everything()
        self.query_one("#help-text", Static).update(text)
        self.query_one("#help").scroll_home(animate=False)

    def action_find_word(self) -> None:
        self.query_one("#find", Field).focus()

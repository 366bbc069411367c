"""Short ways to write bindings: every one has an id, a word and a sentence."""

from __future__ import annotations

from textual.binding import Binding


def key(keys: str, action: str, word: str, tooltip: str, id: str, display: str | None = None) -> Binding:  # noqa: A002
    """A key that the last line of the screen shows."""
    return Binding(keys, action, word, tooltip=tooltip, id=id, key_display=display)


def quiet_key(keys: str, action: str, word: str, tooltip: str, id: str) -> Binding:  # noqa: A002
    """A key that only the help and the command palette show."""
    return Binding(keys, action, word, tooltip=tooltip, id=id, show=False)

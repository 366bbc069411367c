"""Text as a stranger would publish it, to attack the terminal or Textual's markup; and the proof that it cannot act."""

from __future__ import annotations

import unicodedata
from typing import Any

from textual.pilot import Pilot

ESCAPES = (
    "\x1b]0;title\x07",
    "\x1b]52;c;ZXZpbA==\x1b\\",
    "\x1b[31mred",
    "bell\x07",
    "car\rriage",
    "back\x08space",
    "nul\x00",
    "c1\u009b31m",
    "rlo\u202e",
    "lri\u2066",
    "zero\u200bwidth",
    "del\x7f",
)
MARKUP = ("[bold red]", "[/foo]", "[@click=app.quit]x[/]", "[link=https://example.org]y[/link]", "[a:b]")
ATTACKS = (" ".join(ESCAPES[:6]), " ".join(ESCAPES[6:]), *MARKUP)
"""Few and short: a row cuts what is long, and an attack that is cut away proves nothing."""


def assert_harmless(pilot: Pilot[Any]) -> None:
    """Nothing that a terminal acts on is on the screen, and no piece of it can be clicked to act."""
    app = pilot.app
    picture = app.export_screenshot(simplify=True)
    acting = {
        character for character in picture if unicodedata.category(character)[0] == "C" and character not in "\n\t\r"
    }
    assert not acting, acting
    ours = ("screens.", "Screen", "app.quit")
    width, height = app.size
    for x in range(width):
        for y in range(1, height - 1):
            meta = app.screen.get_style_at(x, y).meta
            assert not str(meta.get("@click", "")).startswith(ours), (x, y, meta)

"""Which letters a PDF can show: those of PDF's own fonts, or of a font of the system where the text needs more."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterable
from pathlib import Path

SYSTEM_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:/Windows/Fonts/segoeui.ttf",
    "C:/Windows/Fonts/arial.ttf",
)

_PLAIN = {
    "✓ ": "",
    "✗ ": "",
    "…": "...",
    "\N{EN DASH}": "-",
    "—": "-",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
    "„": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "€": "EUR",
}
"""Signs that have a plain way of writing, so that no other font is needed for them."""

_LATIN_1 = frozenset(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)))


class Letters:
    """Rewrites text into characters that a font has.

    Args:
        known: the characters of the font.
    """

    def __init__(self, known: Container[str] = _LATIN_1) -> None:
        self._known = known
        self.lost = False
        """Whether a character was rewritten that has no plain way of writing."""

    def fit(self, text: str) -> str:
        """The text in characters of the font: without an accent, or by code point, where it lacks one."""
        text = plain(text)
        return (
            text if text.isascii() else "".join(c if c in self._known or c == "\n" else self._instead(c) for c in text)
        )

    def _instead(self, character: str) -> str:
        self.lost = True
        letters = "".join(c for c in unicodedata.normalize("NFKD", character) if c in self._known)
        return letters or f"[U+{ord(character):04X}]"


def plain(text: str) -> str:
    """The text with signs written plainly where that loses nothing."""
    for sign, instead in _PLAIN.items():
        text = text.replace(sign, instead)
    return text


def needs_more(texts: Iterable[str]) -> bool:
    """Whether any text holds letters that PDF's own fonts lack."""
    return any(c not in _LATIN_1 and c != "\n" for text in texts if not text.isascii() for c in plain(text))


def system_font(candidates: Iterable[str] = SYSTEM_FONTS) -> Path | None:
    """The first font with many letters that this system has."""
    return next((Path(name) for name in candidates if Path(name).is_file()), None)

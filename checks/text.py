"""Foreign text made harmless: the one function that it passes through where it enters and where it shows."""

from __future__ import annotations

import unicodedata

LIMIT = 4000
"""Characters kept of one piece of text. A TXT record can hold 64 kB."""

_KEPT = frozenset("\n")


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"<U+{code:04X}>"


def _table() -> dict[int, str]:
    """C0, DEL and C1: what nearly all hostile text consists of, for a single fast translate()."""
    return {code: _visible(chr(code)) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in _KEPT}


_CONTROLS = _table()


def harmless(text: str, *, limit: int = LIMIT) -> str:
    """Return `text` with every control, format, surrogate, private or unassigned character made visible.

    Escape sequences, bidi overrides, zero-width characters and line separators cannot act on a terminal
    afterwards. Newlines stay; tabs become spaces. What is longer than `limit` is cut, and says so.
    """
    cut = len(text) - limit
    if cut > 0:
        text = text[:limit]
    text = text.expandtabs(4) if "\t" in text else text
    text = text.translate(_CONTROLS)
    if not text.isascii():
        text = "".join(
            _visible(c) if c not in _KEPT and (unicodedata.category(c)[0] == "C" or c in "\u2028\u2029") else c
            for c in text
        )
    return f"{text}... ({cut} more characters)" if cut > 0 else text


def one_line(text: str, *, limit: int = 200) -> str:
    """`harmless`, on a single line: runs of white space become one space."""
    return harmless(" ".join(text.split()), limit=limit)


def decoded(raw: bytes) -> str:
    """Bytes of unknown origin as text: UTF-8 where it is, else Latin-1, never an exception."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")

"""Source text without its comments, each character at its place, and where its strings are: neither is code."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, cached_property

_STRING = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
_SLASH = r"(?<!:)//[^\n]*|/\*.*?(?:\*/|\Z)"
_MANY = re.DOTALL | re.MULTILINE
_STYLES = {
    "/": (rf"{_STRING}|`(?:\\.|[^`\\])*`|(?P<comment>{_SLASH})", re.DOTALL),
    "/#": (rf"{_STRING}|(?P<comment>{_SLASH}|\#(?!\[)[^\n]*)", re.DOTALL),
    "#": (rf"{_STRING}|(?P<comment>\#(?!\{{)[^\n]*|^=begin\b.*?(?:^=end\b|\Z))", _MANY),
    "shell": (
        r"""\\.|"(?:\\.|[^"\\])*"|(?P<comment>(?<=<<)-?[ ]*'(?P<end>\w+)'.*?(?:^\s*(?P=end)$|\Z)|"""
        r"""'[^'\n]*'|(?:(?<=\s)|^)\#[^\n]*)""",
        _MANY,
    ),
}
_LITERALS = {
    "js": rf"(?<=[(,=:\[!&|?;])[ ]?/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/|{_STRING}|`(?:\\.|[^`\\])*`",
    "ruby": _STRING,
    "go": r'"(?:\\.|[^"\\\n])*"|`[^`]*`',
    "jvm": r'"""(?:.*?)"""|"(?:\\.|[^"\\\n])*"',
    "rust": r'\br(?P<hash>#+)".*?"(?P=hash)|"(?:\\.|[^"\\])*"',
}
_KEPT = re.compile(r"[^\n]")
_INSIDE = re.compile(r"(?:[$#]\{|\{\$)[^}]*\Z")
"""An expression within a string: ${...} of JavaScript and Kotlin, #{...} of Ruby, {$...} of PHP."""


@cache
def _style(name: str) -> re.Pattern[str]:
    return re.compile(*_STYLES[name])


@cache
def _literal(name: str) -> re.Pattern[str]:
    return re.compile(_LITERALS[name], re.DOTALL)


def without_comments(text: str, style: str) -> str:
    """Blank out comments and what a shell does not expand. Lines and columns stay.

    Args:
        style: "/" (also /* */), "#", "/#" (both) or "shell" (# and single quotes).
    """
    return _style(style).sub(lambda match: _KEPT.sub(" ", match[0]) if match["comment"] else match[0], text)


class Strings:
    """Where the strings of a text are.

    Args:
        style: "js", "ruby" (PHP too), "go", "jvm" or "rust"; empty for a language whose strings are read as code.
    """

    def __init__(self, code: str, style: str) -> None:
        self._code, self._style = code, style

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [match.span() for match in _literal(self._style).finditer(self._code)] if self._style else []

    def hold(self, place: int) -> bool:
        """Whether a place lies within a string, and not in an expression that the string holds."""
        at = bisect_left(self._spans, (place, 0)) - 1
        start, end = self._spans[at] if at >= 0 else (0, 0)
        return start < place < end and _INSIDE.search(self._code, start, place) is None

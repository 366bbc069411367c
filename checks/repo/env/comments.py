"""Source text without its comments, each character at its place, so that no comment is taken for code."""

from __future__ import annotations

import re

_STRING = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
_SLASH = r"(?<!:)//[^\n]*|/\*.*?(?:\*/|\Z)"
_DOCSTRING = r"""^[ \t]*(?P<q>\"\"\"|''').*?(?:(?P=q)|\Z)"""
_MANY = re.DOTALL | re.MULTILINE
_STYLES = {
    "/": re.compile(rf"{_STRING}|`(?:\\.|[^`\\])*`|(?P<comment>{_SLASH})", re.DOTALL),
    "/#": re.compile(rf"{_STRING}|(?P<comment>{_SLASH}|\#(?!\[)[^\n]*)", re.DOTALL),
    "#": re.compile(rf"{_STRING}|(?P<comment>\#(?!\{{)[^\n]*)"),
    "python": re.compile(rf"(?P<comment>{_DOCSTRING}|\#[^\n]*)|{_STRING}", _MANY),
    "shell": re.compile(r"""\\.|"(?:\\.|[^"\\])*"|(?P<comment>'[^'\n]*'|(?:(?<=\s)|^)\#[^\n]*)""", _MANY),
}
_KEPT = re.compile(r"[^\n]")


def without_comments(text: str, style: str) -> str:
    """Blank out comments, docstrings, and what a shell does not expand. Lines and columns stay.

    Args:
        style: "/" (also /* */), "#", "/#" (both), "python" (# and docstrings) or "shell" (# and single quotes).
    """
    return _STYLES[style].sub(lambda match: _KEPT.sub(" ", match[0]) if match["comment"] else match[0], text)

"""The strings of a script, told from its comments and regular expressions, in linear time and without running it."""

from __future__ import annotations

import re

_STRING = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"""
_COMMENT = r"""//[^\n]*|/\*.*?(?:\*/|\Z)"""
# A slash begins a regular expression where a value may begin: after an operator or an opening bracket.
_REGEX = r"""(?:(?<=[(,=:\[!&|?{};+*%~^<>\n-])|(?<=return))[ \t]*/(?![*/])(?:\[(?:[^\]\\\n]|\\.)*\]|[^/\\\n\[]|\\.)+/"""
_TOKEN = re.compile(rf"({_STRING})|{_COMMENT}|{_REGEX}", re.DOTALL)


def string_spans(script: str) -> list[tuple[int, int]]:
    """Where the string and template literals of a script stand, quotes included, in order."""
    return [match.span(1) for match in _TOKEN.finditer(script) if match[1]]

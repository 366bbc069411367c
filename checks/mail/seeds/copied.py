"""Puts the text of a message right again that a person copied out of a web page or a mail program's window."""

from __future__ import annotations

import codecs
import html
import re
import textwrap

from checks.text import decoded

_FIRST = re.compile(
    r"(?:delivered-to|return-path|received|authentication-results|arc-[a-z-]+|x-[a-z0-9-]+)[ \t]*:", re.IGNORECASE
)
"""What the header of a received message begins with; a page may show a summary of its own before it."""
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*[ \t]*:(?![A-Za-z-]+:)")
"""A field's first line, and not the "From:To:Subject" of a signature's list."""
_QUOTE = re.compile(r"> ?")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f"), None) | {0xA0: " "}


def put_right(raw: bytes) -> bytes:
    """The header as it was before it was shown: without the page's own lines, quotation marks, indentation, entities
    and doubled line breaks, and folded where the folds were lost. The body may be lost. Linear, never raises.
    """
    lines = _unmarked(_text(raw).translate(_INVISIBLE).splitlines())
    begin = next((number for number, line in enumerate(lines) if _FIRST.match(line)), len(lines))
    lines = _without_gaps(lines[begin:])
    header: list[str] = []
    for line in lines:
        if not line.strip():
            break
        header.append(line if line[:1] in " \t" or _FIELD.match(line) else f" {line}")
    return "\r\n".join([*header, "", ""]).encode()


def _text(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    text = decoded(raw)
    return html.unescape(text) if "&lt;" in text and "<" not in text else text


def _unmarked(lines: list[str]) -> list[str]:
    """The lines without what stands before each: quotation marks of a reply, or the indentation of a block."""
    written = [line for line in lines if line.strip()]
    if written and all(line.startswith(">") for line in written):
        lines = [_QUOTE.sub("", line, count=1) for line in lines]
    # Who marks a text with the mouse often begins behind the first line's indentation.
    return [line.lstrip() for line in lines[:1]] + textwrap.dedent("\n".join(lines[1:])).split("\n")


def _without_gaps(lines: list[str]) -> list[str]:
    """The lines, where each break was doubled with its own ones alone."""
    doubled = len(lines) > 3 and not any(line.strip() for line in lines[1:20:2])
    return lines[::2] if doubled else lines

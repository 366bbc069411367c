"""The one way by which text that came from outside reaches a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from textual.content import Content

from checks.text import LIMIT, harmless, one_line

BREAKS = "./-@_:,="
"""Behind these a name that is longer than the line may be broken."""


_hidden: list[str] = []
"""Folders of this computer whose names are not for every eye at the moment, longest first."""


def hide_folders(folders: Iterable[str]) -> None:
    """From now on show the files in these folders by their names alone. Presenter mode asks for it."""
    _hidden[:] = sorted({folder for folder in folders if len(folder) > 1}, key=len, reverse=True)


def _presentable(text: str) -> str:
    for folder in _hidden:
        text = text.replace(folder, "...")
    return text


def shown(text: str, style: str = "", *, limit: int = LIMIT) -> Content:
    """Foreign text as literal content: no markup, no link, no control character in it can act.

    It was made harmless where it entered; it is made so again, since a session file can be edited by hand.
    """
    return Content.styled(harmless(_presentable(text), limit=limit), style)


def shown_line(text: str, style: str = "", *, limit: int = 200) -> Content:
    """`shown` on one line, for rows and titles."""
    return Content.styled(one_line(_presentable(text), limit=limit), style)


def fitted(content: Content, width: int, *, right: bool = False) -> Content:
    """Content in exactly `width` cells: cut with an ellipsis, or filled with spaces."""
    cut = content.truncate(width, ellipsis=True)
    missing = max(0, width - cut.cell_length)
    return cut.pad_left(missing) if right else cut.pad_right(missing)


def columns(cells: list[tuple[Content, int]], gap: int = 1) -> Content:
    """One row of cells, each fitted to its width in terminal cells."""
    return Content(" " * gap).join([fitted(content, width) for content, width in cells])


def hanging(sign: Content, text: Content, width: int, indent: int) -> Content:
    """`text` wrapped to `width` with `sign` before its first line and the rest indented below it."""
    lines = wrapped(text, max(8, width - indent))
    first = fitted(sign, indent).append(lines[0])
    return Content("\n").join([first, *(line.pad_left(indent) for line in lines[1:])])


def wrapped(text: Content, width: int) -> list[Content]:
    """`text` broken at `width` cells: between words, else inside a long name behind a dot, slash or hyphen."""
    width = max(2, width)
    return [piece for line in text.split("\n", allow_blank=True) for piece in _broken(line, width)] or [Content("")]


def _broken(line: Content, width: int) -> Iterator[Content]:
    plain, start = line.plain, 0
    while (end := start + _fitting(plain[start:], width)) < len(plain):
        space = plain.rfind(" ", start, end + 1)
        inside = max(plain.rfind(mark, start, end) for mark in BREAKS) + 1
        if space > start:
            yield line[start:space]
            start = space + 1
        else:
            cut = inside if inside > start else end
            yield line[start:cut]
            start = cut
    yield line[start:]


def _fitting(text: str, width: int) -> int:
    """How many characters of `text` fit into `width` cells; at least one."""
    if text.isascii():
        return min(len(text), width)
    cells = 0
    for count, character in enumerate(text):
        cells += cell_len(character)
        if cells > width:
            return max(1, count)
    return len(text)

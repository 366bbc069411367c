"""Look at what is too large to hold, part by part, as if it were looked at as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checks.repo.secrets.hit import Match

PART = 8 << 20
"""Bytes that are looked at together."""
OVERLAP = 16 << 10
"""Bytes before and after each match that are looked at with it: more than the longest secret and its surroundings."""


def look_in_parts(
    pieces: Iterable[bytes], find: Callable[[bytes], Iterable[Match]]
) -> Iterator[tuple[Match, bytes, int]]:
    """Yield each match once, with the part that it was found in and the number of lines before that part."""
    text, lines, begin = b"", 0, 0
    for piece in pieces:
        if len(text) >= PART:
            limit = len(text) - OVERLAP
            # What begins later is told with the next part, which has what follows it.
            yield from ((match, text, lines) for match in find(text) if begin <= match.begin < limit)
            cut = limit - OVERLAP
            lines += text.count(b"\n", 0, cut)
            text, begin = text[cut:], OVERLAP
        text += piece
    yield from ((match, text, lines) for match in find(text) if begin <= match.begin)

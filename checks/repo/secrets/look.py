"""Look at one text after the other: several are searched at once, which costs far less than each by itself.

A secret that a delta copies unchanged, surroundings and all, is known from the base; one that it brings in, or whose
surroundings it touches, lies within the windows around its seams. So every object's finds are exactly those that
a search of its whole content gives, at the cost of the changes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.repo.secrets import delta, layers
from checks.repo.secrets.finder import Finder, Window, best, footprint
from checks.repo.secrets.hit import Match
from checks.repo.secrets.objects import LARGEST
from checks.repo.secrets.parts import look_in_parts
from checks.repo.secrets.tally import Tally

TOGETHER = 128 << 10
"""Bytes that are searched at once."""
WAITING = 4 << 20
"""Bytes of the texts that wait to be looked at; only parts of them may have to be searched."""
_TOO_LARGE = f"an archive of more than {LARGEST >> 20} MB was not opened"
_POINTERS = (b"version https://git-lfs.github.com/spec/", b"version http://git-media.io/v/",
             b"version https://hawser.github.com/spec/")  # fmt: skip
"""What stands for a file that Git LFS keeps elsewhere begins with one of these (git-lfs, docs/spec.md)."""
_POINTER_LONGEST = 1024
"""It is shorter than that (the same)."""


@dataclass(slots=True, eq=False)
class Text:
    """The content of an object or a file, and what was found in it once it has been looked at."""

    data: bytes
    """Let go once it has been looked at."""
    blob: bytes = b""
    path: str = ""
    done: bool = False
    """It was looked at before: only what is built on it has to know what is in it."""
    windows: Sequence[Window] | None = None
    """The parts that are not known from its base; None for all of it."""
    wanted: int = 0
    """Bytes in the windows, where there are any."""
    base: Text | None = None
    delta: bytes = b""
    """What makes it of its base."""
    found: Sequence[Match] = ()


class Looker:
    """Finds and notes what is in texts, soon after they are given."""

    def __init__(self, finder: Finder, tally: Tally) -> None:
        self.tally = tally
        self._finder = finder
        self._waiting: list[Text] = []
        self._held = self._wanted = 0

    def add(self, text: Text) -> Text:
        """Look at a text, now or with the next ones. Its base has to be added before it."""
        if len(text.data) >= WAITING:
            self.finish()  # by itself, so that nothing has to be put together with it
        self._waiting.append(text)
        self._held += len(text.data)
        self._wanted += len(text.data) if text.windows is None else text.wanted
        if self._wanted >= TOGETHER or self._held >= WAITING:
            self.finish()
        return text

    def finish(self) -> None:
        """Look at all that waits."""
        texts, self._waiting = self._waiting, []
        self._held = self._wanted = 0
        every = self._finder.find_each([(text.data, text.windows) for text in texts])
        for text, found in zip(texts, every, strict=True):
            self._note(text, found)

    def _note(self, text: Text, found: list[Match]) -> None:
        data, base = text.data, text.base
        if base is not None and base.found:
            found = best([*found, *_inherited(base.found, text.delta, data)])
        text.found, text.data, text.delta, text.base = found, b"", b"", None
        if not text.done:
            for match in found:
                self.tally.add(match, data, blob=text.blob, path=text.path)
            self.tally.bytes += len(data)
            if data.startswith(_POINTERS) and len(data) < _POINTER_LONGEST:
                self.tally.pointers = True
            self._count(text.path)
        elif self._finder.gaps:
            self._finder.gaps.clear()  # told when it was looked at

    def in_parts(self, pieces: Iterable[bytes], *, blob: bytes = b"", path: str = "") -> None:
        """Look at what is too large to hold. What its pieces raise passes through."""
        for match, text, lines in look_in_parts(pieces, self._find_in_part):
            self.tally.add(match, text, blob=blob, path=path, lines=lines)
        self._count(path)

    def _find_in_part(self, part: bytes) -> list[Match]:
        if layers.is_packed(part):  # the first part of an archive, or the last one of a zip: the rest of it is not here
            self._finder.gaps[_TOO_LARGE] = 1
            return self._finder.find(part, [(0, len(part))])
        return self._finder.find(part)

    def _count(self, path: str) -> None:
        if path:
            self.tally.files += 1
        else:
            self.tally.objects += 1
        if self._finder.gaps:
            for gap, times in self._finder.gaps.items():
                self.tally.gap(gap, times, file=bool(path))
            self._finder.gaps.clear()


def _inherited(known: Sequence[Match], told: bytes, data: bytes) -> list[Match]:
    """The base's matches that a delta copies together with all that their verdict depends on.

    What ends where the copied part ends depends on what follows there: it is left to the window around that seam.
    """
    found = []
    every = delta.copies(told)
    for match in known:
        for low, high, to in every:
            if low <= match.begin and match.end <= high:
                moved = match.shifted(to - low)
                first, last = footprint(data, moved.begin, moved.end)
                end = to + high - low
                if (to < first or low == to == 0) and (last < end or (last == end == len(data))):
                    found.append(moved)
    return found

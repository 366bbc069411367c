"""Walk a pack's delta trees: rebuild each object once, and look only at what its delta brings in.

A secret that a delta copies unchanged, surroundings and all, is known from the base; one that it brings in, or whose
surroundings it touches, lies within the windows around its seams. So every object's finds are exactly those that
a search of its whole content gives, at the cost of the changes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence

from checks.repo.secrets import delta, layers
from checks.repo.secrets.finder import Finder, best, footprint
from checks.repo.secrets.hit import Match
from checks.repo.secrets.objects import LARGEST
from checks.repo.secrets.pack import BadPack, Pack
from checks.repo.secrets.parts import PART, look_in_parts
from checks.repo.secrets.tally import Tally

HELD = 96 << 20
"""Bytes of rebuilt objects that wait for their other children; beyond it they are rebuilt when needed."""

_TOO_LARGE = f"an object of more than {LARGEST >> 20} MB that others are built on: those were not read"

HEAVY = 1 << 20
"""Bytes of a delta from which on git is asked for what it makes: to follow its instructions here takes far longer."""
_PACE = 50
"""How many times longer a byte of a delta takes here than a byte of an object that git rebuilds on the way."""

Outside = Callable[[bytes], bytes | None]
"""Gives the content of an object that is not in this pack."""
Ask = Callable[[bytes, int], bytes | None]
"""Gives the content of an object of that id and size, where git has it."""


def _nobody(name: bytes, size: int) -> bytes | None:
    return None


class Walker:
    """Looks at the objects of one pack."""

    def __init__(self, pack: Pack, finder: Finder, tally: Tally, outside: Outside, ask: Ask = _nobody) -> None:
        self._pack = pack
        self._finder = finder
        self._tally = tally
        self._outside = outside
        self._ask = ask

    def walk(
        self,
        top: int,
        *,
        skip: Collection[bytes] = (),
        cuts: Container[int] = (),
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Look at an object and at all deltas that are built on it.

        Args:
            top: an object that is whole, or a delta: then what it is built on is rebuilt first.
            skip: ids of objects that were looked at before.
            cuts: objects that are left to other walks, with what is built on them.
            stopped: asked before each object whether to end.
        """
        pack = self._pack
        root, base, known = top, b"", ()  # type: tuple[int, bytes | None, Sequence[Match]]
        if (parent := pack.parents.get(top)) is not None:
            root = -1
            try:
                base = content(pack, parent, self._outside)
            except BadPack as problem:
                self._lose(top, cuts, problem)
                return
            known = self._finder.find(base)
            self._finder.gaps.clear()  # told where the base itself is looked at
        waiting: list[tuple[int, bytes | None, Sequence[Match]]] = [(top, base, known)]
        held = 0
        while waiting and not stopped():
            number, base, known = waiting.pop()
            if number < 0:  # all children of an object that was held are done
                held += number
                continue
            try:
                data, found = self._look(number, root, base, known, pack.ids[number] in skip)
            except BadPack as problem:
                self._lose(number, cuts, problem)
                continue
            children = [child for child in pack.children.get(number, ()) if child not in cuts]
            if not children or (data is None and base == b""):
                continue
            keep: bytes | None = data
            if len(children) > 1:
                if data is not None and held + len(data) > HELD:
                    keep = None
                elif data is not None:
                    held += len(data)
                    waiting.append((-len(data), None, ()))
            waiting.extend((child, keep, found) for child in children)

    def _lose(self, top: int, cuts: Container[int], problem: BadPack) -> None:
        """Note that an object cannot be read, nor what is built on it and not left to other walks."""
        every = [top]
        for number in every:  # grows while it is read
            every.extend(child for child in self._pack.children.get(number, ()) if child not in cuts)
        self._tally.unread.update((self._pack.ids[number], str(problem)) for number in every)

    def _look(
        self, number: int, root: int, base: bytes | None, known: Sequence[Match], done: bool
    ) -> tuple[bytes | None, Sequence[Match]]:
        """Rebuild one object and note what is in it; its content is None where it is too large to hold."""
        pack = self._pack
        name = pack.ids[number]
        if number == root and number not in pack.foreign:
            if pack.sizes[number] > LARGEST:
                if not done:
                    self._look_in_parts(number)
                for child in pack.children.get(number, ()):
                    self._lose(child, (), BadPack(_TOO_LARGE))
                return None, ()
            data = pack.raw(number)
            found = self._finder.find(data)
        else:
            told = pack.raw(number)
            if delta.result_size(told) > LARGEST:
                raise BadPack(_TOO_LARGE)
            whole = self._from_git(number, told)
            if whole is not None:
                data, found = whole, self._finder.find(whole)
            elif number == root or base is None:
                data, found = self._rebuild(told, self._content_of_base(number), None if number == root else known)
            else:
                data, found = self._rebuild(told, base, known)
        for gap, times in self._finder.gaps.items():
            self._tally.gap(gap, times)
        self._finder.gaps.clear()
        if not done:
            self._tally.objects += 1
            self._tally.bytes += len(data)
            for match in found:
                self._tally.add(match, data, blob=name)
        return data, found

    def _rebuild(self, told: bytes, base: bytes, known: Sequence[Match] | None) -> tuple[bytes, list[Match]]:
        """Apply a delta and look at what it brings in; at all of it where nothing is known of its base."""
        rebuilt = delta.apply(told, base)
        data = rebuilt.data
        if known is None or layers.is_archive(data):
            return data, self._finder.find(data)
        found = self._finder.find(data, delta.windows(data, rebuilt.seams))
        return data, best([*found, *_inherited(known, told, data)]) if known else found

    def _from_git(self, number: int, told: bytes) -> bytes | None:
        """What git makes of a long delta; None of others, and where git cannot say."""
        if len(told) < HEAVY:
            return None
        size, depth, above = delta.result_size(told), 1, self._pack.parents.get(number)
        while above is not None:
            depth, above = depth + 1, self._pack.parents.get(above)
        return self._ask(self._pack.ids[number], size) if len(told) * _PACE > size * depth else None

    def _look_in_parts(self, number: int) -> None:
        """Look at an object that is too large to hold."""
        for match, text, lines in look_in_parts(self._pack.pieces(number, PART), self._finder.find):
            self._tally.add(match, text, blob=self._pack.ids[number], lines=lines)
        self._tally.objects += 1

    def _content_of_base(self, number: int) -> bytes:
        """The content of what a delta is built on, rebuilt from the beginning of its chain. Raises BadPack."""
        if number in self._pack.foreign:
            return _foreign(self._pack, number, self._outside)
        return content(self._pack, self._pack.parents[number], self._outside)


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


def content(pack: Pack, number: int, outside: Outside = lambda name: None) -> bytes:
    """The whole content of any object of a pack. Raises BadPack."""
    chain = [number]
    while (parent := pack.parents.get(chain[-1])) is not None:
        chain.append(parent)
    first = chain.pop()
    if pack.sizes[first] > LARGEST:
        raise BadPack(_TOO_LARGE)
    data = pack.raw(first)
    if first in pack.foreign:
        data = delta.apply(data, _foreign(pack, first, outside)).data
    for each in reversed(chain):
        told = pack.raw(each)
        if delta.result_size(told) > LARGEST:
            raise BadPack(_TOO_LARGE)
        data = delta.apply(told, data).data
    return data


def _foreign(pack: Pack, number: int, outside: Outside) -> bytes:
    data = outside(pack.foreign[number])
    if data is None:
        raise BadPack(f"{pack.path.name} is thin: an object that it builds on is absent")
    return data

"""Walk a pack's delta trees: rebuild each object once, and have only what its delta brings in looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container

from checks.repo.secrets import delta, layers
from checks.repo.secrets.look import Looker, Text
from checks.repo.secrets.objects import LARGEST
from checks.repo.secrets.pack import BadPack, Pack
from checks.repo.secrets.parts import PART

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
    """Has the objects of one pack looked at."""

    def __init__(self, pack: Pack, looker: Looker, outside: Outside, ask: Ask = _nobody) -> None:
        self._pack = pack
        self._looker = looker
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
        """Have an object looked at and all deltas that are built on it.

        Args:
            top: an object that is whole, or a delta: then what it is built on is rebuilt first.
            skip: ids of objects that were looked at before.
            cuts: objects that are left to other walks, with what is built on them.
            stopped: asked before each object whether to end.
        """
        pack = self._pack
        root, base, known = top, b"", None  # type: tuple[int, bytes | None, Text | None]
        if (parent := pack.parents.get(top)) is not None:
            root = -1
            try:
                base = content(pack, parent, self._outside)
            except BadPack as problem:
                self._lose(top, cuts, problem)
                return
            known = self._looker.add(Text(base, done=True))  # what is in it is told elsewhere
        waiting: list[tuple[int, bytes | None, Text | None]] = [(top, base, known)]
        held = 0
        while waiting and not stopped():
            number, base, known = waiting.pop()
            if number < 0:  # all children of an object that was held are done
                held += number
                continue
            try:
                data, text = self._look(number, root, base, known, pack.ids[number] in skip)
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
                    waiting.append((-len(data), None, None))
            waiting.extend((child, keep, text) for child in children)

    def _lose(self, top: int, cuts: Container[int], problem: BadPack) -> None:
        """Note that an object cannot be read, nor what is built on it and not left to other walks."""
        every = [top]
        for number in every:  # grows while it is read
            every.extend(child for child in self._pack.children.get(number, ()) if child not in cuts)
        self._looker.tally.unread.update((self._pack.ids[number], str(problem)) for number in every)

    def _look(
        self, number: int, root: int, base: bytes | None, known: Text | None, done: bool
    ) -> tuple[bytes | None, Text | None]:
        """Rebuild one object and have it looked at; its content is None where it is too large to hold."""
        pack = self._pack
        name = pack.ids[number]
        if number == root and number not in pack.foreign:
            if pack.sizes[number] > LARGEST:
                if not done:
                    self._looker.in_parts(pack.pieces(number, PART), blob=name)
                for child in pack.children.get(number, ()):
                    self._lose(child, (), BadPack(_TOO_LARGE))
                return None, None
            text = Text(pack.raw(number), name, done=done)
        else:
            told = pack.raw(number)
            if delta.result_size(told) > LARGEST:
                raise BadPack(_TOO_LARGE)
            whole = self._from_git(number, told)
            if whole is not None:
                text = Text(whole, name, done=done)
            elif number == root or base is None:
                text = _rebuilt(name, told, self._content_of_base(number), None if number == root else known, done)
            else:
                text = _rebuilt(name, told, base, known, done)
        data = text.data  # which is let go with the text that was looked at
        return data, self._looker.add(text)

    def _from_git(self, number: int, told: bytes) -> bytes | None:
        """What git makes of a long delta; None of others, and where git cannot say."""
        if len(told) < HEAVY:
            return None
        size, depth, above = delta.result_size(told), 1, self._pack.parents.get(number)
        while above is not None:
            depth, above = depth + 1, self._pack.parents.get(above)
        return self._ask(self._pack.ids[number], size) if len(told) * _PACE > size * depth else None

    def _content_of_base(self, number: int) -> bytes:
        """The content of what a delta is built on, rebuilt from the beginning of its chain. Raises BadPack."""
        if number in self._pack.foreign:
            return _foreign(self._pack, number, self._outside)
        return content(self._pack, self._pack.parents[number], self._outside)


def _rebuilt(name: bytes, told: bytes, base: bytes, known: Text | None, done: bool) -> Text:
    """Apply a delta; all that it makes is to be looked at where nothing is known of its base. Raises BadPack."""
    rebuilt = delta.apply(told, base)
    data = rebuilt.data
    if known is None or layers.is_archive(data):
        return Text(data, name, done=done)
    return Text(data, name, "", done, delta.windows(data, rebuilt.seams), known, told)


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

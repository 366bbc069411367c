"""Walk a pack's delta trees: rebuild each object once, and have only what its delta brings in looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container

from checks.repo.secrets import delta, layers
from checks.repo.secrets.look import Looker, Text
from checks.repo.secrets.objects import LARGEST
from checks.repo.secrets.pack import BadPack, Pack
from checks.repo.secrets.parts import PART

HELD = 64 << 20
"""Bytes of rebuilt objects that wait for their other children; beyond it they are rebuilt when needed."""
LONGEST = LARGEST // 2
"""Bytes of a delta: git makes none that is longer than half of what it makes."""
MANY = 64
"""Objects of a tree from which on it matters which of them are rebuilt first."""

HEAVY = 1 << 20
"""Bytes of a delta from which on git is asked for what it makes: to follow its instructions here takes far longer."""
LIGHT = 512
"""Bytes of a delta that take less time to follow than to ask git."""
_PACE = 50
"""How many times longer a byte of a delta takes here than a byte of an object that git rebuilds on the way."""
FOLLOWED, FOLLOWED_TIMES = 16 << 20, 8
"""Bytes of deltas that are followed here, and how many more for each byte that they take up in the pack: text makes two
or three, and only what is made to cost time makes many more."""
SEARCHED, SEARCHED_TIMES = 16 << 30, 1000
"""The same of the bytes that they bring, which are searched: a changed word makes the lines around it be searched."""

_TOO_LARGE = f"an object of more than {LARGEST >> 20} MB that others are built on: those were not read"
_BOMB = "deltas that make far more work than any history does: what they make was not read"

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
        self._packed = self._followed = self._searched = 0

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
        if top in pack.parents:
            root = -1
            try:
                base = self._content_of_base(top)
            except BadPack as problem:
                self._lose(top, cuts, problem)
                return
            known = self._looker.add(Text(base, done=True))  # what is in it is told elsewhere
        every = pack.subtree(top)
        counts = pack.counts(every) if len(every) >= MANY else None
        waiting: list[tuple[int, bytes | None, Text | None]] = [(top, base, known)]
        held = 0
        while waiting and not stopped():
            number, base, known = waiting.pop()
            if number < 0:  # of an object that was held only the last child is left to do
                held += number + 1
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
                # The one with the most built on it comes last, when its base is held for no other any more: so
                # however long the chains are, few objects are held at a time.
                last = children.index(max(children, key=counts.__getitem__)) if counts else 0
                waiting.append((children.pop(last), keep, text))
                if data is not None and held + len(data) > HELD:
                    keep = None
                elif data is not None:
                    held += len(data)
                    waiting.append((-1 - len(data), None, None))
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
            told = _instructions(pack, number)
            whole = self._from_git(number, told)
            if whole is not None:
                text = Text(whole, name, done=done)
            elif number == root or base is None:
                text = _rebuilt(name, told, self._content_of_base(number), None if number == root else known, done)
            else:
                text = _rebuilt(name, told, base, known, done)
            self._searched += len(text.data) if text.windows is None else text.wanted
            if self._searched > SEARCHED + SEARCHED_TIMES * self._packed:
                raise BadPack(_BOMB)
        data = text.data  # which is let go with the text that was looked at
        return data, self._looker.add(text)

    def _may_follow(self, size: int, packed: int) -> bool:
        """Whether so many bytes of deltas, which take up `packed` bytes, are no more than may be expected by now."""
        self._followed += size
        self._packed += packed
        return self._followed <= FOLLOWED + FOLLOWED_TIMES * self._packed

    def _from_git(self, number: int, told: bytes) -> bytes | None:
        """What git makes of a delta that takes long to follow; None where it is to be followed. Raises BadPack."""
        pack, length = self._pack, len(told)
        patient = self._may_follow(length, pack.weight(number))
        if length < HEAVY and (patient or length < LIGHT):
            return None
        size = delta.result_size(told)
        if patient and length * _PACE <= size * len(pack.chain(number)):
            return None
        whole = self._ask(pack.ids[number], size)
        if whole is None and not patient:
            raise BadPack(_BOMB)
        return whole

    def _content_of_base(self, number: int) -> bytes:
        """The content of what a delta is built on, rebuilt from the beginning of its chain. Raises BadPack."""
        pack = self._pack
        if number in pack.foreign:
            return _foreign(pack, number, self._outside)
        parent = pack.parents[number]
        chain = [each for each in pack.chain(parent) if each in pack.parents]
        if not self._may_follow(sum(pack.sizes[each] for each in chain), sum(pack.weight(each) for each in chain)):
            whole = self._ask(pack.ids[parent], delta.result_size(_instructions(pack, parent))) if chain else None
            if whole is None:
                raise BadPack(_BOMB)
            return whole
        return content(pack, parent, self._outside)


def _instructions(pack: Pack, number: int) -> bytes:
    """A delta that can be followed. Raises BadPack."""
    if pack.sizes[number] > LONGEST:
        raise BadPack(_TOO_LARGE)
    told = pack.raw(number)
    if delta.result_size(told) > LARGEST:
        raise BadPack(_TOO_LARGE)
    return told


def _rebuilt(name: bytes, told: bytes, base: bytes, known: Text | None, done: bool) -> Text:
    """Apply a delta; all that it makes is to be looked at where nothing is known of its base. Raises BadPack."""
    rebuilt = delta.apply(told, base)
    data = rebuilt.data
    # To tell what a long delta copies takes far more memory than the delta.
    if known is None or len(told) > delta.STRETCH or layers.is_archive(data):
        return Text(data, name, done=done)
    windows = delta.windows(data, rebuilt.seams)
    wanted = sum(high - low for low, high in windows)
    if 2 * wanted > len(data):
        return Text(data, name, done=done)  # as good as all of it
    return Text(data, name, "", done, windows, wanted, known, told)


def content(pack: Pack, number: int, outside: Outside = lambda name: None) -> bytes:
    """The whole content of any object of a pack. Raises BadPack."""
    *chain, first = pack.chain(number)
    if first in pack.foreign:
        data = delta.apply(_instructions(pack, first), _foreign(pack, first, outside)).data
    elif pack.sizes[first] > LARGEST:
        raise BadPack(_TOO_LARGE)
    else:
        data = pack.raw(first)
    for each in reversed(chain):
        data = delta.apply(_instructions(pack, each), data).data
    return data


def _foreign(pack: Pack, number: int, outside: Outside) -> bytes:
    data = outside(pack.foreign[number])
    if data is None:
        raise BadPack(f"{pack.path.name} is thin: an object that it builds on is absent")
    return data

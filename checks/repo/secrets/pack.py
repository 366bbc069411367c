"""Read git's pack files: the index, the delta trees, and the bytes of each object (gitformat-pack(5))."""

from __future__ import annotations

import mmap
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7
KINDS = {COMMIT: "commit", TREE: "tree", BLOB: "blob", TAG: "tag"}
_SPOILT = 0
_MAGIC = b"\xfftOc"


class BadPack(Exception):
    """A pack or its index cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Index:
    """The ids of a pack's objects and where each begins, in the order in which they stand in the pack."""

    ids: list[bytes]
    offsets: list[int]


def read_index(path: Path, width: int) -> Index:
    """Read an index of version 1 or 2, whose ids are `width` bytes long. Raises BadPack."""
    raw = path.read_bytes()
    try:
        ids, offsets = _version2(raw, width) if raw[:4] == _MAGIC else _version1(raw, width)
    except (struct.error, IndexError, ValueError) as problem:
        raise BadPack(f"the index {path.name} is damaged") from problem
    at = dict(zip(offsets, ids, strict=False))
    offsets.sort()
    return Index(list(map(at.__getitem__, offsets)), offsets)


def _version2(raw: bytes, width: int) -> tuple[list[bytes], list[int]]:
    if raw[4:8] != b"\0\0\0\2":
        raise ValueError
    (count,) = struct.unpack_from(">I", raw, 8 + 255 * 4)
    names, small = 8 + 1024, 8 + 1024 + count * (width + 4)
    large = small + count * 4
    if large > len(raw):
        raise ValueError
    offsets = list(struct.unpack_from(f">{count}I", raw, small))
    if max(offsets, default=0) & 0x80000000:  # the rest is the number of an eight-byte entry: the pack is over 2 GB
        for at, offset in enumerate(offsets):
            if offset & 0x80000000:
                (offsets[at],) = struct.unpack_from(">Q", raw, large + (offset & 0x7FFFFFFF) * 8)
    return [name for (name,) in struct.iter_unpack(f"{width}s", raw[names : names + count * width])], offsets


def _version1(raw: bytes, width: int) -> tuple[list[bytes], list[int]]:
    (count,) = struct.unpack_from(">I", raw, 255 * 4)
    entries = list(struct.iter_unpack(f">I{width}s", raw[1024 : 1024 + count * (width + 4)]))
    return [name for _, name in entries], [offset for offset, _ in entries]


class Pack:
    """One pack, its objects numbered in the order in which they stand in it.

    A delta's base has a lower or a higher number; `children` gives for each object the deltas on it, `roots` the
    objects that are no deltas.
    """

    def __init__(self, index_path: Path, width: int) -> None:
        self.path = index_path.with_suffix(".pack")
        self.width = width
        index = read_index(index_path, width)
        self.ids, self.offsets = index.ids, index.offsets
        self.kinds = bytearray(len(self.ids))
        self.sizes = array("Q", bytes(8 * len(self.ids)))
        self.starts = array("Q", bytes(8 * len(self.ids)))
        """Where the compressed bytes of each object begin."""
        self.children: dict[int, list[int]] = {}
        self.parents: dict[int, int] = {}
        self.foreign: dict[int, bytes] = {}
        """Deltas whose base is not in this pack, with its id: a thin pack."""
        self.circular: set[bytes] = set()
        """Ids of deltas that are built on each other in a circle: git would unpack them for ever."""
        self._map: mmap.mmap | None = None
        self._read_headers()

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_map": None}

    def _open(self) -> mmap.mmap:
        if self._map is None:
            try:
                with self.path.open("rb") as file:
                    self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as problem:  # another process opens it again, and it may be gone or empty
                raise BadPack(f"{self.path.name} cannot be read") from problem
            if self._map[:4] != b"PACK" or self._map[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
                raise BadPack(f"{self.path.name} is no pack file")
            if int.from_bytes(self._map[8:12], "big") != len(self.ids):
                raise BadPack(f"the index of {self.path.name} does not list all that is in it")
            self._ends = [*self.offsets[1:], len(self._map) - self.width]
        return self._map

    @property
    def length(self) -> int:
        return len(self._open())

    def weight(self, number: int) -> int:
        """Compressed bytes of one object."""
        return self._ends[number] - self.offsets[number]

    def _read_headers(self) -> None:
        try:
            pack = self._open()
        except (OSError, ValueError, IndexError) as problem:
            raise BadPack(f"{self.path.name} cannot be read") from problem
        number_of = {offset: number for number, offset in enumerate(self.offsets)}
        by_id: dict[bytes, int] = {}
        kinds, sizes, starts, children, parents = self.kinds, self.sizes, self.starts, self.children, self.parents
        for number, offset in enumerate(self.offsets):
            base = None
            try:
                byte = pack[offset]
                at = offset + 1
                kind, size, shift = byte >> 4 & 7, byte & 15, 4
                while byte & 0x80:
                    byte = pack[at]
                    at += 1
                    size |= (byte & 0x7F) << shift
                    shift += 7
                if kind == OFS_DELTA:
                    byte = pack[at]
                    at += 1
                    back = byte & 0x7F
                    while byte & 0x80:
                        byte = pack[at]
                        at += 1
                        back = (back + 1) << 7 | byte & 0x7F
                    base = number_of[offset - back]
                elif kind == REF_DELTA:
                    name = pack[at : at + self.width]
                    at += self.width
                    by_id = by_id or {each: n for n, each in enumerate(self.ids)}
                    base = by_id.get(name)
                    if base is None:
                        self.foreign[number] = name
                elif kind not in KINDS:
                    raise ValueError
                kinds[number], sizes[number], starts[number] = kind, size, at
            except (ValueError, IndexError, KeyError, OverflowError):
                self._spoil(number)
            if base is not None:
                parents[number] = base
                children.setdefault(base, []).append(number)
        if by_id:
            self._cut_circles()

    def _spoil(self, number: int) -> None:
        """Let an object whose header makes no sense be one that cannot be unpacked."""
        self.kinds[number], self.sizes[number], self.starts[number] = _SPOILT, 1, self._ends[number]

    def _cut_circles(self) -> None:
        """Let deltas that are built on each other in a circle, which no object begins, be such too."""
        sound = [number for number in range(len(self.ids)) if number not in self.parents]
        for number in sound:  # grows while it is read
            sound.extend(self.children.get(number, ()))
        for number in self.parents.keys() - set(sound):
            self.circular.add(self.ids[number])
            del self.parents[number]
            self.children.pop(number, None)
            self._spoil(number)

    def roots(self) -> Iterator[int]:
        """The objects that are whole, trees (lists of names) aside, and the deltas on objects of other packs."""
        for number, kind in enumerate(self.kinds):
            if kind in (BLOB, COMMIT, TAG, _SPOILT) or number in self.foreign:
                yield number

    def subtree(self, root: int) -> list[int]:
        """An object and all that is built on it, parents before children."""
        every = [root]
        for number in every:
            every.extend(self.children.get(number, ()))
        return every

    def branches(self, root: int, limit: int) -> Iterator[tuple[int, int, list[int]]]:
        """Cut an object's tree into branches of some `limit` compressed bytes: top, weight and objects of each.

        The branches above leave out what the branches below them hold. As what stands above a branch is rebuilt for
        it, none is cut off that weighs less than that: else the branches of a long chain would cost its square.
        """
        every = self.subtree(root)
        weights: dict[int, int] = {}
        members: dict[int, list[int]] = {}
        above: dict[int, int] = {}
        for number in reversed(every):
            weight, held = self.weight(number) + 128, [number]
            for child in self.children.get(number, ()):
                weight += weights.pop(child, 0)
                more = members.pop(child, [])
                if len(more) > len(held):
                    held, more = more, held
                held += more
            if number == root:
                yield number, weight, held
            elif weight >= limit and weight >= (above := above or self._above(every))[number]:
                yield number, weight, held
            else:
                weights[number], members[number] = weight, held

    def _above(self, every: list[int]) -> dict[int, int]:
        """The weight of all that each object of a tree is built on."""
        above = {every[0]: 0}
        for number in every:
            weight = above[number] + self.weight(number) + 128
            above.update((child, weight) for child in self.children.get(number, ()))
        return above

    def counts(self, every: list[int]) -> dict[int, int]:
        """How many objects of a tree, as `subtree` lists it, are built on each of it, itself among them."""
        counts = dict.fromkeys(every, 1)
        for number in reversed(every[1:]):
            counts[self.parents[number]] += counts[number]
        return counts

    def chain(self, number: int) -> list[int]:
        """An object and what it is built on, one on the other, up to one that is no delta on any of this pack."""
        chain = [number]
        while (parent := self.parents.get(chain[-1])) is not None:
            chain.append(parent)
        return chain

    def raw(self, number: int) -> bytes:
        """The unpacked bytes: of a delta its instructions, of a whole object its content. Raises BadPack."""
        try:
            data = inflate(self._open()[self.starts[number] : self._ends[number]], self.sizes[number])
        except (zlib.error, MemoryError, OverflowError) as problem:
            raise BadPack(f"{self.path.name} is damaged: an object cannot be unpacked") from problem
        if len(data) != self.sizes[number]:
            raise BadPack(f"{self.path.name} is damaged: an object is longer or shorter than it says")
        return data

    def pieces(self, number: int, size: int) -> Iterator[bytes]:
        """The content of a whole object in pieces of at most `size` bytes. Raises BadPack."""
        pack, end = self._open(), self._ends[number]
        compressed = (pack[at : min(end, at + (1 << 20))] for at in range(self.starts[number], end, 1 << 20))
        try:
            yield from inflated(compressed, size)
        except zlib.error as problem:
            raise BadPack(f"{self.path.name} is damaged: an object cannot be unpacked") from problem


def inflate(compressed: bytes, size: int) -> bytes:
    """Unpack what is said to be `size` bytes long, to no more than that and a little. Raises zlib.error."""
    if len(compressed) < _HARMLESS:
        return zlib.decompress(compressed, bufsize=max(1, size))
    opener = zlib.decompressobj()
    data = opener.decompress(compressed, size + 1)
    if len(data) <= size and not opener.eof:
        raise zlib.error("it ends early")
    return data


_HARMLESS = 64 << 10
"""So many bytes unpack to 64 MB at most, a thousand times their number."""


def inflated(compressed: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The unpacked bytes in pieces of at most `size`. Raises zlib.error where they are damaged or end early."""
    opener = zlib.decompressobj()
    for waiting in compressed:
        full = True
        while waiting or full:  # what was read to its end may still have more to give
            piece = opener.decompress(waiting, size)
            waiting, full = opener.unconsumed_tail, len(piece) == size
            yield piece
            if opener.eof:
                return
    raise zlib.error("it ends early")

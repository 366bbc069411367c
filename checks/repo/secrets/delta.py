"""Apply git's deltas, and say which bytes of the result are new (gitformat-pack(5), "Deltified representation")."""

from __future__ import annotations

from dataclasses import dataclass

from checks.repo.secrets.finder import REACH
from checks.repo.secrets.pack import BadPack

NEAR = 256
"""Changes that are no further apart than this are treated as one."""
LARGE = 1 << 20
"""Bytes of a result from which on the memory that it takes up counts more than the time."""
STRETCH = 256 << 10
"""Bytes of a delta whose parts are put together before the next are read: one by one they take up far more memory."""
LINES = 3
"""Lines before and after a change within which a match that it touches can begin and end."""


def _size(delta: bytes, at: int) -> tuple[int, int]:
    """A size of a delta's head, and where what follows begins."""
    size = shift = 0
    while True:
        byte = delta[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return size, at


def result_size(delta: bytes) -> int:
    """Bytes of what the delta makes. Raises BadPack."""
    try:
        return _size(delta, _size(delta, 0)[1])[0]
    except IndexError as problem:
        raise BadPack("a delta ends too early") from problem


def _copy(delta: bytes, at: int, order: int) -> tuple[int, int, int]:
    """Offset and size of a copy whose bits say which of their bytes follow, and where the next instruction begins."""
    numbers = bytearray(7)
    for bit in range(7):
        if order >> bit & 1:
            numbers[bit] = delta[at]
            at += 1
    return int.from_bytes(numbers[:4], "little"), int.from_bytes(numbers[4:], "little") or 0x10000, at


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a delta makes of its base."""

    data: bytes
    seams: list[tuple[int, int]]
    """Ranges of `data`, in order, that hold all that does not come from the base; an empty one where parts of the base
    newly meet."""


def apply(delta: bytes, base: bytes) -> Rebuilt:
    """Rebuild an object. Raises BadPack."""
    try:
        base_size, at = _size(delta, 0)
        size, at = _size(delta, at)
        parts: list[bytes | memoryview] = []
        starts: list[int] = []
        ends: list[int] = []
        out = expected = 0  # where the next byte goes, and which byte of the base follows the last copied one
        near = -1  # as far as the last seam reaches
        add = parts.append
        length = len(delta)
        whole: list[bytes] = []
        # Of a large result no copies are made before they are put together: they would take up its size once more.
        source_of: bytes | memoryview = memoryview(base) if size >= LARGE else base
        stop = at + STRETCH
        while at < length:
            if at >= stop:
                whole.append(b"".join(parts))
                parts.clear()
                stop = at + STRETCH
            order = delta[at]
            at += 1
            if order & 0x80:
                # Four kinds of copy make up nearly all: an offset of two or three bytes, a size of one or two.
                if order == 0x97:
                    source = delta[at] | delta[at + 1] << 8 | delta[at + 2] << 16
                    count = delta[at + 3]
                    at += 4
                elif order == 0x93:
                    source = delta[at] | delta[at + 1] << 8
                    count = delta[at + 2]
                    at += 3
                elif order == 0xB7:
                    source = delta[at] | delta[at + 1] << 8 | delta[at + 2] << 16
                    count = delta[at + 3] | delta[at + 4] << 8
                    at += 5
                elif order == 0xB3:
                    source = delta[at] | delta[at + 1] << 8
                    count = delta[at + 2] | delta[at + 3] << 8
                    at += 4
                else:
                    source, count, at = _copy(delta, at, order)
                    if out > size:
                        raise BadPack("a delta makes more than it says")
                if source != expected:
                    if out > near:
                        starts.append(out)
                        ends.append(out)
                    else:
                        ends[-1] = out
                    near = out + NEAR
                add(source_of[source : source + count])
                expected = source + count
                out += count
            elif order:
                add(delta[at : at + order])
                at += order
                if out > near:
                    starts.append(out)
                    out += order
                    ends.append(out)
                else:
                    out += order
                    ends[-1] = out
                near = out + NEAR
            else:
                raise BadPack("a delta holds an unknown instruction")
        if expected != base_size:
            starts.append(out)
            ends.append(out)
    except IndexError as problem:
        raise BadPack("a delta ends too early") from problem
    data = b"".join([*whole, *parts] if whole else parts)
    if len(data) != size or len(base) != base_size:
        raise BadPack("a delta does not fit its base")
    return Rebuilt(data, list(zip(starts, ends, strict=True)))


def copies(delta: bytes) -> list[tuple[int, int, int]]:
    """The ranges that a delta copies: begin and end in the base, and begin in the result. The delta is a sound one."""
    at = _size(delta, _size(delta, 0)[1])[1]
    found: list[tuple[int, int, int]] = []
    out = 0
    while at < len(delta):
        order = delta[at]
        at += 1
        if not order & 0x80:
            at += order
            out += order
            continue
        source, count, at = _copy(delta, at, order)
        if found and found[-1][1] == source and found[-1][2] + source - found[-1][0] == out:
            found[-1] = (found[-1][0], source + count, found[-1][2])
        else:
            found.append((source, source + count, out))
        out += count
    return found


def windows(data: bytes, seams: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The surroundings of the seams: whole lines, `REACH` bytes at most; those that touch become one."""
    found: list[tuple[int, int]] = []
    size = len(data)
    find, rfind = data.find, data.rfind
    top = -1
    for low, high in seams:
        limit = high + REACH
        if limit > size:
            limit = size
        end = high - 1
        for _ in range(LINES):
            end = find(b"\n", end + 1, limit)
            if end < 0:
                end = limit
                break
        if low <= top:
            if end > top:
                found[-1] = (found[-1][0], end)
                top = end
            continue
        floor = low - REACH
        if floor < 0:
            floor = 0
        start = low
        for _ in range(LINES):
            start = rfind(b"\n", floor, start)
            if start < 0:
                start = floor
                break
        top = end
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found

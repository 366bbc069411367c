"""Apply git's deltas, and say which bytes of the result are new (gitformat-pack(5), "Deltified representation")."""

from __future__ import annotations

from dataclasses import dataclass

from checks.repo.secrets.finder import REACH
from checks.repo.secrets.pack import BadPack

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
    """Bytes of what the delta makes."""
    return _size(delta, _size(delta, 0)[1])[0]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a delta makes of its base."""

    data: bytes
    seams: list[tuple[int, int]]
    """Ranges of `data`, in order, that do not come from the base; an empty one where parts of the base newly meet."""


def apply(delta: bytes, base: bytes) -> Rebuilt:
    """Rebuild an object. Raises BadPack."""
    try:
        base_size, at = _size(delta, 0)
        size, at = _size(delta, at)
        parts: list[bytes] = []
        starts: list[int] = []
        ends: list[int] = []
        out = expected = 0  # where the next byte goes, and which byte of the base follows the last copied one
        last = -1  # end of the last seam
        length = len(delta)
        while at < length:
            order = delta[at]
            at += 1
            if order & 0x80:
                source = count = 0
                if order & 1:
                    source = delta[at]
                    at += 1
                if order & 2:
                    source |= delta[at] << 8
                    at += 1
                if order & 4:
                    source |= delta[at] << 16
                    at += 1
                if order & 8:
                    source |= delta[at] << 24
                    at += 1
                if order & 16:
                    count = delta[at]
                    at += 1
                if order & 32:
                    count |= delta[at] << 8
                    at += 1
                if order & 64:
                    count |= delta[at] << 16
                    at += 1
                count = count or 0x10000
                if source != expected and last != out:
                    starts.append(out)
                    ends.append(out)
                    last = out
                parts.append(base[source : source + count])
                expected = source + count
                out += count
            elif order:
                parts.append(delta[at : at + order])
                at += order
                if last == out:
                    ends[-1] = last = out + order
                else:
                    starts.append(out)
                    last = out + order
                    ends.append(last)
                out += order
            else:
                raise BadPack("a delta holds an unknown instruction")
        if expected != base_size and last != out:
            starts.append(out)
            ends.append(out)
    except IndexError as problem:
        raise BadPack("a delta ends too early") from problem
    data = b"".join(parts)
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
        numbers = [0] * 7
        for bit in range(7):
            if order >> bit & 1:
                numbers[bit] = delta[at]
                at += 1
        source = int.from_bytes(bytes(numbers[:4]), "little")
        count = int.from_bytes(bytes(numbers[4:]), "little") or 0x10000
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

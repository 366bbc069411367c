"""Packs made by hand, with the deltas that a test wants and git would not make."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.repo.secrets.pack import Pack
from tests.repo.secrets.worlds import git


@dataclass(frozen=True, slots=True)
class Made:
    """One object of a pack: whole, or a delta on an earlier one."""

    data: bytes
    base: int | None = None
    delta: bytes = b""

    @property
    def name(self) -> bytes:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data, usedforsecurity=False).digest()


def pack_of(every: Sequence[Made], folder: Path) -> Pack:
    """A pack of objects in this order, with its index."""
    out = b"PACK" + struct.pack(">II", 2, len(every))
    parts = [_entry(3, b"", e.data) if e.base is None else _entry(7, every[e.base].name, e.delta) for e in every]
    out = b"".join((out, *parts))
    path = folder / "made.pack"
    path.write_bytes(out + hashlib.sha1(out, usedforsecurity=False).digest())
    git(folder, "index-pack", str(path))
    return Pack(path.with_suffix(".idx"), 20)


def _entry(kind: int, base: bytes, data: bytes) -> bytes:
    rest = len(data) >> 4
    first = kind << 4 | len(data) & 15 | (0x80 if rest else 0)
    return bytes((first,)) + (encode(rest) if rest else b"") + base + zlib.compress(data)


def encode(size: int) -> bytes:
    """A number as a delta or the head of an entry has it."""
    out = bytearray()
    while True:
        out.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
        if not size:
            return bytes(out)


def changed(old: bytes, new: bytes) -> bytes:
    """A delta: what is the same at both ends copied, the rest inserted."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[~n] != new[~n]), most - head)
    told = encode(len(old)) + encode(len(new)) + _copy(0, head)
    middle = new[head : len(new) - tail]
    for at in range(0, len(middle), 127):
        told += bytes((len(middle[at : at + 127]),)) + middle[at : at + 127]
    return told + _copy(len(old) - tail, tail)


def _copy(at: int, size: int) -> bytes:
    return b"\xb7" + at.to_bytes(3, "little") + size.to_bytes(2, "little") if size else b""

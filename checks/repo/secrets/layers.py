"""Text inside text: base64, UTF-16, percent-encoding, and archives, each within stated limits."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from checks.repo.secrets import spelled
from checks.repo.secrets.gates import Gate
from checks.repo.secrets.structure import unbase64

DEPTH = 3
"""Layers within layers that are opened."""
ARCHIVE_BYTES = 64 << 20
"""Unpacked bytes of one archive that are looked at."""
ARCHIVE_RATIO = 300
"""An entry that claims to grow by more than this is a bomb, not a document."""
ARCHIVE_ENTRIES = 10_000

_GROUP = r"[CDI-Za-f][ACDEFGHQSTUVWXgijklmnwyz0123][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_\-]"
_GROUPS = 7
BASE64 = Gate(rf"(?:{_GROUP}){{{_GROUPS}}}")
"""Base 64 of printable ASCII: of the 64 letters fewer than half can stand in three of four places."""
UTF16 = Gate(r"(?:[\t\r\n\x20-\x7e]\x00){10}")
PERCENT = Gate(r"(?i)%(?:25)?(?:3A%(?:25)?2F%(?:25)?2F|3D%(?:25)?22|22%(?:25)?3A)")
SPELLED = tuple(Gate(each.gate, (each.literal,)) for each in spelled.SPELLINGS)
GATES = (BASE64, UTF16, PERCENT, *SPELLED)

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_RUN = re.compile(rb"[A-Za-z0-9+/_\-]*")
_WIDE = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00)*[\t\r\n\x20-\x7e]?")
_WORD = re.compile(rb"[^\s\"'<>`]*")
_NAMED = re.compile(rb"[\w.\-]{2,80}[\"']?[ ]?[:=][ ]?[\"']?\Z")
"""What a value is assigned to: a Kubernetes Secret has names in the clear and values in base 64."""
_NAME_LONGEST = 90
_BEFORE, _AFTER = 512, 1024
OVERLAP = 512
"""Encoded characters before and after the gate that are decoded at once."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A decoded text, and where its encoded form stands."""

    text: bytes
    start: int
    end: int
    layer: str
    whole: bool
    """Nothing of the encoded form is left after it."""
    ratio: tuple[int, int] = (0, 1)
    """So many encoded bytes make so many bytes of text."""
    ahead: int = 0
    """Bytes at the beginning of the text that are no decoded ones: the name before the encoded form."""
    named: int = 0
    """Where that name stands."""

    def place(self, at: int) -> int:
        """Where the encoded form of `text[at:]` begins."""
        if at < self.ahead:
            return self.named
        encoded, plain = self.ratio
        return min(self.end, self.start + -(-(at - self.ahead) // plain) * encoded)


def _base64(data: bytes, end: int) -> Piece:
    start = end - 4 * _GROUPS
    room = data[max(0, start - _BEFORE) : start]
    first = start - (len(room) - len(room.rstrip(_ALPHABET))) // 4 * 4
    limit = min(len(data), end + _AFTER)
    run = _RUN.match(data, start, limit)
    stop = run.end() if run else end
    last = stop - 1 if (stop - first) % 4 == 1 else stop
    text, whole = unbase64(data[first:last]), stop < limit or limit == len(data)
    named = _NAMED.search(data, max(0, first - _NAME_LONGEST), first)
    name = named[0].lstrip() if named and b"\n" not in text.strip() else b""
    return Piece(name + text, first, last, "base64", whole, (4, 3), len(name), first - len(name))


def _utf16(data: bytes, end: int) -> Piece:
    start = end - 20
    while start >= 2 and end - start < 2 * _BEFORE and data[start - 1] == 0 and (32 <= data[start - 2] < 127):
        start -= 2
    limit = min(len(data), end + 2 * _AFTER)
    run = _WIDE.match(data, start, limit)
    last = run.end() if run else end
    return Piece(data[start:last:2], start, last, "utf-16", last < limit or limit == len(data), (2, 1))


def _percent(data: bytes, end: int) -> Piece:
    from urllib.parse import unquote_to_bytes  # only now: few texts hold any

    floor = max(0, end - 256)
    before = (data.rfind(mark, floor, end) - floor + 1 for mark in (b'"', b"'", b" ", b"\n", b"`"))
    start = floor + max(before, default=0)
    run = _WORD.match(data, end, min(len(data), end + 512))
    last = run.end() if run else end
    text = unquote_to_bytes(data[start:last])
    text = unquote_to_bytes(text) if b"%" in text else text
    return Piece(text, start, last, "url-encoded", True)


_DECODERS = (_base64, _utf16, _percent)


def _spelled(number: int, data: bytes, end: int) -> Piece:
    told = spelled.respelled(number, data, end)
    if told is None:
        return Piece(b"", end, end, "", True)
    text, ahead, named, start, last = told
    return Piece(text, start, last, "", True, (1, 1), ahead, named)


def decoded(layer: int, data: bytes, end: int) -> Piece:
    """Decode what passed the gate number `layer` of `GATES`, whose match ended at `end`."""
    if layer >= len(_DECODERS):
        return _spelled(layer - len(_DECODERS), data, end)
    return _DECODERS[layer](data, end)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A part of an archive. `gap` says what was not looked at and why; its text may then be cut short."""

    text: bytes
    layer: str
    gap: str = ""


_MAGIC = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
_ZIP_END = b"PK\x05\x06"
"""Of a zip without a comment; a program that unpacks itself stands before its zip."""
_WRAPPED = re.compile(rb"(?:[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{12})?\r?\n)+[A-Za-z0-9+/]{2,76}={0,2}")
"""Base 64 as `base64` and MIME write it, in lines of 76 or 64 characters (RFC 2045, RFC 7468)."""


def is_packed(data: bytes) -> bool:
    """Whether a file is a zip, or what gzip, bzip2 or xz made, which nobody can read as it stands."""
    return data.startswith(_MAGIC) or data[-22:-18] == _ZIP_END


def is_archive(data: bytes) -> bool:
    """Whether a file is made of something else as a whole, so that no part of it can be judged alone."""
    return is_packed(data) or _WRAPPED.match(data) is not None


def unpack(data: bytes) -> Iterator[Unpacked]:
    """Yield the parts of a zip, or what a gzip, bzip2, xz or wrapped base 64 holds; nothing for other data."""
    if data.startswith(_MAGIC[1]):
        yield _stream(lambda: zlib.decompressobj(31), data, "gzip", zlib.error)
    elif data.startswith(_MAGIC[2]):
        import bz2

        yield _stream(bz2.BZ2Decompressor, data, "bzip2", OSError)
    elif data.startswith(_MAGIC[3]):
        import lzma

        yield _stream(lambda: lzma.LZMADecompressor(memlimit=128 << 20), data, "xz", lzma.LZMAError)
    elif data.startswith(_MAGIC[0]) or data[-22:-18] == _ZIP_END:
        yield from _zip(data)
    elif wrapped := _WRAPPED.match(data):
        yield Unpacked(unbase64(b"".join(wrapped[0].split())), "base64")


class _Opener(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _stream(opener: Callable[[], _Opener], data: bytes, layer: str, broken: type[Exception]) -> Unpacked:
    """What a stream holds, or several behind each other: programs that pack in parallel and `cat` write such."""
    limit = min(ARCHIVE_BYTES, max(1 << 20, len(data) * ARCHIVE_RATIO))
    magic, text, gap = data[:3], b"", ""
    while data.startswith(magic) and not gap:
        stream = opener()
        try:
            text += stream.decompress(data, limit - len(text))
        except (broken, EOFError, ValueError) as problem:
            gap = f"a {layer} file is damaged ({type(problem).__name__})"
        else:
            data = stream.unused_data
            if len(text) >= limit:
                gap = f"a {layer} file unpacks to more than {limit >> 20} MB; the rest was not read"
            elif not stream.eof:
                gap = f"a {layer} file is damaged (it ends early)"
    return Unpacked(text, layer, gap)


_ZIP_TOO_LARGE = f"a zip file holds more than {ARCHIVE_BYTES >> 20} MB; the rest was not read"


def _zip(data: bytes) -> Iterator[Unpacked]:
    # Only now: few repositories hold an archive, and these modules are slow to import.
    import lzma
    import zipfile

    left = ARCHIVE_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for number, entry in enumerate(archive.infolist()):
                if number >= ARCHIVE_ENTRIES or left <= 0:
                    yield Unpacked(b"", "zip", _ZIP_TOO_LARGE)
                    return
                if entry.is_dir():
                    continue
                if entry.flag_bits & 1:
                    yield Unpacked(b"", "zip", "a zip entry is locked with a password; it was not read")
                    continue
                if entry.file_size > max(1 << 20, entry.compress_size * ARCHIVE_RATIO):
                    yield Unpacked(b"", "zip", "a zip entry grows more than any document does; it was not read")
                    continue
                with archive.open(entry) as opened:
                    text = opened.read(min(left, entry.file_size))
                yield Unpacked(text, "zip", _ZIP_TOO_LARGE if entry.file_size > left else "")
                left -= len(text)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        yield Unpacked(b"", "zip", f"a zip file is damaged or of an unknown kind ({type(problem).__name__})")

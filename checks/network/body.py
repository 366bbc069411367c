"""Bodies of HTTP answers: decoded (RFC 9110 s8.4) within bounds that hold against bombs and against many at once."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import brotli
import httpx
import zstandard

from checks.errors import HttpFailed
from checks.network.response import Response

BODIES = 12_000_000
"""Bytes of decoded bodies that one run holds at a time. Facts keep every answer, so a site that sends without end
would else take the memory of all the other audits."""
BEYOND = 64_000
"""Bytes that are still read of each body where that many are held."""
ACCEPT_ENCODING = "gzip, br, zstd"


class Room:
    """Counts the bytes of the bodies that are held, those that are being read included."""

    def __init__(self, size: int = BODIES) -> None:
        self._left = size

    def take(self, size: int) -> None:
        self._left -= size

    def give(self, size: int) -> None:
        self._left += size

    def allows(self, size: int) -> bool:
        """Whether a body may grow beyond `size` bytes."""
        return self._left > 0 or size < BEYOND

    def hold(self, response: Response) -> Response:
        """Give back what the body took as soon as nobody holds the answer any more."""
        weakref.finalize(response, self.give, len(response.body)).atexit = False
        return response


class _Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """Decode; return little more than `room` bytes however much the data would expand to."""


class _Identity:
    def feed(self, data: bytes, room: int) -> bytes:
        return data


class _Zlib:
    def __init__(self) -> None:
        # 47: zlib or gzip, told by the header.
        self._inner = zlib.decompressobj(47)
        self._raw_allowed = True

    def feed(self, data: bytes, room: int) -> bytes:
        try:
            return self._inner.decompress(self._inner.unconsumed_tail + data, room)
        except zlib.error:
            if not self._raw_allowed:
                raise
            # "deflate" without the zlib wrapper, as some servers send it.
            self._inner = zlib.decompressobj(-15)
            return self._inner.decompress(data, room)
        finally:
            self._raw_allowed = False


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes, room: int) -> bytes:
        out: bytes = self._inner.process(data, output_buffer_limit=room)
        return out


class _Zstd:
    def __init__(self) -> None:
        # 8 MB of window is what RFC 9659 lets a web server use.
        self._inner = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj(write_size=65536)

    def feed(self, data: bytes, room: int) -> bytes:
        out: list[bytes] = []
        size = 0
        # Small bites bound what one call can expand to: a block holds at most 128 kB.
        for start in range(0, len(data), 1024):
            out.append(self._inner.decompress(data[start : start + 1024]))
            size += len(out[-1])
            if size > room:
                break
        return b"".join(out)


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "": _Identity,
    "identity": _Identity,
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
    "br": _Brotli,
    "zstd": _Zstd,
}


@dataclass(frozen=True, slots=True)
class Body:
    """What was read of a body; see the fields of `Response` that take it over."""

    content: bytes
    wire_size: int
    truncated: bool
    undecoded: str
    broken_off: bool = False


async def read_body(answer: httpx.Response, limit: int, room: Room, *, whole: bool) -> Body:
    """Read and decode up to `limit` bytes.

    Raises HttpFailed where it is not what it claims to be; with `whole`, httpx's errors where it breaks off.
    """
    coding = answer.headers.get("content-encoding", "").strip().lower()
    known = coding in _DECODERS
    decoder = _DECODERS[coding]() if known else _Identity()
    pieces: list[bytes] = []
    size = wire = 0
    kept = 0
    try:
        async for data in answer.aiter_raw():
            wire += len(data)
            piece = decoder.feed(data, limit - size + 1)
            pieces.append(piece)
            size += len(piece)
            room.take(len(piece))
            if size > limit or not room.allows(size):
                body = b"".join(pieces)[:limit]
                kept = len(body)
                return Body(body, wire, True, "" if known else coding)
        kept = size
        return Body(b"".join(pieces), wire, False, "" if known else coding)
    except (httpx.RemoteProtocolError, httpx.ReadError):
        if whole:
            raise
        kept = size
        return Body(b"".join(pieces), wire, False, "" if known else coding, broken_off=True)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise HttpFailed(f"{answer.url} sent a body that is not the {coding} it claims to be") from error
    finally:
        room.give(size - kept)

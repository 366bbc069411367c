"""One HTTP exchange at a time, whole, bounded and undisguised: no redirect is followed, no header joined."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ssl
import time
import weakref
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import brotli
import httpcore
import httpx
import zstandard

from checks.errors import HttpFailed, TlsFailed
from checks.network.counters import Counters
from checks.network.stream import Handshake, Stream
from checks.text import decoded

with contextlib.suppress(ImportError):
    # httpcore would import it with the first request, and hold the event loop for it.
    importlib.import_module("anyio._backends._asyncio")

PAGE_LIMIT = 3_000_000
"""Bytes of a decoded body that are read, unless told otherwise."""
BODIES = 12_000_000
"""Bytes of decoded bodies that one run holds at a time. Facts keep every answer, so a site that sends without end
would else take the memory of all the other audits."""
BEYOND = 64_000
"""Bytes that are still read of each body where that many are held."""
STREAMS = 24
"""Requests at once over one HTTP/2 connection; servers allow 100 and more."""
ACCEPT_ENCODING = "gzip, br, zstd"


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order, names in lower case; repeated ones stay apart."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The first field of this name."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key == wanted), default)

    def all(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key == wanted)

    def joined(self, name: str) -> str:
        """All fields of this name as one list (RFC 9110 s5.3)."""
        return ", ".join(self.all(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(key == name.lower() for key, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds of one exchange; the first three are 0.0 on a connection that was open already."""

    dns: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    """From the request's first byte out to the answer's first byte in."""
    total: float = 0.0


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Response:
    """One answer. `body` is decoded and cut at the limit, then `truncated` is True."""

    method: str
    url: str
    status: int
    http_version: str
    """ "HTTP/2", "HTTP/1.1" ..."""
    headers: Headers
    body: bytes
    wire_size: int
    """Bytes of the body as sent, before decoding."""
    truncated: bool
    address: str
    """The address that answered."""
    handshake: Handshake | None
    """None over plain http."""
    seconds: Phases = field(default_factory=Phases)
    undecoded: str = ""
    """The content coding that is not known here; `body` is as sent then."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body in the charset that it declares, else UTF-8, else Latin-1."""
        _, _, parameters = self.headers.get("content-type").partition(";")
        for parameter in parameters.split(";"):
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "charset":
                try:
                    return self.body.decode(value.strip().strip('"'), "replace")
                except (LookupError, UnicodeError):
                    break
        return decoded(self.body)

    def describe(self) -> str:
        """One line of evidence: "GET https://example.com/ -> 301 to https://www.example.com/"."""
        location = self.headers.get("location")
        return f"{self.method} {self.url} -> {self.status}" + (f" to {location}" if location else "")


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


class _Backend(httpcore.AsyncNetworkBackend):
    """Hands httpcore the connections of the seam."""

    def __init__(self, opener: Callable[[str, int], Awaitable[Stream]]) -> None:
        self._opener = opener

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await self._opener(host, port)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a pool with our backend; its constructor takes no backend."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool


class HttpClient:
    """Connection pools and the exchange itself; one a `Network`.

    Args:
        opener: opens a TCP stream to (host, port), pinned to an address where one is given.
    """

    def __init__(
        self,
        *,
        opener: Callable[[str, int, str | None], Awaitable[Stream]],
        observing: Callable[[], ssl.SSLContext],
        verifying: Callable[[], ssl.SSLContext],
        counters: Counters,
        user_agent: str,
        per_origin: int = 6,
    ) -> None:
        self._opener = opener
        self._observing = observing
        self._verifying = verifying
        self._counters = counters
        self._user_agent = user_agent
        self._per_origin = per_origin
        self._clients: dict[tuple[bool, str | None], httpx.AsyncClient] = {}
        self._slots: dict[tuple[str, str | None], asyncio.Semaphore] = {}
        self._multiplexed: set[tuple[str, str | None]] = set()
        self.answered = False
        """Whether any server ever answered in this run."""
        self._room = Room()

    def _client(self, verify: bool, address: str | None) -> httpx.AsyncClient:
        key = (verify, address)
        if key not in self._clients:
            self._clients[key] = self._new_client(verify, address)
        return self._clients[key]

    def _new_client(self, verify: bool, address: str | None) -> httpx.AsyncClient:
        async def opener(host: str, port: int) -> Stream:
            return await self._opener(host, port, address)

        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._verifying() if verify else self._observing(),
            http2=True,
            max_connections=100,
            network_backend=_Backend(opener),
        )
        return httpx.AsyncClient(
            transport=_Transport(pool),
            timeout=None,  # noqa: S113 - httpx's is per read and never ends a drip; exchange() has a deadline
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": self._user_agent, "accept": "*/*", "accept-encoding": ACCEPT_ENCODING},
        )

    async def aclose(self) -> None:
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
        address: str | None = None,
        verify: bool = False,
        fresh: bool = False,
        limit: int = PAGE_LIMIT,
        deadline: float,
    ) -> Response:
        """Send one request and read the whole answer within `deadline` seconds and `limit` bytes.

        Args:
            address: go to this address, whatever the name resolves to.
            verify: refuse a certificate that does not verify (else any is accepted, to be looked at).
            fresh: on a connection of its own.

        Raises ConnectFailed, TlsFailed, HttpFailed.
        """
        client = self._new_client(verify, address) if fresh else self._client(verify, address)
        place = (httpx.URL(url).netloc.decode(), address)
        slots = self._slots.setdefault(place, asyncio.Semaphore(self._per_origin))
        started = time.monotonic()
        try:
            async with slots, asyncio.timeout(deadline):
                response = await self._exchange(client, method, url, headers, body, limit)
            self.answered = True
            if response.http_version == "HTTP/2" and place not in self._multiplexed:
                # Further requests are streams of one connection, not connections.
                self._multiplexed.add(place)
                for _ in range(STREAMS - self._per_origin):
                    slots.release()
            return response
        except TimeoutError:
            spent = time.monotonic() - started
            raise HttpFailed(f"no whole answer from {url} within {spent:.0f} s", timed_out=True) from None
        except httpx.InvalidURL as error:
            raise HttpFailed(f"{url[:200]!r} is not a valid URL") from error
        except httpx.HTTPError as error:
            raise HttpFailed(f"{url} gave no valid HTTP answer ({type(error).__name__})") from error
        except ssl.SSLError as error:
            raise TlsFailed(f"the TLS connection to {url} broke ({error.reason})", alert=error.reason or "") from error
        finally:
            if fresh:
                await client.aclose()

    async def _exchange(
        self,
        client: httpx.AsyncClient,
        method: str,
        url: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        body: bytes | None,
        limit: int,
    ) -> Response:
        given = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        self._counters.http_requests += 1
        trace = _Trace()
        started = time.monotonic()
        async with client.stream(method, url, headers=given, content=body, extensions={"trace": trace}) as answer:
            stream: Stream | None = answer.extensions["network_stream"].get_extra_info("launchready.stream")
            fields = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in answer.headers.raw)
            content, wire_size, truncated, undecoded = await _read(answer, limit, self._room)
        total = time.monotonic() - started
        opened = stream is not None and trace.opened
        response = Response(
            method=method,
            url=url,
            status=answer.status_code,
            http_version=answer.http_version,
            headers=Headers(fields),
            body=content,
            wire_size=wire_size,
            truncated=truncated,
            address=stream.address if stream else "",
            handshake=stream.handshake if stream else None,
            seconds=Phases(
                dns=stream.seconds_dns if stream and opened else 0.0,
                connect=stream.seconds_connect if stream and opened else 0.0,
                tls=stream.handshake.seconds if stream and stream.handshake and opened else 0.0,
                first_byte=trace.first_byte,
                total=total,
            ),
            undecoded=undecoded,
        )
        return self._room.hold(response)


class _Trace:
    """Listens to httpcore's trace events for the times of one request."""

    def __init__(self) -> None:
        self.opened = False
        self._sent = 0.0
        self.first_byte = 0.0

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self.opened = True
        elif event.endswith("send_request_headers.started"):
            self._sent = time.monotonic()
        elif event.endswith("receive_response_headers.complete"):
            self.first_byte = time.monotonic() - self._sent


async def _read(answer: httpx.Response, limit: int, room: Room) -> tuple[bytes, int, bool, str]:
    """The decoded body up to `limit`, its size as sent, whether it was cut, and an unknown coding's name."""
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
                return body, wire, True, "" if known else coding
        kept = size
        return b"".join(pieces), wire, False, "" if known else coding
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise HttpFailed(f"{answer.url} sent a body that is not the {coding} it claims to be") from error
    finally:
        room.give(size - kept)

"""One HTTP exchange at a time, whole, bounded and undisguised: no redirect is followed, no header joined."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import re
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from checks.errors import HttpFailed, TlsFailed
from checks.network.body import ACCEPT_ENCODING, Room, read_body
from checks.network.counters import Counters
from checks.network.response import Headers, Phases, Response
from checks.network.stream import Stream

with contextlib.suppress(ImportError):
    # httpcore would import it with the first request, and hold the event loop for it.
    importlib.import_module("anyio._backends._asyncio")

if importlib.util.find_spec("sniffio") is None:
    # httpcore looks for it at every lock, and a module that is not there is searched for on the whole path each time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

PAGE_LIMIT = 3_000_000
"""Bytes of a decoded body that are read, unless told otherwise."""
STREAMS = 24
"""Requests at once over one HTTP/2 connection; servers allow 100 and more."""
_FORGIVEN = ("illegal header line", "Only Transfer-Encoding: chunked")
"""How h11 refuses what browsers read: white space or foreign letters in the name of a header, "identity"."""


_TOO_LONG = ("Oversized header block", "Receive buffer too long")
"""How h2 and h11 refuse headers beyond 64 and 100 kB; browsers read 256 kB."""


def _forgiven(error: httpx.HTTPError) -> str:
    """What in an answer was refused that browsers read; empty where they do not either."""
    text = str(error)
    if text.startswith(_TOO_LONG):
        return "more headers than this program reads"
    if not text.startswith(_FORGIVEN):
        return ""
    # The line itself is not told: it may hold a cookie.
    name = re.search(r"b['\"]([^:'\"]{1,40})", text)
    where = f"the one that begins with {name[1]!r}" if name else "Transfer-Encoding"
    return f"a header that HTTP does not allow ({where})"


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
            # httpx would send back what any answer set, so that each answer depends on those that came before it.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
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
        whole: bool = True,
        limit: int = PAGE_LIMIT,
        deadline: float,
    ) -> Response:
        """Send one request and read the whole answer within `deadline` seconds and `limit` bytes.

        Args:
            address: go to this address, whatever the name resolves to.
            verify: refuse a certificate that does not verify (else any is accepted, to be looked at).
            fresh: on a connection of its own.
            whole: refuse a body that breaks off (else it is taken as far as it came, as browsers show it).

        Raises ConnectFailed, TlsFailed, HttpFailed.
        """
        client = self._new_client(verify, address) if fresh else self._client(verify, address)
        place = (httpx.URL(url).netloc.decode(), address)
        slots = self._slots.setdefault(place, asyncio.Semaphore(self._per_origin))
        started = time.monotonic()
        try:
            async with slots, asyncio.timeout(deadline):
                response = await self._exchange(client, method, url, headers, body, limit, whole)
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
            if said := _forgiven(error):
                raise HttpFailed(f"{url} answers with {said}; look with a browser", malformed=True) from error
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
        whole: bool,
    ) -> Response:
        given = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        self._counters.http_requests += 1
        trace = _Trace()
        started = time.monotonic()
        async with client.stream(method, url, headers=given, content=body, extensions={"trace": trace}) as answer:
            stream: Stream | None = answer.extensions["network_stream"].get_extra_info("launchready.stream")
            fields = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in answer.headers.raw)
            body_read = await read_body(answer, limit, self._room, whole=whole)
        total = time.monotonic() - started
        opened = stream is not None and trace.opened
        response = Response(
            method=method,
            url=url,
            status=answer.status_code,
            http_version=answer.http_version,
            headers=Headers(fields),
            body=body_read.content,
            wire_size=body_read.wire_size,
            truncated=body_read.truncated,
            address=stream.address if stream else "",
            handshake=stream.handshake if stream else None,
            seconds=Phases(
                dns=stream.seconds_dns if stream and opened else 0.0,
                connect=stream.seconds_connect if stream and opened else 0.0,
                tls=stream.handshake.seconds if stream and stream.handshake and opened else 0.0,
                first_byte=trace.first_byte,
                total=total,
            ),
            undecoded=body_read.undecoded,
            broken_off=body_read.broken_off,
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

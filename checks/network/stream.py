"""A TCP stream, plain or under TLS, that counts what comes in and names what goes wrong."""

from __future__ import annotations

import asyncio
import errno
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from checks.errors import ConnectFailed, ConnectReason, NetworkError, TlsFailed
from checks.network.counters import Counters, is_distant_ipv6

_ERRNO: dict[int, ConnectReason] = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ECONNABORTED: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
}
_SAID: dict[ConnectReason, str] = {
    "refused": "refuses the connection",
    "timeout": "does not answer",
    "unreachable": "cannot be reached from this machine",
    "reset": "breaks the connection off",
    "other": "cannot be connected to",
}


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a TLS handshake showed."""

    host: str
    """The name sent as SNI."""
    address: str
    version: str
    """"TLSv1.3" ... as OpenSSL names it."""
    alpn: str
    """ "h2", "http/1.1", or empty where nothing was agreed."""
    cipher: str
    chain: tuple[bytes, ...]
    """Certificates in DER exactly as sent, the leaf first; the leaf alone where the rest cannot be seen."""
    seconds: float


def chain_of(ssl_object: Any) -> tuple[bytes, ...]:
    """All certificates that the peer sent, in its order, in DER.

    The method is public from Python 3.13 on; before, it stands on the C object behind it.
    """
    if hasattr(ssl_object, "get_unverified_chain"):
        return tuple(bytes(der) for der in ssl_object.get_unverified_chain() or ())
    inner = getattr(ssl_object, "_sslobj", None)
    if inner is not None and hasattr(inner, "get_unverified_chain"):
        # 2 is _ssl.ENCODING_DER.
        return tuple(certificate.public_bytes(2) for certificate in inner.get_unverified_chain() or ())
    leaf = ssl_object.getpeercert(True)
    return (leaf,) if leaf else ()


class Stream(httpcore.AsyncNetworkStream):
    """One connection. `host` is what was asked for, `address` the address that stands for it in the world.

    `seconds_connect` and `seconds_dns` say how long it took to get here.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        host: str,
        address: str,
        port: int,
        counters: Counters,
        seconds_dns: float = 0.0,
        seconds_connect: float = 0.0,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._counters = counters
        self.host = host
        self.address = address
        self.port = port
        self.seconds_dns = seconds_dns
        self.seconds_connect = seconds_connect
        self.handshake: Handshake | None = None
        self.tls_seconds: float | None = None
        """Seconds for a TLS handshake whose caller sets no time-out."""

    # ---------------------------------------------------------------- as httpcore sees it

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to `max_bytes`; empty at the end of the stream. Raises httpcore's read errors."""
        try:
            async with asyncio.timeout(timeout):
                data = await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("read timed out") from error
        except OSError as error:
            raise httpcore.ReadError("the connection broke") from error
        self._counters.bytes += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout("write timed out") from error
        except OSError as error:
            raise httpcore.WriteError("the connection broke") from error

    async def aclose(self) -> None:
        """Close without waiting for the peer's goodbye, which a hostile one would never say."""
        transport = self._writer.transport
        self._writer.close()
        if self.handshake is not None:
            transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        """Turn TLS on and return the same stream. Raises TlsFailed."""
        host = server_hostname or self.host
        self._counters.tls_handshakes += 1
        started = time.monotonic()
        timeout = timeout or self.tls_seconds
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=host)
        except TimeoutError:
            self._writer.transport.abort()
            raise TlsFailed(
                f"{host} does not finish the TLS handshake within {timeout or 0:g} s", alert="TIMEOUT"
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise TlsFailed(
                f"the certificate of {host} does not verify: {error.verify_message}",
                alert=error.reason or "",
                verify_code=error.verify_code,
            ) from error
        except ssl.SSLError as error:
            raise TlsFailed(
                f"the TLS handshake with {host} fails ({error.reason})", alert=error.reason or ""
            ) from error
        except (OSError, EOFError) as error:
            raise TlsFailed(f"{host} breaks the TLS handshake off", alert="CONNECTION_CLOSED") from error
        ssl_object = self._writer.get_extra_info("ssl_object")
        cipher = ssl_object.cipher()
        self.handshake = Handshake(
            host=host,
            address=self.address,
            version=ssl_object.version() or "",
            alpn=ssl_object.selected_alpn_protocol() or "",
            cipher=cipher[0] if cipher else "",
            chain=chain_of(ssl_object),
            seconds=time.monotonic() - started,
        )
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "launchready.stream":
            return self
        if info == "ssl_object":
            return self._writer.get_extra_info("ssl_object")
        if info == "server_addr":
            return (self.address, self.port)
        if info == "is_readable":
            # httpcore asks before it reuses a connection: data or an end that nobody asked for makes it unfit.
            return self._reader.at_eof() or self._writer.is_closing()
        return None

    # ---------------------------------------------------------------- for line protocols

    async def read_exactly(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises NetworkError where the stream ends before `size` bytes."""
        try:
            data = await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise NetworkError(f"{self.host} ended the connection in the middle of an answer") from error
        except OSError as error:
            raise NetworkError(f"the connection to {self.host} broke") from error
        self._counters.bytes += size
        return data

    def refuse_unread(self) -> None:
        """Before STARTTLS: raise TlsFailed where bytes came that nobody asked for.

        They would be read later as if they had come under TLS, whoever put them on the way (RFC 3207 s6).
        """
        if getattr(self._reader, "_buffer", b""):
            raise TlsFailed(f"{self.host} sends more before the TLS handshake", alert="UNEXPECTED_MESSAGE")

    async def read_line(self, *, limit: int = 4096) -> bytes:
        """One line with its line break; empty at the end of the stream. Raises NetworkError."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            line = error.partial
        except (asyncio.LimitOverrunError, OSError) as error:
            raise NetworkError(f"{self.host} sent a line without end, or the connection broke") from error
        self._counters.bytes += len(line)
        if len(line) > limit:
            raise NetworkError(f"{self.host} sent a line of {len(line)} bytes")
        return line

    async def send(self, data: bytes) -> None:
        """`write` for those who speak no HTTP. Raises NetworkError."""
        try:
            await self.write(data)
        except httpcore.WriteError as error:
            raise NetworkError(f"the connection to {self.host} broke") from error


async def connect(
    candidates: Iterable[tuple[str, tuple[str, int]]],
    *,
    host: str,
    port: int,
    counters: Counters,
    timeout: float,
    stagger: float = 0.25,
    seconds_dns: float = 0.0,
) -> Stream:
    """Connect to the first of several places that answers (RFC 8305: a new try every `stagger` seconds).

    Args:
        candidates: (address in the world, (address, port) where it really is), best first.

    Raises ConnectFailed with the first candidate's reason where none answers; silence over IPv6 comes last.
    """
    started = time.monotonic()

    async def attempt(address: str, place: tuple[str, int]) -> Stream:
        counters.connections += 1
        try:
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(*place)
        except TimeoutError:
            raise _failure("timeout", host, address, port, silent_ipv6=is_distant_ipv6(place[0])) from None
        except OSError as error:
            kind = _ERRNO.get(error.errno or 0, "other")
            if kind in ("refused", "reset"):
                counters.heard(address)
            silent = kind == "timeout" and is_distant_ipv6(place[0])
            raise _failure(kind, host, address, port, silent_ipv6=silent) from error
        counters.heard(address)
        return Stream(
            reader,
            writer,
            host=host,
            address=address,
            port=port,
            counters=counters,
            seconds_dns=seconds_dns,
            seconds_connect=time.monotonic() - started,
        )

    waiting = list(candidates)
    running: set[asyncio.Task[Stream]] = set()
    problems: list[ConnectFailed] = []
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(attempt(*waiting.pop(0))))
            done, running = await asyncio.wait(
                running, timeout=stagger if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            winners = [task for task in done if task.exception() is None]
            if winners:
                for spare in winners[1:]:
                    await spare.result().aclose()
                return winners[0].result()
            problems += [error for task in done if isinstance(error := task.exception(), ConnectFailed)]
    finally:
        for task in running:
            task.cancel()
        for late in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(late, Stream):
                await late.aclose()
    if problems:
        # Silence over IPv6 may be this machine's own; what IPv4 says holds.
        raise next((problem for problem in problems if not problem.silent_ipv6), problems[0])
    raise ConnectFailed(f"{host} has no address", kind="other", address=host, port=port)


def _failure(kind: ConnectReason, host: str, address: str, port: int, *, silent_ipv6: bool = False) -> ConnectFailed:
    where = host if host == address else f"{host} ({address})"
    return ConnectFailed(
        f"{where} {_SAID[kind]} on port {port}", kind=kind, address=address, port=port, silent_ipv6=silent_ipv6
    )

"""A way out for a program that brings its own HTTP client: a proxy on loopback whose connections are the seam's."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import re
import secrets
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpcore

from checks.errors import CannotTell, Offline

if TYPE_CHECKING:
    from checks.network import Network, Stream

HEAD_SECONDS = 10.0
HEAD_LIMIT = 16_384
_CONNECT = re.compile(rb"CONNECT (\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253}):(\d{1,5}) HTTP/1\.[01]\r\n")


class Gate:
    """An HTTP proxy that knows CONNECT alone, so that only TLS passes, and only for who has its password.

    `problem` is the last reason why a connection did not come about, with its host.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._password = secrets.token_urlsafe(24)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.problem: tuple[str, CannotTell | Offline] | None = None
        self.in_clear = False
        """Whether something else than TLS was asked for."""

    @property
    def address(self) -> str:
        """For HTTPS_PROXY. It holds the password."""
        return f"http://gate:{self._password}@127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - always inside a task
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(Exception):
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        wanted = _CONNECT.match(head)
        if not self._is_ours(head):
            await _answer(writer, b"407 Proxy Authentication Required")
        elif wanted is None:
            self.in_clear = True
            await _answer(writer, b"403 Forbidden")
        else:
            await self._connect(wanted[1].decode().strip("[]"), int(wanted[2]), reader, writer)

    def _is_ours(self, head: bytes) -> bool:
        given = re.search(rb"(?im)^proxy-authorization: *basic ([A-Za-z0-9+/=]+) *\r$", head)
        wanted = base64.b64encode(f"gate:{self._password}".encode())
        return given is not None and hmac.compare_digest(given[1], wanted)

    async def _connect(self, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            stream = await self._network.open(host, port)
        except (CannotTell, Offline) as problem:
            self.problem = (host, problem)
            await _answer(writer, b"502 Bad Gateway")
            return
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            out = asyncio.create_task(_pump_out(reader, stream))
            try:
                await _pump_in(stream, writer)
            finally:
                out.cancel()
                await asyncio.gather(out, return_exceptions=True)
        finally:
            await stream.aclose()


async def _answer(writer: asyncio.StreamWriter, status: bytes) -> None:
    writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    await writer.drain()


async def _pump_out(reader: asyncio.StreamReader, stream: Stream) -> None:
    with contextlib.suppress(httpcore.WriteError, OSError):
        while data := await reader.read(65536):
            await stream.write(data)


async def _pump_in(stream: Stream, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(httpcore.ReadError):
        while data := await stream.read(65536):
            writer.write(data)
            await writer.drain()

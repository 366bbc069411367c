"""A web server on loopback: HTTP/1.1 and HTTP/2, plain or TLS with a certificate for each name."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h11

from launchready_tui.lab.certificates import Issued


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. Header names are in lower case."""

    method: str
    scheme: str
    host: str
    target: str
    """Path and query as sent."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer. `chunks` (an iterator of bytes) replaces the body, for slow and endless answers."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunks: Callable[[], AsyncIterator[bytes]] | None = None


Handler = Callable[[Request], "Reply | Awaitable[Reply]"]


def page(html: str, *headers: tuple[str, str], status: int = 200) -> Reply:
    """An HTML page."""
    return Reply(status, (("content-type", "text/html; charset=utf-8"), *headers), html.encode())


def redirect(to: str, status: int = 301, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("location", to), *headers))


NOT_FOUND = page("<title>Not found</title><h1>No such page</h1>", status=404)


def pages(table: Mapping[str, Reply], *, missing: Reply = NOT_FOUND) -> Handler:
    """A handler that answers by path ("/x"), or by host and path ("www.example.com/x")."""

    def handle(request: Request) -> Reply:
        return table.get(f"{request.host}{request.path}") or table.get(request.path) or missing

    return handle


class HangUp(Exception):
    """Raised by a handler to break the connection off instead of answering."""


@dataclass
class WebServer:
    """One listening port on loopback.

    `certificates` by server name; "" is the one for names not listed. Without any it speaks plain HTTP.
    `http2` offers h2 by ALPN. `tls_minimum` and `tls_maximum` bound the versions; the weakest ciphers are on.
    """

    handler: Handler
    certificates: Mapping[str, Issued] = field(default_factory=dict)
    http2: bool = True
    tls_minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    tls_maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        context = self._tls_context() if self.certificates else None
        self._server = await asyncio.start_server(
            self._accept, self.host, 0, ssl=context, ssl_handshake_timeout=10 if context else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tls_context(self) -> ssl.SSLContext:
        contexts = {name: self._context_of(issued) for name, issued in self.certificates.items()}
        first = contexts.get("") or next(iter(contexts.values()))

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = contexts.get(name or "") or first

        first.sni_callback = choose
        return first

    def _context_of(self, issued: Issued) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = self.tls_minimum
        context.maximum_version = self.tls_maximum
        context.set_alpn_protocols(["h2", "http/1.1"] if self.http2 else ["http/1.1"])
        with tempfile.TemporaryDirectory() as folder:
            chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
            chain.write_bytes(issued.pem)
            key.write_bytes(issued.key_pem)
            context.load_cert_chain(chain, key)
        return context

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - always inside a task
        self._tasks.add(task)
        ssl_object = writer.get_extra_info("ssl_object")
        try:
            if ssl_object is not None and ssl_object.selected_alpn_protocol() == "h2":
                await _Http2(self, reader, writer).serve()
            else:
                await self._serve_http1(reader, writer, "https" if ssl_object else "http")
        except (OSError, EOFError, HangUp, h11.ProtocolError, h2.exceptions.ProtocolError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(Exception):
                writer.transport.abort()

    async def answer(self, request: Request) -> Reply:
        """Ask the handler. A HEAD keeps the headers and loses the body."""
        self.requests.append(request)
        made = self.handler(request)
        reply = await made if inspect.isawaitable(made) else made
        return Reply(reply.status, reply.headers, b"", None) if request.method == "HEAD" else reply

    async def _serve_http1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str) -> None:
        connection = h11.Connection(h11.SERVER)

        async def next_event() -> h11.Event | type[h11.PAUSED]:
            while (event := connection.next_event()) is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            return event  # type: ignore[return-value]

        while True:
            head = await next_event()
            if not isinstance(head, h11.Request):
                return
            body = b""
            while isinstance(event := await next_event(), h11.Data):
                body += event.data
            headers = tuple((k.decode(), v.decode("latin-1")) for k, v in head.headers)
            host = dict(headers).get("host", "")
            request = Request(head.method.decode(), scheme, _host(host), head.target.decode(), headers, body)
            reply = await self.answer(request)
            lines = [(k.encode(), v.encode("latin-1")) for k, v in reply.headers]
            if reply.chunks is None and request.method != "HEAD":
                lines.append((b"content-length", str(len(reply.body)).encode()))
            writer.write(connection.send(h11.Response(status_code=reply.status, headers=lines)) or b"")
            if reply.chunks is not None:
                async for chunk in reply.chunks():
                    writer.write(connection.send(h11.Data(data=chunk)) or b"")
                    await writer.drain()
            elif reply.body:
                writer.write(connection.send(h11.Data(data=reply.body)) or b"")
            writer.write(connection.send(h11.EndOfMessage()) or b"")
            await writer.drain()
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()


def _host(field_value: str) -> str:
    return field_value.rpartition(":")[0] if field_value.count(":") == 1 else field_value


class _Http2:
    """One HTTP/2 connection."""

    def __init__(self, server: WebServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="latin-1"))
        self._heads: dict[int, list[tuple[str, str]]] = {}
        self._bodies: dict[int, bytes] = {}
        self._room = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        self._h2.initiate_connection()
        self._flush()
        try:
            while data := await self._reader.read(65536):
                for event in self._h2.receive_data(data):
                    self._take(event)
                self._flush()
        finally:
            for task in self._answers:
                task.cancel()

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            self._heads[event.stream_id] = list(event.headers)  # type: ignore[arg-type]
            self._bodies[event.stream_id] = b""
        elif isinstance(event, h2.events.DataReceived):
            self._bodies[event.stream_id] += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.WindowUpdated):
            self._room.set()
        elif isinstance(event, h2.events.StreamEnded):
            task = asyncio.create_task(self._answer(event.stream_id))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, stream: int) -> None:
        head = dict(self._heads.pop(stream))
        headers = tuple((k, v) for k, v in head.items() if not k.startswith(":"))
        request = Request(
            head[":method"],
            "https",
            _host(head.get(":authority", "")),
            head[":path"],
            headers,
            self._bodies.pop(stream),
        )
        try:
            reply = await self._server.answer(request)
            lines = [(":status", str(reply.status)), *((k.lower(), v) for k, v in reply.headers)]
            self._h2.send_headers(stream, lines)
            if reply.chunks is not None:
                async for chunk in reply.chunks():
                    await self._send(stream, chunk)
            else:
                await self._send(stream, reply.body)
            self._h2.end_stream(stream)
            self._flush()
        except (HangUp, OSError):
            self._writer.transport.abort()
        except h2.exceptions.ProtocolError:
            return

    async def _send(self, stream: int, data: bytes) -> None:
        while data:
            room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
            if room <= 0:
                self._room.clear()
                await self._room.wait()
                continue
            self._h2.send_data(stream, data[:room])
            data = data[room:]
            self._flush()
            await self._writer.drain()

    def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())

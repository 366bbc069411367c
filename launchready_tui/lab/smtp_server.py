"""A mail exchanger on loopback that takes mail in and keeps it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from launchready_tui.lab.certificates import Issued


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came in."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


@dataclass
class SmtpServer:
    """One listening port on loopback. STARTTLS is offered where a certificate is given.

    `greeting` is sent first, as it stands; a 5xx or 421 one refuses all service.
    """

    certificate: Issued | None = None
    hostname: str = "mx.lab.example"
    greeting: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    messages: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._talk(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            self._writers.discard(writer)
            with contextlib.suppress(Exception):
                writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(*lines: str) -> None:
            writer.write("".join(f"{line}\r\n" for line in lines).encode("latin-1"))
            await writer.drain()

        greeting = self.greeting or f"220 {self.hostname} ESMTP"
        await say(greeting)
        if not greeting.startswith("220"):
            return
        sender, secure = "", False
        recipients: list[str] = []
        while line := (await reader.readline()).decode("latin-1").strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    offers = ["8BITMIME", *(["STARTTLS"] if self.certificate and not secure else [])]
                    lines = [self.hostname, *offers]
                    await say(*(f"250-{text}" for text in lines[:-1]), f"250 {lines[-1]}")
                case "HELO" | "RSET" | "NOOP":
                    await say(f"250 {self.hostname}")
                case "STARTTLS" if self.certificate and not secure:
                    await say("220 go ahead")
                    await writer.start_tls(self._context())
                    secure = True
                case "MAIL":
                    sender, recipients = rest.partition(":")[2].split()[0].strip("<>"), []
                    await say("250 ok")
                case "RCPT":
                    recipients.append(rest.partition(":")[2].split()[0].strip("<>"))
                    await say("250 ok")
                case "DATA":
                    await say("354 end with a dot")
                    data = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                    self.messages.append(Received(sender, tuple(recipients), data))
                    self.arrived.set()
                    await say("250 kept")
                case "QUIT":
                    await say("221 bye")
                    return
                case _:
                    await say("502 not here")

    def _context(self) -> ssl.SSLContext:
        assert self.certificate is not None  # noqa: S101 - STARTTLS is offered only with one
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
            chain.write_bytes(self.certificate.pem)
            key.write_bytes(self.certificate.key_pem)
            context.load_cert_chain(chain, key)
        return context

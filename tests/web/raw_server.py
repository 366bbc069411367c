"""A TLS server that answers every request with the same bytes, however odd, and hangs up."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

from launchready_tui.lab.certificates import Issued


class RawServer:
    """One listening port. `answer` is sent as it is."""

    def __init__(self, answer: bytes, issued: Issued, folder: Path) -> None:
        self.host, self.port = "127.0.0.1", 0
        self._answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain, key = folder / "chain.pem", folder / "key.pem"
        chain.write_bytes(issued.pem)
        key.write_bytes(issued.key_pem)
        self._context.load_cert_chain(chain, key)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self._answer)
            await writer.drain()
        writer.close()

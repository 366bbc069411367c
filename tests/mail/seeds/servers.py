"""A mail provider on loopback: takes mail in by SMTP, stamps it as a receiver does, and shows it by IMAP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from launchready_tui.lab.certificates import Issued


def server_context(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_bytes(issued.pem)
        key.write_bytes(issued.key_pem)
        context.load_cert_chain(chain, key)
    return context


@dataclass
class LineServer:
    """A line protocol on a loopback port; `implicit` speaks TLS from the first byte."""

    certificate: Issued | None = None
    implicit: bool = False
    port: int = 0
    connections: int = 0
    heard: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        context = server_context(self.certificate) if self.implicit and self.certificate else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self.talk(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(Exception):
                writer.transport.abort()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


@dataclass
class Store:
    """Folders with their flags and messages."""

    folders: dict[str, list[bytes]] = field(default_factory=lambda: {"INBOX": [], "Courrier ind&AOk-sirable": []})
    flags: dict[str, str] = field(default_factory=lambda: {"Courrier ind&AOk-sirable": "\\Junk"})


@dataclass
class Submission(LineServer):
    """The user's own SMTP server, delivering straight into a store."""

    store: Store = field(default_factory=Store)
    into: str = "INBOX"
    """Folder of every message; empty loses it."""
    stamp: str = ""
    """What the receiver puts on top, with CRLF at its end."""
    password: str = ""
    token: str = ""
    auth: str = "PLAIN LOGIN XOAUTH2"
    refuse: str = ""
    """A verb that is answered with 550."""
    messages: list[bytes] = field(default_factory=list)
    sender: str = ""
    """Of the last envelope."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = self.implicit
        writer.write(b"220 submit.example ESMTP\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            self.heard.append(f"{verb} {rest.split(' ')[0]}" if verb == "AUTH" else verb)
            if verb == self.refuse:
                writer.write(b"550-no\r\n550 really not\r\n")
            elif verb == "EHLO":
                tls = "" if secure or not self.certificate else "250-STARTTLS\r\n"
                writer.write(f"250-submit.example\r\n{tls}250 AUTH {self.auth}\r\n".encode())
            elif verb == "STARTTLS" and self.certificate:
                writer.write(b"220 go\r\n")
                await writer.drain()
                await writer.start_tls(server_context(self.certificate))
                secure = True
            elif verb == "AUTH":
                writer.write(b"235 in\r\n" if await self._knows(rest, reader, writer) else b"535 5.7.8 no\r\n")
            elif verb == "MAIL":
                self.sender = rest.partition("<")[2].rstrip(">")
                writer.write(b"250 ok\r\n")
            elif verb == "DATA":
                writer.write(b"354 go\r\n")
                data = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                self.messages.append(data)
                if self.into:
                    self.store.folders[self.into].append(self.stamp.encode() + data)
                writer.write(b"250 queued as 42\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                await writer.drain()
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()

    async def _knows(self, rest: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        mechanism, _, initial = rest.partition(" ")

        async def ask(prompt: bytes) -> str:
            writer.write(b"334 " + prompt + b"\r\n")
            await writer.drain()
            return base64.b64decode(await reader.readline()).decode()

        if mechanism == "PLAIN":
            return base64.b64decode(initial).decode() == f"\0me\0{self.password}"
        if mechanism == "LOGIN":
            user = await ask(b"VXNlcm5hbWU6")
            return (user, await ask(b"UGFzc3dvcmQ6")) == ("me", self.password)
        if f"auth=Bearer {self.token}\x01" in base64.b64decode(initial).decode():
            return True
        await ask(b"eyJzdGF0dXMiOiI0MDAifQ==")
        return False


@dataclass
class Imap(LineServer):
    """A mailbox over IMAP4rev1. `breaks` connections end in the middle of a search."""

    store: Store = field(default_factory=Store)
    password: str = ""
    token: str = ""
    capabilities: str = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 LIST-EXTENDED SPECIAL-USE"
    breaks: int = 0
    tab: str = ""
    literal_names: bool = False
    extended: str = ""
    """Data behind each name of LIST."""
    after_login: str = ""
    """Capabilities that are told only after the login."""
    closed: str = ""
    """A folder that is listed and cannot be opened."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = self.implicit
        folder, inside = "", False
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            tag, _, command = line.partition(" ")
            verb, _, rest = command.partition(" ")
            self.heard.append(verb if verb in ("LOGIN", "AUTHENTICATE") else command)
            done = f"{tag} OK done\r\n"
            match verb:
                case "CAPABILITY":
                    start = "" if secure or not self.certificate else " STARTTLS"
                    more = self.after_login if inside else ""
                    writer.write(f"* CAPABILITY {self.capabilities}{start} {more}\r\n{done}".encode())
                case "STARTTLS":
                    writer.write(done.encode())
                    await writer.drain()
                    assert self.certificate is not None
                    await writer.start_tls(server_context(self.certificate))
                    secure = True
                case "LOGIN":
                    inside = good = rest == f'"seed@inbox.example" "{self.password}"'
                    writer.write(done.encode() if good else f"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n".encode())
                case "AUTHENTICATE":
                    inside = good = await self._knows(rest, reader, writer)
                    writer.write(done.encode() if good else f"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n".encode())
                case "LIST":
                    for name in self.store.folders:
                        shown = f'"{name}" {self.extended}'.rstrip().encode()
                        if self.literal_names:
                            shown = b"{%d}\r\n%s" % (len(name), name.encode())
                        writer.write(f'* LIST (\\HasNoChildren {self.store.flags.get(name, "")}) "/" '.encode())
                        writer.write(shown + b"\r\n")
                    writer.write(f'* LIST (\\Noselect) "/" "parent"\r\n{done}'.encode())
                case "EXAMINE" if self.closed and rest == f'"{self.closed}"':
                    writer.write(f"{tag} NO [NOPERM] not yours\r\n".encode())
                case "EXAMINE":
                    folder = rest.strip('"')
                    writer.write(f"* {len(self.store.folders[folder])} EXISTS\r\n{done}".encode())
                case "UID" if rest.startswith("SEARCH X-GM-RAW"):
                    writer.write(f"* SEARCH{' 1' if self.tab and self.tab in rest else ''}\r\n{done}".encode())
                case "UID" if rest.startswith("SEARCH"):
                    if self.breaks:
                        self.breaks -= 1
                        return
                    wanted = re.search(r'(?:SUBJECT|(TEXT)) "(.*)"', rest)
                    assert wanted is not None
                    found = [
                        str(number)
                        for number, raw in enumerate(self.store.folders[folder], 1)
                        if wanted[2].encode() in (raw if wanted[1] else raw.partition(b"\r\n\r\n")[0])
                    ]
                    writer.write(f"* SEARCH {' '.join(found)}\r\n{done}".encode())
                case "UID":
                    raw = self.store.folders[folder][int(rest.split()[1]) - 1]
                    writer.write(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n%s" % (len(raw), raw, done.encode()))
                case "LOGOUT":
                    writer.write(f"* BYE\r\n{done}".encode())
                    await writer.drain()
                    return
                case _:
                    writer.write(f"{tag} BAD what\r\n".encode())
            await writer.drain()

    async def _knows(self, rest: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        mechanism, _, initial = rest.partition(" ")
        if not initial:
            writer.write(b"+ \r\n")
            await writer.drain()
            initial = (await reader.readline()).decode().strip()
        said = base64.b64decode(initial).decode()
        if mechanism == "PLAIN":
            return said == f"\0seed@inbox.example\0{self.password}"
        if said == f"user=seed@inbox.example\x01auth=Bearer {self.token}\x01\x01":
            return True
        writer.write(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        await writer.drain()
        assert (await reader.readline()) == b"\r\n"
        return False

"""What an IMAP server may answer, kindly or not: read without an exception of another kind, and never without end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import CannotTell, NetworkError, TlsFailed
from checks.mail.seeds.imap import Imap
from checks.mail.smtp import Smtp
from launchready_tui.lab.world import World

ENDED = b"a1 OK done\r\n"


class Wire:
    """A stream whose other side has said all that it will ever say."""

    host = "imap.inbox.example"

    def __init__(self, said: Iterable[bytes]) -> None:
        self._said = iter(said)
        self._rest = b""
        self.read = 0

    async def send(self, data: bytes) -> None:
        pass

    async def read_line(self, *, limit: int = 4096) -> bytes:
        while b"\n" not in self._rest and (more := next(self._said, b"")):
            self._rest += more
        line, found, self._rest = self._rest.partition(b"\n")
        self.read += 1
        return line + found

    async def read_exactly(self, count: int) -> bytes:
        while len(self._rest) < count:
            more = next(self._said, b"")
            if not more:
                raise NetworkError("the connection broke")
            self._rest += more
        data, self._rest = self._rest[:count], self._rest[count:]
        return data


def session(*said: bytes, more: Iterable[bytes] = ()) -> tuple[Imap, Wire]:
    wire = Wire(itertools.chain(said, more))
    return Imap(cast(Any, wire)), wire


async def test_numbers_that_are_no_uids_are_passed_over() -> None:
    line = "* SEARCH 7 \u00b2 99999999999 ".encode() + b"9" * 5000 + b" 12\r\n"
    imap, _ = session(b"a1 OK opened\r\n", line, b"a2 OK done\r\n")
    assert await imap.search("INBOX", "ALL") == (7, 12)


async def test_a_literal_of_a_size_without_end() -> None:
    imap, _ = session(b"* X {" + b"9" * 5000 + b"}\r\n", ENDED)
    assert (await imap.command("NOOP"))[0] == "OK done"
    imap, _ = session(b"* X {999999999}\r\n")
    with pytest.raises(NetworkError):
        await imap.command("NOOP")


async def test_many_literals_count_together() -> None:
    imap, wire = session(more=itertools.repeat(b"{9}\r\n123456789"))
    with pytest.raises(NetworkError):
        await imap.command("NOOP")
    assert wire.read < 1000


@pytest.mark.parametrize("line", [b"* OK still here\r\n", b"+ go on\r\n", b"\r\n", b"* " + b"x" * 4000 + b"\r\n"])
async def test_answers_without_end(line: bytes) -> None:
    imap, wire = session(more=itertools.repeat(line))
    with pytest.raises(NetworkError, match="without end"):
        await imap.command("NOOP")
    assert wire.read <= 10_000


@pytest.mark.parametrize(
    ("line", "name", "shown", "flags"),
    [
        (b'* LIST (\\Junk) "/" Spam\r\n', "Spam", "Spam", {"\\junk"}),
        (b'* list (\\HASNOCHILDREN \\JUNK) NIL "Sp\\"a\\\\m"\r\n', 'Sp"a\\m', 'Sp"a\\m', {"\\hasnochildren", "\\junk"}),
        (b'* LIST () "." "a b" ("CHILDINFO" ("SUBSCRIBED"))\r\n', "a b", "a b", set()),
        (b'* LIST () "/" INBOX ("OLDNAME" ("inbox"))\r\n', "INBOX", "INBOX", set()),
        (b'* LIST (\\Junk) "\\\\" {5+}\r\nA"\r\nB ("OLDNAME" ({1}\r\nx))\r\n', 'A"\r\nB', 'A"\r\nB', {"\\junk"}),
        (b'* LIST () "/" "[Gmail]/Unw&AOQ-sche &- mehr"\r\n', "[Gmail]/Unw&AOQ-sche &- mehr",
         "[Gmail]/Unw\u00e4sche & mehr", set()),
        (b'* LIST () "/" "&V4NXPnux"\r\n', "&V4NXPnux", "&V4NXPnux", set()),
        (b'* LIST () "/" "&V4NXPpCuTvY-"\r\n', "&V4NXPpCuTvY-", "\u5783\u573e\u90ae\u4ef6", set()),
        (b'* LIST () "/" ""\r\n', "", "", set()),
    ],
)  # fmt: skip
async def test_forms_of_list(line: bytes, name: str, shown: str, flags: set[str]) -> None:
    imap, _ = session(line, b'* LIST (\\NonExistent) "/" gone\r\n', ENDED)
    (folder,) = await imap.folders()
    assert (folder.name, folder.shown, folder.flags) == (name, shown, flags)


async def test_special_use_is_asked_of_imap4rev2_that_names_no_extension() -> None:
    class Listening(Wire):
        heard = b""

        async def send(self, data: bytes) -> None:
            self.heard += data

    wire = Listening([ENDED])
    imap = Imap(cast(Any, wire))
    imap.capabilities = frozenset({"IMAP4REV2"})
    assert await imap.folders() == () and b"RETURN (SPECIAL-USE)" in wire.heard


async def test_empty_lines_in_a_list_of_capabilities() -> None:
    imap, _ = session(b"\r\n", b"* \r\n", b"* CAPABILITY IMAP4rev1 SASL-IR\r\n", ENDED)
    await imap._ask_capabilities()
    assert imap.capabilities == {"IMAP4REV1", "SASL-IR"}


_LINES = st.lists(
    st.one_of(
        st.binary(max_size=60).map(lambda data: data + b"\r\n"),
        st.sampled_from(
            [
                b'* LIST (\\Junk) "/" "Sp\\"am"\r\n', b"* LIST () NIL {3}\r\n", b"abc\r\n", b"* LIST (\r\n",
                b"* SEARCH 1 2 x\r\n", b"* 1 FETCH (BODY[] {4}\r\n", b"+ \r\n", b"a1 OK\r\n", b"a2 NO [X] no\r\n",
            ]
        ),
    ),
    max_size=20,
)  # fmt: skip


@given(_LINES)
def test_whatever_is_answered(lines: list[bytes]) -> None:
    async def every() -> None:
        for ask in (Imap.folders, Imap._ask_capabilities):
            imap, _ = session(*lines)
            try:
                await ask(imap)
            except CannotTell:
                pass
        imap, _ = session(*lines)
        try:
            await imap.search("INBOX", "ALL")
            await imap.fetch(1)
        except CannotTell:
            pass

    asyncio.run(every())


async def test_what_comes_before_tls_is_not_read_as_if_it_came_under_it(world: World) -> None:
    """A stranger on the way appends answers of his own to the one that begins TLS."""

    class Injected:
        host, port = "127.0.0.1", 0

        async def start(self) -> None:
            self._server = await asyncio.start_server(self._serve, self.host, 0)
            self.port = self._server.sockets[0].getsockname()[1]

        async def stop(self) -> None:
            self._server.close()

        async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(
                b"* OK here\r\na1 OK go on\r\n* CAPABILITY STARTTLS\r\na2 OK go on\r\n* CAPABILITY AUTH=PLAIN\r\n"
            )
            await reader.read()
            writer.close()

    world.zone("inbox.example", {"imap": ["A 203.0.113.2"]})
    await world.place(Injected(), "203.0.113.2", 143)
    async with world.network() as network:
        stream = await network.open("imap.inbox.example", 143)
        smtp = Smtp(stream)
        assert (await stream.read_line()).startswith(b"* OK")
        with pytest.raises(TlsFailed, match="before the TLS handshake"):
            await smtp.start_tls(network.verifying_context(), "imap.inbox.example", seconds=5)
        await stream.aclose()

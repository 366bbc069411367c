"""tls.version-old and tls.version-modern against servers of every span of versions."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.world import World
from tests.web.tls.conftest import ADDRESS, Audit, Serve

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")

V10, V11, V12, V13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("lowest", "highest", "old", "modern"),
    [
        (V10, V10, "warn", "fail"),
        (V11, V11, "warn", "fail"),
        (V10, V11, "warn", "fail"),
        (V10, V12, "warn", "warn"),
        (V11, V13, "warn", "pass"),
        (V12, V12, "pass", "warn"),
        (V12, V13, "pass", "pass"),
        (V13, V13, "pass", "pass"),
    ],
)
async def test_every_span_of_versions(
    serve: Serve,
    audit: Audit,
    authority: Authority,
    lowest: ssl.TLSVersion,
    highest: ssl.TLSVersion,
    old: str,
    modern: str,
) -> None:
    server = await serve(authority.issue("example.com"), tls_minimum=lowest, tls_maximum=highest)
    results = await audit()
    assert (results.status("tls.version-old"), results.status("tls.version-modern")) == (old, modern)
    assert results.status("tls.unreachable") == "pass"
    assert len(results.problems) == (old != "pass") + (modern != "pass")
    assert server.connections <= 4


async def test_a_server_that_keeps_silent_on_old_versions_is_not_said_to_refuse_them(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    behind = await serve(authority.issue("example.com"))
    done = asyncio.Event()

    async def filtered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        if hello[9:11] < b"\x03\x03":
            await done.wait()
            writer.close()
            return
        onward, back = await asyncio.open_connection("127.0.0.1", behind.port)
        back.write(hello)
        await asyncio.gather(pump(reader, back), pump(onward, writer))

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
        except OSError:
            pass
        sink.close()

    server = await asyncio.start_server(filtered, "127.0.0.1", 0)
    world.route(ADDRESS, 443, server.sockets[0].getsockname()[1])
    async with server, world.network(step_seconds=0.5) as network:
        results = await audit("tls.version-old", "tls.version-modern", through=network)
        done.set()
    assert results.status("tls.version-old") == "error"
    assert "no answer in time" in results.of("tls.version-old").summary
    assert results.status("tls.version-modern") == "pass"

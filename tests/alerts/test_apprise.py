"""Any other service by Apprise: the real library in its own process, whose only way out is the seam."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys

import pytest

from checks.network import Network
from checks.secret import Secret
from launchready_tui.alerts import apprise_bridge
from launchready_tui.alerts.codes import Codes
from launchready_tui.alerts.destinations import Destination
from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure, Untaken
from launchready_tui.alerts.gate import Gate
from launchready_tui.alerts.message import Message, compose
from launchready_tui.alerts.send import send
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World
from tests.alerts.services import NO_MAIL
from tests.programs import LONG

HOST, ADDRESS = "hook.example.com", "93.184.215.20"
PASSWORD = secrets.token_hex(12)
OTHER = Destination("pager", "apprise", "apprise")


@pytest.fixture
def message() -> Message:
    return compose("harbor-tea.example", "Mara", Codes().issue("phone"))


def need_apprise() -> None:
    if apprise_bridge.installed():
        return
    if os.environ.get("LAUNCHREADY_REQUIRE_REAL") == "1":
        pytest.fail("not installed: apprise")
    pytest.skip("not installed: apprise")


async def hand(network: Network, message: Message, address: str) -> str:
    return await send(network, OTHER, message, Secret(address), NO_MAIL, pytest.fail)


async def failure(network: Network, message: Message, address: str) -> Untaken:
    with pytest.raises(Untaken) as caught:
        await hand(network, message, address)
    for secret in (message.code.reveal(), PASSWORD):
        assert secret.lower() not in f"{caught.value!r} {caught.value.reason}".lower()
    return caught.value


async def place(world: World, answer: Reply) -> list[Request]:
    heard: list[Request] = []

    def handle(request: Request) -> Reply:
        heard.append(request)
        return answer

    world.zone("example.com", {"hook": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, handle, world.authority.issue(HOST))
    return heard


async def test_it_is_handed_over_through_the_seam(world: World, network: Network, message: Message) -> None:
    need_apprise()
    heard = await place(world, Reply(200, (), b"{}"))
    assert await hand(network, message, f"jsons://me:{PASSWORD}@{HOST}/alert") == "taken by JSON"
    [request] = heard
    assert request.path == "/alert"
    assert json.loads(request.body)["message"] == message.text.reveal()
    assert network.counters.connections > 0, "the seam counts it"


async def test_what_refuses_it(world: World, network: Network, message: Message) -> None:
    need_apprise()
    await place(world, Reply(403, (), b"no: " + message.code.reveal().encode()))
    problem = await failure(network, message, f"jsons://me:{PASSWORD}@{HOST}/alert")
    assert type(problem) is NotTaken
    assert "error=403" in problem.reason


@pytest.mark.parametrize(
    ("address", "outcome", "words"),
    [
        ("nonsense PASSWORD", NotTaken, "no address that Apprise knows"),
        ("json://me:PASSWORD@hook.example.com/alert", NotTaken, "another way than https"),
        ("mailtos://me:PASSWORD@hook.example.com?to=ada@example.com", NotTaken, "another way than https"),
        ("jsons://me:PASSWORD@gone.example.com/alert", NotTaken, "there is no host gone.example.com"),
    ],
)
async def test_what_it_cannot_reach(
    world: World, network: Network, message: Message, address: str, outcome: type[Untaken], words: str
) -> None:
    need_apprise()
    heard = await place(world, Reply(200))
    problem = await failure(network, message, address.replace("PASSWORD", PASSWORD))
    assert type(problem) is outcome
    assert words in problem.reason
    assert heard == []


async def test_offline_nothing_leaves(world: World, message: Message) -> None:
    need_apprise()
    async with Network(offline=True) as nowhere:
        problem = await failure(nowhere, message, f"jsons://me:{PASSWORD}@{HOST}/alert")
    assert type(problem) is NotSent


async def test_a_certificate_that_does_not_verify(world: World, network: Network, message: Message) -> None:
    need_apprise()
    heard = await place(world, Reply(200))
    await world.web(ADDRESS, lambda request: Reply(200), world.authority.issue("elsewhere.example"))
    assert type(await failure(network, message, f"jsons://me:{PASSWORD}@{HOST}/alert")) is NotTaken
    assert heard == []


async def test_a_process_that_hangs_is_ended(
    world: World, network: Network, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_apprise()
    came = asyncio.Event()

    async def hang(request: Request) -> Reply:
        came.set()
        await asyncio.Event().wait()
        return Reply(200)

    world.zone("example.com", {"hook": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, hang, world.authority.issue(HOST))
    handing = asyncio.create_task(hand(network, message, f"jsons://me:{PASSWORD}@{HOST}/alert?rto=600"))
    await asyncio.wait_for(came.wait(), LONG)
    monkeypatch.setattr(apprise_bridge, "SECONDS", 0.1)
    handing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handing
    assert type(await failure(network, message, f"jsons://me:{PASSWORD}@{HOST}/alert")) is Unsure


async def test_without_the_extra_it_says_how_to_get_it(
    network: Network, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise_bridge, "installed", lambda: False)
    problem = await failure(network, message, "discord://x/y")
    assert "pip install 'launchready[alerts]'" in problem.reason


async def test_nothing_secret_is_an_argument_of_the_process(
    world: World, network: Network, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def watched(*arguments: str, **options: object) -> object:
        seen.extend(arguments)
        raise OSError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    monkeypatch.setattr(apprise_bridge, "installed", lambda: True)
    assert type(await failure(network, message, f"jsons://me:{PASSWORD}@{HOST}/alert")) is NotSent
    assert PASSWORD not in " ".join(seen)
    assert message.code.reveal() not in " ".join(seen)


async def ask_gate(gate: Gate, head: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(head.encode())
    await writer.drain()
    line = (await asyncio.wait_for(reader.readline(), LONG)).decode()
    writer.close()
    return line


def authorization(gate: Gate) -> str:
    import base64

    return base64.b64encode(gate.address.removeprefix("http://").rpartition("@")[0].encode()).decode()


async def test_the_gate_lets_only_its_own_process_and_only_tls_through(world: World, network: Network) -> None:
    async with Gate(network) as gate:
        ours = f"Proxy-Authorization: Basic {authorization(gate)}\r\n\r\n"
        assert "407" in await ask_gate(gate, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
        assert "407" in await ask_gate(
            gate, "CONNECT example.com:443 HTTP/1.1\r\nProxy-Authorization: Basic eDp5\r\n\r\n"
        )
        assert network.counters.connections == 0
        assert "403" in await ask_gate(gate, f"GET http://example.com/ HTTP/1.1\r\n{ours}")
        assert gate.in_clear
        assert "403" in await ask_gate(gate, f"CONNECT ..\x00:443 HTTP/1.1\r\n{ours}")
        assert "502" in await ask_gate(gate, f"CONNECT nowhere.example:443 HTTP/1.1\r\n{ours}")
        assert gate.problem is not None and gate.problem[0] == "nowhere.example"
        assert await ask_gate(gate, "x" * 40_000) == ""


def test_the_process_connects_nowhere_else() -> None:
    script = """
        import socket, sys
        from launchready_tui.alerts.apprise_process import keep_to
        keep_to(9, [])
        for attempt in (lambda: socket.create_connection(("127.0.0.1", 8)), lambda: socket.getaddrinfo("example.com", 1),
                        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53))):
            try:
                attempt()
            except PermissionError:
                print("kept")
    """
    lines = "\n".join(line.removeprefix("        ") for line in script.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=LONG)
    assert done.stdout.split() == ["kept"] * 3, done.stderr

"""One probe against servers of every temper."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from checks.network import Network
from checks.subject import Route
from launchready_tui.lab.web_server import HangUp, Reply, Request, page, redirect
from launchready_tui.lab.world import World
from launchready_tui.watch.probe import NetworkProber

ADDRESS = "203.0.113.10"
URL = "https://example.com"


async def hang(request: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


async def drip() -> AsyncIterator[bytes]:
    while True:
        yield b"."
        await asyncio.sleep(0.05)


@pytest.fixture
async def prober(world: World) -> NetworkProber:
    """A prober in a world whose site has a page of every kind."""
    asked: list[str] = []

    def handle(request: Request) -> Reply | asyncio.Future[Reply]:
        asked.append(request.path)
        first = asked.count(request.path) == 1
        if request.path == "/once" and first:
            raise HangUp
        table = {
            "/": page("<h1>Welcome</h1>"),
            "/once": page("back"),
            "/moved": redirect("https://example.com/"),
            "/broken": page("sorry", status=503),
            "/drip": Reply(200, (("content-type", "text/html"),), chunks=drip),
        }
        return asyncio.ensure_future(hang(request)) if request.path == "/hang" else table[request.path]

    world.zone("example.com", {"@": [f"A {ADDRESS}"], "other": [f"A {ADDRESS}"], "gone": ["A 203.0.113.99"]})
    await world.web(ADDRESS, handle, world.authority.issue("example.com"))
    return NetworkProber(world.network, seconds=0.5)


@pytest.mark.parametrize(
    ("route", "ok", "status", "attempts", "reason"),
    [
        (Route(f"{URL}/"), True, 200, 1, ""),
        (Route(f"{URL}/", contains="Welcome", status=200), True, 200, 1, ""),
        (Route(f"{URL}/moved"), True, 301, 1, ""),
        (Route(f"{URL}/once"), True, 200, 2, ""),
        (Route(f"{URL}/broken", status=503), True, 503, 1, ""),
        (Route(f"{URL}/moved", status=200), False, 301, 2, "status 301 instead of 200"),
        (Route(f"{URL}/broken"), False, 503, 2, "status 503"),
        (Route(f"{URL}/", contains="Goodbye"), False, 200, 2, "'Goodbye' is missing"),
        (Route(f"{URL}/hang"), False, None, 2, "no whole answer"),
        (Route(f"{URL}/drip"), False, None, 2, "no whole answer"),
        (Route("https://other.example.com/"), False, None, 2, "does not verify"),
        (Route("https://gone.example.com/"), False, None, 2, "refuses the connection"),
        (Route("https://nowhere.example.com/"), False, None, 2, "nowhere.example.com"),
    ],
)
async def test_probe(
    prober: NetworkProber, route: Route, ok: bool, status: int | None, attempts: int, reason: str
) -> None:
    outcome = await prober(route)
    assert (outcome.ok, outcome.status, outcome.attempts) == (ok, status, attempts)
    assert reason in outcome.reason
    assert bool(outcome.reason) is not ok
    assert outcome.seconds.total > 0


async def test_phases_are_measured_anew_each_time(prober: NetworkProber, world: World) -> None:
    for _ in range(2):
        seconds = (await prober(Route(f"{URL}/"))).seconds
        assert min(seconds.dns, seconds.connect, seconds.tls, seconds.first_byte) > 0


async def test_no_network_says_nothing_about_the_site() -> None:
    outcome = await NetworkProber(lambda: Network(offline=True))(Route(f"{URL}/"))
    assert outcome.ok is None

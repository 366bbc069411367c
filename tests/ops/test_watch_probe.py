"""One probe against servers of every temper."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import dns.message
import dns.name
import dns.rrset
import pytest

from checks.network import Network
from checks.subject import MonitorPlan, Route, Subject
from launchready_tui.lab.web_server import HangUp, Reply, Request, page, redirect
from launchready_tui.lab.world import World
from launchready_tui.watch.probe import NetworkProber
from launchready_tui.watch.routes import left_out, watched_routes

ADDRESS = "203.0.113.10"
URL = "https://example.com"


async def hang(request: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


async def drip() -> AsyncIterator[bytes]:
    while True:
        yield b"."
        await asyncio.sleep(0.05)


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"." * 262_144


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
            "/endless": Reply(200, (("content-type", "text/html"),), chunks=endless),
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
        (Route(f"{URL}/", "HEAD", contains="Welcome"), True, 200, 1, ""),
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


async def test_a_text_that_is_looked_for_in_an_endless_answer(prober: NetworkProber) -> None:
    outcome = await replace(prober, seconds=30.0)(Route(f"{URL}/endless", contains="Welcome"))
    assert (outcome.ok, outcome.status) == (False, 200)
    assert "is not in the first part of an answer that is too long" in outcome.reason


async def test_phases_are_measured_anew_each_time(prober: NetworkProber, world: World) -> None:
    for _ in range(2):
        seconds = (await prober(Route(f"{URL}/"))).seconds
        assert min(seconds.dns, seconds.connect, seconds.tls, seconds.first_byte) > 0


async def test_no_network_says_nothing_about_the_site() -> None:
    outcome = await NetworkProber(lambda: Network(offline=True))(Route(f"{URL}/"))
    assert outcome.ok is None


class Resolver(asyncio.DatagramProtocol):
    """Knows the root's servers, and nothing else: other questions it leaves without an answer."""

    def __init__(self, *, knows_the_root: bool) -> None:
        self._knows_the_root = knows_the_root

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        if self._knows_the_root and question.question[0].name == dns.name.root:
            answer = dns.message.make_response(question)
            answer.answer.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root-servers.net."))
            self._transport.sendto(answer.to_wire(), address)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("knows_the_root", "ok"), [(False, None), (True, False)])
async def test_where_no_resolver_answers_anything_the_site_is_not_down(
    monkeypatch: pytest.MonkeyPatch, knows_the_root: bool, ok: bool | None
) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Resolver(knows_the_root=knows_the_root), local_addr=("127.0.0.1", 0)
    )
    place = transport.get_extra_info("sockname")
    monkeypatch.setattr("checks.network.seam.system_nameservers", lambda: (place,))
    monkeypatch.setattr("checks.network.routes.has_route", lambda address: True)
    outcome = await NetworkProber(lambda: Network(dns_timeout=0.1))(Route(f"{URL}/"))
    transport.close()
    assert outcome.ok is ok


def test_an_address_that_is_named_with_two_methods_is_watched_by_the_first_and_that_is_said() -> None:
    named = (Route(f"{URL}/order"), Route(f"{URL}/order", "POST"), Route(f"{URL}/health"))
    subject = replace(Subject.of("example.com"), monitor=MonitorPlan(urls=named))
    watched = watched_routes(subject)
    assert [(route.method, route.url) for route in watched] == [("GET", f"{URL}/order"), ("GET", f"{URL}/health")]
    assert f"POST {URL}/order (watched by GET)" in left_out(subject, watched)
    alone = replace(subject, monitor=MonitorPlan(urls=named[1:]))
    assert left_out(alone, watched_routes(alone)) == ""

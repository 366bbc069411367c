"""web.slow."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from checks.network import http, stream
from checks.web.site.speed import percentile
from launchready_tui.lab.web_server import Reply, Request
from tests.web.site_under_test import Site, healthy, html


@pytest.fixture
def patient_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are timed by the clock of the tests' loop: a busy machine makes no server slow."""
    clock = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    for module in (http, stream):
        monkeypatch.setattr(module, "time", clock)


def test_percentiles_are_nearest_rank() -> None:
    values = [float(n) for n in range(1, 21)]
    assert percentile(values, 95) == 19.0
    assert percentile(values, 50) == 10.0
    assert percentile([3.0], 95) == 3.0


@pytest.mark.usefixtures("patient_clock")
async def test_a_fast_page(site: Site) -> None:
    await site.serve()
    finding = (await site.look("web.slow")).only
    assert finding.status == "pass"
    assert "20 requests" in finding.evidence[0]


@pytest.mark.usefixtures("patient_clock")
async def test_a_slow_page(site: Site) -> None:
    async def handler(request: Request) -> Reply:
        await asyncio.sleep(0.32)
        return html()

    await site.serve(handler)
    finding = (await site.look("web.slow")).only
    assert finding.status == "warn"
    assert "300 ms" in finding.summary


@pytest.mark.usual_loop
async def test_a_machine_that_is_busy_itself_cannot_tell(site: Site) -> None:
    """Another piece of work keeps the loop from looking, as many audits at once do."""
    timed, over = asyncio.Event(), asyncio.Event()

    def handler(request: Request) -> Reply:
        if len(site.server.requests) > 3:
            timed.set()
        return healthy(request)

    async def busy() -> None:
        await timed.wait()
        while not over.is_set():
            time.sleep(0.2)  # noqa: ASYNC251 - holding the loop is the point
            await asyncio.sleep(0)

    await site.serve(handler)
    holding = asyncio.create_task(busy())
    try:
        async with site.world.network(dns_timeout=20.0, step_seconds=30.0, request_seconds=30.0) as network:
            finding = (await site.look("web.slow", network=network)).only
    finally:
        over.set()
        timed.set()
        await holding
    assert (finding.status, "busy" in finding.summary) == ("error", True)


@pytest.mark.usefixtures("patient_clock")
async def test_a_server_that_answers_one_at_a_time_is_asked_again_in_peace(site: Site) -> None:
    turn = asyncio.Lock()

    async def handler(request: Request) -> Reply:
        async with turn:
            await asyncio.sleep(0.08)
        return html()

    await site.serve(handler)
    finding = (await site.look("web.slow")).only
    assert finding.status == "pass"
    assert len(finding.evidence) == 2


async def test_a_site_that_limits_requests_cannot_be_timed(site: Site) -> None:
    asked = 0

    def handler(request: Request) -> Reply:
        nonlocal asked
        asked += 1
        return healthy(request) if asked < 6 else html(status=429)

    await site.serve(handler)
    assert (await site.look("web.slow")).only.status == "error"


@pytest.mark.parametrize("http2", [True, False])
async def test_few_connections_are_used(site: Site, http2: bool) -> None:
    await site.serve(http2=http2)
    await site.look("web.slow")
    assert site.server.connections <= (2 if http2 else 8)

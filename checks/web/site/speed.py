"""How soon the homepage begins to arrive."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

from checks.catalogue import check
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.network import Response
from checks.web.pages import homepage
from checks.web.site.answers import the_canonical_page

REQUESTS = 20
LIMIT_SECONDS = 0.3
LONGEST_PACE = 0.05
SHORTEST_PACE = 0.005
_TICK = 0.005
"""Seconds: how often lateness is measured, and how much of it is ordinary."""


@check(
    "web.slow",
    title="The homepage is slow to begin",
    when="the p95 of at least 20 timed requests to a core page is over 300 ms, measured on a warm connection (time to "
    "first byte)",
    status="warn",
    triage="later",
    risk="onboarding",
    item=("T2", "S6.4"),
    source="roadmap",
    cost="Visitors wait before anything shows, and some leave.",
    each=the_canonical_page,
)
async def slow(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    times = await _paced(facts, page.response)
    figures = f"{len(times)} requests to {page.url}: {_figures(times)}"
    if percentile(times, 95) <= LIMIT_SECONDS:
        return passed(url, f"the homepage begins within {_ms(percentile(times, 95))} (p95)", evidence=[figures])
    # Requests that overlap wait for each other in a small server; one after another they cannot.
    alone = await _one_after_another(facts, page.response)
    evidence = [figures, f"{len(alone)} more, one after another: {', '.join(_ms(one.seconds) for one in alone)}"]
    if not _too_slow([one.seconds for one in alone]):
        return passed(url, "the homepage begins in time when it is asked for once at a time", evidence=evidence)
    if not _too_slow([one.seconds - one.own for one in alone]):
        raise CannotTell("this machine was too busy itself to time the homepage; run this check again by itself")
    return warned(
        url,
        f"the homepage takes {_ms(percentile(times, 95))} to begin (p95, more than {_ms(LIMIT_SECONDS)})",
        evidence=evidence,
        fix="Let the edge or the application cache the homepage's HTML, or find the slow query in the server's log.",
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least `percent` % of all values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]


def _too_slow(times: Sequence[float]) -> bool:
    """Whether so many are over the limit that the p95 of a whole series of them is."""
    return sum(1 for seconds in times if seconds > LIMIT_SECONDS) > REQUESTS - math.ceil(0.95 * REQUESTS)


async def _paced(facts: Facts, first: Response) -> list[float]:
    """Time the requests so that they overlap on the way but hardly in the server.

    Each follows the one before by the time that the server itself took for the first answer: what is left of it
    without the round trip, for which the TLS handshake stands.
    """
    way = first.handshake.seconds if first.handshake else first.seconds.connect
    pace = min(max(first.seconds.first_byte - way, SHORTEST_PACE), LONGEST_PACE)

    async def one(number: int) -> float:
        await asyncio.sleep(number * pace)
        return await _timed(facts, first)

    return list(await asyncio.gather(*(one(number) for number in range(REQUESTS))))


@dataclass(frozen=True, slots=True)
class _Timed:
    seconds: float
    own: float
    """Of these, for how long this program itself did not come to look."""


async def _one_after_another(facts: Facts, first: Response) -> list[_Timed]:
    """Time up to as many again, until it is certain on which side of the limit the p95 lies."""
    times: list[_Timed] = []
    clock = _Lateness()
    ticking = asyncio.create_task(clock.tick())
    try:
        while len(times) < REQUESTS and not _too_slow([one.seconds for one in times]):
            before = clock.late
            seconds = await _timed(facts, first)
            times.append(_Timed(seconds, clock.late - before))
    finally:
        ticking.cancel()
    return times


class _Lateness:
    """How late the event loop comes back to those who wait: other audits, or other programs, keep it from them."""

    def __init__(self) -> None:
        self.late = 0.0

    async def tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _TICK
            await asyncio.sleep(_TICK)
            self.late += max(0.0, loop.time() - due - _TICK)


async def _timed(facts: Facts, first: Response) -> float:
    response = await facts.network.http("GET", first.url)
    if response.status != first.status:
        raise CannotTell(f"{first.url} answered {response.status} when it was asked again and again")
    return response.seconds.first_byte


def _figures(times: Sequence[float]) -> str:
    middle, high = percentile(times, 50), percentile(times, 95)
    return f"median {_ms(middle)}, p95 {_ms(high)}, slowest {_ms(max(times))} to the first byte"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"

"""The watch from other regions: rounds of measurements by Globalping, as many as its free tests allow."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from checks.errors import Untold
from checks.network import Network
from checks.ops.globalping import Globalping, Limited, Seen
from checks.secret import Secret
from checks.subject import Route, Subject
from launchready_tui import declared_regions
from launchready_tui.watch.clock import Clock
from launchready_tui.watch.schedule import NAP


@dataclass(frozen=True, slots=True)
class RegionSeen:
    """What one region saw of one address."""

    url: str
    region: str
    at: datetime
    seen: Seen


def why_not(route: Route, subject: Subject) -> str:
    """Why an address is not measured from other regions; empty where it is."""
    host = urlsplit(route.url).hostname or ""
    names = (subject.domain, *subject.variants)
    return declared_regions.why_not(route.method, host, names, body=bool(route.body))


class RegionWatch:
    """Measures every address from every region, round after round.

    Each region keeps its probe: else it would be another machine each minute, and its times the network's. A failure
    is measured once more at once, unless the region saw one before already. Where the limit is reached it waits.

    Args:
        took: called with each measurement, and with each that did not come about.
        tell: called with a sentence when the limit stops it.
        interval: seconds between two rounds at least; more where the limit wants it.
        length: seconds after which no round begins; None is until cancelled.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        regions: Sequence[str],
        client: Globalping,
        took: Callable[[RegionSeen], None],
        tell: Callable[[str], None],
        *,
        clock: Clock,
        interval: float = 60.0,
        length: float | None = None,
    ) -> None:
        self._routes, self._regions, self._client, self._took, self._tell = routes, regions, client, took, tell
        self._clock, self._interval = clock, interval
        self._length = math.inf if length is None else length
        self._probes: dict[str, str] = {}
        """By region, the measurement whose probe is asked again."""
        self._down: set[tuple[str, str]] = set()

    @property
    def pace(self) -> float:
        """Seconds between two rounds: as wished, or as many as keep within the free tests of an hour."""
        tests, hourly = max(1, len(self._routes) * len(self._regions)), max(1, self._client.hourly)
        # Whole rounds an hour, since one that is cut short leaves regions out; of a round that takes longer, its share.
        rounds = hourly // tests or hourly / tests
        return max(self._interval, math.ceil(3600 / rounds))

    @property
    def word(self) -> str:
        """How it goes, for a person."""
        if wait := self._client.wait:
            return f"waits {math.ceil(wait / 60)} min for Globalping's limit"
        limits = self._client.limits
        words = [f"every {self.pace:.0f} s"]
        if limits.remaining is not None and limits.limit:
            words.append(f"{limits.remaining:,} of {limits.limit:,} tests left this hour")
        if limits.credits_remaining:
            words.append(f"{limits.credits_remaining:,} credits untouched")
        return ", ".join(words)

    async def run(self) -> None:
        """Measure until the time is over. Cancelled, it drops what is under way."""
        if not self._routes or not self._regions:
            return
        began = self._clock.elapsed()
        while (now := self._clock.elapsed()) - began < self._length:
            stopped = await asyncio.gather(*map(self._round, self._regions))
            if reason := next(filter(None, stopped), ""):
                self._tell(reason)
            # Never shorter than the pace from begin to begin, and not before the limit opens again.
            await self._until(max(now + self.pace, self._clock.elapsed() + self._client.wait), began + self._length)

    async def _until(self, moment: float, end: float) -> None:
        while (left := min(moment, end) - self._clock.elapsed()) > 0:
            await self._clock.sleep(min(left, NAP))

    async def _round(self, region: str) -> str:
        """One region looks at every address. Returns why it was stopped; empty where it was not."""
        for route in self._routes:
            at, key = self._clock.now(), (route.url, region)
            try:
                seen = await self._measure(route, region)
            except Limited as problem:
                return problem.reason
            if seen.gone or (seen.ok is False and key not in self._down and not self._client.wait):
                seen = await self._again(route, region, seen)
            if seen.ok is not None:
                (self._down.discard if seen.ok else self._down.add)(key)
            self._took(RegionSeen(route.url, region, at, seen))
        return ""

    async def _again(self, route: Route, region: str, first: Seen) -> Seen:
        """Once more at once; where the limit does not allow it, the first word stands."""
        try:
            return await self._measure(route, region)
        except Limited:
            return first

    async def _measure(self, route: Route, region: str) -> Seen:
        try:
            measured = await self._client.measure(route, region, earlier=self._probes.get(region, ""))
        except Limited:
            raise
        except Untold as problem:
            return Seen(None, reason=problem.reason)
        except Exception as problem:
            # A fault of ours ends no watch of 48 hours; its kind is said, its text may hold anything.
            return Seen(None, reason=f"the measurement broke off ({type(problem).__name__})")
        if measured.seen.gone:
            self._probes.pop(region, None)
        else:
            self._probes[region] = measured.id
        return measured.seen


async def region_watch(
    routes: Sequence[Route],
    subject: Subject,
    network: Callable[[], Network],
    took: Callable[[RegionSeen], None],
    tell: Callable[[str], None],
    *,
    clock: Clock,
    token: Callable[[], Awaitable[Secret | None]] | None = None,
    interval: float = 60.0,
    length: float | None = None,
) -> RegionWatch:
    """The watch of a subject's own addresses from the regions that were chosen."""
    client = Globalping(network, clock=clock, token=await token() if token else None)
    measured = [route for route in routes if not why_not(route, subject)]
    return RegionWatch(
        measured, subject.monitor.regions, client, took, tell, clock=clock, interval=interval, length=length
    )


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Await works side by side; where one breaks off or all are cancelled, none is left running."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""The watch within the app: started and stopped by a key, its figures in the open sprint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from checks.finding import timestamp
from launchready_tui.watch.clock import SystemClock
from launchready_tui.watch.keeping import Keeper
from launchready_tui.watch.probe import NetworkProber
from launchready_tui.watch.region_keeping import RegionKeeper
from launchready_tui.watch.regions import RegionSeen, RegionWatch, region_watch, together
from launchready_tui.watch.routes import left_out, watched_routes
from launchready_tui.watch.samples import Samples, beside
from launchready_tui.watch.schedule import Sample, Schedule

if TYPE_CHECKING:
    from checks.network import Network
    from checks.secret import Secret
    from checks.subject import Route, Subject
    from launchready_tui.sprint import Sprint

INTERVAL = 60.0
"""Seconds between two probes of one address."""


class LiveWatch:
    """Probes a sprint's addresses until it is stopped.

    Args:
        tell: called with a sentence when something cannot be kept, and after each probe with an empty one.
        token: gives Globalping's token where there is one; asked only where regions are chosen.
    """

    def __init__(
        self,
        sprint: Sprint,
        network: Callable[[], Network],
        tell: Callable[[str], None],
        *,
        interval: float = INTERVAL,
        token: Callable[[], Awaitable[Secret | None]] | None = None,
    ) -> None:
        self._sprint, self._network, self._tell, self._interval = sprint, network, tell, interval
        self._token = token
        self._regions: RegionWatch | None = None
        self._clock = SystemClock()
        self._samples: Samples | None = None

    async def run(self) -> None:
        """Probe for ever; cancelling it saves the figures. Raises BadName for an address that cannot be one."""
        sprint, subject = self._sprint, self._sprint.subject()
        routes = watched_routes(subject)
        if word := left_out(subject, routes):
            self._tell(word)
        kept = not sprint.read_only and sprint.path is not None
        samples = self._samples = Samples(beside(sprint.path) if kept and sprint.path else None)
        keeper = Keeper(samples, sprint if kept else None, self._tell, self._clock.elapsed)

        def took(sample: Sample) -> None:
            keeper.took(sample)
            self._tell("")

        schedule = Schedule(
            routes,
            NetworkProber(self._network),
            took,
            keeper.missed,
            interval=self._interval,
            clock=self._clock,
        )
        try:
            await together(schedule.run(), self._run_regions(routes, subject, keeper))
        finally:
            keeper.save([route.url for route in routes])
            samples.close()
            self._samples = self._regions = None

    async def _run_regions(self, routes: Sequence[Route], subject: Subject, keeper: Keeper) -> None:
        regions = subject.monitor.regions
        if not regions:
            return
        region_keeper = RegionKeeper(keeper, regions, self._clock)

        def took(seen: RegionSeen) -> None:
            region_keeper.took(seen)
            self._tell("")

        self._regions = await region_watch(
            routes,
            subject,
            self._network,
            took,
            self._tell,
            clock=self._clock,
            token=self._token,
            interval=self._interval,
        )
        await self._regions.run()

    @property
    def regions_word(self) -> str:
        """How the measurements from other regions go; empty where there are none."""
        return self._regions.word if self._regions else ""

    def last_hour(self, url: str) -> Sequence[float | None]:
        """Seconds of the last hour's probes of an address, oldest first, None for a failure; empty when stopped."""
        if self._samples is None:
            return ()
        return self._samples.last_hour(url, timestamp(self._clock.now() - timedelta(hours=1)))

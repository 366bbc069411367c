"""When probes are due, which of them were taken, and which were missed because nobody was there to take them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks.subject import Route
from launchready_tui.watch.clock import Clock, SystemClock
from launchready_tui.watch.probe import Outcome, Prober

NAP = 5.0
"""Seconds of one sleep at most: so soon after the machine wakes up, the next probe is taken."""
AT_ONCE = 16
"""Probes of one address that may be under way together, where they take longer than the interval."""
SLEPT = 1.0
"""Seconds of the machine's sleep from which on a failure in the middle of it says nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One probe that was taken."""

    url: str
    slot: int
    at: datetime
    outcome: Outcome


class Schedule:
    """Probes every address at once, each `interval` seconds, from now on.

    A slot that passes while the machine sleeps, the process is stopped or this machine has no network is missed:
    the site was neither up nor down. Setting the clock of the machine changes nothing.

    Args:
        took: called with each probe taken.
        missed: called with an address, the time, the number of probes missed and why.
        length: seconds after which it ends, once the last probe has; None is until stopped.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        prober: Prober,
        took: Callable[[Sample], None],
        missed: Callable[[str, datetime, int, str], None],
        *,
        interval: float = 60.0,
        length: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._routes, self._prober, self._took, self._missed = routes, prober, took, missed
        self._interval, self._clock = interval, clock or SystemClock()
        self._length = math.inf if length is None else length
        self._slots = math.inf if length is None else math.ceil(length / interval - 1e-9)
        self._running: dict[str, set[asyncio.Task[None]]] = {route.url: set() for route in routes}

    async def run(self) -> None:
        """Probe until the time is over and the last probe has ended. Cancelled, it drops what is under way."""
        try:
            await self._take_slots()
            await asyncio.gather(*self._tasks())
        finally:
            tasks = self._tasks()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_slots(self) -> None:
        began = self._clock.elapsed()
        slot = 0
        while slot < self._slots:
            while (left := slot * self._interval - (self._clock.elapsed() - began)) > 0:
                await self._clock.sleep(min(left, NAP))
            passed = math.floor((self._clock.elapsed() - began) / self._interval + 1e-9)
            latest = int(max(slot, min(passed, self._slots)))
            if latest > slot:
                for route in self._routes:
                    self._missed(route.url, self._clock.now(), latest - slot, "this machine was asleep or stopped")
            if latest < self._slots:
                for route in self._routes:
                    self._start(route, latest)
            slot = latest + 1
        while (left := self._length - (self._clock.elapsed() - began)) > 0:
            await self._clock.sleep(min(left, NAP))

    def _start(self, route: Route, slot: int) -> None:
        running = self._running[route.url]
        if len(running) >= AT_ONCE:
            self._missed(route.url, self._clock.now(), 1, "too many probes are under way")
            return
        task = asyncio.create_task(self._probe(route, slot))
        running.add(task)
        task.add_done_callback(running.discard)

    async def _probe(self, route: Route, slot: int) -> None:
        at, slept = self._clock.now(), self._slept()
        try:
            outcome = await self._prober(route)
        except Exception as problem:
            # A fault of ours in one probe ends no watch of 48 hours; its kind is said, its text may hold anything.
            outcome = Outcome(None, reason=f"the probe broke off ({type(problem).__name__})")
        if outcome.ok is None:
            self._missed(route.url, at, 1, outcome.reason)
        elif not outcome.ok and self._slept() - slept > SLEPT:
            self._missed(route.url, at, 1, "this machine fell asleep over it")
        else:
            self._took(Sample(route.url, slot, at, outcome))

    def _slept(self) -> float:
        return self._clock.elapsed() - self._clock.awake()

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [task for tasks in self._running.values() for task in tasks]

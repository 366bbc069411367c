"""Time between requests: at most one a second, however fast the answers come."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the pace needs to know of time; a test turns one of its own."""

    def now(self) -> float:
        """Seconds, from any beginning, never backwards."""

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """Time as it passes."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Pace:
    """Lets one request start every `interval` seconds, and none before a pause that the server asked for is over."""

    def __init__(self, clock: Clock, interval: float) -> None:
        self._clock = clock
        self._interval = interval
        self._free = clock.now()
        self._began = clock.now()

    @property
    def elapsed(self) -> float:
        return self._clock.now() - self._began

    async def turn(self) -> None:
        """Wait until the next request may start."""
        while (wait := self._free - self._clock.now()) > 0:
            await self._clock.sleep(wait)
        self._free = self._clock.now() + self._interval

    def hold(self, seconds: float) -> None:
        """Let nothing start for so long."""
        self._free = max(self._free, self._clock.now() + seconds)

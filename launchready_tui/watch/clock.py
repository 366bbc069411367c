"""The clocks of the watch: what time it is, how long it has run, and how much of that the machine was awake."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tests turn their own."""

    def now(self) -> datetime:
        """The time of day in UTC. May jump when somebody sets it, so nothing is measured with it."""
        ...

    def elapsed(self) -> float:
        """Seconds that only go forward, at one pace, and also while the machine sleeps."""
        ...

    def awake(self) -> float:
        """Seconds that only go forward, and stand still while the machine sleeps where the system can tell."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        if sys.platform == "darwin":
            return time.clock_gettime(time.CLOCK_MONOTONIC)
        return time.monotonic()

    def awake(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

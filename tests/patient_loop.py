"""An event loop whose clock counts the time in which nobody had anything to say, and hardly any other.

Most tests have both ends of a conversation on one loop. Where a busy machine keeps that from running, a deadline would
pass while the answer lies ready to be read, so that how long a test waits for a silent server would say how slow a
machine may be. Here a deadline of 0.2 s is 0.2 s of waiting in vain, and still 0.2 s where nothing keeps the loop.
Where somebody talks without a pause, time hardly counts; a test of that, or of how late a loop is, is marked
`usual_loop`.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Mapping

import pytest

IDLE, BUSY = 0.01, 0.001
"""Seconds that count at most: of a wait that ended with nothing, and of any other, or of the work between two."""


class _Patient(selectors.DefaultSelector):
    """A selector that never waits longer than IDLE at once, and has the clock."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = self._since = time.monotonic()

    def now(self) -> float:
        return self._counted + min(time.monotonic() - self._since, BUSY)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._count(BUSY)
        ready = super().select(IDLE if timeout is None else min(timeout, IDLE))
        self._count(BUSY if ready else IDLE)
        return ready

    def _count(self, most: float) -> None:
        moment = time.monotonic()
        self._counted += min(moment - self._since, most)
        self._since = moment


class PatientLoop(asyncio.SelectorEventLoop):
    """The usual loop of Unix with that clock."""

    def __init__(self) -> None:
        self._patient = _Patient()
        super().__init__(self._patient)

    def time(self) -> float:
        return self._patient.now()


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The hook for the conftest.py of all tests."""
    if item.get_closest_marker("usual_loop"):
        return {"usual": asyncio.SelectorEventLoop}
    return {"patient": PatientLoop}

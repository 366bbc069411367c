"""How the time of a reader grows with its text: as the length does, or as the square, which a stranger could use."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORT, LONG = 4_000, 64_000
"""Characters: sixteen times as many."""
MOST = 80
"""Times as long as for the short text: sixteen and a lot of noise, where a square would take 256."""
NOISE = 0.01
"""Seconds that a clock and a busy machine may add."""
SERIES = 5
"""Measured anew so often where it looks like the square: a square does every time, a disturbed measurement does not."""


def assert_linear(read: Callable[[str], object], unit: str) -> None:
    """Read a short and a long text of the same pieces and compare."""
    read(unit)

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = 9.0
        for _ in range(3):
            began = time.thread_time()
            read(text)
            best = min(best, time.thread_time() - began)
        return best

    for _ in range(SERIES):
        short, long = seconds(SHORT), seconds(LONG)
        if long < MOST * short + NOISE:
            return
    raise AssertionError(f"{unit!r}: {short:.4f} s for {SHORT} characters, {long:.4f} s for {LONG}")

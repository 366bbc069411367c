"""When Python looks for garbage in the app: never in the midst of a frame.

A full collection takes 20 ms and more, and a redraw of the whole screen 30; Python starts the first wherever it stands,
so that both could fall together and hold the event loop for longer than a person notices.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 1.0
"""How often the app asks whether a full collection is due."""
YOUNG, MIDDLE, NEVER = 3_000, 4, 1_000_000
"""Thresholds of the three generations. A frame makes thousands of objects: with Python's 700 it would pay ten times."""
DUE = 10
"""Collections of the middle generation after which everything is looked at."""


@contextmanager
def collected_by_hand() -> Iterator[None]:
    """Leave full collections to `collect_where_due`, for as long as the block lasts."""
    thresholds = gc.get_threshold()
    gc.freeze()  # What the app is made of stays for good: no collection need look at it.
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded, which stay for good: without this each full collection would look at all of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_where_due() -> None:
    """A full collection by itself, where enough has come together; not while modules are being loaded."""
    if gc.isenabled() and gc.get_count()[2] >= DUE:
        gc.collect()

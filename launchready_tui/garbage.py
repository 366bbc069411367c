"""When Python looks for garbage in the app: in the midst of a frame for the youngest alone.

A full collection takes 20 ms and more, one of the middle generation 10, and a redraw 30; Python starts them wherever it
stands, so that they could fall together and hold the event loop for longer than a person notices.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 0.25
"""How often the app asks whether a collection is due."""
YOUNG, NEVER = 3_000, 1_000_000
"""Thresholds of the generations. A frame makes thousands of objects: with Python's 700 it would pay ten times."""
MIDDLE, FULL = 4, 10
"""Collections of the generation below after which the middle one, and everything, is looked at."""


@contextmanager
def collected_by_hand() -> Iterator[None]:
    """Leave all but the youngest to `collect_where_due`, for as long as the block lasts."""
    thresholds = gc.get_threshold()
    gc.freeze()  # What the app is made of stays for good: no collection need look at it.
    gc.set_threshold(YOUNG, NEVER, NEVER)
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
    """A collection by itself, where enough has come together; not while modules are being loaded."""
    if not gc.isenabled():
        return
    _, middle, full = gc.get_count()
    if full >= FULL:
        gc.collect()
    elif middle >= MIDDLE:
        gc.collect(1)

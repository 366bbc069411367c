"""Waits for what a person would wait for, and reads what a person would read."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Callable
from inspect import getsource
from typing import Any

from textual.pilot import Pilot

SECONDS = 60.0
"""Far longer than anything takes on a busy machine: only what never comes about waits so long."""


async def until(pilot: Pilot[Any], holds: Callable[[], bool], what: str = "") -> None:
    """Let the app work until something holds; fail where it does not come about."""
    ends = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < ends, f"waited in vain: {what or getsource(holds)}\n{seen(pilot)}"
        await pilot.pause()
        await asyncio.sleep(0.01)
    await pilot.pause()


def seen(pilot: Pilot[Any]) -> str:
    """The text on the screen, row by row."""
    # What a screenshot is made from, without the picture: a tenth of its time.
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


CELL = 12.2
"""Width of a terminal cell in a screenshot."""


def text_of(svg: str) -> str:
    """The text of a screenshot, row by row, every piece in its column."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for place in re.finditer(r'<text[^>]*? x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', svg, re.DOTALL):
        rows.setdefault(float(place[2]), []).append((float(place[1]), html.unescape(place[3])))
    lines = []
    for y in sorted(rows):
        line = ""
        for x, text in sorted(rows[y]):
            line = line.ljust(round(x / CELL)) + text.replace("\xa0", " ")
        lines.append(line)
    return "\n".join(lines)


def words(pilot: Pilot[Any]) -> str:
    """The text on the screen with every run of white space as one space."""
    return " ".join(seen(pilot).split())

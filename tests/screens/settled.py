"""When the app has done all that is due, in place of Textual's own guess.

Textual takes the app for idle where its process used hardly any time for 20 ms: on a busy machine that is also one which
was not given any. Here it is idle where every widget waits for its next message, nothing changed that is not drawn, and
no part of a screen waits for its turn. Work in the background is no part of that: a test waits for what it brings about.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual._context import active_app
from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.widgets import Button

TURNS = 6
"""Of the loop, in which nothing is due: a key reaches the app's queue only some turns after it was sent."""
ROUNDS = 1500
"""Looks at most, as what changes again and again (an audit under way) is never done."""


async def settle(app: App[Any]) -> None:
    """Wait until nothing is due, and draw what is."""
    calm = 0
    for _ in range(ROUNDS):
        await asyncio.sleep(0)
        if not app._running or app._exception is not None:
            return
        if _is_at_work(app):
            calm = 0
        elif _waits_for_a_timer(app):
            calm = 0
            await asyncio.sleep(0.005)
        elif _is_to_be_drawn(app):
            calm = 0
            app.screen._on_timer_update()
        elif calm < TURNS:
            calm += 1
        else:
            return


async def settled(*_: float) -> None:
    """As Textual's `wait_for_idle`, of the app under test."""
    await settle(active_app.get())


async def settled_screen(pilot: Pilot[Any], timeout: float = 0) -> bool:
    """As the method of Pilot that waits for the widgets' messages."""
    await settle(pilot.app)
    return pilot.app._exception is None


def _is_at_work(app: App[Any]) -> bool:
    """Whether a message is being handled, or waits to be."""
    pumps: list[MessagePump] = [app, *app.screen.walk_children(with_self=True)]
    return any((pump._running and not _waits(pump)) or (pump._task is not None and not pump._running) for pump in pumps)


def _waits(pump: MessagePump) -> bool:
    queue = pump._message_queue
    return queue.empty() and bool(queue.ready_event._waiters) and not pump._next_callbacks  # type: ignore[attr-defined]


def _is_to_be_drawn(app: App[Any]) -> bool:
    screen = app.screen
    return bool(screen._callbacks or screen._dirty_widgets or screen._layout_required or screen._scroll_required)


def _waits_for_a_timer(app: App[Any]) -> bool:
    """Whether news of the sprint or a part of a screen is to be drawn in a moment, or a button is down still."""
    turns = (getattr(screen, "_turns", None) for screen in app.screen_stack)
    return (
        getattr(app, "_redraw_due", False)
        or any(turn is not None and turn._waiting for turn in turns)
        or any(button.has_class("-active") for button in app.screen.query(Button))
    )

"""The parts of a screen, drawn one frame after another."""

from __future__ import annotations

from collections.abc import Callable

from textual.message_pump import MessagePump

FRAME = 1 / 30
"""Seconds between two parts: longer than a frame of Textual's, so that no two fall into one."""


class Turns:
    """Draws what is asked for, one part a frame, and what is asked for twice meanwhile once.

    Textual composes the one rectangle round all that changed in a frame. A change at the top and one at the bottom
    right make that the whole screen, which holds the event loop for far longer than both parts by themselves.
    """

    def __init__(self, owner: MessagePump, ready: Callable[[], bool], *parts: Callable[[], None]) -> None:
        """Of `parts`, in this order, as long as `owner` is `ready` to be drawn; its end ends them too."""
        self._owner = owner
        self._ready = ready
        self._parts = parts
        self._due: list[Callable[[], None]] = []
        self._waiting = False

    def ask(self) -> None:
        """Draw every part anew: the first at once, unless one was drawn just now."""
        self._due += [part for part in self._parts if part not in self._due]
        if not self._waiting:
            self._next()

    def _next(self) -> None:
        if not self._ready():
            self._due.clear()
        self._waiting = bool(self._due)
        if self._due:
            # Its screen knows what a part changed only some turns of the loop later: first the time, then the frame.
            self._owner.set_timer(FRAME, lambda: self._owner.call_after_refresh(self._next))
            self._due.pop(0)()

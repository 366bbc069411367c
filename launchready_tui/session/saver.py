"""Keeps a session saved without holding anyone up: bursts of changes become one write, in a thread."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Literal

from launchready_tui.session.errors import SessionError
from launchready_tui.session.store import Store

PAUSE = 0.3
"""Seconds for which changes are gathered before they are written."""

RETRY = 5.0
"""Seconds after which a write that failed is tried again."""


@dataclass(frozen=True, slots=True)
class SaveState:
    """Whether what is on the screen is on the disk."""

    word: Literal["saved", "saving", "not saved", "read-only", "in memory"]
    at: datetime | None = None
    """When it was last written in this session of work."""
    reason: str = ""
    """Why it is not saved, or cannot be."""


class Saver:
    """Writes a snapshot soon after each change.

    Args:
        snapshot: gives the text to write; called in any thread, so it guards itself.
        on_state: called, in whichever thread it came about, when `state` may have changed; must not wait.
    """

    def __init__(
        self,
        store: Store,
        snapshot: Callable[[], bytes],
        on_state: Callable[[], None] = lambda: None,
        *,
        pause: float = PAUSE,
        retry: float = RETRY,
    ) -> None:
        self._store, self._snapshot, self._on_state = store, snapshot, on_state
        self._pause, self._retry = pause, retry
        self._changes = 0
        self._saved = 0
        """How many of the changes are on the disk."""
        self._saved_at: datetime | None = None
        self._reason = ""
        self.writes = 0
        """How many times the disk was written."""
        # Held while the disk is written, never while a snapshot is taken: a signal handler that flushes may
        # have interrupted a change of the session, whose own lock the snapshot of the thread then waits for.
        self._writing = threading.RLock()
        self._wake, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="session-saver", daemon=True)
        self._thread.start()
        atexit.register(self.flush_now)

    @property
    def state(self) -> SaveState:
        if self._reason:
            return SaveState("not saved", self._saved_at, self._reason)
        return SaveState("saved" if self._saved >= self._changes else "saving", self._saved_at)

    def touch(self) -> None:
        """Say that something changed. Returns at once."""
        self._changes += 1
        self._wake.set()
        self._on_state()

    def flush_now(self) -> bool:
        """Write what is not written yet before returning, also from a signal handler. Returns whether all is saved."""
        changes = self._changes
        if changes <= self._saved:
            return True
        text = self._snapshot()
        with self._writing:
            if changes > self._saved:
                self._write(text, changes)
        self._on_state()
        return not self._reason

    def close(self) -> bool:
        """Flush and stop. Returns whether all is saved."""
        self._closing.set()
        self._wake.set()
        self._thread.join()
        saved = self.flush_now()
        atexit.unregister(self.flush_now)
        return saved

    def _write(self, text: bytes, changes: int) -> None:
        try:
            self._store.save_text(text)
        except SessionError as problem:
            self._reason = problem.reason
            return
        self.writes += 1
        self._saved, self._saved_at, self._reason = changes, datetime.now(UTC), ""

    def _work(self) -> None:
        while self._wake.wait() and not self._closing.wait(self._pause):
            self._wake.clear()
            if self._closing.is_set():
                # It came between the pause and here, and what it woke us with has just been cleared.
                return
            if not self.flush_now():
                self._closing.wait(self._retry)
                self._wake.set()


GOODBYE_SECONDS = 5.0
"""For leaving in order after a signal."""


@contextmanager
def flushed_on_signals(flush: Callable[[], object], then: Callable[[int], None] | None = None) -> Iterator[None]:
    """Flush when the process is told to end (SIGTERM) or loses its terminal (SIGHUP). Main thread only.

    Args:
        then: called with the signal's number afterwards; without it the process ends as by `sys.exit`. It has
            GOODBYE_SECONDS to leave this context; then the process is ended for it.
    """
    pending: list[threading.Timer] = []

    def handle(number: int, frame: FrameType | None) -> None:
        flush()
        if then is None:
            raise SystemExit(128 + number)
        # A screen whose terminal is gone can wait for ever to draw its goodbye. All is saved by now.
        last = threading.Timer(GOODBYE_SECONDS, os._exit, (128 + number,))
        last.daemon = True
        pending.append(last)
        last.start()
        then(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for timer in pending:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)

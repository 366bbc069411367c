"""How long the event loop is held while the app audits: python -m tests.benchmarks.bench_loop [RUNS]

The demo's app runs headless with its lab, and both use the one loop, so that the lab's own work counts too. Every
callback is timed, by wall clock and by this thread's CPU: on a busy machine the first also holds the time that
other programs took.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from launchready_tui.app import LaunchReady
from launchready_tui.shelf import Shelf
from tests.screens.waiting import until

LIMIT = 0.050
SHOWN = 12


@dataclass
class Held:
    """What held the loop: (wall seconds, CPU seconds, what ran), the longest first."""

    calls: int = 0
    slow: list[tuple[float, float, str]] = field(default_factory=list)

    def note(self, wall: float, cpu: float, what: str) -> None:
        self.calls += 1
        self.slow = sorted([*self.slow, (wall, cpu, what)], reverse=True)[:SHOWN]


@contextmanager
def watched() -> Iterator[Held]:
    """Time every callback of the running loop, for as long as the block lasts."""
    held, run = Held(), asyncio.events.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        what = _name(handle)
        wall, cpu = time.perf_counter(), time.thread_time()
        run(handle)
        held.note(time.perf_counter() - wall, time.thread_time() - cpu, what)

    asyncio.events.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield held
    finally:
        asyncio.events.Handle._run = run  # type: ignore[method-assign]


def _name(handle: asyncio.Handle) -> str:
    """The task behind a step with where it stands, else the callback's own name."""
    callback = handle._callback  # type: ignore[attr-defined]
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        inner = task.get_coro()
        names = []
        while inner is not None and hasattr(inner, "cr_frame"):
            frame = inner.cr_frame
            names.append(f"{inner.__qualname__}:{frame.f_lineno if frame else ''}")
            inner = inner.cr_await
        return " > ".join(names[-4:])
    return getattr(callback, "__qualname__", type(callback).__name__)


async def one_audit(folder: Path) -> Held:
    """Open the demo in the app, run every check, and return what held the loop meanwhile."""
    app = LaunchReady(demo=True, demo_folder=folder, shelf=Shelf(folder / "sprints", folder / "here"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: type(app.screen).__name__ == "BlockScreen" and bool(app.screen.query("#steps")))
        with watched() as held:
            app.fieldwork.run_checks(None)
            await until(pilot, lambda: bool(app.sprint.session.run) and not app.fieldwork.running, "the audit's end")
    return held


def main() -> None:
    for number in range(int(sys.argv[1] if len(sys.argv) > 1 else 2)):
        with tempfile.TemporaryDirectory() as folder:
            held = asyncio.run(one_audit(Path(folder)))
        print(f"run {number + 1}: {held.calls} callbacks")
        for wall, cpu, what in held.slow:
            print(f"  {wall * 1000:6.1f} ms ({cpu * 1000:6.1f} CPU)  {what}")


if __name__ == "__main__":
    main()

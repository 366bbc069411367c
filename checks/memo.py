"""Ask once, await often: coroutines whose result is shared by everyone who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """A table of running and finished questions. The first asker starts the work.

    An asker that is cancelled leaves the work to the others; a failure is everyone's.
    """

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await the result of `work` under `key`, starting it if nobody has."""
        task: asyncio.Task[T] | None = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(work())
        if task.done():
            return task.result()
        return await asyncio.shield(task)

    def answer(self, key: Hashable) -> Any:
        """What came out under `key`; None where nobody asked, it still runs, or it failed."""
        task = self._tasks.get(key)
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    async def aclose(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

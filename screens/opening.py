"""Opens a session file with the person's help where it is damaged or held by another."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from screens.modals.ask import Confirm
from screens.text import shown

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady
    from launchready_tui.sprint import Sprint


async def open_file(app: LaunchReady, path: Path) -> Sprint | None:
    """Open a session file; None where the person would rather not. Call it in a worker. Raises SessionError."""
    sprints = await asyncio.to_thread(_load)
    from launchready_tui.session.errors import Damaged, Held
    from launchready_tui.session.store import restore

    try:
        return await asyncio.to_thread(sprints.open, path)
    except Damaged as problem:
        if problem.backup is None:
            raise
        words = shown(problem.reason)
        if not await app.push_screen_wait(Confirm(Content("Take the last good version?"), words, yes="Take it")):
            return None
        restored = await asyncio.to_thread(restore, path)
        app.notify(restored.word, markup=False, timeout=12)
        return await asyncio.to_thread(sprints.open, path)
    except Held as problem:
        words = shown(problem.reason)
        if not await app.push_screen_wait(Confirm(Content("Open it for reading only?"), words, yes="Look at it")):
            return None
        return await asyncio.to_thread(lambda: sprints.open(path, read_only=True))


def _load() -> type[Sprint]:
    """Import what reads sessions: in a thread, since it takes longer than a frame."""
    from launchready_tui.sprint import Sprint

    return Sprint

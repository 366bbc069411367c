"""The demo: a lab that runs, and the sprint that starts on it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from launchready_tui.lab.lab import Lab
from launchready_tui.session.toml import dumps, typed
from launchready_tui.sprint import Sprint

FILE_NAME = "harbor-tea.launch.toml"


@asynccontextmanager
async def demo_sprint(folder: Path | None = None) -> AsyncIterator[tuple[Lab, Sprint]]:
    """Start the lab and open its sprint; leaving stops the lab and closes the sprint.

    Args:
        folder: where the session file goes and stays; None is a temporary folder that stays, too, so that what
            was done in the demo can be looked at afterwards.
    """
    kept = folder or Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="launchready-demo-"))
    with tempfile.TemporaryDirectory(prefix="launchready-lab-") as workshop:
        async with Lab(Path(workshop)) as lab:
            path = kept / FILE_NAME
            await asyncio.to_thread(_write_session, path, lab)
            sprint = await asyncio.to_thread(Sprint.open, path)
            try:
                yield lab, sprint
            finally:
                await asyncio.to_thread(sprint.close)


def _write_session(path: Path, lab: Lab) -> None:
    """Start anew: the lab is another one each time, and its repository stands elsewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dumps(typed(lab.session())))

"""Text that a person takes along: onto a clipboard, or into a file of a name that is asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from screens.modals.ask import SaveTo

if TYPE_CHECKING:
    from launchready_tui.app import LaunchReady
    from launchready_tui.session.model import StoredFinding


def copy(app: LaunchReady, text: str, what: str) -> None:
    """Send text to the clipboard of the terminal and, where there is one, of this computer."""
    app.copy_to_clipboard(text)
    app.run_worker(_copy_locally(app, text, what), group="copy", exit_on_error=False)


async def _copy_locally(app: LaunchReady, text: str, what: str) -> None:
    from launchready_tui.clipboard import copy_locally

    local = await asyncio.to_thread(copy_locally, text)
    place = "this computer's clipboard" if local else "the terminal's clipboard"
    app.notify(f"Sent {what} to {place}. If it does not arrive: S saves it to a file.", markup=False)


def copy_fix(app: LaunchReady, row: StoredFinding | None) -> None:
    """Copy the exact change that mends a problem."""
    if row is not None and row.seen.fix:
        copy(app, row.seen.fix, "the fix")
    else:
        app.notify("There is nothing to mend here.", markup=False)


def save(app: LaunchReady, text: str, suggestion: str) -> None:
    """Ask for a file name and write text to it."""
    app.run_worker(_save(app, text, suggestion), group="save", exit_on_error=False)


async def _save(app: LaunchReady, text: str, suggestion: str) -> None:
    path = await app.push_screen_wait(SaveTo(Path(suggestion)))
    if path is not None:
        await asyncio.to_thread(path.write_text, text, "utf-8")
        app.notify(f"Saved as {path.name}.", markup=False)


def save_fix(app: LaunchReady, row: StoredFinding | None) -> None:
    """Save the exact change that mends a problem."""
    if row is not None and row.seen.fix:
        save(app, row.seen.fix + "\n", "fix.txt")
    else:
        app.notify("There is nothing to mend here.", markup=False)

"""The operating system's clipboard, where this process runs beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

SECONDS = 3.0

_TOOLS = (
    ("pbcopy", (), ""),
    ("wl-copy", (), "WAYLAND_DISPLAY"),
    ("xclip", ("-selection", "clipboard"), "DISPLAY"),
    ("xsel", ("--clipboard", "--input"), "DISPLAY"),
    ("clip.exe", (), ""),
)
"""Program, its arguments, and the variable without which it has nothing to talk to."""


def clipboard_tool(environ: Mapping[str, str] | None = None) -> tuple[str, ...] | None:
    """The command that fills the clipboard; None where there is none, or over SSH, where it is another's."""
    environ = os.environ if environ is None else environ
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return None
    for program, arguments, variable in _TOOLS:
        found = shutil.which(program, path=environ.get("PATH"))
        if found and (not variable or environ.get(variable)):
            return (found, *arguments)
    return None


def copy_locally(text: str) -> bool:
    """Put text into the operating system's clipboard. Blocks; returns whether it is there."""
    tool = clipboard_tool()
    if tool is None:
        return False
    # clip.exe reads UTF-16; all others UTF-8.
    data = text.encode("utf-16-le" if tool[0].endswith("clip.exe") else "utf-8")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command of the table above
            tool, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0

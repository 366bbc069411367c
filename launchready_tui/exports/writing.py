"""Writes the files of an export into a folder, each whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launchready_tui.session.store import write


def write_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files, replacing those that are there. Returns their paths. Raises OSError.

    Args:
        files: text by name; a name may lead into a folder below, which is made.
    """
    paths = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, text.encode())
        paths.append(path)
    return paths

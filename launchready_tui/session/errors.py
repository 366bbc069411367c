"""Why a session file cannot be read or written.

SessionError
├── NotThere      there is no such file
├── AlreadyThere  a new sprint would take an existing file's place
├── Damaged       the file is no session; it is left as it is, and the backup may be offered
├── ReadOnly      of a later version, or opened for reading
├── Held          another writer has it open
└── NotSaved      the disk refused, or the file was changed by another program
"""

from __future__ import annotations

from pathlib import Path


class SessionError(Exception):
    """The reason, in a sentence that a founder understands."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class NotThere(SessionError):
    """There is no such file."""


class AlreadyThere(SessionError):
    """A file of this name exists."""


class Damaged(SessionError):
    """The file cannot be read as a session. Nothing was changed.

    `line` is 0 and `where` empty where they are not known; `backup` is None where there is no readable one.
    """

    def __init__(self, path: Path, reason: str, *, line: int = 0, where: str = "", backup: Path | None = None) -> None:
        super().__init__(path, reason)
        self.line = line
        self.where = where
        self.backup = backup


class ReadOnly(SessionError):
    """This session cannot be written."""


class Held(SessionError):
    """Another writer has the file open; `holder` says who, where and since when."""

    def __init__(self, path: Path, reason: str, *, holder: str) -> None:
        super().__init__(path, reason)
        self.holder = holder


class NotSaved(SessionError):
    """Nothing was written; what is on the disk is as it was. `kept` is where the changes went, if anywhere."""

    def __init__(self, path: Path, reason: str, *, kept: Path | None = None) -> None:
        super().__init__(path, reason)
        self.kept = kept

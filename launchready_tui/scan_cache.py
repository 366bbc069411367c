"""What the secret scan keeps on this machine, outside every repository: compiled rules, ids and a key; no value."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

DAYS = 90
"""What was not used for so long is thrown away."""


def cache_folder() -> Path:
    """Where a program keeps what it can make again, by each system's own custom."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        return base / "launchready" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "launchready"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "launchready"


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A store of small files; all that goes wrong with it costs time and nothing else."""

    folder: Path

    @classmethod
    def usual(cls) -> FolderStore:
        try:
            return cls(cache_folder() / "scan")
        except RuntimeError:  # a user without a home, as in many a container
            return cls(Path(os.devnull) / "scan")

    def get(self, name: str) -> bytes | None:
        path = self.folder / name
        try:
            with path.open("rb") as file:
                if not (_is_ours(os.fstat(file.fileno())) and _is_ours(self.folder.stat())):
                    return None
                value = file.read()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return value

    def put(self, name: str, value: bytes) -> None:
        with contextlib.suppress(OSError):
            self._write(name, value)
            self._tidy()

    def _write(self, name: str, value: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix=".new-")  # readable by its owner alone
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(value)
            os.replace(temporary, self.folder / name)
        except BaseException:
            os.unlink(temporary)
            raise

    def _tidy(self) -> None:
        oldest = time.time() - DAYS * 86400
        for path in self.folder.iterdir():
            if path.name != _KEY and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def key(self) -> bytes:
        """This machine's key for fingerprints, made once. Where it cannot be kept it is of this run alone."""
        kept = self.get(_KEY)
        if kept is not None and len(kept) == 32:
            return kept
        made = os.urandom(32)
        self.put(_KEY, made)
        return self.get(_KEY) or made


_KEY = "fingerprint-key"


def _is_ours(told: os.stat_result) -> bool:
    """Whether nobody else can have written there: compiled rules of another user are code of another user."""
    if sys.platform == "win32":  # a user's own folder is nobody else's there
        return True
    return told.st_uid == os.geteuid() and not told.st_mode & (stat.S_IWGRP | stat.S_IWOTH)

"""The session file on the disk: read whole or not at all, written atomically, the last good one kept."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launchready_tui.session.errors import AlreadyThere, Damaged, NotSaved, NotThere, SessionError
from launchready_tui.session.model import SCHEMA, Session
from launchready_tui.session.toml import Unreadable, dumps, loads

SUFFIX = ".launch.toml"


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as it was read."""

    path: Path
    session: Session
    raw: bytes
    """What was on the disk."""
    read_only: bool = False
    word: str = ""
    """What the user should know: why it is read-only, or that it comes from the backup."""
    recovered: bool = False


def backup_of(path: Path) -> Path:
    """Where the last good version is kept."""
    return path.with_name(f"{path.name}.bak")


def load(path: Path) -> Opened:
    """Read a session file. It is only read, never changed.

    Raises NotThere, Damaged (with the line, and the backup where a readable one is there), or SessionError.
    """
    raw = _read(path)
    try:
        session = loads(raw)
    except Unreadable as problem:
        backup = backup_of(path) if _is_good(backup_of(path)) else None
        reason = f"{path.name} is damaged: {problem.reason}. It was left as it is."
        if backup:
            reason += f" The last good version is {backup.name}."
        raise Damaged(path, reason, line=problem.line, where=problem.where, backup=backup) from problem
    if session.schema > SCHEMA:
        word = (
            f"{path.name} was written by a later version of Launch Ready (schema {session.schema}; this one knows "
            f"{SCHEMA}). You can look and export; to change it, update Launch Ready."
        )
        return Opened(path, session, raw, read_only=True, word=word)
    return Opened(path, session, raw)


def restore(path: Path) -> Opened:
    """Put the last good version in the place of a damaged file, which is kept under another name beside it.

    Raises NotThere or Damaged where the backup is no help, and SessionError where the disk refuses.
    """
    backup = load(backup_of(path))
    try:
        aside = _free(path.with_name(f"{path.name}.damaged"))
        if path.exists():
            os.replace(path, aside)
        write(path, backup.raw)
    except OSError as problem:
        raise SessionError(path, f"The backup could not be put in place: {why(problem)}.") from problem
    word = f"This is the last good version of {path.name}. The damaged file is kept as {aside.name}."
    return Opened(path, backup.session, backup.raw, backup.read_only, word, recovered=True)


class Store:
    """Writes one session file, and never over what it has not read or written itself.

    Args:
        raw: what was read; None for a file that is new.
    """

    def __init__(self, path: Path, raw: bytes | None) -> None:
        self.path = path.resolve()
        self._raw = raw
        self._writing: bytes | None = None
        """What is being put in place: ours as well, should a signal interrupt us there."""

    def save(self, session: Session) -> None:
        """Write the session.

        Raises NotSaved, after which the disk is as it was; AlreadyThere for a new file whose name is taken.
        """
        self.save_text(dumps(session))

    def save_text(self, text: bytes) -> None:
        """Write the text of a session, as `save` does."""
        if text == self._raw:
            return
        try:
            on_disk = self.path.read_bytes() if self.path.exists() else None
            self._refuse_foreign(on_disk, text)
            if on_disk is not None:
                _keep(self.path)
            self._writing = text
            write(self.path, text)
        except OSError as problem:
            raise NotSaved(self.path, f"{self.path.name} could not be saved: {why(problem)}.") from problem
        self._raw = text

    def _refuse_foreign(self, on_disk: bytes | None, text: bytes) -> None:
        """Refuse to write over what somebody else has written since."""
        if on_disk is None or on_disk in (self._raw, self._writing):
            return
        if self._raw is None:
            raise AlreadyThere(self.path, f"{self.path.name} is already there. Open it, or take another name.")
        kept = _free(self.path.with_name(f"{self.path.name.removesuffix(SUFFIX)}.mine{SUFFIX}"))
        write(kept, text)
        raise NotSaved(
            self.path,
            f"{self.path.name} was changed by another program while it was open, so it was not written over. "
            f"This sprint's state is kept as {kept.name}.",
            kept=kept,
        )


def write(path: Path, text: bytes) -> None:
    """Write a file so that at every moment the old or the new one is there whole. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a loss of power, where the system lets a folder be synced."""
    if os.name == "nt":
        return
    # The new file is in place and whole by now: a folder that cannot be synced is no reason to call it unsaved.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _keep(path: Path) -> None:
    """Keep the present version as the backup, in one step as well."""
    spare = path.with_name(f".{path.name}.bak.tmp")
    spare.unlink(missing_ok=True)
    try:
        os.link(path, spare)
    except OSError:
        shutil.copy2(path, spare)
    os.replace(spare, backup_of(path))
    # Where the write after the last one like this failed, both are the same file, and a rename does nothing.
    spare.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise NotThere(path, f"There is no file {path}.") from problem
    except OSError as problem:
        raise SessionError(path, f"{path.name} cannot be read: {why(problem)}.") from problem


def _is_good(path: Path) -> bool:
    try:
        loads(path.read_bytes())
    except (OSError, Unreadable):
        return False
    return True


def _free(path: Path) -> Path:
    """The path, or the first one with a number behind it that nobody uses."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}" if path.suffix != ".toml" else f"{number}.{path.name}")
    return free


def why(problem: OSError) -> str:
    """An error of the operating system, in a founder's words."""
    words = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "your share of the disk is used up",
        errno.EACCES: "you have no permission to write in this folder",
        errno.EPERM: "you have no permission to write in this folder",
        errno.EROFS: "this disk is read-only",
        errno.ENOENT: "the folder does not exist any more",
        errno.EISDIR: "it is a folder, not a file",
        errno.EIO: "the disk reports an error",
    }
    return words.get(problem.errno or 0, problem.strerror or type(problem).__name__)

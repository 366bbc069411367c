"""One writer a session file: a lock beside it that names its holder and dies with its process."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import sys
from pathlib import Path

from checks.finding import timestamp
from launchready_tui.session.errors import Held

_BYTE = 1 << 30
"""Where Windows locks: far behind the text, which others must be able to read."""


def _os_lock(handle: int) -> bool:
    """Take the operating system's lock without waiting. True also where the file system knows none."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import errno
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


class Lock:
    """The lock of one session file, held from `Lock(path)` to `release()`.

    The operating system lets go of it when the process ends, however it ends, so a lock file that was left
    behind keeps nobody out. Raises Held where another writer has it, OSError where none can be made.
    """

    def __init__(self, path: Path, holder: str = "") -> None:
        self._file = path.with_name(f"{path.name}.lock")
        self._handle = -1
        while self._handle < 0:
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            if not _os_lock(handle):
                os.close(handle)
                raise _held(path, self._file)
            if self._is_current(handle):
                self._handle = handle
            else:  # its last holder removed it between our two steps
                os.close(handle)
        _sign(self._handle, holder)

    def _is_current(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._file.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go, and take the lock file away. Twice does no harm."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(handle)
            with contextlib.suppress(OSError):
                self._file.unlink()
            return
        with contextlib.suppress(OSError):
            self._file.unlink()
        os.close(handle)


def _sign(handle: int, holder: str) -> None:
    """Write who holds it, for others to read."""
    try:
        name = holder or getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    signed = {"name": name, "pid": os.getpid(), "host": socket.gethostname(), "since": timestamp()}
    # On a full disk the lock holds all the same, without a name; the sprint is kept in memory until there is room.
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(signed).encode())


def _held(path: Path, file: Path) -> Held:
    try:
        signed = json.loads(file.read_text("utf-8"))
        holder = f"{signed['name']} (process {signed['pid']} on {signed['host']}, since {signed['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        holder = "another program"
    return Held(path, f"{path.name} is open for writing by {holder}.", holder=holder)

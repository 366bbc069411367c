"""A session that is open: who may write it, how it is saved, and who is told of changes."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from checks.finding import timestamp
from launchready_tui.events import Event, Listener, SavedChanged
from launchready_tui.session.errors import NotSaved, ReadOnly
from launchready_tui.session.lock import Lock
from launchready_tui.session.model import BlockTimes, Session, Site, SprintTimes
from launchready_tui.session.saver import Saver, SaveState
from launchready_tui.session.store import Store, load, why, write
from launchready_tui.session.toml import dumps, plain, text


class OpenSession:
    """Made by `open`, `new` or `in_memory`; closed by `close` or as a context manager."""

    def __init__(
        self, path: Path | None, session: Session, *, raw: bytes | None = None, lock: Lock | None = None, word: str = ""
    ) -> None:
        self.path = path
        self.session = session
        self.word = word
        """What the user should know of how it was opened; empty where nothing is unusual."""
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._mutex = threading.RLock()
        self._listeners: list[Listener] = []
        self._lock = lock
        self._saver: Saver | None = None
        if path is not None and lock is not None:
            self._saver = Saver(Store(path, raw), self._snapshot, lambda: self._tell(SavedChanged()))

    # Opening and closing

    @classmethod
    def open(cls, path: Path, *, holder: str = "", read_only: bool = False) -> Self:
        """Open a session file.

        One of a later version is opened read-only, with `word` saying so. Raises NotThere, Damaged, Held
        (open it with `read_only=True` to look at it all the same), or SessionError.

        Args:
            holder: the name that others are told while it is open; the user's login name where empty.
        """
        lock, word = (None, "Opened for reading only.") if read_only else _lock(path, holder)
        try:
            opened = load(path)
        except BaseException:
            _release(lock)
            raise
        if opened.read_only:
            _release(lock)
            lock = None
        return cls(path, opened.session, raw=opened.raw, lock=lock, word=opened.word or word)

    @classmethod
    def new(cls, path: Path, site: Site, *, holder: str = "", consultant: str = "", client: str = "") -> Self:
        """Start a sprint in a new file.

        Raises AlreadyThere where the name is taken, NotSaved where the disk refuses, Held.
        """
        now = timestamp()
        times = SprintTimes(started=now, consultant=consultant, client=client, blocks={"H1": BlockTimes(opened=now)})
        session = Session(site=site, sprint=times)
        lock, word = _lock(path, holder)
        try:
            if lock is None:
                raise NotSaved(path, word)
            Store(path, None).save(session)
        except BaseException:
            _release(lock)
            raise
        return cls(path, session, raw=dumps(session), lock=lock)

    @classmethod
    def in_memory(cls, session: Session) -> Self:
        """A sprint that is not on the disk, for a script or a look at a site."""
        return cls(None, session)

    def close(self) -> bool:
        """Save what is not saved, and let others write. Returns whether all is saved."""
        saved = self._saver.close() if self._saver else True
        _release(self._lock)
        return saved

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Saving

    @property
    def read_only(self) -> bool:
        return self.path is not None and self._saver is None

    @property
    def saved(self) -> SaveState:
        """Whether what is on the screen is on the disk."""
        if self._saver:
            return self._saver.state
        return SaveState("read-only", reason=self.word) if self.path else SaveState("in memory")

    def flush_now(self) -> bool:
        """Write what is not written yet before returning; for quitting and signals. Returns whether all is saved."""
        return self._saver.flush_now() if self._saver else True

    def save_copy(self, path: Path) -> None:
        """Write the sprint to another file as well, as when its own place is full. Raises NotSaved, AlreadyThere."""
        Store(path, None).save_text(self._snapshot())

    def rescue(self) -> Path:
        """Write a copy to the folder for temporary files, where nothing else works. Raises NotSaved."""
        name = self.path.name if self.path else f"{self.session.site.domain}.launch.toml"
        kept = Path(tempfile.mkdtemp(prefix="launchready-")) / name
        try:
            write(kept, self._snapshot())
        except OSError as problem:
            raise NotSaved(kept, f"{kept} could not be written: {why(problem)}.") from problem
        return kept

    def _snapshot(self) -> bytes:
        with self._mutex:
            values = plain(self.session)
        return text(values)

    # Listening

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event from now on; the function returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        if self.read_only:
            raise ReadOnly(Path(self.path or ""), self.word)
        with self._mutex:
            yield
        if self._saver:
            self._saver.touch()

    def _now(self) -> str:
        return timestamp(self.clock())


def _lock(path: Path, holder: str) -> tuple[Lock | None, str]:
    """The lock of a file; without one where the folder cannot be written, and a word that says so."""
    try:
        return Lock(path, holder), ""
    except OSError as problem:
        return None, f"{path.parent} cannot be written: {why(problem)}. This is for reading only."


def _release(lock: Lock | None) -> None:
    if lock:
        lock.release()

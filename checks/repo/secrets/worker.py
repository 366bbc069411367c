"""Looks at one unit of work after the other, in one process."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from checks.repo.git import SECONDS
from checks.repo.secrets.batch import Batch
from checks.repo.secrets.finder import Finder
from checks.repo.secrets.look import Looker, Text
from checks.repo.secrets.objects import LARGEST, BadObject, Loose, TooLarge, pieces, read_loose
from checks.repo.secrets.pack import BadPack, Pack
from checks.repo.secrets.parts import PART
from checks.repo.secrets.tally import Tally
from checks.repo.secrets.tree import open_file
from checks.repo.secrets.walk import Walker, content

if TYPE_CHECKING:
    from checks.repo.secrets.work import Job, Unit

FAILURES = 100
"""Objects that git may not give either before it is not asked for any more."""


class Worker:
    """Takes units until none is left."""

    def __init__(self, job: Job, finder: Finder, stopped: Callable[[], bool]) -> None:
        self.tally = Tally(job.key)
        self._job = job
        self._looker = Looker(finder, self.tally)
        self._stopped = stopped
        self._batch = Batch(job.root)
        self._by_id: dict[bytes, tuple[Pack, int]] | None = None
        self._walkers: dict[int, Walker] = {}
        self._cuts: dict[int, set[int]] = {}
        for unit in job.units:
            self._cuts.setdefault(unit.pack, set()).update(unit.tops)

    def do(self, unit: Unit) -> None:
        if unit.pack >= 0:
            walker = self._walkers.get(unit.pack)
            if walker is None:
                pack = self._job.packs[unit.pack]
                walker = self._walkers[unit.pack] = Walker(pack, self._looker, self._outside, self._batch.content)
            for top in unit.tops:
                walker.walk(top, skip=self._job.skip, cuts=self._cuts[unit.pack], stopped=self._stopped)
        for loose in unit.loose:
            if not self._stopped():
                self._look_at_loose(loose)
        for path in unit.files:
            if not self._stopped():
                self._look_at_file(path)
        self._looker.finish()

    def close(self) -> None:
        """End what was started for the work, and forget the values that were found."""
        self._batch.close()
        self.tally.forget_values()

    def _outside(self, name: bytes) -> bytes | None:
        if self._by_id is None:
            self._by_id = {each: (pack, n) for pack in self._job.packs for n, each in enumerate(pack.ids)}
        found = self._by_id.get(name)
        with contextlib.suppress(BadPack):
            return content(*found) if found else None
        return None

    def ask_for(self, unread: Mapping[bytes, str]) -> None:
        """Look at objects that could not be read, in the form in which git gives them."""
        failed = 0
        circular = frozenset().union(*(pack.circular for pack in self._job.packs))
        limit = threading.Timer(SECONDS, self._batch.kill)
        limit.start()
        for name, reason in unread.items():
            in_vain = failed == FAILURES or name in circular or not limit.is_alive() or self._stopped()
            told = None if in_vain else self._batch.any(name)
            if told is None:
                failed += not in_vain
                self.tally.unread[name] = reason
            elif told[0] != "tree":
                self._look(told[1], blob=name)
        limit.cancel()
        self._looker.finish()

    def _look_at_loose(self, loose: Loose) -> None:
        try:
            try:
                kind, data = read_loose(loose)
            except TooLarge:
                self._looker.in_parts(pieces(loose, PART), blob=loose.name)
            else:
                if kind != "tree":
                    self._look(data, blob=loose.name)
        except BadObject as problem:
            self.tally.unread[loose.name] = str(problem)

    def _look_at_file(self, path: str) -> None:
        try:
            with open_file(self._job.root / path) as file:
                if os.fstat(file.fileno()).st_size > LARGEST:
                    self._looker.in_parts(iter(lambda: file.read(PART), b""), path=path)
                else:
                    self._look(file.read(), path=path)
        except OSError as problem:
            self.tally.gap(f"{path} cannot be read ({problem.strerror or problem})", file=True)

    def _look(self, data: bytes, *, blob: bytes = b"", path: str = "") -> None:
        self._looker.add(Text(data, blob, path))

"""Divide the looking among processes, one a core, and gather what they found."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from checks.errors import CannotTell
from checks.repo.secrets import rule
from checks.repo.secrets.objects import Loose
from checks.repo.secrets.pack import Pack
from checks.repo.secrets.tally import Tally
from checks.store import NoStore, Store

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from checks.repo.secrets.finder import Finder
    from checks.repo.secrets.worker import Worker

BATCH = 256 << 10
"""Bytes that one worker takes at a time."""
BRANCHES = 64
"""Parts of a pack into which its delta trees are cut, so that all cores have work to the end."""
ALONE = 4 << 20
"""Less than this is done in this very process: starting another takes longer."""
LITTLE = 48 << 10
"""Less than this is begun without hyperscan, where its database would have to be made first."""

Progress = Callable[[int, int], None]
"""Told the bytes looked at so far and the bytes in all, some ten times a second."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a worker takes at a time: tops of branches of a pack's delta trees, loose objects, or files."""

    weight: int
    pack: int = -1
    tops: tuple[int, ...] = ()
    loose: tuple[Loose, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Job:
    """All that is to be looked at."""

    packs: list[Pack]
    units: list[Unit]
    root: Path
    """Where the files' paths begin."""
    key: bytes
    """For the fingerprints."""
    skip: frozenset[bytes] = frozenset()
    """Ids of objects that were looked at before."""
    store: Store | None = None
    stdlib: bool = False

    @property
    def weight(self) -> int:
        return sum(unit.weight for unit in self.units)


def units(
    packs: Sequence[Pack], loose: Sequence[Loose], files: Sequence[tuple[str, int]], skip: AbstractSet[bytes]
) -> list[Unit]:
    """Divide the work, the heaviest first, each object of several packs once."""
    found: list[Unit] = []
    seen: set[bytes] = set()
    for number, pack in enumerate(packs):
        found += _pack_units(number, pack, skip | seen if seen or skip else skip)
        seen.update(pack.ids)
    found += [
        Unit(weight, loose=tuple(each))
        for weight, each in _batched((o, o.size + 512) for o in loose if o.name not in skip)
    ]
    found += [Unit(weight, files=tuple(each)) for weight, each in _batched((path, size + 512) for path, size in files)]
    found.sort(key=lambda unit: -unit.weight)
    return found


def _pack_units(number: int, pack: Pack, skip: AbstractSet[bytes]) -> Iterator[Unit]:
    limit = max(BATCH, pack.length // BRANCHES)

    def branches() -> Iterator[tuple[int, int]]:
        for root in pack.roots():
            if root not in pack.children:
                if pack.ids[root] not in skip:
                    yield root, pack.weight(root) + 128
                continue
            for top, weight, held in pack.branches(root, limit):
                # What stands above a branch is rebuilt for it, so one that holds nothing new is left out.
                if not skip or any(pack.ids[each] not in skip for each in held):
                    yield top, weight

    for weight, tops in _batched(branches()):
        yield Unit(weight, pack=number, tops=tuple(tops))


def _batched(every: Iterator[tuple[Any, int]]) -> Iterator[tuple[int, list[Any]]]:
    batch: list[Any] = []
    total = 0
    for each, weight in every:
        batch.append(each)
        total += weight
        if total >= BATCH:
            yield total, batch
            batch, total = [], 0
    if batch:
        yield total, batch


@dataclass(slots=True)
class Shared:
    """What the workers and their starter see of each other while they work."""

    next: Any
    """Number of the unit that nobody has taken yet, with its lock."""
    done: Any
    """Bytes looked at, one number a worker."""
    stop: Any


def do(
    job: Job, *, workers: int = 0, progress: Progress | None = None, stop: threading.Event | None = None
) -> list[Tally]:
    """Do the whole job and return the tallies, which hold no values any more. Raises CannotTell.

    Args:
        workers: processes; 0 for one a core.
        stop: set by another thread to end early with what is found by then.
    """
    if not job.units:
        return []
    count = workers or os.cpu_count() or 1
    if job.weight < ALONE:
        count = 1
    if count == 1:
        return [_alone(job, progress, stop)]
    return _together(job, min(count, len(job.units)), progress, stop)


def ask_git(job: Job, unread: Mapping[bytes, str], stop: threading.Event | None) -> Tally:
    """Look at objects that could not be read where they were listed, but of which git may know another copy.

    What it cannot give either stays unread in the tally.
    """
    worker = _worker(job, stop.is_set if stop else _never)
    with contextlib.closing(worker):
        worker.ask_for(unread)
    return worker.tally


def _alone(job: Job, progress: Progress | None, stop: threading.Event | None) -> Tally:
    stopped = stop.is_set if stop else _never
    worker = _worker(job, stopped)
    total, done, told = job.weight, 0, 0.0
    with contextlib.closing(worker):
        for unit in job.units:
            if stopped():
                break
            worker.do(unit)
            done += unit.weight
            if progress and time.monotonic() - told > 0.1:
                told = time.monotonic()
                progress(done, total)
    return worker.tally


def prepare(store: Store) -> None:
    """Read what is needed to look at anything, before it is known what there is to look at."""
    importlib.import_module("checks.repo.secrets.worker")
    rule.rules(store)


def _worker(job: Job, stopped: Callable[[], bool], finder: Finder | None = None) -> Worker:
    # Imported only now: where nothing has changed since the last scan, no rule is read at all.
    from checks.repo.secrets.worker import Worker

    return Worker(job, finder or _finder(job), stopped)


def _finder(job: Job) -> Finder:
    from checks.repo.secrets.finder import Finder

    return Finder(store=job.store or NoStore(), stdlib=job.stdlib, brief=job.weight < LITTLE)


def _never() -> bool:
    return False


def _together(job: Job, count: int, progress: Progress | None, stop: threading.Event | None) -> list[Tally]:
    import multiprocessing  # not for a small repository, which one process looks at

    # A fork costs least, but only a process of a single thread may be forked safely, and macOS' libraries object.
    forks = sys.platform.startswith("linux") and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    # Made before the fork, the compiled rules are everybody's; after a spawn they come from the store.
    finder = _finder(job) if forks or job.store is not None else None
    shared = Shared(context.Value("q", 0), context.RawArray("q", count), context.RawValue("b", 0))
    processes, pipes = [], []
    total = job.weight
    try:
        for number in range(count):
            mine, theirs = context.Pipe(duplex=False)
            args = (job, finder if forks else None, shared, number, theirs)
            process = context.Process(target=_serve, args=args, daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(mine)
        return _gather(pipes, shared, total, progress, stop)
    finally:
        for process in processes:
            process.terminate() if process.is_alive() and sys.exc_info()[0] else None
            process.join(5)
        for pipe in pipes:
            pipe.close()


def _gather(
    pipes: list[Connection], shared: Shared, total: int, progress: Progress | None, stop: threading.Event | None
) -> list[Tally]:
    from multiprocessing.connection import wait

    tallies: list[Tally] = []
    open_pipes = list(pipes)
    while open_pipes:
        for pipe in wait(open_pipes, timeout=0.1):
            try:
                tallies.append(cast("Connection", pipe).recv())
            except EOFError as problem:
                raise CannotTell(
                    "a part of the secret scan ended on its own; there may be too little memory"
                ) from problem
            open_pipes.remove(cast("Connection", pipe))
        if stop is not None and stop.is_set():
            shared.stop.value = 1
        if progress:
            progress(min(total, sum(shared.done)), total)
    return tallies


def _serve(job: Job, finder: Finder | None, shared: Shared, number: int, pipe: Connection) -> None:
    """Run in a worker process."""
    stop = shared.stop
    worker = _worker(job, lambda: bool(stop.value), finder)
    count = len(job.units)
    with contextlib.closing(worker):
        while not stop.value:
            with shared.next.get_lock():
                taken = shared.next.value
                shared.next.value = taken + 1
            if taken >= count:
                break
            worker.do(job.units[taken])
            shared.done[number] += job.units[taken].weight
    pipe.send(worker.tally)
    pipe.close()

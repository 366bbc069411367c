"""Scan a folder and the whole object store of its repository for secrets."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.errors import CannotTell
from checks.repo.secrets import history, objects, remembered, work
from checks.repo.secrets import tree as trees
from checks.repo.secrets.allow import Allowed, read_allowed
from checks.repo.secrets.exposure import Report
from checks.repo.secrets.places import exposures
from checks.repo.secrets.tally import Found, Tally, in_files, merged, said, summed
from checks.store import NoStore, Store


@dataclass(slots=True)
class Options:
    """How to scan."""

    key: bytes = b""
    """For the fingerprints; empty for the repository's own file's or the store's."""
    history: bool = True
    staged: bool = False
    """Only what is about to be committed."""
    index: str = ""
    """The index that a commit hook was given; empty for the repository's own."""
    git_dir: str = ""
    """The repository that a commit hook was given, for a folder that git finds none in by itself."""
    public: bool = False
    """Also report what is made to be seen by everybody."""
    store: Store = field(default_factory=NoStore)
    """Outlives the process: the compiled rules, and what the last scan saw."""
    use_memory: bool = True
    """Trust what the last scan saw."""
    workers: int = 0
    """Processes; 0 for one a core."""
    stdlib: bool = False
    """Do without hyperscan."""
    progress: work.Progress | None = None
    stop: threading.Event | None = None


def scan(path: Path, options: Options) -> Report:
    """Scan a folder, or the present content of one file. Blocks.

    A folder of a repository stands for the whole of it, since its history cannot be told apart from the rest; without
    history only what lies below it is looked at. Raises CannotTell where it cannot be read or git is not installed.
    """
    began = time.monotonic()
    if not path.is_dir() and not path.is_file():
        raise CannotTell(f"there is no file or folder {path}")
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    where = objects.place(folder)
    root = (where.tree or folder) if where else folder
    allowed = read_allowed(root)
    if options.staged:
        from checks.repo.secrets.staged import scan_staged

        report = scan_staged(folder, where, allowed, options)
    else:
        report = _Scan(path, root, where, allowed, options).run()
    report.seconds = time.monotonic() - began
    return report


def root_of(path: Path) -> Path:
    """The root of the tree that a path belongs to, where the file of what is allowed lies. Raises CannotTell."""
    folder = path if path.is_dir() else path.parent
    where = objects.place(folder)
    return (where.tree if where else None) or folder


class _Scan:
    """One scan of a tree and of what stands behind it."""

    def __init__(self, path: Path, root: Path, where: objects.Place | None, allowed: Allowed, options: Options) -> None:
        self._path, self._root, self._where = path, root, where
        self._folder = path if path.is_dir() else path.parent
        self._allowed, self._options = allowed, options
        self._key = options.key or allowed.key or options.store.key()
        self._history = where is not None and options.history and path.is_dir()
        self._report = Report(history=self._history)
        self._memory = remembered.Memory()
        self._store = options.store

    def run(self) -> Report:
        where, report = self._where, self._report
        log: history.Log | None = None
        listing: trees.Listing | None = None
        store: objects.Objects | None = None
        refs = ""
        try:
            listing = self._listing()
            if self._history and where is not None:
                if self._options.use_memory:
                    self._memory = remembered.recall(self._store, where, self._key)
                refs = remembered.refs_of(where)
                report.gaps += objects.edges(where)
                state = objects.state_of(where)
                known = self._memory.state == state
                if not known or refs != self._memory.refs:
                    log = history.Log(self._folder)  # it goes on to the end of all the rest
                store = None if known else objects.read(where, state)
            if store is not None:
                work.prepare(self._store)  # while git looks for the files
            tree = self._tree(listing)
            stats = tree.settled()
            changed, kept = self._changed(tree, stats)
            objects_of = self._objects_of(changed, tree, store)
            tallies = self._look(store, [each for each in changed if each[0] not in objects_of])
            unread = {} if store is None else self._ask_git(store, tallies)
            lost = {path for path, name in objects_of.items() if name in unread}
            if lost:  # what could not be read in the objects may well be read in the files
                tallies += self._look(None, [each for each in changed if each[0] in lost])
                objects_of = {path: name for path, name in objects_of.items() if path not in lost}
            founds = [*self._memory.founds, *(found for tally in tallies for found in tally.founds)]
            new = remembered.Memory(in_files=merged([*kept, *in_files(founds, objects_of)]))
            if not any(tally.file_gaps for tally in tallies):  # else all files are looked at again the next time
                new.files = stats
            new.pointers = self._memory.pointers or any(tally.pointers for tally in tallies)
            self._count(tallies, tree, store)
            if self._history and where is not None:
                self._name(where, store, tallies, unread, log, refs, new)
                if not report.stopped:
                    remembered.remember(self._store, where, self._key, new)
        finally:
            if log is not None:
                log.stop()
            if listing is not None:
                listing.drop()
        founds = merged([*new.founds, *new.in_files])
        report.gaps = sorted({*report.gaps, *tree.gaps, *said(new.gaps), *_absent(new.missing)})
        outside = {*tree.outside, *([objects.LARGE_FILES] if new.pointers else [])}
        if self._history and where is not None:  # of what the tree names it is enough to tell once
            outside |= {each for each in objects.elsewhere(where) if not each.startswith(tuple(tree.outside))}
        report.outside = sorted(outside)
        report.exposures, report.allowed = exposures(
            founds, new.names, tree.ignored, self._allowed, public=self._options.public
        )
        return report

    def _listing(self) -> trees.Listing | None:
        """Ask git for the files of the work tree, where there is one."""
        where = self._where
        if where is None or where.tree is None or not self._path.is_dir():
            return None
        below = "" if self._history else self._folder.relative_to(self._root.resolve()).as_posix()
        index = where.git_dir / "index" if self._history else None
        return trees.Listing(self._root, "" if below == "." else below, index=index)

    def _tree(self, listing: trees.Listing | None) -> trees.Tree:
        if not self._path.is_dir():
            return trees.single_file(self._root, self._path.relative_to(self._root.resolve()).as_posix())
        if self._where is None:
            tree = trees.plain_tree(self._folder)
            tree.gaps += filter(None, [objects.unreadable(self._folder)])
            return tree
        if listing is None:
            return trees.Tree(self._folder)
        try:
            return listing.tree()
        except CannotTell as problem:
            return trees.Tree(self._root, gaps=[f"the files of the work tree were not looked at: {problem.reason}"])

    def _changed(self, tree: trees.Tree, now: dict[str, list[int]]) -> tuple[list[tuple[str, int]], list[Found]]:
        """The files to look at, and what is known of the others."""
        known = self._memory.files
        if not known:
            return tree.files, []
        changed = [(path, size) for path, size in tree.files if now.get(path) != known.get(path, [])]
        looked_at = {path for path, _ in changed}
        still = {path for path, _ in tree.files} - looked_at
        kept = [found.only(files=still) for found in self._memory.in_files]
        return changed, [found for found in kept if found.files]

    def _objects_of(
        self, changed: list[tuple[str, int]], tree: trees.Tree, store: objects.Objects | None
    ) -> dict[str, bytes]:
        """The objects, looked at now or before, that hold what stands in these files: to read it once is enough."""
        if not self._history:
            return {}
        present = store.names if store is not None else self._memory.ids
        every = ((path, tree.blobs.get(path)) for path, _ in changed)
        return {path: name for path, name in every if name is not None and name in present}

    def _look(self, store: objects.Objects | None, files: list[tuple[str, int]]) -> list[Tally]:
        options = self._options
        packs, loose = (store.packs, store.loose) if store else ([], [])
        skip = self._memory.ids if store else frozenset()
        job = work.Job(
            packs, work.units(packs, loose, files, skip), self._root, self._key, skip, options.store, options.stdlib
        )
        return work.do(job, workers=options.workers, progress=options.progress, stop=options.stop)

    def _ask_git(self, store: objects.Objects, tallies: list[Tally]) -> dict[bytes, str]:
        """Look at what could not be read as git gives it, and return what it does not give either, with the reason."""
        known, stop = self._memory.ids, self._options.stop
        unread = {name: why for tally in tallies for name, why in tally.unread.items() if name not in known}
        if not unread or (stop is not None and stop.is_set()):
            return unread
        job = work.Job(store.packs, [], self._folder, self._key, known, self._store, self._options.stdlib)
        tallies.append(work.ask_git(job, unread, stop))
        return tallies[-1].unread

    def _count(self, tallies: list[Tally], tree: trees.Tree, store: objects.Objects | None) -> None:
        report = self._report
        report.files = len(tree.files)
        report.objects = sum(tally.objects for tally in tallies)
        report.bytes = sum(tally.bytes for tally in tallies)
        report.remembered = self._history and store is None
        report.stopped = self._options.stop is not None and self._options.stop.is_set()
        if report.stopped:
            report.gaps.append("the scan was stopped before its end")
        report.gaps += said(summed(tally.file_gaps for tally in tallies))

    def _name(
        self,
        where: objects.Place,
        store: objects.Objects | None,
        tallies: list[Tally],
        unread: Mapping[bytes, str],
        log: history.Log | None,
        refs: str,
        new: remembered.Memory,
    ) -> None:
        """Put the finds in objects together with those remembered, and name them."""
        memory = self._memory
        new.state, new.refs, new.ids, new.founds = memory.state, refs, memory.ids, memory.founds
        new.gaps, new.names, new.missing = memory.gaps, memory.names, memory.missing
        if store is not None:
            present = store.names
            kept = [found.only(blobs=present) for found in memory.founds]
            new.founds = merged([*kept, *(found.only(files=()) for tally in tallies for found in tally.founds)])
            new.founds = [found for found in new.founds if found.blobs]
            new.ids = present.difference(unread)  # these are tried again the next time
            new.state = "" if unread else store.state
            new.gaps = memory.gaps | summed(tally.gaps for tally in tallies)
            self._report.gaps += [*store.gaps, *said(Counter(unread.values()))]
        if log is None:
            return
        wanted = {name.hex() for found in new.founds for name in found.blobs}
        names = log.names(wanted, new.ids.union(unread))
        new.missing = names.missing
        if names.cut:
            new.refs = ""  # it may be mended without a change to any ref
            self._report.gaps.append("git could not read the history to its end (git fsck tells why)")
        history.name_staged(self._folder, where.git_dirs(), wanted, names)
        rest = wanted - names.of.keys()
        if rest:
            store = store or objects.read(where)
            commits, tags = objects.messages(store)
            history.name_tags(self._folder, tags, rest, names)
            history.name_unreachable(self._folder, commits, rest, names)
        history.count_headers(self._folder, names)
        new.names = names.of


def _absent(missing: int) -> list[str]:
    told = f"objects that the history names are not here ({missing}): they were not looked at"
    return [told] if missing else []

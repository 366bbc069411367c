"""Scan what is about to be committed, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from checks.errors import CannotTell
from checks.repo import git
from checks.repo.secrets.allow import Allowed
from checks.repo.secrets.batch import contents
from checks.repo.secrets.exposure import Report
from checks.repo.secrets.finder import Finder
from checks.repo.secrets.objects import Place, unreadable
from checks.repo.secrets.places import exposures
from checks.repo.secrets.tally import Tally, said

if TYPE_CHECKING:
    from checks.repo.secrets.scan import Options


def scan_staged(folder: Path, where: Place | None, allowed: Allowed, options: Options) -> Report:
    """Look only at what the index adds to the last commit. Raises CannotTell."""
    at = where.tree if where is not None else Path(options.git_dir) if options.git_dir else None
    if at is None:
        raise CannotTell(unreadable(folder) or f"{folder} is no git work tree, so nothing is staged")
    key = options.key or allowed.key or options.store.key()
    tally = Tally(key)
    finder = Finder(store=options.store, stdlib=options.stdlib)
    entries = _staged(at, options.index)
    for (path, _), (_, told) in zip(entries, contents(at, [name for _, name in entries]), strict=True):
        if told is None:
            tally.gap("the content of a staged file is not here or cannot be read", file=True)
            continue
        data = told[1]
        tally.files += 1
        tally.bytes += len(data)
        for match in finder.find(data):
            tally.add(match, data, path=path)
    for gap, times in finder.gaps.items():
        tally.gap(gap, times, file=True)
    tally.forget_values()
    report = Report(files=tally.files, bytes=tally.bytes, gaps=said(tally.file_gaps))
    report.exposures, report.allowed = exposures(
        tally.founds, {}, set(), allowed, public=options.public, where="staged", blobs=dict(entries)
    )
    return report


def _staged(root: Path, index: str = "") -> list[tuple[str, str]]:
    """What is about to be committed: path and object id of each file that the index adds or changes."""
    try:
        base = git.run(root, "rev-parse", "--verify", "-q", "HEAD^{tree}").decode().strip()
    except CannotTell:  # no commit yet
        base = git.run(root, "hash-object", "-t", "tree", os.devnull).decode().strip()
    words = ("diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--diff-filter=ACMRT", base)
    parts = git.names(root, *words, index=index)
    changes = ((path, meta.split(" ")) for meta, path in zip(parts[::2], parts[1::2], strict=False))
    return [(path, told[3]) for path, told in changes if told[1] != "160000"]  # a submodule is no file

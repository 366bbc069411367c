"""Name what was found in the object store: the first commit that brought each object, its path, author date, reach."""

from __future__ import annotations

import io
import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from checks.errors import CannotTell
from checks.repo import git

_FORMAT = "--format=%x01%H %at"
_RAW = (
    "--raw", "-r", "-m", "--root", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv",
    "--no-show-signature", "--no-mailmap", _FORMAT,
)  # fmt: skip


@dataclass(slots=True)
class Named:
    """Where an object stands in the history."""

    path: str
    commit: str
    at: int
    """Author date of the commit, in seconds since 1970."""
    reachable: bool = True
    """From a ref, the stash or the reflog; else only this clone holds it."""
    staged: bool = False
    """In the index, and in no commit yet."""
    order: int = 0
    """The lower the earlier in the history."""

    @property
    def date(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Names:
    """The names of the wanted objects, and what is missing from the history."""

    of: dict[str, Named] = field(default_factory=dict)
    commits: set[str] = field(default_factory=set)
    """Every commit that is reachable."""
    missing: int = 0
    """Objects that a reachable commit brings, but which are not here."""


class Log:
    """`git log` of everything reachable, running while the objects are looked at."""

    def __init__(self, folder: Path) -> None:
        # Into a file, so that it need not wait until somebody reads on.
        self._told = tempfile.TemporaryFile()
        self._process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
            git.command(folder, "log", "--all", "--reflog", *_RAW),
            stdout=self._told,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=git.environment(),
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._told.close()

    def names(self, wanted: Collection[str], present: Collection[bytes] | None) -> Names:
        """Read the log to its end.

        Args:
            wanted: ids of the objects to name, in hex.
            present: ids of all objects that are here; None where it is not to be looked whether one is missing.
        """
        names = Names()
        if self._process.wait() != 0:
            names.missing += 1
        self._told.seek(0)
        _read(self._told, wanted, names, present, reachable=True)
        return names


def name_unreachable(folder: Path, commits: Iterable[str], wanted: Collection[str], names: Names) -> None:
    """Name what only commits hold that nothing leads to any more."""
    lost = [commit for commit in commits if commit not in names.commits]
    if not lost:
        return
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            git.command(folder, "log", "--no-walk", "--stdin", *_RAW),
            input="\n".join(lost).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git.environment(),
            timeout=git.SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotTell("git could not tell of the commits that nothing leads to") from problem
    _read(io.BytesIO(done.stdout), wanted, names, None, reachable=False)


def _read(
    told: IO[bytes], wanted: Collection[str], names: Names, present: Collection[bytes] | None, *, reachable: bool
) -> None:
    """Read raw differences, the newest commit first: the last that brings an object is its first."""
    targets = {name.encode() for name in wanted}
    seen: set[bytes] = set()
    for order, entry in enumerate(_commits(told)):
        head, _, changes = entry.partition(b"\n")
        if not head:  # what stands before the first commit
            continue
        name, at = head.split()
        commit, brought = name.decode(), _BROUGHT.findall(changes)
        if reachable:
            names.commits.add(commit)
        if name in targets:
            names.of[commit] = Named("(commit message)", commit, int(at), reachable, order=-order)
        if not targets.isdisjoint(brought):
            for each in targets.intersection(brought):
                path = os.fsdecode(git.unquoted(re.findall(rb" %b [A-Z]\t(.*)" % each, changes)[-1]))
                names.of[each.decode()] = Named(path, commit, int(at), reachable, order=-order)
        if present is not None:
            seen.update(brought)
    if present is not None:
        names.missing += sum(bytes.fromhex(each.decode()) not in present for each in seen)


_BROUGHT = re.compile(rb"^:\d{6} (?!160000|000000)\d{6} [0-9a-f]+ ([0-9a-f]+) ", re.MULTILINE)
"""A line of a raw difference that brings a file, with the id of its content."""


def _commits(told: IO[bytes]) -> Iterator[bytes]:
    """Each commit of a log: a line that names it, and the lines of what it changes."""
    rest = b""
    while part := told.read(1 << 20):
        *whole, rest = (rest + part).split(b"\x01")  # which stands nowhere else: git quotes it in a path
        yield from whole
    yield rest


def staged_paths(folder: Path) -> dict[str, str]:
    """Path of each object in the index, by its id; nothing where the index cannot be read."""
    entries = git.names(folder, "ls-files", "-z", "--stage", ok=(0, 128))
    return {meta.split(" ")[1]: path for meta, _, path in (entry.partition("\t") for entry in entries)}


def name_tags(folder: Path, tags: Iterable[str], wanted: Collection[str], names: Names) -> None:
    """Name the tags among the wanted objects; a tag that no ref leads to is not reachable."""
    among = wanted & set(tags) if isinstance(wanted, set) else set(wanted).intersection(tags)
    if not among:
        return
    listed = git.run(folder, "for-each-ref", "--format=%(objectname) %(taggerdate:unix) %(object)", "refs/tags")
    held = {}
    for line in listed.decode().splitlines():
        name, _, rest = line.partition(" ")
        date, _, target = rest.partition(" ")
        held[name] = (target, int(date or 0))
    for name in among:
        target, at = held.get(name, ("", 0))
        names.of[name] = Named("(tag message)", target, at, name in held)

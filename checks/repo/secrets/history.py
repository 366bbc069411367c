"""Name what was found in the object store: the first commit that brought each object, its path, author date, reach."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

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
        self._folder = folder
        words = ("log", "--all", "--reflog", *_RAW)
        self._process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
            git.command(folder, *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=git.environment(),
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def names(self, wanted: Collection[str], present: Collection[bytes] | None) -> Names:
        """Read the log to its end.

        Args:
            wanted: ids of the objects to name, in hex.
            present: ids of all objects that are here; None where it is not to be looked whether one is missing.
        """
        names = Names()
        stream = self._process.stdout
        if stream is not None:
            _read(stream, wanted, names, present, reachable=True)
        if self._process.wait() != 0:
            names.missing += 1
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
    _read(done.stdout.splitlines(), wanted, names, None, reachable=False)


def _read(
    lines: Iterable[bytes], wanted: Collection[str], names: Names, present: Collection[bytes] | None, *, reachable: bool
) -> None:
    """Read raw differences, the newest commit first: the last that brings an object is its first."""
    targets = {name.encode() for name in wanted}
    commit, at, order = "", 0, 0
    checked: set[bytes] = set()
    for line in lines:
        mark = line[:1]
        if mark == b"\x01":
            told = line[1:].split()
            commit, at = told[0].decode(), int(told[1])
            order -= 1
            if reachable:
                names.commits.add(commit)
            if told[0] in targets:
                names.of[commit] = Named("(commit message)", commit, at, reachable, order=order)
        elif mark == b":":
            brought = line.split(b" ", 4)[3]
            if brought in targets:
                path = os.fsdecode(git.unquoted(line.partition(b"\t")[2].rstrip(b"\n")))
                names.of[brought.decode()] = Named(path, commit, at, reachable, order=order)
            elif present is not None and brought not in checked:
                checked.add(brought)
                is_file = line[8:14] not in (b"160000", b"000000")
                if is_file and bytes.fromhex(brought.decode()) not in present:
                    names.missing += 1


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

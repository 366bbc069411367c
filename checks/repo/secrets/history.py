"""Name what was found in the object store: the first commit that brought each object, its path, author date, reach."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from checks.errors import CannotTell
from checks.repo import git
from checks.repo.secrets.batch import contents

_FORMAT = "--format=%x01%H %at"
_RAW = (
    "--raw", "-r", "-m", "--root", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv",
    "--no-show-signature", "-O/dev/null", _FORMAT,
)  # fmt: skip
COMMIT_MESSAGE, TAG_MESSAGE = "(commit message)", "(tag message)"
ATTEMPTS = 200
"""How often git is asked to go on behind a commit that it cannot read."""


@dataclass(slots=True)
class Named:
    """Where an object stands in the history."""

    path: str
    commit: str
    at: int | None
    """Author date of the commit, in seconds since 1970; None where it tells none."""
    reachable: bool = True
    """From a ref, the stash or the reflog; else only this clone holds it."""
    staged: bool = False
    """In the index, and in no commit yet."""
    order: int = 0
    """The lower the earlier in the history."""
    above: int = 0
    """Lines of a commit's or tag's own header, which stand above its message."""

    @property
    def date(self) -> str:
        """RFC 3339; empty where there is none, or none that can be written so."""
        if self.at is None:
            return ""
        from datetime import datetime, timedelta  # only now: most scans find nothing that has a date

        try:
            return f"{(datetime(1970, 1, 1) + timedelta(seconds=self.at)).isoformat()}Z"
        except OverflowError:
            return ""


@dataclass(slots=True)
class Names:
    """The names of the wanted objects, and what is missing from the history."""

    of: dict[str, dict[str, Named]] = field(default_factory=dict)
    """Of each object, by its id, every path that it ever had."""
    commits: set[str] = field(default_factory=set)
    """Every commit that is reachable."""
    missing: int = 0
    """Objects that a reachable commit brings, but which are not here."""
    cut: bool = False
    """Git could not read the history to its end."""

    def add(self, name: str, named: Named) -> None:
        self.of.setdefault(name, {})[named.path] = named


class Log:
    """`git log` of everything reachable, running while the objects are looked at."""

    def __init__(self, folder: Path) -> None:
        """Start git. Raises CannotTell."""
        import tempfile  # only now: where nothing has changed since the last scan, there is no log

        try:
            # Into a file, so that it need not wait until somebody reads on.
            self._told = tempfile.TemporaryFile()
        except OSError as problem:
            raise CannotTell(f"there is no place for a temporary file ({problem.strerror}): see TMPDIR") from problem
        # No parent before its children, whatever the clocks said: the last commit that brings something is its first.
        words = ("log", "--all", "--reflog", "--date-order", *_RAW)
        self._process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
            git.command(folder, *words),
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
        names.cut = self._process.wait() != 0
        self._told.seek(0)
        _read(self._told, wanted, names, present, reachable=True)
        return names


def name_unreachable(folder: Path, commits: Iterable[str], wanted: Collection[str], names: Names) -> None:
    """Name what only commits hold that nothing leads to any more, as far as the history could be read."""
    lost = [commit for commit in commits if commit not in names.commits]
    if not lost:
        return
    given, words = "\n".join(lost).encode(), ("--stdin", *_RAW)
    try:
        told = git.run(folder, "log", "--no-walk", *words, given=given)
        _read(io.BytesIO(told), wanted, names, None, reachable=names.cut)
    except CannotTell:
        _name_one_by_one(folder, lost, wanted, names)


def _name_one_by_one(folder: Path, lost: list[str], wanted: Collection[str], names: Names) -> None:
    """The same where git cannot read some of the commits, or what they are compared with: those are passed over."""
    for _ in range(ATTEMPTS):
        given = "".join(f"{commit}\n" for commit in lost).encode()
        told = git.run(folder, "diff-tree", "--stdin", "--always", *_RAW, given=given, ok=(0, 128))
        _read(io.BytesIO(told), wanted, names, None, reachable=names.cut)
        lost = lost[max(1, told.count(b"\x01")) :]
        if not lost:
            return


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
        name, _, date = head.strip().partition(b" ")
        commit, at, brought = name.decode(), int(date) if date else None, _BROUGHT.findall(changes)
        if reachable:
            names.commits.add(commit)
        if name in targets:
            names.add(commit, Named(COMMIT_MESSAGE, commit, at, reachable, order=-order))
        for each in targets.intersection(brought):
            for quoted in re.findall(rb" %b [A-Z]\t(.*)" % each, changes):
                path = os.fsdecode(git.unquoted(quoted))
                names.add(each.decode(), Named(path, commit, at, reachable, order=-order))
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


def name_staged(folder: Path, git_dirs: Iterable[Path], wanted: Collection[str], names: Names) -> None:
    """Name what stands in an index and in no commit; an index that cannot be read names nothing."""
    if not wanted:
        return
    for git_dir in git_dirs:
        index = git_dir / "index"
        listed = (
            git.names(folder, "ls-files", "-z", "--stage", ok=(0, 128), index=str(index)) if index.is_file() else ()
        )
        for entry in listed:
            meta, _, path = entry.partition("\t")
            name = meta.split(" ")[1]
            if name in wanted and all(named.staged for named in names.of.get(name, {}).values()):
                names.add(name, Named(path, "", None, staged=True))


def name_tags(folder: Path, tags: Collection[str], wanted: Collection[str], names: Names) -> None:
    """Name the tags among the wanted objects; a tag that no ref leads to, be it by another tag, is not reachable."""
    among = set(wanted).intersection(tags)
    if not among:
        return
    headers = {name: _header(told[1]) for name, told in contents(folder, tags) if told and told[0] == "tag"}
    led_to = git.run(folder, "for-each-ref", "--format=%(objectname)").decode().split()
    for name in led_to:  # grows while it is read
        target = headers.get(name, {}).get("object", "")
        if target in headers:
            led_to.append(target)
    for name in among:
        header = headers.get(name, {})
        target, date = header.get("object", ""), header.get("tagger", "").split(" ")[-2:-1]
        while target in headers:
            target = headers[target].get("object", "")
        at = int(date[0]) if date and date[0].isdigit() else None
        names.add(name, Named(TAG_MESSAGE, target, at, name in led_to))


def _header(raw: bytes) -> dict[str, str]:
    """The lines above the message of a commit or tag, by their first word."""
    lines = raw.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
    return {word: rest for word, _, rest in (line.partition(" ") for line in lines)}


def count_headers(folder: Path, names: Names) -> None:
    """Note how many lines stand above each message that was named."""
    messages = {
        name: named
        for name, by in names.of.items()
        for named in by.values()
        if named.path in (COMMIT_MESSAGE, TAG_MESSAGE)
    }
    for name, told in contents(folder, messages):
        if told is not None:
            messages[name].above = told[1].partition(b"\n\n")[0].count(b"\n") + 2

"""The files of a working tree: what git tracks and what it does not ignore, and env files even where it does."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from checks.errors import CannotTell
from checks.repo import git
from checks.repo.secrets.objects import LARGE_FILES, SUBMODULE

ENV_FILES = (
    ":(glob)**/.env", ":(glob)**/.env.*", ":(glob)**/*.env", ":(glob)**/.dev.vars", ":(glob)**/.envrc",
    ":(glob)**/.npmrc", ":(glob)**/.netrc", ":(glob)**/.pypirc",
)  # fmt: skip
"""Looked at even where they are ignored."""

FILES = 500_000
"""Files of one tree that are looked at."""


@dataclass(slots=True)
class Tree:
    """Files to look at, as paths below the root, and what was left out."""

    root: Path
    files: list[tuple[str, int]] = field(default_factory=list)
    """Path and size."""
    ignored: set[str] = field(default_factory=set)
    """Those of the files that git ignores: they lie on this machine only."""
    gaps: list[str] = field(default_factory=list)
    """What could not be read, one sentence each."""
    outside: list[str] = field(default_factory=list)
    """What belongs to it but is kept elsewhere, one sentence each."""
    stats: dict[str, list[int]] = field(default_factory=dict)
    """Size, times and inode of each file, which tell a changed file from an unchanged one."""
    blobs: dict[str, bytes] = field(default_factory=dict)
    """Id of the object that holds the very content of a file, where the index is sure of it."""

    def settled(self) -> dict[str, list[int]]:
        """What tells a changed file from an unchanged one; nothing of those that changed just now."""
        now = time.time_ns()
        return {path: told for path, told in self.stats.items() if now - max(told[1:3]) > 2_000_000_000}


_ENTRY = re.compile(
    rb"(\d{6}) ([0-9a-f]{40,64}) \d\t([^\0]+)\0"
    rb"  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n  dev: \d+\tino: (\d+)\n"
    rb"  uid: \d+\tgid: \d+\n  size: (\d+)\t[^\n]*\n"
)
"""What `git ls-files -z --stage --debug` prints of each entry of the index."""


class Listing:
    """What git says of the files of a work tree; it looks for them while its caller does something else."""

    def __init__(self, root: Path, below: str = "", *, index: Path | None = None) -> None:
        """Ask git. Raises CannotTell.

        Args:
            below: the folder whose files are wanted, where it is not all.
            index: the file of the index, by whose age the times in it are believed.
        """
        self._root, self._index = root, index
        scope = [below] if below else []
        specs = [f"{spec[:7]}{below}/{spec[7:]}" if below else spec for spec in ENV_FILES]
        self._asked: list[git.Question] = []
        for words in (
            ["--stage", "--debug", "--", *scope],
            ["--others", "--exclude-standard", "--", *scope],
            ["--others", "--ignored", "--exclude-standard", "--", *specs],
            # A filter may have put into the file what the object does not hold.
            ["--cached", "--", ":(attr:!filter)"],
        ):
            self._asked.append(git.Question(root, "ls-files", "-z", *words))

    def drop(self) -> None:
        """End what git still does."""
        for question in self._asked:
            question.drop()

    def tree(self) -> Tree:
        """The files. Raises CannotTell."""
        entries, *listed = [question.answer() for question in self._asked]
        others, ignored, plain = map(git.split, listed)
        known = {os.fsdecode(entry[3]): entry for entry in _ENTRY.finditer(entries)}
        tree = Tree(self._root, ignored=set(ignored))
        tree.gaps += [f"git {warning}" for warning in self._asked[1].warnings]
        guard = _Guard(self._root)
        for path in dict.fromkeys([*known, *others, *ignored]):
            if path.endswith("/"):
                tree.outside.append(f"{path} is a repository of its own inside this one: scan it by itself")
                continue
            if path in known and known[path][1] == b"160000":
                tree.outside.append(SUBMODULE.format(path))
                continue
            try:
                told = guard.stat(path)
            except (FileNotFoundError, NotADirectoryError):  # it was deleted, or a folder gave way to a file
                continue
            except OSError as problem:
                tree.gaps.append(f"{path} cannot be read ({problem.strerror})")
                continue
            if told is not None:
                tree.files.append((path, told.st_size))
                tree.stats[path] = [told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino]
        if self._index is not None:
            _match_index(tree, known, plain, self._index)
        _large_files(tree)
        return tree


def _match_index(tree: Tree, known: dict[str, re.Match[bytes]], plain: list[str], index: Path) -> None:
    """Note the objects of the `plain` files that are as git last saw them, by the rules that git itself goes by."""
    try:
        written = index.stat().st_mtime_ns
    except OSError:
        return
    for path in plain:
        entry, stats = known.get(path), tree.stats.get(path)
        if entry is None or stats is None:
            continue
        _, name, _, *numbers = entry.groups()
        c_s, c_ns, m_s, m_ns, inode, size = map(int, numbers)
        modified = m_s * 10**9 + m_ns
        seen = [size, modified, c_s * 10**9 + c_ns, inode]
        now = [stats[0] & 0xFFFFFFFF, *stats[1:3], stats[3] & 0xFFFFFFFF]
        if seen == now and modified < written:
            tree.blobs[path] = bytes.fromhex(name.decode())


def plain_tree(root: Path) -> Tree:
    """Every file below a folder that is no repository. Symbolic links are not followed."""
    tree = Tree(root)
    for path, size in _walk(root, tree):
        if len(tree.files) >= FILES:
            tree.gaps.append(f"more than {FILES:,} files: the rest was not read")
            break
        tree.files.append((path, size))
    return tree


def single_file(root: Path, path: str) -> Tree:
    """One regular file below a folder. Raises CannotTell."""
    try:
        told = os.stat(root / path)
    except OSError as problem:
        raise CannotTell(f"{path} cannot be read ({problem.strerror})") from problem
    return Tree(root, [(path, told.st_size)])


def _walk(root: Path, tree: Tree) -> Iterator[tuple[str, int]]:
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError as problem:
            tree.gaps.append(f"{folder or '.'} cannot be read ({problem.strerror})")
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name == ".git":  # a folder, or a file that says where the folder is
                if folder:
                    tree.outside.append(f"{folder} is a repository: scan it by itself to see its history")
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):  # deleted in the meantime
                    yield path, entry.stat(follow_symlinks=False).st_size


def _large_files(tree: Tree) -> None:
    """Tell of Git LFS: what the repository holds of such a file is a pointer."""
    for path, size in tree.files:
        if path.endswith(".gitattributes") and size < 1 << 20:
            try:
                uses = b"filter=lfs" in read_file(tree.root / path)
            except OSError:
                continue
            if uses:
                tree.outside.append(LARGE_FILES)
                return


class _Guard:
    """Keeps to regular files that really lie below the root, whatever links stand on the way."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._inside: dict[str, bool] = {"": True}

    def stat(self, path: str) -> os.stat_result | None:
        """What the system tells of the file, None where there is none that may be read. Raises OSError."""
        told = self._lstat(path) if self._holds(path.rpartition("/")[0]) else None
        return told if told is not None and stat.S_ISREG(told.st_mode) else None

    def _holds(self, folder: str) -> bool:
        """Whether a folder is below the root: it and all above it are folders themselves, no links to one."""
        unknown: list[str] = []
        above = folder
        while above not in self._inside:
            unknown.append(above)
            above = above.rpartition("/")[0]
        inside = self._inside[above]
        for each in reversed(unknown):  # from the top down, each asked about once for all files below it
            told = self._lstat(each) if inside and each.rpartition("/")[2] not in ("", ".", "..") else None
            inside = self._inside[each] = told is not None and stat.S_ISDIR(told.st_mode)
        return inside

    def _lstat(self, path: str) -> os.stat_result | None:
        try:
            return os.lstat(f"{self._root}/{path}")
        except ValueError:  # a name with a null byte, which is nowhere
            return None


def open_file(path: Path) -> BinaryIO:
    """Open a regular file; a link that has taken its place is not followed. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path) -> bytes:
    """The content of a regular file. Raises OSError."""
    with open_file(path) as file:
        return file.read()

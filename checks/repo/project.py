"""The repository under audit as a list of files: what git tracks, what it does not ignore, and their text."""

from __future__ import annotations

import asyncio
import fnmatch
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.repo import git
from checks.text import decoded

READ_LIMIT = 1_000_000
"""Bytes read of one file."""
MANY_FILES = 200_000
_FOREIGN = frozenset(
    ("node_modules", "vendor", ".git", ".venv", "venv", "dist", "build", ".next", "__pycache__", "site-packages",
     "target", "bower_components", "third_party", ".tox", ".nox")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of source. Paths are relative to `root`, with slashes."""

    root: Path
    files: tuple[str, ...]
    """What git tracks and what it does not ignore; every file where there is no git."""
    tracked: frozenset[str]
    is_git: bool

    def own(self, *patterns: str) -> tuple[str, ...]:
        """The files whose name or path fits a pattern, other people's folders (node_modules ...) aside."""
        return tuple(path for path in self.files if not is_foreign(path) and fits(path, patterns))

    def has(self, path: str) -> bool:
        return path in self.tracked or path in self.files

    def read(self, path: str) -> str:
        """The text of a file, cut at READ_LIMIT; empty where it is no regular file inside the root."""
        try:
            full = self.root / path
            if full.is_symlink() or not full.is_file():
                return ""
            with full.open("rb") as file:
                return decoded(file.read(READ_LIMIT))
        except OSError:
            return ""

    def texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Pairs of path and text."""
        for path in paths:
            yield path, self.read(path)


def is_foreign(path: str) -> bool:
    """Whether a path lies in a folder of dependencies or of build output."""
    return any(part in _FOREIGN for part in PurePosixPath(path).parts[:-1])


def is_test(path: str) -> bool:
    """Whether a path looks like test code, whose needs are not production's."""
    parts = PurePosixPath(path.lower()).parts
    name = parts[-1] if parts else ""
    folder = any(
        part in ("test", "tests", "spec", "specs", "__tests__", "e2e", "cypress", "fixtures") for part in parts[:-1]
    )
    return folder or any(mark in name for mark in (".test.", ".spec.", "_test.", "test_", "conftest."))


def fits(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path fits a pattern: one with a slash against the whole path, else against the name."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(path if "/" in pattern else name, pattern) for pattern in patterns)


def read_project(root: Path) -> Project:
    """List a folder's files. Blocking. Raises CannotTell."""
    if not root.is_dir():
        raise CannotTell(f"the repository {root.name!r} is not a folder on this machine; give its path again")
    if git.is_repository(root):
        tracked = frozenset(git.names(root, "ls-files", "-z"))
        others = git.names(root, "ls-files", "-z", "--others", "--exclude-standard")
        return Project(root, tuple(sorted(tracked.union(others))), tracked, True)
    files: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _FOREIGN)
        base = Path(folder).relative_to(root)
        files += [(base / name).as_posix() for name in names]
        if len(files) > MANY_FILES:
            raise CannotTell(f"the folder holds more than {MANY_FILES:,} files; name the project's own folder")
    return Project(root, tuple(sorted(files)), frozenset(), False)


@fact
async def project(facts: Facts) -> Project:
    """The repository that the user named. Raises NotApplicable where none is, CannotTell."""
    root = facts.subject.deploy.repo
    if root is None:
        raise NotApplicable("no repository was named; add [deploy] repo to look into it")
    return await asyncio.to_thread(read_project, root)

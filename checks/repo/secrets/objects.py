"""Where a repository keeps its objects: packs, loose files, and what it borrows from other repositories."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from checks.errors import CannotTell
from checks.repo import git
from checks.repo.secrets.pack import COMMIT, TAG, BadPack, Pack, inflate, inflated

BORROWED = 5
"""Repositories that borrow from each other in a row; git's own limit."""
LARGEST = 64 << 20
"""Bytes of an object or file that are held at once; what is larger is read in parts."""
SUBMODULE = "the submodule {} has a history of its own: scan it by itself"
LARGE_FILES = (
    "what Git LFS keeps on its server was not looked at: older versions of its files, and files that are pointers here"
)
_LISTINGS = 5
"""How often objects that come and go are listed before it is told that they do."""
_PREFIX = re.compile(r"[0-9a-f]{2}")
_LOOSE = re.compile(r"[0-9a-f]{38}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Loose:
    """An object in a file of its own."""

    name: bytes
    path: str
    size: int
    """Compressed."""


@dataclass
class Objects:
    """Every object of a repository, and what is known to be absent."""

    width: int
    """Bytes of an object's id: 20 for SHA-1, 32 for SHA-256."""
    packs: list[Pack] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """What cannot be read of them, one sentence each."""
    state: str = ""
    """What `state_of` told when they were listed; empty where it is not to be relied on."""

    @functools.cached_property
    def names(self) -> frozenset[bytes]:
        """The ids of all."""
        return frozenset().union(*(pack.ids for pack in self.packs), (each.name for each in self.loose))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repository lies. `tree` is None for a bare one."""

    tree: Path | None
    git_dir: Path
    common: Path
    """The folder with the objects and refs, which linked work trees share."""
    width: int

    def git_dirs(self) -> list[Path]:
        """The folder of each work tree with its HEAD, index and reflog, this one's first."""
        return list(dict.fromkeys((self.git_dir, self.common, *(self.common / "worktrees").glob("*"))))


def place(folder: Path) -> Place | None:
    """Find the repository that `folder` lies in; None where it is none. Raises CannotTell."""
    git.command(folder)
    top: list[str] = []
    try:
        kind, bare, git_dir, common, *top = _rev_parse(folder, [*_WHERE, "--show-toplevel"])
    except CannotTell:
        try:
            kind, bare, git_dir, common = _rev_parse(folder, _WHERE)  # without a work tree, or within `.git`
        except CannotTell:
            return None
    tree = Path(top[0]) if top and bare != "true" else None
    if tree is not None and not folder.resolve().is_relative_to(tree.resolve()):
        # A repository's own settings may name any folder as its work tree; only the one asked about is read.
        tree = folder
    return Place(tree, Path(git_dir), (folder / common).resolve(), 32 if kind == "sha256" else 20)


_WHERE = ["--show-object-format", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir"]


def _rev_parse(folder: Path, words: list[str]) -> list[str]:
    """What `git rev-parse` tells to each of its words. Raises CannotTell."""
    told = os.fsdecode(git.run(folder, "rev-parse", *words)).removesuffix("\n")
    lines = told.split("\n") if len(words) > 1 else [told]
    if len(lines) == len(words):
        return lines
    return [each for word in words for each in _rev_parse(folder, [word])]  # the name of a folder has line breaks


def unreadable(folder: Path) -> str:
    """What stops git from reading the repository that `folder` seems to lie in, as a sentence; else nothing."""
    for each in (folder, *folder.parents):
        if os.path.lexists(each / ".git") or ((each / "HEAD").is_file() and (each / "objects").is_dir()):
            try:
                git.run(each, "rev-parse", "--git-dir")
            except CannotTell as problem:
                return f"git cannot read the repository in {each} ({problem.reason}): its history was not looked at"
    return ""


def edges(where: Place) -> list[str]:
    """What a repository was never given, one sentence each."""
    told = []
    if (where.common / "shallow").exists():
        told.append("the clone is shallow: commits before its edge are not here (git fetch --unshallow)")
    if any((where.common / "objects" / "pack").glob("*.promisor")):
        told.append("the clone is partial: objects that the server kept are not here (git fetch --refetch)")
    return told


def elsewhere(where: Place) -> list[str]:
    """What belongs to a repository but is no object of its own, one sentence each."""
    modules = where.common / "modules"
    told = [f"{SUBMODULE.format(each.relative_to(modules))} ({each})" for each in _repositories(modules)]
    if (where.common / "lfs").is_dir():
        told.append(LARGE_FILES)
    return told


def _repositories(folder: Path) -> Iterator[Path]:
    """The repositories below a folder, each followed by those of its own submodules."""
    with contextlib.suppress(OSError):
        for each in sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()):
            if (each / "HEAD").is_file() and (each / "objects").is_dir():
                yield each
                yield from _repositories(each / "modules")
            else:
                yield from _repositories(each)


def read(where: Place, state: str = "") -> Objects:
    """List all objects of a repository without unpacking any.

    Args:
        state: what `state_of` told just now, where it was asked.
    """
    state = state or state_of(where)
    for _ in range(_LISTINGS):  # `git gc` may move them while they are listed
        folders, gaps = _folders(where)
        objects = Objects(where.width, gaps=gaps, state=state)
        for folder in folders:
            _read_packs(folder, objects)
            _read_loose(folder, objects)
        state = state_of(where)
        if state == objects.state:
            break
    else:
        objects.gaps.append("objects came and went while they were listed: run the scan again")
    if objects.gaps:
        objects.state = ""  # what is damaged may be mended without a change to any name
    return objects


def state_of(where: Place) -> str:
    """Digest of what objects there are, without reading one."""
    folders, entries = _folders(where)
    for folder in folders:
        for name in ("pack", *_prefixes(folder)):
            with contextlib.suppress(OSError):
                entries.append("\0".join((f"{folder}/{name}", *sorted(os.listdir(f"{folder}/{name}")))))
    entries += edges(where)
    return hashlib.sha256("\n".join(sorted(entries)).encode("utf-8", "surrogateescape")).hexdigest()


def _prefixes(folder: Path) -> list[str]:
    """The names of the folders with loose objects: the first two digits of their ids."""
    with contextlib.suppress(OSError):
        return [name for name in sorted(os.listdir(folder)) if _PREFIX.fullmatch(name)]
    return []


def _folders(where: Place) -> tuple[list[Path], list[str]]:
    """The folders with objects, the repository's own first, and which of those that it borrows from are absent."""
    folders: dict[Path, int] = {}
    gaps: list[str] = []
    waiting = [(where.common / "objects", 0)]
    for folder, row in waiting:  # grows while it is read
        with contextlib.suppress(ValueError):  # a name with a null byte, which is nowhere
            folder = folder.resolve()
        if folder in folders:
            continue
        if not os.path.isdir(folder):
            gaps.append(f"the borrowed objects in {folder} are not there")
        elif row > BORROWED:
            gaps.append("repositories borrow objects from each other in too long a row")
        else:
            folders[folder] = row
            with contextlib.suppress(OSError):
                for line in (folder / "info" / "alternates").read_bytes().split(b"\n"):
                    if line and not line.startswith(b"#"):
                        waiting.append((folder / os.fsdecode(git.unquoted(line)), row + 1))
    return list(folders), gaps


def _read_packs(folder: Path, objects: Objects) -> None:
    indexed = sorted((folder / "pack").glob("*.idx"))
    for pack in {*(folder / "pack").glob("*.pack")}.difference(index.with_suffix(".pack") for index in indexed):
        objects.gaps.append(f"{pack.name} has no index: what is in it was not looked at (git index-pack {pack.name})")
    for index in indexed:
        try:
            objects.packs.append(Pack(index, objects.width))
        except (BadPack, OSError) as problem:
            objects.gaps.append(str(problem))


def _read_loose(folder: Path, objects: Objects) -> None:
    for prefix in _prefixes(folder):
        try:
            entries = list(os.scandir(folder / prefix))
        except OSError:
            continue
        for entry in entries:
            if not _LOOSE.fullmatch(entry.name):
                continue
            try:
                told = entry.stat(follow_symlinks=False)
            except OSError:  # gone in the meantime: then it is listed anew
                continue
            if stat.S_ISREG(told.st_mode):
                objects.loose.append(Loose(bytes.fromhex(prefix + entry.name), entry.path, told.st_size))


class BadObject(Exception):
    """A loose object cannot be read."""


class TooLarge(Exception):
    """An object is larger than what is held at once."""


def read_loose(loose: Loose) -> tuple[str, bytes]:
    """Kind and content of a loose object; the content of a tree is left out. Raises BadObject or TooLarge."""
    try:
        file = os.open(loose.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            told = os.read(file, 4096)
            start = zlib.decompressobj().decompress(told, 64)
            head, end, _ = start.partition(b"\0")
            kind, _, size = head.partition(b" ")
            if not end or kind not in (b"commit", b"tree", b"blob", b"tag") or not size.isdigit():
                raise BadObject(f"the object {loose.name.hex()} is damaged")
            if kind == b"tree":
                return "tree", b""
            if int(size) > LARGEST:
                raise TooLarge
            if loose.size > len(told):
                told += _rest(file)
        finally:
            os.close(file)
        data = inflate(told, int(size) + len(head) + 1)
    except (OSError, zlib.error) as problem:
        raise BadObject(f"the object {loose.name.hex()} is damaged") from problem
    data = data[len(head) + 1 :]
    if len(data) != int(size):
        raise BadObject(f"the object {loose.name.hex()} is damaged")
    return kind.decode(), data


def _rest(file: int) -> bytes:
    """What is left of an open file."""
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def pieces(loose: Loose, size: int) -> Iterator[bytes]:
    """The content of a loose object in pieces of at most `size` bytes. Raises BadObject."""
    try:
        with open(loose.path, "rb") as file:
            unpacked = inflated(iter(lambda: file.read(1 << 20), b""), size)
            yield next(unpacked).partition(b"\0")[2]
            yield from unpacked
    except (OSError, zlib.error) as problem:
        raise BadObject(f"the object {loose.name.hex()} is damaged") from problem


def kind_of(loose: Loose) -> str:
    """The kind of a loose object, empty where it cannot be read."""
    try:
        with open(loose.path, "rb", buffering=0) as file:
            return zlib.decompressobj().decompress(file.read(256), 16).partition(b" ")[0].decode("latin-1")
    except (OSError, zlib.error):
        return ""


def messages(store: Objects) -> tuple[list[str], list[str]]:
    """Ids of all commits and of all tags in the store."""
    commits: list[str] = []
    tags: list[str] = []
    for pack in store.packs:
        for root, kind in enumerate(pack.kinds):
            if kind in (COMMIT, TAG):
                every = [pack.ids[each].hex() for each in pack.subtree(root)]
                (commits if kind == COMMIT else tags).extend(every)
    for loose in store.loose:
        kind_name = kind_of(loose)
        if kind_name == "commit":
            commits.append(loose.name.hex())
        elif kind_name == "tag":
            tags.append(loose.name.hex())
    return commits, tags

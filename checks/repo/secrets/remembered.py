"""What a scan of a repository remembers for the next one: ids, states and finds, never a value."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from checks.repo.secrets.history import Named
from checks.repo.secrets.objects import Place
from checks.repo.secrets.rule import version
from checks.repo.secrets.tally import Found
from checks.store import Store, sealed, unsealed

FORM = 5


@dataclass(slots=True)
class Memory:
    """The outcome of the last scan."""

    state: str = ""
    """Of the objects, as `objects.state_of` tells it; empty where they are to be listed anew."""
    refs: str = ""
    """Digest of the refs and reflogs, on which the names depend."""
    ids: frozenset[bytes] = frozenset()
    """Of the objects that were looked at."""
    founds: list[Found] = field(default_factory=list)
    """Finds in objects."""
    gaps: dict[str, int] = field(default_factory=dict)
    """What was not looked at within objects that were read, and how often."""
    names: dict[str, dict[str, Named]] = field(default_factory=dict)
    """Of each object in which something was found, by id and path."""
    missing: int = 0
    pointers: bool = False
    """Git LFS keeps something of it elsewhere."""
    files: dict[str, list[int]] = field(default_factory=dict)
    """Size, times and inode of each file of the tree that was looked at."""
    in_files: list[Found] = field(default_factory=list)


def _name(common: Path, key: bytes) -> str:
    """The key belongs to the name: finds of another key have other fingerprints."""
    told = hashlib.sha256(b"\0".join((str(common).encode("utf-8", "surrogateescape"), key, version().encode())))
    return f"scan-{FORM}-{told.hexdigest()[:32]}"


def recall(store: Store, where: Place, key: bytes) -> Memory:
    """What the last scan with the same rules and key left; nothing where it left none or it is damaged."""
    kept = unsealed(store.get(_name(where.common, key)))
    if kept is None:
        return Memory()
    told, _, ids = kept.partition(b"\n")
    table = json.loads(told)
    return Memory(
        table["state"],
        table["refs"],
        frozenset(ids[at : at + where.width] for at in range(0, len(ids), where.width)),
        [_found(each) for each in table["founds"]],
        table["gaps"],
        {name: {path: Named(**each) for path, each in by.items()} for name, by in table["names"].items()},
        table["missing"],
        table["pointers"],
        table["files"],
        [_found(each) for each in table["in_files"]],
    )


def remember(store: Store, where: Place, key: bytes, memory: Memory) -> None:
    """Keep it as one whole: what was looked at without what was found there would hide it for ever."""
    table = {
        "state": memory.state,
        "refs": memory.refs,
        "founds": [_table(each) for each in memory.founds],
        "gaps": memory.gaps,
        "names": {name: {path: asdict(each) for path, each in by.items()} for name, by in memory.names.items()},
        "missing": memory.missing,
        "pointers": memory.pointers,
        "files": memory.files,
        "in_files": [_table(each) for each in memory.in_files],
    }
    kept = b"\n".join((json.dumps(table).encode(), b"".join(memory.ids)))
    store.put(_name(where.common, key), sealed(kept))


def _table(found: Found) -> dict[str, object]:
    return asdict(found) | {"blobs": {name.hex(): line for name, line in found.blobs.items()}}


def _found(table: dict[str, object]) -> Found:
    found = Found(**table)  # type: ignore[arg-type]
    found.blobs = {bytes.fromhex(name): line for name, line in found.blobs.items()}  # type: ignore[arg-type]
    return found


def refs_of(where: Place) -> str:
    """Digest of the files with the refs, HEAD, index and reflogs of every work tree, on which the names depend.

    Git replaces such a file or adds to it, so that its times, its size or its inode tell a change.
    """
    entries = []
    for folder in map(str, where.git_dirs()):
        paths = [f"{folder}/{name}" for name in ("HEAD", "index", "packed-refs")]
        for name in ("refs", "reftable", "logs"):
            paths += (f"{at}/{each}" for at, _, files in os.walk(f"{folder}/{name}") for each in files)
        for path in paths:
            with contextlib.suppress(OSError):
                told = os.stat(path)
                entries.append(f"{path} {told.st_size} {told.st_mtime_ns} {told.st_ctime_ns} {told.st_ino}")
    return hashlib.sha256("\n".join(sorted(entries)).encode("utf-8", "surrogateescape")).hexdigest()

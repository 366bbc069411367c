"""What a scan of a repository remembers for the next one: ids, states and finds, never a value."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from checks.repo.secrets.history import Named
from checks.repo.secrets.rule import version
from checks.repo.secrets.tally import Found
from checks.store import Store

FORM = 3


@dataclass(slots=True)
class Memory:
    """The outcome of the last scan."""

    state: str = ""
    """Digest of the names of all packs and loose objects."""
    refs: str = ""
    """Digest of the refs and reflogs, on which the names depend."""
    ids: frozenset[bytes] = frozenset()
    founds: list[Found] = field(default_factory=list)
    """Finds in objects."""
    gaps: dict[str, int] = field(default_factory=dict)
    """What could not be read in objects, and how often."""
    absent: list[str] = field(default_factory=list)
    """Why objects may be missing; told anew whenever the objects are listed."""
    names: dict[str, dict[str, Named]] = field(default_factory=dict)
    """Of each object in which something was found, by id and path."""
    missing: int = 0
    files: dict[str, list[int]] = field(default_factory=dict)
    """Size, times and inode of each file of the tree that was looked at."""
    in_files: list[Found] = field(default_factory=list)


def _name(common: Path, key: bytes) -> str:
    """The key belongs to the name: finds of another key have other fingerprints."""
    told = hashlib.sha256(b"\0".join((str(common).encode("utf-8", "surrogateescape"), key, version().encode())))
    return f"scan-{FORM}-{told.hexdigest()[:32]}"


def recall(store: Store, common: Path, key: bytes, width: int) -> Memory:
    """What the last scan with the same rules and key left; nothing where it left none or it is damaged."""
    name = _name(common, key)
    told, ids = store.get(name), store.get(f"{name}-ids")
    memory = Memory()
    if told is None or ids is None:
        return memory
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        table = json.loads(told)
        memory = Memory(
            table["state"],
            table["refs"],
            frozenset(ids[at : at + width] for at in range(0, len(ids), width)),
            [_found(each) for each in table["founds"]],
            table["gaps"],
            table["absent"],
            {name: {path: Named(**each) for path, each in by.items()} for name, by in table["names"].items()},
            table["missing"],
            table["files"],
            [_found(each) for each in table["in_files"]],
        )
    return memory


def remember(store: Store, common: Path, key: bytes, memory: Memory) -> None:
    name = _name(common, key)
    table = {
        "state": memory.state,
        "refs": memory.refs,
        "founds": [_table(each) for each in memory.founds],
        "gaps": memory.gaps,
        "absent": memory.absent,
        "names": {name: {path: asdict(each) for path, each in by.items()} for name, by in memory.names.items()},
        "missing": memory.missing,
        "files": memory.files,
        "in_files": [_table(each) for each in memory.in_files],
    }
    store.put(f"{name}-ids", b"".join(memory.ids))
    store.put(name, json.dumps(table).encode())


def _table(found: Found) -> dict[str, object]:
    return asdict(found) | {"blobs": {name.hex(): line for name, line in found.blobs.items()}}


def _found(table: dict[str, object]) -> Found:
    found = Found(**table)  # type: ignore[arg-type]
    found.blobs = {bytes.fromhex(name): line for name, line in found.blobs.items()}  # type: ignore[arg-type]
    return found


def state_of(common: Path) -> str:
    """Digest of what objects there are, without reading one."""
    objects = common / "objects"
    entries = [path.name for path in (objects / "pack").glob("pack-*")]
    for number in range(256):
        with contextlib.suppress(OSError):
            entries += [f"{number:02x}{path.name}" for path in (objects / f"{number:02x}").iterdir()]
    with contextlib.suppress(OSError):
        entries.append((objects / "info" / "alternates").read_text("utf-8", "surrogateescape"))
    entries.append(str((common / "shallow").exists()))
    return _digest(entries)


def refs_of(common: Path, git_dir: Path, listed: bytes) -> str:
    """Digest of the refs, which `listed` tells, of the index and of the reflogs."""
    entries = [listed.decode("utf-8", "surrogateescape")]
    for folder in {common, git_dir}:
        for path in (folder / "index", *(folder / "logs").rglob("*")):
            with contextlib.suppress(OSError):
                told = path.stat()
                entries.append(f"{path} {told.st_size} {told.st_mtime_ns}")
    return _digest(entries)


def _digest(entries: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(entries)).encode("utf-8", "surrogateescape")).hexdigest()

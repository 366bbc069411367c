"""Migrations that a tool refuses to run because of one another: two heads, two of one version, a missing parent."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.syntax import parse, text_of

if TYPE_CHECKING:
    from checks.repo.migrations.find import Migration
    from checks.repo.project import Project


@dataclass(frozen=True, slots=True)
class Clash:
    """Migrations that cannot stand together. `what` is said of any one of them."""

    paths: tuple[str, ...]
    rule: str
    what: str

    def hazard(self) -> Hazard:
        return Hazard(Kind.NOTED, self.rule, 1, self.what)


def clashes(found: Project, every: Iterable[Migration]) -> list[Clash]:
    """Every clash among a project's migrations. Blocking."""
    folders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for migration in every:
        parent = PurePosixPath(migration.path).parent
        folders[migration.tool, (parent.parent if migration.tool == "Prisma" else parent).as_posix()].append(
            migration.path
        )
    alembic = {path: found.read(path) for (tool, _), paths in folders.items() if tool == "Alembic" for path in paths}
    clashing = list(_of_alembic(alembic)) if alembic else []
    for (tool, folder), paths in folders.items():
        if tool == "Django":
            clashing += _of_django(found, folder, paths)
        elif tool == "Drizzle":
            clashing += _of_drizzle(found, folder, paths)
        elif tool in _VERSIONS:
            clashing += _of_versions(tool, paths, _VERSIONS[tool])
    return clashing


def _named(paths: Iterable[str]) -> str:
    return " and ".join(PurePosixPath(path).stem for path in sorted(paths))


def _number(pattern: str) -> Callable[[str], tuple[int, ...]]:
    def version(name: str) -> tuple[int, ...]:
        match = re.match(pattern, name)
        parts = [int(part) for part in re.split(r"[._]", match[1]) if part] if match else []
        while parts and parts[-1] == 0 and len(parts) > 1:
            parts.pop()  # Flyway: 1.0 is 1
        return tuple(parts)

    return version


_VERSIONS = {
    "Rails": _number(r"(\d+)_"),
    "Flyway": _number(r"V(\d[\d._]*?)__"),
    "golang-migrate": _number(r"(\d+)_"),
    "Supabase": _number(r"(\d+)_"),
}
"""Tools that know a migration by its number, and refuse a second one of the same."""


def _of_versions(tool: str, paths: list[str], version: Callable[[str], tuple[int, ...]]) -> Iterator[Clash]:
    same: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for path in paths:
        if number := version(PurePosixPath(path).name):
            same[number].append(path)
    for number, twins in same.items():
        if len(twins) > 1:
            told = ".".join(map(str, number))
            what = f"is one of {len(twins)} of version {told} ({_named(twins)}), which {tool} refuses"
            yield Clash(tuple(twins), "same-version", what)


def _of_alembic(texts: Mapping[str, str]) -> Iterator[Clash]:
    """Heads of each folder of revisions, revisions of one id, and parents that no file has."""
    by_id: dict[str, list[str]] = defaultdict(list)
    parents: dict[str, set[str]] = {}
    for path, text in texts.items():
        own, parents[path] = _revision(text)
        by_id[own].append(path)
    by_id.pop("", None)
    taken = set().union(*parents.values())
    heads: dict[str, list[str]] = defaultdict(list)
    for own, paths in by_id.items():
        if len(paths) > 1:
            yield Clash(tuple(paths), "same-version", f"is one of {len(paths)} of revision {own} ({_named(paths)})")
        if not any(own == name or (len(name) > 3 and own.startswith(name)) for name in taken):
            heads[PurePosixPath(paths[0]).parent.as_posix()].append(paths[0])
    for paths in heads.values():
        if len(paths) > 1:
            what = f"is one of {len(paths)} heads ({_named(paths)}), and `alembic upgrade head` refuses to choose"
            yield Clash(tuple(paths), "alembic-heads", what)
    for path, names in parents.items():
        if gone := sorted(name for name in names if not any(own.startswith(name) for own in by_id)):
            yield Clash((path,), "no-parent", f"follows the revision {', '.join(gone)}, which no file has")


def _revision(text: str) -> tuple[str, set[str]]:
    """A revision's own id and those it follows; branch names and relative ones aside."""
    tree = parse(text)
    values: dict[str, ast.expr | None] = {}
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.Assign):
            values |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            values[node.target.id] = node.value
    given = values.get("down_revision")
    listed = given.elts if isinstance(given, ast.Tuple | ast.List | ast.Set) else [given]
    return text_of(values.get("revision")), {name for each in listed if re.fullmatch(r"\w+", name := text_of(each))}


def _of_django(found: Project, folder: str, paths: list[str]) -> Iterator[Clash]:
    """The leaves of an app's migrations, of which `migrate` wants one."""
    app = PurePosixPath(folder).parent
    label = re.search(r"^\s*label\s*=\s*['\"](\w+)", found.read((app / "apps.py").as_posix()), re.M)
    names = {PurePosixPath(path).stem: path for path in paths}
    followed: set[str] = set()
    replaced: set[str] = set()
    for path in paths:
        told = _class_lists(found.read(path))
        followed |= {name for of, name in told["dependencies"] if of in (app.name, label[1] if label else "")}
        replaced |= {name for _, name in told["replaces"]}
    leaves = [path for name, path in names.items() if name not in followed | replaced]
    if len(leaves) > 1:
        what = f"is one of {len(leaves)} leaves of {app.name} ({_named(leaves)}), and `migrate` refuses to choose"
        yield Clash(tuple(leaves), "django-leaves", what)


def _class_lists(text: str) -> dict[str, list[tuple[str, str]]]:
    """Pairs of app and name in `dependencies` and `replaces` of a Django migration."""
    lists: dict[str, list[tuple[str, str]]] = {"dependencies": [], "replaces": []}
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id in lists:
                    pairs = [each.elts for each in node.value.elts if isinstance(each, ast.Tuple)]
                    lists[target.id] += [(text_of(pair[0]), text_of(pair[1])) for pair in pairs if len(pair) == 2]
    return lists


def _of_drizzle(found: Project, folder: str, paths: list[str]) -> Iterator[Clash]:
    """Migrations that Drizzle's journal does not know, and snapshots that follow the same one."""
    journal = _json(found.read(f"{folder}/meta/_journal.json"))
    entries = journal.get("entries")
    if not isinstance(entries, list):
        return
    tags = {entry.get("tag") for entry in entries if isinstance(entry, dict)}
    for path in paths:
        if PurePosixPath(path).stem not in tags:
            yield Clash((path,), "journal", "is not in meta/_journal.json, so Drizzle never runs it")
    after: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        number = PurePosixPath(path).name.partition("_")[0]
        if before := _json(found.read(f"{folder}/meta/{number}_snapshot.json")).get("prevId"):
            after[str(before)].append(path)
    for twins in after.values():
        if len(twins) > 1:
            yield Clash(tuple(twins), "journal", f"follows the same snapshot as another ({_named(twins)})")


def _json(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}

"""Migrations that a tool refuses to run because of one another: two heads, two of one version, a missing parent."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from checks.repo.migrations.hazard import Clash
from checks.repo.migrations.syntax import parse, text_of
from checks.repo.migrations.versions import folder_of, named_in, same_names, same_versions

if TYPE_CHECKING:
    from checks.repo.migrations.places import Migration
    from checks.repo.project import Project


def clashes(found: Project, every: Iterable[Migration]) -> list[Clash]:
    """Every clash among a project's migrations. Blocking."""
    folders: dict[tuple[str, str], list[Migration]] = defaultdict(list)
    for migration in every:
        folders[migration.tool, folder_of(migration)].append(migration)
    texts = {
        each.path: found.read(each.path) for (tool, _), group in folders.items() if tool == "Alembic" for each in group
    }
    clashing = list(_of_alembic(texts)) if texts else []
    for (tool, folder), group in folders.items():
        paths = [migration.path for migration in group]
        if tool == "Django":
            clashing += _of_django(found, folder, paths)
        elif tool == "Drizzle":
            clashing += _of_drizzle(found, folder, paths)
        elif tool == "Prisma":
            clashing += _of_prisma(found, folder, paths)
        clashing += same_versions(found, group)
        clashing += same_names(found, tool, paths)
    return clashing


_DATABASES = {"postgres": "postgresql"}
"""Names of a database that Prisma takes for another."""


def _of_prisma(found: Project, folder: str, paths: list[str]) -> Iterator[Clash]:
    """Folders without a migration, and a history of another database than the schema's: Prisma refuses both."""
    names = {
        PurePosixPath(path).parts[len(PurePosixPath(folder).parts)]
        for path in found.files
        if path.startswith(f"{folder}/")
    }
    having = {PurePosixPath(path).parent.name for path in paths}
    last = max(paths)
    for name in sorted(names - having):
        if re.match(r"\d{8,}_", name):
            yield Clash(
                (last,), "no-file", f"stands beside {folder}/{name}, which has no migration.sql: Prisma refuses all"
            )
    locked = re.search(r"^provider\s*=\s*\"(\w+)\"", found.read(f"{folder}/migration_lock.toml"), re.M)
    schema = found.read((PurePosixPath(folder).parent / "schema.prisma").as_posix())
    schemas = re.search(r"\bdatasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*\"(\w+)\"", schema)
    if locked is not None and schemas is not None and locked[1] != _DATABASES.get(schemas[1], schemas[1]):
        what = f"is of {locked[1]} by migration_lock.toml and of {schemas[1]} by schema.prisma, which Prisma refuses"
        yield Clash((last,), "provider", what)


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
            yield Clash(tuple(paths), "same-version", f"is one of {len(paths)} of revision {own} ({named_in(paths)})")
        if not any(own == name or (len(name) > 3 and own.startswith(name)) for name in taken):
            heads[PurePosixPath(paths[0]).parent.as_posix()].append(paths[0])
    for paths in heads.values():
        if len(paths) > 1:
            what = f"is one of {len(paths)} heads ({named_in(paths)}), and `alembic upgrade head` refuses to choose"
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
        told = class_lists(found.read(path))
        followed |= {name for of, name in told["dependencies"] if of in (app.name, label[1] if label else "")}
        replaced |= {name for _, name in told["replaces"]}
    for path in paths:
        gone = {
            name
            for of, name in class_lists(found.read(path))["dependencies"]
            if of in (app.name, label[1] if label else "")
        }
        if lost := sorted(gone - set(names) - replaced - {"__first__", "__latest__"}):
            yield Clash((path,), "no-parent", f"depends on {', '.join(lost)} of {app.name}, which no file has")
    leaves = [path for name, path in names.items() if name not in followed | replaced]
    if len(leaves) > 1:
        what = f"is one of {len(leaves)} leaves of {app.name} ({named_in(leaves)}), and `migrate` refuses to choose"
        yield Clash(tuple(leaves), "django-leaves", what)


def class_lists(text: str) -> dict[str, list[tuple[str, str]]]:
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
    tags = journal_times(found, folder)
    if not tags:
        return
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
            yield Clash(tuple(twins), "journal", f"follows the same snapshot as another ({named_in(twins)})")


def journal_times(found: Project, folder: str) -> dict[str, int]:
    """When each migration was made that Drizzle's journal knows, in milliseconds; 0 where it does not say."""
    entries = _json(found.read(f"{folder}/meta/_journal.json")).get("entries")
    rows = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {str(row.get("tag")): when if isinstance(when := row.get("when"), int) else 0 for row in rows}


def _json(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}

"""By what a tool knows a migration: its number, its class, its time; and those that bear the same one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from checks.repo.migrations.hazard import Clash
from checks.repo.migrations.places import Migration
from checks.repo.project import Project


def folder_of(migration: Migration) -> str:
    """The folder whose migrations stand in one order: of Flyway, the same one of every source set."""
    parent = PurePosixPath(migration.path).parent
    if migration.tool == "Prisma" or migration.path.endswith("/migration.sql"):
        parent = parent.parent
    folder = parent.as_posix()
    return (
        re.sub(r"^(.*?src/main)/(?:java|kotlin|resources)/", r"\1/", folder) if migration.tool == "Flyway" else folder
    )


def named_in(paths: Iterable[str]) -> str:
    return " and ".join(PurePosixPath(path).stem for path in sorted(paths))


_VERSIONS = {
    "Rails": re.compile(r"(\d+)_"),
    "Flyway": re.compile(r"V(\d[\d._]*?)__"),
    "golang-migrate": re.compile(r"(\d+)_"),
    "Supabase": re.compile(r"(\d+)_"),
    "goose": re.compile(r"(\d+)_"),
    "dbmate": re.compile(r"(\d+)"),
}
"""Tools that know a migration by its number, and refuse a second one of the same."""
_MARKED = re.compile(r"^--\s*(?:\+(goose)\s+up|(migrate):up)\b", re.I | re.M)


def version_of(found: Project, migration: Migration) -> tuple[str, tuple[int, ...]]:
    """The tool that runs a migration, and the number by which that tool knows it; empty where it knows none."""
    tool = migration.tool
    if tool == "SQL" and (mark := _MARKED.search(found.read(migration.path))) is not None:
        tool = "goose" if mark[1] else "dbmate"
    match = _VERSIONS[tool].match(PurePosixPath(migration.path).name) if tool in _VERSIONS else None
    parts = [int(part) for part in re.split(r"[._]", match[1]) if part] if match is not None else []
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()  # Flyway: 1.0 is 1
    return tool, tuple(parts)


def same_versions(found: Project, group: Iterable[Migration]) -> Iterator[Clash]:
    same: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for migration in group:
        tool, number = version_of(found, migration)
        if number:
            same[tool, number].append(migration.path)
    for (tool, number), twins in same.items():
        if len(twins) > 1:
            told = ".".join(map(str, number))
            what = f"is one of {len(twins)} of version {told} ({named_in(twins)}), which {tool} refuses"
            yield Clash(tuple(twins), "same-version", what)


_CLASSES = {
    "Laravel": (
        re.compile(r"^\s*(?:final\s+)?class\s+(\w+)\s+extends\s+Migration\b", re.M),
        "which PHP refuses to declare twice",
    ),
    "Rails": (re.compile(r"^\s*class\s+([\w:]+)\s*<\s*ActiveRecord::Migration", re.M), "which Rails refuses"),
    "Knex, Sequelize or TypeORM": (
        re.compile(r"\bclass\s+(\w+)\s+implements\s+MigrationInterface\b"),
        "which TypeORM refuses",
    ),
}
"""Tools that know a migration by its class, and what becomes of a second one of the same."""


def same_names(found: Project, tool: str, paths: Iterable[str]) -> Iterator[Clash]:
    """Migrations of one class, and those of TypeORM that bear one time."""
    if tool not in _CLASSES:
        return
    pattern, refused = _CLASSES[tool]
    by_class: dict[str, list[str]] = defaultdict(list)
    by_time: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        if (named := pattern.search(found.read(path))) is not None:
            by_class[named[1]].append(path)
            if tool not in ("Rails", "Laravel") and (time := re.search(r"\d{13}$", named[1])) is not None:
                by_time[time[0]].add(path)
    for name, twins in by_class.items():
        if len(twins) > 1:
            yield Clash(
                tuple(twins), "same-name", f"is one of {len(twins)} of the class {name} ({named_in(twins)}), {refused}"
            )
    for moment, group in by_time.items():
        if len(group) > 1 and not any(group <= set(twins) for twins in by_class.values()):
            what = (
                f"is one of {len(group)} of the time {moment} ({named_in(group)}), which TypeORM runs in no sure order"
            )
            yield Clash(tuple(sorted(group)), "same-version", what)

"""Migrations that come too late for their tool: behind one that has run already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from checks.repo.migrations.clashes import journal_times
from checks.repo.migrations.find import Pending
from checks.repo.migrations.hazard import Clash
from checks.repo.migrations.versions import folder_of, version_of
from checks.repo.project import Project

_BEHIND = {
    "Flyway": "Flyway refuses it (outOfOrder is off)",
    "golang-migrate": "golang-migrate never runs it",
    "goose": "goose refuses it without -allow-missing",
    "Supabase": "`supabase db push` refuses it without --include-all",
    "Drizzle": "Drizzle never runs it",
}
"""What each tool does with a migration whose place is before one that has run."""


def out_of_order(found: Project, waiting: Pending) -> Iterator[Clash]:
    """Pending migrations that stand before one that is not pending, where their tool minds. Blocking."""
    if not waiting.sure:
        return
    pending = {migration.path for migration in waiting.migrations}
    folders: dict[tuple[str, str], dict[str, tuple[int, ...]]] = defaultdict(dict)
    for migration in waiting.every:
        tool, number = version_of(found, migration)
        if tool in _BEHIND and tool != "Drizzle" and number:
            folders[tool, folder_of(migration)][migration.path] = number
        elif migration.tool == "Drizzle":
            times = journal_times(found, folder_of(migration))
            if (time := times.get(PurePosixPath(migration.path).stem)) is not None:
                folders["Drizzle", folder_of(migration)][migration.path] = (time,)
    for (tool, _), numbers in folders.items():
        last = max((path for path in numbers if path not in pending), key=lambda path: numbers[path], default=None)
        for path, number in numbers.items():
            if last is not None and path in pending and number < numbers[last]:
                what = f"stands before {PurePosixPath(last).stem}, which has run already: {_BEHIND[tool]}"
                yield Clash((path,), "out-of-order", what)

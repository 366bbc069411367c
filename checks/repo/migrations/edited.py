"""Migrations that the base has already, and that say something else now: what of that is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.repo import git
from checks.repo.migrations.find import Judged, Pending, judge
from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.project import Project


@dataclass(frozen=True, slots=True)
class _AsItWas(Project):
    """A project of which one file says what it said before."""

    path: str = ""
    text: str = ""

    def read(self, path: str) -> str:
        return self.text if path == self.path else Project.read(self, path)


def edited(found: Project, waiting: Pending, dialect: str) -> Iterator[Judged]:
    """Each edited migration with the hazards that its edit brought in, and a note on the edit itself. Blocking.

    Where it has run it is not run again; but a base is a branch and no database, and it may not have run yet.
    """
    for migration in waiting.edited:
        text = git.run(found.root, "show", f"{waiting.compared}:./{migration.path}", ok=(0, 128))
        then = _AsItWas(
            found.root, found.files, found.tracked, found.is_git, migration.path, text.decode(errors="replace")
        )
        before, now = (judge(each, migration, waiting.every, dialect) for each in (then, found))
        known = Counter(map(_said, before.hazards))
        new = []
        for hazard in now.hazards:
            if known[_said(hazard)]:
                known[_said(hazard)] -= 1
            else:
                new.append(hazard)
        unread = now.unread if len(now.unread) > len(before.unread) else ()
        yield replace(now, hazards=(*new, _note(migration.tool)), unread=unread)


def _said(hazard: Hazard) -> tuple[Kind, str, str]:
    """A hazard wherever it stands: lines move."""
    return hazard.kind, hazard.rule, hazard.what


def _note(tool: str) -> Hazard:
    """What becomes of a change to a migration that has run."""
    refuses = "Flyway refuses it (its checksum)" if tool == "Flyway" else "it is not run again where it has run"
    return Hazard(Kind.NOTED, "edited", 1, f"that the base has already was changed: {refuses}")

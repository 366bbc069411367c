"""Where each migration tool keeps its files, and which of them it runs on the way up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from checks.repo.migrations.alembic import is_alembic
from checks.repo.migrations.django import is_django
from checks.repo.project import Project, is_foreign


@dataclass(frozen=True, slots=True)
class Migration:
    path: str
    tool: str


@dataclass(frozen=True, slots=True)
class _Place:
    tool: str
    pattern: re.Pattern[str]
    applies: Callable[[str], bool] = field(default=lambda text: True)


_PLACES = (
    _Place("Prisma", re.compile(r"(?:^|/)prisma/migrations/[^/]+/migration\.sql$")),
    _Place("Supabase", re.compile(r"(?:^|/)supabase/migrations/[^/]+\.sql$")),
    _Place("Drizzle", re.compile(r"(?:^|/)(?:drizzle|drizzle/migrations)/\d{4}_[^/]+\.sql$")),
    _Place("Drizzle", re.compile(r"(?:^|/)drizzle/(?:migrations/)?\d{10,}_[^/]+/migration\.sql$")),
    _Place("Flyway", re.compile(r"(?:^|/)[VR]\d*[\d._]*__[^/]+\.sql$")),
    _Place("Flyway", re.compile(r"(?:^|/)db/migration/(?:[^/]+/)*[VR]\d*[\d._]*__\w+\.(?:java|kt)$")),
    _Place("golang-migrate", re.compile(r"\.up\.sql$")),
    _Place("Django", re.compile(r"(?:^|/)migrations/\d{4}_\w+\.py$"), is_django),
    _Place("Alembic", re.compile(r"(?:^|/)versions/[^/]+\.py$"), is_alembic),
    _Place("Alembic", re.compile(r"(?:^|/)migrations/(?:versions/)?[^/]+\.py$"), is_alembic),
    _Place("Rails", re.compile(r"(?:^|/)db/(?:\w*_)?(?:migrate|post_migrate)/\d+_\w+\.rb$")),
    _Place(
        "Liquibase", re.compile(r"\.sql$"), lambda text: text.lstrip().lower().startswith("--liquibase formatted sql")
    ),
    _Place(
        "Liquibase",
        re.compile(r"changelog[^/]*(?:/[^/]+)*\.(?:xml|ya?ml|json)$", re.I),
        lambda text: "changeSet" in text,
    ),
    _Place(
        "Doctrine",
        re.compile(r"(?:^|/)migrations/(?:[^/]+/)*Version\d+\.php$", re.I),
        lambda text: "AbstractMigration" in text,
    ),
    _Place("Ecto", re.compile(r"(?:^|/)priv/(?:\w+/)?migrations/\d+_\w+\.exs$")),
    _Place("Entity Framework", re.compile(r"(?:^|/)Migrations/\d+_\w+(?<!\.Designer)\.cs$")),
    _Place("Laravel", re.compile(r"(?:^|/)database/migrations/(?:[^/]+/)*[\d_]+\w+\.php$")),
    _Place(
        "Knex, Sequelize or TypeORM",
        re.compile(r"(?:^|/)migrations?/[^/]+\.(?:js|cjs|mjs|ts)$"),
        lambda text: re.search(r"\bup\b", text) is not None,
    ),
    _Place("SQL", re.compile(r"(?:^|/)(?:migrations?|migrate|schema_migrations)/(?:[^/]+/)?[^/]+\.sql$")),
)
_NOT_UP = re.compile(r"(?:\.down\.sql|[._-]down\.sql|/down\.sql|(?:^|/)[UB]\d[\d._]*__[^/]+\.sql|rollback\.sql)$", re.I)
"""The way down, and Flyway's baselines, which no database runs that is there already."""
UNREAD = {"Liquibase", "Ecto", "Entity Framework"}
"""Tools whose own language nobody here reads; of Liquibase, what is not SQL."""
ONE_WAY = {"Prisma", "Supabase", "Drizzle", "Flyway"}
"""Tools that know no way down; going back means a new migration forward."""


def migrations(found: Project) -> list[Migration]:
    """Every migration of a project, in the order in which its tool runs them. Blocking."""
    journals = {PurePosixPath(path).parent.parent for path in found.own("*/meta/_journal.json")}
    every = []
    for path in found.files:
        if is_foreign(path) or _NOT_UP.search(path):
            continue
        if path.endswith(".sql") and PurePosixPath(path).parent in journals:
            every.append(Migration(path, "Drizzle"))
            continue
        for place in _PLACES:
            if place.pattern.search(path) and place.applies(found.read(path)):
                every.append(Migration(path, place.tool))
                break
    return every

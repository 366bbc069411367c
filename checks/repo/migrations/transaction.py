"""Indexes that are built CONCURRENTLY in a file that its tool runs in one transaction, which PostgreSQL refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.places import Migration
from checks.repo.migrations.sql import told_apart
from checks.repo.migrations.versions import version_of
from checks.repo.project import Project

_ALONE = {
    "Prisma": "Prisma before 7.4 refuses unless the statement is alone in its migration",
    "golang-migrate": "golang-migrate refuses unless the statement is alone in its file",
    "Flyway": "Flyway refuses beside statements that want one (unless flyway.mixed is on)",
}
"""Tools that run a file of several statements in one transaction."""
_ALWAYS = {
    "Drizzle": (re.compile(r"(?!)"), "Drizzle's migrate() opens for all that is pending"),
    "goose": (
        re.compile(r"^--\s*\+goose\s+no\s+transaction", re.I | re.M),
        "goose opens without `-- +goose NO TRANSACTION`",
    ),
    "dbmate": (
        re.compile(r"^--\s*migrate:up[^\n]*\btransaction:false", re.I | re.M),
        "dbmate opens without `transaction:false` behind `migrate:up`",
    ),
}
"""Tools that open a transaction for any file, by what a file says that it wants none."""


def in_its_transaction(found: Project, migration: Migration, text: str, up: str) -> Iterator[Hazard]:
    """What of a migration's way up PostgreSQL refuses in the transaction that its tool opens.

    Args:
        text: the whole file, and `up` what of it runs at a release.
    """
    rows = told_apart(up)
    lines = [line for line, concurrent in rows if concurrent]
    tool = version_of(found, migration)[0]
    why = ""
    if tool in _ALWAYS and not _ALWAYS[tool][0].search(text):
        why = f"in the transaction that {_ALWAYS[tool][1]}"
    elif tool in _ALONE and len(rows) > (len(lines) if tool == "Flyway" else 1):
        why = f"which {_ALONE[tool]}"
    if why:
        for line in lines:
            yield Hazard(Kind.NOTED, "in-transaction", line, f"works on an index CONCURRENTLY, {why}")

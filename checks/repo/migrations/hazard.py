"""What a migration may do to a live database, and the safe way to do the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    DESTRUCTIVE = "destructive"
    LOCKING = "locking"
    IRREVERSIBLE = "irreversible"
    NOTED = "noted"
    """Worth a word before it runs: the database or the tool refuses the step, or it is safe only by itself."""
    UNREAD = "unread"
    """No hazard, but nobody could judge it."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One dangerous step. `line` counts from 1; `rule` is a key of REWRITES."""

    kind: Kind
    rule: str
    line: int
    what: str
    rewrite: str = ""
    """The same change in statements that do no harm, where this very statement has them."""

    @property
    def safe(self) -> str:
        """What to do instead."""
        return f"{REWRITES[self.rule]}\n{self.rewrite}".rstrip()


@dataclass(frozen=True, slots=True)
class Clash:
    """Migrations that cannot stand together. `what` is said of any one of them."""

    paths: tuple[str, ...]
    rule: str
    what: str

    def hazard(self) -> Hazard:
        return Hazard(Kind.NOTED, self.rule, 1, self.what)


_LATER = (
    "In three releases: 1. ship code that no longer uses it; 2. when that release is proven, {drop}; "
    "take a backup right before."
)

REWRITES = {
    "drop-table": _LATER.format(drop="drop the table in a migration of its own"),
    "drop-column": _LATER.format(drop="drop the column in a migration of its own"),
    "drop-schema": _LATER.format(drop="drop the schema in a migration of its own"),
    "rename": "Add the new name beside the old one, write to both, copy the rows, move the readers, and drop the old "
    "name in a later release; a view under the old name does for a table.",
    "truncate": "Delete what must go by a condition, in batches, after a backup; never in the migration of a release.",
    "delete-all": "Give the DELETE a WHERE, run it in batches outside the release, and take a backup first.",
    "update-all": "Add the column empty, then fill it in batches outside the migration: UPDATE ... WHERE id BETWEEN x "
    "AND y.",
    "not-null-column": "ADD COLUMN with a constant DEFAULT, or add it nullable, fill it in batches, then "
    "ADD CONSTRAINT ... CHECK (col IS NOT NULL) NOT VALID and VALIDATE CONSTRAINT.",
    "set-not-null": "ADD CONSTRAINT ... CHECK (col IS NOT NULL) NOT VALID; VALIDATE CONSTRAINT in the next migration; "
    "then SET NOT NULL, which needs no scan any more.",
    "index": "CREATE INDEX CONCURRENTLY, in a migration without a transaction.",
    "drop-index": "DROP INDEX CONCURRENTLY, in a migration without a transaction.",
    "in-transaction": "Take it out of the transaction: a migration of its own, without BEGIN, and as the tool wants it "
    "(Django: atomic = False; Alembic: autocommit_block(); Rails: disable_ddl_transaction!).",
    "alembic-heads": "Bring the heads together with `alembic merge heads -m merge`, and commit the file.",
    "django-leaves": "Bring the leaves together with `python manage.py makemigrations --merge`, and commit the file.",
    "same-version": "Give the later one a version of its own, after the last one that production has run.",
    "same-name": "Give the later one a name and a class of its own.",
    "out-of-order": "Give it a number or time after the last one that production has run.",
    "edited": "Take the change back, and make it in a new migration.",
    "no-file": "Commit the migration.sql of this folder, or remove the folder.",
    "provider": "Make the two name one database; for a change of databases, start a new history of migrations.",
    "no-parent": "Commit the revision that it follows, or set down_revision to the one that production has.",
    "journal": "Drop it (`drizzle-kit drop`), generate it again on the current state, and run `drizzle-kit check`.",
    "validated-together": "Put VALIDATE CONSTRAINT into the next migration: in one transaction with ADD ... NOT VALID, "
    "the lock of the first is held while the second looks at every row.",
    "constraint": "ADD CONSTRAINT ... NOT VALID, then VALIDATE CONSTRAINT in a migration of its own.",
    "unique": "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX.",
    "type": "Add a column of the new type, write to both, copy in batches, switch the readers, drop the old column "
    "in a later release.",
    "rewrite": "Take it out of the release: run it in a quiet hour with a lock_timeout (PostgreSQL: CONCURRENTLY where "
    "there is one, pg_repack for whole tables; MySQL: gh-ost or pt-online-schema-change), and fill columns in batches.",
    "unread": "Read it yourself: its statement is made at run time.",
    "no-way-down": "Write the way down, or say in ROLLBACK.md how to go forward instead, and test it on a copy.",
}
"""The safe way to do what a rule forbids, by rule."""

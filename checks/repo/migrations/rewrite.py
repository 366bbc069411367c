"""The safe way to write a statement that locks: the same change, in the statements that do not."""

from __future__ import annotations

import re
from typing import Any


def concurrently(sql: str) -> str:
    """CREATE INDEX and DROP INDEX of PostgreSQL, without keeping anybody out."""
    whole = re.sub(r"\b(create\s+(?:unique\s+)?index|drop\s+index)\b", r"\1 CONCURRENTLY", sql, count=1, flags=re.I)
    return f"{whole};\n-- outside a transaction, alone in its migration"


def not_valid_first(table: str, action: str, name: str, dialect: str) -> str:
    """A foreign key or a check that is added first, and looks at the rows later."""
    if dialect != "postgres":
        return ""
    return (
        f"ALTER TABLE {table} {action} NOT VALID;\n-- in the next migration:\n"
        f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};"
    )


def set_not_null(table: str, column: str, dialect: str) -> str:
    """NOT NULL that finds its proof done already (PostgreSQL 12 and later)."""
    if dialect != "postgres":
        return ""
    name = f"{_bare(table)}_{_bare(column)}_not_null"
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;\n"
        f"-- in the next migration, when no row lacks it any more:\n"
        f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"
        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n"
        f"ALTER TABLE {table} DROP CONSTRAINT {name};"
    )


def nullable(table: str, column: Any, dialect: str) -> str:
    """A required column that is added empty, filled, and only then required."""
    from sqlglot import exp

    free = column.copy()
    for constraint in list(free.find_all(exp.ColumnConstraint)):
        if isinstance(constraint.args.get("kind"), exp.NotNullColumnConstraint):
            constraint.pop()
    name = column.this.sql(dialect=dialect)
    empty = f"ALTER TABLE {table} ADD COLUMN {free.sql(dialect=dialect)};"
    then = set_not_null(table, name, dialect)
    return f"{empty}\n-- fill it in batches, then in the next migration:\n{then}" if then else empty


def by_index(table: str, name: str, columns: str, kind: str) -> str:
    """A unique or primary key of PostgreSQL whose index is built beside the running product."""
    if not columns:
        return ""
    name = name or f"{_bare(table)}_{'_'.join(re.findall(r'[A-Za-z_]+', columns))}_key"
    return (
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});\n-- in the next migration:\n"
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name};"
    )


def _bare(name: str) -> str:
    return name.rpartition(".")[2].strip('"`')

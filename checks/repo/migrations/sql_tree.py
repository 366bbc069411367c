"""One statement of SQL judged by its syntax tree, as sqlglot reads it in each dialect."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.rewrite import by_index, not_valid_first, nullable, set_not_null
from checks.repo.migrations.sql_text import bare_name

_RENAMES_TABLE = re.compile(r"\brename\s+(?:to|as)\b", re.I)


class Unreadable(Exception):
    """sqlglot cannot read a statement, or keeps it as text only."""


def judge_tree(sql: str, line: int, dialect: str, new: set[str], rebuilt: set[str]) -> Iterator[Hazard]:
    """Judge a statement that sqlglot can read. Raises Unreadable."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    # A statement that sqlglot only keeps as text is told on its logger; it goes to the other judge below.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError) as error:
        raise Unreadable from error
    # Two words that are no statement are read as a column and its alias.
    if isinstance(tree, exp.Command | exp.Alias | exp.Condition):
        raise Unreadable
    if isinstance(tree, exp.Drop):
        yield from _drop(tree, line, new, rebuilt)
    elif isinstance(tree, exp.Create) and tree.kind == "TABLE" and tree.args.get("replace"):
        yield Hazard(Kind.DESTRUCTIVE, "drop-table", line, f"drops the table {_tables(tree)}, if there is one")
    elif isinstance(tree, exp.TruncateTable):
        yield Hazard(Kind.DESTRUCTIVE, "truncate", line, f"empties {_tables(tree)}")
    elif isinstance(tree, exp.Create) and tree.kind == "INDEX" and dialect == "postgres":
        table = tree.find(exp.Table)
        if not tree.args.get("concurrently") and table is not None and table.name.lower() not in new:
            yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {table.name} without CONCURRENTLY")
    elif isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
        if tree.this.name.lower() not in new:
            table = tree.this.sql(dialect=dialect)
            for action in tree.args.get("actions") or []:
                if isinstance(action, exp.AlterRename) and not _RENAMES_TABLE.search(sql):
                    yield Hazard(Kind.DESTRUCTIVE, "rename", line, f"renames the column {action.this.name} of {table}")
                    continue
                yield from _alter(action, table, line, dialect, bool(tree.args.get("not_valid")), rebuilt)
    for change in tree.find_all(exp.Delete, exp.Update):
        target = change.this.name if change.this is not None else ""
        if target.lower() not in new and not _has_condition(change):
            verb, rule = ("deletes", "delete-all") if isinstance(change, exp.Delete) else ("updates", "update-all")
            yield Hazard(Kind.DESTRUCTIVE, rule, line, f"{verb} all rows of {target} without a condition")


def _has_condition(change: Any) -> bool:
    from sqlglot import exp

    where = change.args.get("where")
    if where is None:
        joined = any(join.args.get("on") is not None or join.args.get("using") for join in change.find_all(exp.Join))
        return joined or change.args.get("limit") is not None
    condition = where.this.unnest()
    always = isinstance(condition, exp.Boolean) and condition.this
    return not always and condition.sql().replace(" ", "") != "1=1"


def _tables(tree: Any) -> str:
    from sqlglot import exp

    return ", ".join(table.name for table in tree.find_all(exp.Table)) or "a table"


def _drop(tree: Any, line: int, new: set[str], rebuilt: set[str]) -> Iterator[Hazard]:
    kind = str(tree.args.get("kind") or "").upper()
    names = [t.name or t.args.get("db", "") for t in tree.args.get("tables") or [tree.this] if t is not None]
    if kind == "TABLE":
        # SQLite changes a table by building a second one and renaming it to the first one's name.
        gone = [str(name) for name in names if str(name).lower() not in new | rebuilt]
        if gone:
            yield Hazard(Kind.DESTRUCTIVE, "drop-table", line, f"drops the table {', '.join(gone)}")
    elif kind in ("SCHEMA", "DATABASE"):
        yield Hazard(Kind.DESTRUCTIVE, "drop-schema", line, f"drops the {kind.lower()} {', '.join(map(str, names))}")
    elif kind in ("TYPE", "DOMAIN") and tree.args.get("cascade"):
        what = f"drops the {kind.lower()} {', '.join(map(str, names))} and every column of it"
        yield Hazard(Kind.DESTRUCTIVE, "drop-column", line, what)


def _alter(action: Any, table: str, line: int, dialect: str, not_valid: bool, rebuilt: set[str]) -> Iterator[Hazard]:
    from sqlglot import exp

    if isinstance(action, exp.Drop) and str(action.args.get("kind") or "COLUMN").upper() == "COLUMN":
        columns = ", ".join(c.name for c in action.args.get("tables") or [])
        yield Hazard(Kind.DESTRUCTIVE, "drop-column", line, f"drops the column {columns} of {table}")
    elif isinstance(action, exp.AlterRename):
        if action.this.name.lower() not in rebuilt:
            yield Hazard(Kind.DESTRUCTIVE, "rename", line, f"renames the table {table} to {action.this.name}")
    elif isinstance(action, exp.RenameColumn):
        yield Hazard(Kind.DESTRUCTIVE, "rename", line, f"renames the column {action.this.name} of {table}")
    elif isinstance(action, exp.ModifyColumn):
        old = action.args.get("rename_from")
        if old is not None and old.name != action.this.name:
            yield Hazard(Kind.DESTRUCTIVE, "rename", line, f"renames the column {old.name} of {table}")
        yield Hazard(Kind.LOCKING, "type", line, f"redefines the column {action.this.name} of {table}")
    elif isinstance(action, exp.AlterColumn):
        if action.args.get("dtype") is not None:
            yield Hazard(Kind.LOCKING, "type", line, f"changes the type of {action.name} of {table}")
        elif action.args.get("allow_null") is False:
            safe = set_not_null(table, action.this.sql(dialect=dialect), dialect)
            yield Hazard(Kind.LOCKING, "set-not-null", line, f"makes {action.name} of {table} NOT NULL at once", safe)
    elif isinstance(action, exp.ColumnDef):
        yield from _new_column(action, table, line, dialect)
    elif isinstance(action, exp.AddConstraint):
        yield from _new_constraint(action, table, line, dialect, not_valid)


def _new_column(column: Any, table: str, line: int, dialect: str) -> Iterator[Hazard]:
    from sqlglot import exp

    kinds = [constraint.args.get("kind") for constraint in column.args.get("constraints") or []]
    required = any(isinstance(k, exp.NotNullColumnConstraint) and not k.args.get("allow_null") for k in kinds)
    filled = any(
        isinstance(
            k, exp.DefaultColumnConstraint | exp.GeneratedAsIdentityColumnConstraint | exp.ComputedColumnConstraint
        )
        for k in kinds
    )
    if required and not filled:
        yield Hazard(
            Kind.LOCKING,
            "not-null-column",
            line,
            f"adds the NOT NULL column {column.name} to {table} without a default",
            nullable(table, column, dialect),
        )
    if dialect == "postgres":
        if any(isinstance(k, exp.UniqueColumnConstraint | exp.PrimaryKeyColumnConstraint) for k in kinds):
            yield Hazard(Kind.LOCKING, "unique", line, f"adds the unique column {column.name} to {table} at once")
        if any(isinstance(k, exp.Reference) for k in kinds):
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds a foreign key with {column.name} to {table} at once")
        elif any(isinstance(k, exp.CheckColumnConstraint) for k in kinds):
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds a check with {column.name} to {table} at once")


def _new_constraint(action: Any, table: str, line: int, dialect: str, not_valid: bool) -> Iterator[Hazard]:
    from sqlglot import exp

    written = action.sql(dialect=dialect)
    if dialect == "sqlite" or not_valid or "NOT VALID" in written.upper() or "USING INDEX" in written.upper():
        return
    given = action.find(exp.Constraint)
    name = given.this.sql(dialect=dialect) if given is not None else ""
    if (kept := action.find(exp.ForeignKey, exp.CheckColumnConstraint)) is not None:
        kind = "fkey" if isinstance(kept, exp.ForeignKey) else "check"
        named = name or f"{bare_name(table)}_{kind}"
        add = written if name else written.replace("ADD ", f"ADD CONSTRAINT {named} ", 1)
        safe = not_valid_first(table, add, named, dialect)
        yield Hazard(Kind.LOCKING, "constraint", line, f"adds a constraint to {table} and validates it at once", safe)
    elif dialect == "postgres" and (kept := action.find(exp.UniqueColumnConstraint, exp.PrimaryKey)) is not None:
        listed = kept.this if isinstance(kept, exp.UniqueColumnConstraint) else kept
        columns = ", ".join(each.sql(dialect=dialect) for each in listed.expressions) if listed is not None else ""
        kind = "UNIQUE" if isinstance(kept, exp.UniqueColumnConstraint) else "PRIMARY KEY"
        what = f"adds a {kind.lower()} constraint to {table} and builds its index at once"
        yield Hazard(Kind.LOCKING, "unique", line, what, by_index(table, name, columns, kind))

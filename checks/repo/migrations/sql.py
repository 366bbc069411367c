"""SQL migrations judged statement by statement: sqlglot reads every dialect, squawk looks at PostgreSQL again."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql_text import bare_name, is_harmless, judge_text, rewritten
from checks.repo.migrations.squawk import squawk


@dataclass(slots=True)
class SqlReading:
    """What was found in a text. `unread` are lines of statements that no parser understood."""

    hazards: list[Hazard] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)


def read_sql(text: str, dialect: str) -> SqlReading:
    """Judge SQL of one migration. Blocking (a process for PostgreSQL).

    What happens to a table that the same text creates is no hazard: it holds no rows yet.
    """
    reading = SqlReading()
    statements = list(_statements(text, dialect))
    new = {bare_name(name) for _, sql in statements for name in _CREATED.findall(sql)}
    rebuilt = (
        {bare_name(to) for _, sql in statements for name, to in _RENAMED_TO.findall(sql) if bare_name(name) in new}
        if dialect == "sqlite"
        else set()
    )
    for line, sql in statements:
        try:
            found = list(_judge(sql, line, dialect, new, rebuilt))
        except _Unreadable:
            found = list(judge_text(sql, line, dialect, new, rebuilt))
            if not found and not any(rewritten(sql, line, dialect, new)) and not is_harmless(sql):
                reading.unread.append(line)
        reading.hazards += found or rewritten(sql, line, dialect, new)
    if dialect == "postgres" and statements:
        seen = {(hazard.line, hazard.kind) for hazard in reading.hazards}
        reading.hazards += [h for h in squawk(text) if (h.line, h.kind) not in seen]
    reading.hazards.sort(key=lambda hazard: hazard.line)
    return reading


class _Unreadable(Exception):
    pass


_CREATED = re.compile(r"\bcreate\s+(?:unlogged\s+|temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?([^\s(;]+)", re.I)
_RENAMED_TO = re.compile(r"\balter\s+table\s+(?:if\s+exists\s+)?([^\s;]+)\s+rename\s+to\s+([^\s;]+)", re.I)


def _statements(text: str, dialect: str) -> Iterator[tuple[int, str]]:
    """Pairs of (line of its first token, statement)."""
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import SqlglotError

    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except SqlglotError:
        line = 1
        for piece in text.split(";"):
            if piece.strip():
                lead = len(piece) - len(piece.lstrip())
                yield line + piece.count("\n", 0, lead), piece.strip()
            line += piece.count("\n")
        return
    first = None
    last = None
    for token in tokens:
        if token.token_type.name == "SEMICOLON":
            if first is not None and last is not None:
                yield first.line, text[first.start : last.end + 1]
            first = None
            continue
        first = first or token
        last = token
    if first is not None and last is not None:
        yield first.line, text[first.start : last.end + 1]


def _judge(sql: str, line: int, dialect: str, new: set[str], rebuilt: set[str]) -> Iterator[Hazard]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    # A statement that sqlglot only keeps as text is told on its logger; it goes to the other judge below.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError) as error:
        raise _Unreadable from error
    if isinstance(tree, exp.Command):
        raise _Unreadable
    if isinstance(tree, exp.Drop):
        yield from _drop(tree, line, new, rebuilt)
    elif isinstance(tree, exp.TruncateTable):
        yield Hazard(Kind.DESTRUCTIVE, "truncate", line, f"empties {_tables(tree)}")
    elif isinstance(tree, exp.Create) and tree.kind == "INDEX" and dialect == "postgres":
        table = tree.find(exp.Table)
        if not tree.args.get("concurrently") and table is not None and table.name.lower() not in new:
            yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {table.name} without CONCURRENTLY")
    elif isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
        table_name = tree.this.name
        if table_name.lower() not in new:
            for action in tree.args.get("actions") or []:
                yield from _alter(action, table_name, line, dialect, bool(tree.args.get("not_valid")), rebuilt)
    for change in tree.find_all(exp.Delete, exp.Update):
        target = change.this.name if change.this is not None else ""
        if target.lower() not in new and not _has_condition(change):
            verb, rule = ("deletes", "delete-all") if isinstance(change, exp.Delete) else ("updates", "update-all")
            yield Hazard(Kind.DESTRUCTIVE, rule, line, f"{verb} all rows of {target} without a condition")


def _has_condition(change: Any) -> bool:
    from sqlglot import exp

    where = change.args.get("where")
    if where is None:
        return change.args.get("limit") is not None
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
            yield Hazard(Kind.LOCKING, "set-not-null", line, f"makes {action.name} of {table} NOT NULL at once")
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
        )
    if dialect == "postgres":
        if any(isinstance(k, exp.UniqueColumnConstraint | exp.PrimaryKeyColumnConstraint) for k in kinds):
            yield Hazard(Kind.LOCKING, "unique", line, f"adds the unique column {column.name} to {table} at once")
        if any(isinstance(k, exp.Reference) for k in kinds):
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds a foreign key with {column.name} to {table} at once")


def _new_constraint(action: Any, table: str, line: int, dialect: str, not_valid: bool) -> Iterator[Hazard]:
    from sqlglot import exp

    written = action.sql(dialect=dialect).upper()
    if dialect == "sqlite" or not_valid or "NOT VALID" in written or "USING INDEX" in written:
        return
    if action.find(exp.ForeignKey, exp.CheckColumnConstraint) is not None:
        yield Hazard(Kind.LOCKING, "constraint", line, f"adds a constraint to {table} and validates it at once")
    elif dialect == "postgres" and action.find(exp.UniqueColumnConstraint, exp.PrimaryKey) is not None:
        yield Hazard(Kind.LOCKING, "unique", line, f"adds a unique constraint to {table} and builds its index at once")

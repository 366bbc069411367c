"""Alembic's revisions: what upgrade() does, and whether downgrade() takes it back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql
from checks.repo.migrations.syntax import (
    argument,
    constants,
    is_constant,
    keyword,
    last_name,
    parse,
    sql_texts,
    text_of,
)


def is_alembic(text: str) -> bool:
    return "down_revision" in text and ("def upgrade" in text or "def downgrade" in text)


def read_alembic(text: str, dialect: str) -> list[Hazard]:
    """Judge an Alembic revision: what its upgrade() does, and whether its downgrade() does anything."""
    tree = parse(text)
    if tree is None:
        return [Hazard(Kind.UNREAD, "unread", 1, "is no Python that can be read")]
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    hazards: list[Hazard] = []
    upgrade = functions.get("upgrade")
    if upgrade is not None:
        calls = [node for node in ast.walk(upgrade) if isinstance(node, ast.Call)]
        new = {text_of(argument(call, "table_name", 0)) for call in calls if last_name(call.func) == "create_table"}
        batches = _batches(upgrade)
        apart = _outside_transaction(upgrade)
        for call in calls:
            owner = (
                call.func.value.id
                if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
                else ""
            )
            if batches.get(owner, "") not in new or not batches.get(owner):
                hazards += _alembic_operation(call, last_name(call.func), new, dialect)
            if last_name(call.func) == "execute":
                hazards += _executed(call, tree, dialect)
            elif is_constant(keyword(call, "postgresql_concurrently"), True) and call not in apart:
                what = "works on an index concurrently outside autocommit_block(), which PostgreSQL refuses"
                hazards.append(Hazard(Kind.NOTED, "in-transaction", call.lineno, what))
    downgrade = functions.get("downgrade")
    does_something = upgrade is not None and not _is_empty(upgrade)
    if does_something and (downgrade is None or _is_empty(downgrade)):
        line = downgrade.lineno if downgrade is not None else 1
        hazards.append(
            Hazard(Kind.IRREVERSIBLE, "no-way-down", line, "has a downgrade() that is missing, empty or only raises")
        )
    return hazards


def _batches(function: ast.FunctionDef) -> dict[str, str]:
    """Names that `with op.batch_alter_table(table) as name` binds, each with its table."""
    return {
        item.optional_vars.id: text_of(argument(item.context_expr, "table_name", 0))
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.context_expr, ast.Call)
        and last_name(item.context_expr.func) == "batch_alter_table"
        and isinstance(item.optional_vars, ast.Name)
    }


def _outside_transaction(function: ast.FunctionDef) -> set[ast.AST]:
    return {
        inner
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.context_expr, ast.Call) and last_name(item.context_expr.func) == "autocommit_block"
        for inner in ast.walk(node)
    }


def _executed(call: ast.Call, tree: ast.Module, dialect: str) -> Iterator[Hazard]:
    given = argument(call, "sqltext", 0)
    chain: list[str] = []
    node: ast.AST | None = given
    while isinstance(node, ast.Call):
        chain.append(last_name(node.func))
        node = node.func.value if isinstance(node.func, ast.Attribute) else None
    if {"delete", "update", "insert", "select"} & set(chain) and isinstance(given, ast.Call):
        for verb in ("delete", "update"):
            if verb in chain and "where" not in chain:
                yield Hazard(Kind.DESTRUCTIVE, f"{verb}-all", call.lineno, f"{verb}s all rows without a condition")
        return
    for text in sql_texts(given, constants(tree)):
        if text is None:
            yield Hazard(Kind.UNREAD, "unread", call.lineno, "runs SQL that is made at run time")
            continue
        reading = read_sql(text, dialect)
        for hazard in reading.hazards:
            yield Hazard(hazard.kind, hazard.rule, call.lineno + hazard.line - 1, hazard.what, hazard.rewrite)
        for line in reading.unread:
            yield Hazard(Kind.UNREAD, "unread", call.lineno + line - 1, "runs SQL that cannot be read")


def _is_empty(function: ast.FunctionDef) -> bool:
    """Whether a function does nothing: pass, a docstring, return, or an exception."""
    return all(
        isinstance(node, ast.Pass | ast.Return | ast.Raise)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )


def _alembic_operation(call: ast.Call, kind: str, new: set[str], dialect: str) -> Iterator[Hazard]:
    line = call.lineno
    # Inside `with op.batch_alter_table("t") as batch`, calls lack the table's name.
    batch = (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id != "op"
    )
    table = "" if batch else text_of(argument(call, "table_name", 0))
    if table and table in new:
        return
    if kind == "drop_table":
        yield Hazard(Kind.DESTRUCTIVE, "drop-table", line, f"drops the table {table}")
    elif kind == "drop_column":
        column = text_of(argument(call, "column_name", 0 if batch else 1))
        yield Hazard(Kind.DESTRUCTIVE, "drop-column", line, f"drops the column {column} of {table or 'a table'}")
    elif kind == "rename_table":
        yield Hazard(
            Kind.DESTRUCTIVE, "rename", line, f"renames the table {text_of(call.args[0]) if call.args else ''}"
        )
    elif kind == "alter_column":
        yield from _alembic_alter(call, line)
    elif kind == "add_column":
        yield from _alembic_add(call, line, dialect)
    elif kind == "create_index" and dialect == "postgres":
        on = text_of(argument(call, "table_name", 0 if batch else 1))
        if on not in new and not is_constant(keyword(call, "postgresql_concurrently"), True):
            yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {on or 'a table'} without CONCURRENTLY")
    elif kind in ("create_foreign_key", "create_check_constraint") and dialect != "sqlite":
        source = text_of(argument(call, "source_table", 1)) or text_of(argument(call, "table_name", 1))
        if source not in new and not is_constant(keyword(call, "postgresql_not_valid"), True):
            yield Hazard(
                Kind.LOCKING, "constraint", line, f"adds a constraint to {source or 'a table'}, validated at once"
            )
    elif kind in ("create_unique_constraint", "create_primary_key") and dialect == "postgres":
        source = text_of(argument(call, "table_name", 1))
        if source not in new:
            yield Hazard(Kind.LOCKING, "unique", line, f"adds a unique constraint to {source or 'a table'} at once")
    elif kind == "drop_index" and dialect == "postgres":
        on = text_of(argument(call, "table_name", 1))
        if on not in new and not is_constant(keyword(call, "postgresql_concurrently"), True):
            yield Hazard(Kind.LOCKING, "drop-index", line, f"drops an index of {on or 'a table'} without CONCURRENTLY")


def _alembic_alter(call: ast.Call, line: int) -> Iterator[Hazard]:
    if keyword(call, "new_column_name") is not None:
        yield Hazard(Kind.DESTRUCTIVE, "rename", line, "renames a column")
    if keyword(call, "type_") is not None:
        yield Hazard(Kind.LOCKING, "type", line, "changes the type of a column")
    if is_constant(keyword(call, "nullable"), False):
        yield Hazard(Kind.LOCKING, "set-not-null", line, "makes a column NOT NULL at once")


def _alembic_add(call: ast.Call, line: int, dialect: str) -> Iterator[Hazard]:
    column = next(
        (node for node in ast.walk(call) if isinstance(node, ast.Call) and last_name(node.func) == "Column"), None
    )
    if column is None:
        return
    name = text_of(column.args[0]) if column.args else ""
    if is_constant(keyword(column, "nullable"), False) and keyword(column, "server_default") is None:
        yield Hazard(Kind.LOCKING, "not-null-column", line, f"adds the NOT NULL column {name} without a server default")
    if dialect == "postgres":
        if is_constant(keyword(column, "unique"), True):
            yield Hazard(Kind.LOCKING, "unique", line, f"adds the unique column {name} at once")
        if any(isinstance(node, ast.Call) and last_name(node.func) == "ForeignKey" for node in ast.walk(column)):
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds a foreign key with {name} at once")

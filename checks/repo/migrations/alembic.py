"""Alembic's revisions: what upgrade() does, and whether downgrade() takes it back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql, works_concurrently
from checks.repo.migrations.syntax import (
    argument,
    constants,
    is_constant,
    keyword,
    last_name,
    parse,
    reached,
    resolved,
    sql_texts,
    text_of,
)


def is_alembic(text: str) -> bool:
    return "down_revision" in text and ("def upgrade" in text or "def downgrade" in text)


def read_alembic(text: str, dialect: str, fresh: Iterable[str] = ()) -> list[Hazard]:
    """Judge an Alembic revision: what its upgrade() does, and whether its downgrade() does anything.

    Args:
        fresh: tables that are not live yet.
    """
    tree = parse(text)
    if tree is None:
        return [Hazard(Kind.UNREAD, "unread", 1, "is no Python that can be read")]
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    hazards: list[Hazard] = []
    upgrade = functions.get("upgrade")
    if upgrade is not None:
        nodes = [node for each in _ways(upgrade, functions) for node in reached(each, functions)]
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        new = {text_of(argument(call, "table_name", 0)) for call in calls if last_name(call.func) == "create_table"}
        new |= set(fresh)
        batches = _batches(nodes)
        apart = _outside_transaction(nodes)
        for call in calls:
            kind = last_name(call.func)
            owner = (
                call.func.value.id
                if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
                else ""
            )
            table = batches.get(owner)
            if not table or table not in new:
                hazards += _alembic_operation(call, kind, new, dialect, table)
            if kind in ("execute", "exec_driver_sql", "scalar", "scalars"):
                hazards += _executed(call, tree, dialect, call in apart, new)
            elif is_constant(keyword(call, "postgresql_concurrently"), True) and call not in apart:
                what = "works on an index concurrently outside autocommit_block(), which PostgreSQL refuses"
                hazards.append(Hazard(Kind.NOTED, "in-transaction", call.lineno, what))
            elif kind in ("delete", "update") and _is_whole_query(call):
                what = f"{kind}s all rows of a model without a condition"
                hazards.append(Hazard(Kind.DESTRUCTIVE, f"{kind}-all", call.lineno, what))
    downgrade = functions.get("downgrade")
    up, down = (_ways(function, functions) if function is not None else [] for function in (upgrade, downgrade))
    if not all(map(_is_empty, up)) and all(map(_is_empty, down)):
        line = downgrade.lineno if downgrade is not None else 1
        hazards.append(
            Hazard(Kind.IRREVERSIBLE, "no-way-down", line, "has a downgrade() that is missing, empty or only raises")
        )
    return hazards


def _ways(function: ast.FunctionDef, functions: Mapping[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    """The function itself, or those that it stands for where a migration has one for each of several databases."""
    apart = [each for name, each in functions.items() if name.startswith(f"{function.name}_")]
    by_name = any(isinstance(node, ast.Call) and last_name(node.func) == "globals" for node in ast.walk(function))
    return apart if by_name and apart else [function]


def _batches(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Names that `with op.batch_alter_table(table) as name` binds, each with its table."""
    return {
        item.optional_vars.id: text_of(argument(item.context_expr, "table_name", 0))
        for node in nodes
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.context_expr, ast.Call)
        and last_name(item.context_expr.func) == "batch_alter_table"
        and isinstance(item.optional_vars, ast.Name)
    }


def _outside_transaction(nodes: Iterable[ast.AST]) -> set[ast.AST]:
    return {
        inner
        for node in nodes
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.context_expr, ast.Call) and last_name(item.context_expr.func) == "autocommit_block"
        for inner in ast.walk(node)
    }


def _is_whole_query(call: ast.Call) -> bool:
    """Whether delete() or update() is called on session.query(Model) itself, with no filter between."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(owner, ast.Call) and last_name(owner.func) == "query" and isinstance(owner.func, ast.Attribute)


def _executed(call: ast.Call, tree: ast.Module, dialect: str, apart: bool, new: set[str]) -> Iterator[Hazard]:
    known = constants(tree)
    given = argument(call, "sqltext", 0)
    values = resolved(given, known)
    chains = [chain for value in values if _BUILT & set(chain := _chain(value, known))]
    for verb in ("delete", "update"):
        if any(verb in chain and "where" not in chain for chain in chains):
            yield Hazard(Kind.DESTRUCTIVE, f"{verb}-all", call.lineno, f"{verb}s all rows without a condition")
    if chains and len(chains) == len(values):
        return
    for text in sql_texts(given, known):
        if text is None:
            yield Hazard(Kind.UNREAD, "unread", call.lineno, "runs SQL that is made at run time")
            continue
        if not apart and dialect == "postgres" and works_concurrently(text):
            what = "works on an index CONCURRENTLY outside autocommit_block(), which PostgreSQL refuses"
            yield Hazard(Kind.NOTED, "in-transaction", call.lineno, what)
        reading = read_sql(text, dialect, new)
        for hazard in reading.hazards:
            yield Hazard(hazard.kind, hazard.rule, call.lineno + hazard.line - 1, hazard.what, hazard.rewrite)
        for line in reading.unread:
            yield Hazard(Kind.UNREAD, "unread", call.lineno + line - 1, "runs SQL that cannot be read")


_BUILT = {"delete", "update", "insert", "select", "values"}
"""Calls by which SQLAlchemy builds a statement."""


def _chain(node: ast.expr, known: dict[str, ast.expr]) -> list[str]:
    """The calls of a chain, the last first: update(t).where(...).values(...), over the names that it goes through."""
    chain: list[str] = []
    seen: set[str] = set()
    while isinstance(node, ast.Call | ast.Name):
        if isinstance(node, ast.Call):
            chain.append(last_name(node.func))
            if not isinstance(node.func, ast.Attribute):
                break
            node = node.func.value
        elif node.id in known and node.id not in seen and isinstance(known[node.id], ast.Call):
            seen.add(node.id)
            node = known[node.id]
        else:
            break
    return chain


def _is_empty(function: ast.FunctionDef) -> bool:
    """Whether a function does nothing: pass, a docstring, return, an exception, or a word to the log."""
    return all(
        isinstance(node, ast.Pass | ast.Return | ast.Raise)
        or (isinstance(node, ast.Expr) and (isinstance(node.value, ast.Constant) or _only_says(node.value)))
        for node in function.body
    )


def _only_says(node: ast.expr) -> bool:
    said = last_name(node.func) if isinstance(node, ast.Call) else ""
    return said in ("print", "info", "warning", "warn", "debug", "error", "log")


def _alembic_operation(
    call: ast.Call, kind: str, new: set[str], dialect: str, batched: str | None = None
) -> Iterator[Hazard]:
    """What one operation does. `batched` is the table of the batch that it stands in, which its call does not name."""
    line = call.lineno
    batch = batched is not None or (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id != "op"
    )
    table = batched or "" if batch else text_of(argument(call, "table_name", 0))
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
        yield from _alembic_alter(call, line, dialect)
    elif kind == "add_column":
        yield from _alembic_add(call, line, dialect)
    elif kind == "create_index" and dialect == "postgres":
        on = batched or text_of(argument(call, "table_name", 1))
        if on not in new and not is_constant(keyword(call, "postgresql_concurrently"), True):
            yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {on or 'a table'} without CONCURRENTLY")
    elif kind in ("create_foreign_key", "create_check_constraint") and dialect != "sqlite":
        source = batched or text_of(argument(call, "source_table", 1)) or text_of(argument(call, "table_name", 1))
        if source not in new and not is_constant(keyword(call, "postgresql_not_valid"), True):
            yield Hazard(
                Kind.LOCKING, "constraint", line, f"adds a constraint to {source or 'a table'}, validated at once"
            )
    elif kind in ("create_unique_constraint", "create_primary_key", "create_exclude_constraint"):
        source = batched or text_of(argument(call, "table_name", 1))
        if source not in new and dialect == "postgres":
            sort = "an exclusion" if kind == "create_exclude_constraint" else "a unique"
            yield Hazard(Kind.LOCKING, "unique", line, f"adds {sort} constraint to {source or 'a table'} at once")
    elif kind == "drop_index" and dialect == "postgres":
        on = batched or text_of(argument(call, "table_name", 1))
        if on not in new and not is_constant(keyword(call, "postgresql_concurrently"), True):
            yield Hazard(Kind.LOCKING, "drop-index", line, f"drops an index of {on or 'a table'} without CONCURRENTLY")


def _alembic_alter(call: ast.Call, line: int, dialect: str) -> Iterator[Hazard]:
    if keyword(call, "new_column_name") is not None:
        yield Hazard(Kind.DESTRUCTIVE, "rename", line, "renames a column")
    if keyword(call, "type_") is not None and not (dialect == "postgres" and _is_widened(call)):
        yield Hazard(Kind.LOCKING, "type", line, "changes the type of a column")
    if is_constant(keyword(call, "nullable"), False) and not is_constant(keyword(call, "existing_nullable"), False):
        yield Hazard(Kind.LOCKING, "set-not-null", line, "makes a column NOT NULL at once")


def _is_widened(call: ast.Call) -> bool:
    """Whether PostgreSQL changes the type without looking at a row: a longer VARCHAR, or TEXT for one."""
    was, now = _text_length(keyword(call, "existing_type")), _text_length(keyword(call, "type_"))
    return was is not None and now is not None and now >= was


def _text_length(node: ast.expr | None) -> float | None:
    """The length of a type of text, infinite where it has none; None for any other type."""
    if last_name(node.func if isinstance(node, ast.Call) else node or ast.Pass()) not in _TEXTS:
        return None
    given = argument(node, "length", 0) if isinstance(node, ast.Call) else None
    return float(given.value) if isinstance(given, ast.Constant) and isinstance(given.value, int) else float("inf")


_TEXTS = ("String", "VARCHAR", "Unicode", "Text", "TEXT", "UnicodeText")


def _alembic_add(call: ast.Call, line: int, dialect: str) -> Iterator[Hazard]:
    column = next(
        (node for node in ast.walk(call) if isinstance(node, ast.Call) and last_name(node.func) == "Column"), None
    )
    if column is None:
        return
    name = text_of(column.args[0]) if column.args else ""
    default = keyword(column, "server_default")
    made = {last_name(node.func): node for node in ast.walk(column) if isinstance(node, ast.Call)}
    stored = "Computed" in made and is_constant(keyword(made["Computed"], "persisted"), True)
    if dialect == "postgres" and ("Identity" in made or stored or _VOLATILE.search(_said(default))):
        what = f"adds the column {name}, whose values are worked out row by row"
        yield Hazard(Kind.LOCKING, "rewrite", line, what)
    elif (
        is_constant(keyword(column, "nullable"), False) and default is None and not {"Identity", "Computed"} & set(made)
    ):
        yield Hazard(Kind.LOCKING, "not-null-column", line, f"adds the NOT NULL column {name} without a server default")
    if dialect == "postgres":
        if is_constant(keyword(column, "unique"), True):
            yield Hazard(Kind.LOCKING, "unique", line, f"adds the unique column {name} at once")
        elif is_constant(keyword(column, "index"), True):
            yield Hazard(Kind.LOCKING, "index", line, f"adds the column {name} with an index built at once")
        if "ForeignKey" in made:
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds a foreign key with {name} at once")


_VOLATILE = re.compile(r"\b(?:gen_random_uuid|uuid_generate_v\w+|random|clock_timestamp|nextval)\s*\(", re.I)
"""Functions of PostgreSQL that give another value for every row."""


def _said(node: ast.expr | None) -> str:
    return ast.unparse(node) if node is not None else ""

"""Django's migrations: what each operation does to a live database."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

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


def is_django(text: str) -> bool:
    return "migrations.Migration" in text or "(Migration)" in text


@dataclass(frozen=True, slots=True)
class Column:
    """A field as the last migration left it."""

    kind: str
    null: bool
    indexed: bool
    length: int | None

    @classmethod
    def of(cls, field: ast.Call) -> Column:
        length = keyword(field, "max_length")
        return cls(
            last_name(field.func),
            is_constant(keyword(field, "null"), True),
            any(is_constant(keyword(field, option), True) for option in ("unique", "db_index", "primary_key")),
            length.value if isinstance(length, ast.Constant) and isinstance(length.value, int) else None,
        )


Columns = dict[tuple[str, str], Column]
"""By model, in small letters, and field."""


def read_django(text: str, dialect: str, earlier: Columns) -> list[Hazard]:
    """Judge a Django migration.

    Args:
        earlier: the fields as earlier migrations of the app left them, to tell what a change changes;
            `remember_fields` makes it.
    """
    tree = parse(text)
    if tree is None or any(not isinstance(value, ast.List | ast.Tuple | ast.BinOp) for value in _lists(tree)):
        return [Hazard(Kind.UNREAD, "unread", 1, "is no list of operations that can be read")]
    calls = list(_operations(tree))
    atomic = not any(
        isinstance(node, ast.Assign) and last_name(node.targets[0]) == "atomic" and is_constant(node.value, False)
        for node in ast.walk(tree)
    )
    new = {text_of(argument(call, "name", 0)).lower() for call in calls if last_name(call.func) == "CreateModel"}
    hazards: list[Hazard] = []
    for call in calls:
        model = text_of(argument(call, "model_name", 0)).lower()
        if not (model and model in new):
            hazards += _django_operation(call, last_name(call.func), dialect, earlier)
        kind = last_name(call.func)
        if kind == "RunSQL":
            hazards += _django_sql(call, dialect, tree)
        elif kind == "RunPython":
            hazards += _django_python(call, tree)
        elif kind in ("AddIndexConcurrently", "RemoveIndexConcurrently") and atomic:
            what = f"runs {kind} without atomic = False, which Django refuses"
            hazards.append(Hazard(Kind.NOTED, "in-transaction", call.lineno, what))
    return hazards


def remember_fields(text: str, fields: Columns) -> None:
    """Note every field that a migration creates, adds or alters."""
    tree = parse(text)
    for call in _operations(tree) if tree is not None else ():
        kind = last_name(call.func)
        if kind == "CreateModel":
            model = text_of(argument(call, "name", 0)).lower()
            listed = argument(call, "fields", 1)
            for pair in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and isinstance(pair.elts[1], ast.Call):
                    fields[(model, text_of(pair.elts[0]))] = Column.of(pair.elts[1])
        elif kind in ("AddField", "AlterField"):
            field = argument(call, "field", 2)
            if isinstance(field, ast.Call):
                model = text_of(argument(call, "model_name", 0)).lower()
                fields[(model, text_of(argument(call, "name", 1)))] = Column.of(field)


def _lists(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(last_name(target) == "operations" for target in node.targets):
            yield node.value


def _operations(tree: ast.Module) -> Iterator[ast.Call]:
    for value in _lists(tree):
        yield from _calls(value)


def _calls(node: ast.expr) -> Iterator[ast.Call]:
    if isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            yield from _calls(item)
    elif isinstance(node, ast.BinOp):
        yield from _calls(node.left)
        yield from _calls(node.right)
    elif isinstance(node, ast.Call):
        yield node
        if last_name(node.func) == "SeparateDatabaseAndState":
            # Only what is done to the database counts, not what Django is told of it.
            inner = argument(node, "database_operations", 0)
            if inner is not None:
                yield from _calls(inner)


def _django_operation(call: ast.Call, kind: str, dialect: str, earlier: Columns) -> Iterator[Hazard]:
    line = call.lineno
    model = text_of(argument(call, "model_name", 0))
    name = text_of(argument(call, "name", 1)) or text_of(argument(call, "name", 0))
    if kind == "DeleteModel":
        yield Hazard(Kind.DESTRUCTIVE, "drop-table", line, f"deletes the model {name}")
    elif kind == "RemoveField":
        yield Hazard(Kind.DESTRUCTIVE, "drop-column", line, f"removes the field {name} of {model}")
    elif kind in ("RenameModel", "RenameField", "AlterModelTable"):
        yield Hazard(Kind.DESTRUCTIVE, "rename", line, f"{kind} changes a name that running code still uses")
    elif kind == "AddField":
        yield from _django_add(call, name, model, line, dialect)
    elif kind == "AlterField":
        field = argument(call, "field", 2)
        was = earlier.get((model.lower(), name))
        if isinstance(field, ast.Call) and was is not None:
            yield from _django_alter(was, Column.of(field), f"{name} of {model}", line, dialect)
    elif kind in ("AddIndex", "AlterIndexTogether") and dialect == "postgres":
        yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {model or name} without CONCURRENTLY")
    elif kind == "RemoveIndex" and dialect == "postgres":
        yield Hazard(Kind.LOCKING, "drop-index", line, f"drops an index of {model} without CONCURRENTLY")
    elif kind in ("AddConstraint", "AlterUniqueTogether") and dialect != "sqlite":
        yield Hazard(Kind.LOCKING, "constraint", line, f"adds a constraint to {model or name} and validates it at once")


def _django_add(call: ast.Call, name: str, model: str, line: int, dialect: str) -> Iterator[Hazard]:
    field = argument(call, "field", 2)
    if not isinstance(field, ast.Call):
        return
    options = {keyword.arg: keyword.value for keyword in field.keywords}
    many = last_name(field.func) == "ManyToManyField"
    filled = any(key in options for key in ("default", "db_default", "auto_now_add", "auto_now", "expression"))
    if not many and not filled and not is_constant(options.get("null"), True):
        yield Hazard(Kind.LOCKING, "not-null-column", line, f"adds the field {name} to {model}, not null, no default")
    elif (
        dialect == "postgres"
        and not many
        and (is_constant(options.get("unique"), True) or is_constant(options.get("db_index"), True))
    ):
        yield Hazard(Kind.LOCKING, "index", line, f"adds the field {name} to {model} with an index built at once")
    elif dialect == "postgres" and last_name(field.func) in ("ForeignKey", "OneToOneField"):
        if not is_constant(options.get("db_constraint"), False):
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds the foreign key {name} to {model} at once")


def _django_alter(was: Column, now: Column, name: str, line: int, dialect: str) -> Iterator[Hazard]:
    if was.kind != now.kind:
        yield Hazard(Kind.LOCKING, "type", line, f"changes {name} from {was.kind} to {now.kind}")
    elif was.length is not None and now.length is not None and now.length < was.length:
        yield Hazard(Kind.LOCKING, "type", line, f"cuts {name} from {was.length} to {now.length} characters")
    if was.null and not now.null:
        yield Hazard(Kind.LOCKING, "set-not-null", line, f"makes {name} not null at once")
    if dialect == "postgres" and now.indexed and not was.indexed:
        yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {name} at once")


def _django_python(call: ast.Call, tree: ast.Module) -> Iterator[Hazard]:
    """What the function of a RunPython does to whole tables."""
    if _missing(argument(call, "reverse_code", 1)):
        yield Hazard(Kind.IRREVERSIBLE, "no-way-down", call.lineno, "runs Python without reverse_code")
    wanted = last_name(argument(call, "code", 0) or call)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == wanted:
            for inner in ast.walk(function):
                if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and _is_every_row(inner.func):
                    rule = "delete-all" if inner.func.attr == "delete" else "update-all"
                    what = f"calls {inner.func.attr}() on every row of a model"
                    yield Hazard(Kind.DESTRUCTIVE, rule, inner.lineno, what)


def _is_every_row(method: ast.Attribute) -> bool:
    """Whether delete() or update() is called on a manager, with no filter between."""
    if method.attr not in ("delete", "update"):
        return False
    node = method.value
    while isinstance(node, ast.Call) and last_name(node.func) in ("all", "using", "order_by"):
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")


def _django_sql(call: ast.Call, dialect: str, tree: ast.Module) -> Iterator[Hazard]:
    line = call.lineno
    for text in sql_texts(argument(call, "sql", 0), constants(tree)):
        if text is None:
            yield Hazard(Kind.UNREAD, "unread", line, "runs SQL that is made at run time")
            continue
        for hazard in read_sql(text, dialect).hazards:
            yield Hazard(hazard.kind, hazard.rule, line + hazard.line - 1, hazard.what)
    if _missing(argument(call, "reverse_sql", 1)):
        yield Hazard(Kind.IRREVERSIBLE, "no-way-down", line, "runs SQL without reverse_sql")


def _missing(node: ast.expr | None) -> bool:
    return node is None or is_constant(node, None) or (isinstance(node, ast.Constant) and node.value == "")

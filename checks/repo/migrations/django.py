"""Django's migrations: what each operation does to a live database."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.repo.migrations.hazard import Hazard, Kind
from checks.repo.migrations.sql import read_sql
from checks.repo.migrations.syntax import argument, is_constant, last_name, parse, sql_texts, text_of


def is_django(text: str) -> bool:
    return "migrations.Migration" in text or "(Migration)" in text


def read_django(text: str, dialect: str, earlier: dict[tuple[str, str], str]) -> list[Hazard]:
    """Judge a Django migration.

    Args:
        earlier: the field class of (model, field) as earlier migrations of the app left it, to tell a change of
            type from a change of options; `remember_fields` makes it.
    """
    tree = parse(text)
    if tree is None:
        return []
    calls = list(_operations(tree))
    new = {text_of(argument(call, "name", 0)).lower() for call in calls if last_name(call.func) == "CreateModel"}
    hazards: list[Hazard] = []
    for call in calls:
        model = text_of(argument(call, "model_name", 0)).lower()
        if not (model and model in new):
            hazards += _django_operation(call, last_name(call.func), dialect, earlier)
    return hazards


def remember_fields(text: str, fields: dict[tuple[str, str], str]) -> None:
    """Note the class of every field that a migration creates, adds or alters."""
    tree = parse(text)
    for call in _operations(tree) if tree is not None else ():
        kind = last_name(call.func)
        if kind == "CreateModel":
            model = text_of(argument(call, "name", 0)).lower()
            listed = argument(call, "fields", 1)
            for pair in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and isinstance(pair.elts[1], ast.Call):
                    fields[(model, text_of(pair.elts[0]))] = last_name(pair.elts[1].func)
        elif kind in ("AddField", "AlterField"):
            field = argument(call, "field", 2)
            if isinstance(field, ast.Call):
                model = text_of(argument(call, "model_name", 0)).lower()
                fields[(model, text_of(argument(call, "name", 1)))] = last_name(field.func)


def _operations(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(last_name(target) == "operations" for target in node.targets):
            yield from _calls(node.value)


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


def _django_operation(call: ast.Call, kind: str, dialect: str, earlier: dict[tuple[str, str], str]) -> Iterator[Hazard]:
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
        if isinstance(field, ast.Call):
            was = earlier.get((model.lower(), name))
            if was is not None and was != last_name(field.func):
                yield Hazard(
                    Kind.LOCKING, "type", line, f"changes {name} of {model} from {was} to {last_name(field.func)}"
                )
    elif kind in ("AddIndex", "AlterIndexTogether") and dialect == "postgres":
        yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {model or name} without CONCURRENTLY")
    elif kind in ("AddConstraint", "AlterUniqueTogether") and dialect != "sqlite":
        yield Hazard(Kind.LOCKING, "constraint", line, f"adds a constraint to {model or name} and validates it at once")
    elif kind == "RunSQL":
        yield from _django_sql(call, line, dialect)
    elif kind == "RunPython" and _missing(argument(call, "reverse_code", 1)):
        yield Hazard(Kind.IRREVERSIBLE, "no-way-down", line, "runs Python without reverse_code")


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


def _django_sql(call: ast.Call, line: int, dialect: str) -> Iterator[Hazard]:
    for text in sql_texts(argument(call, "sql", 0)):
        for hazard in read_sql(text, dialect).hazards:
            yield Hazard(hazard.kind, hazard.rule, line + hazard.line - 1, hazard.what)
    if _missing(argument(call, "reverse_sql", 1)):
        yield Hazard(Kind.IRREVERSIBLE, "no-way-down", line, "runs SQL without reverse_sql")


def _missing(node: ast.expr | None) -> bool:
    return node is None or is_constant(node, None) or (isinstance(node, ast.Constant) and node.value == "")

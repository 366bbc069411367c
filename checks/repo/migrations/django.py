"""Django's migrations: what each operation does to a live database."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    sql_texts,
    text_of,
)


def is_django(text: str) -> bool:
    return "migrations.Migration" in text or "(Migration)" in text


def _has_index(field: ast.Call) -> bool:
    """Whether a field of its own brings an index; a SlugField does unless it is told not to."""
    told = any(is_constant(keyword(field, option), True) for option in ("unique", "db_index", "primary_key"))
    return told or (last_name(field.func) == "SlugField" and not is_constant(keyword(field, "db_index"), False))


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
            _has_index(field),
            length.value if isinstance(length, ast.Constant) and isinstance(length.value, int) else None,
        )


Columns = dict[tuple[str, str], Column]
"""By model, in small letters, and field."""


def read_django(text: str, dialect: str, earlier: Columns, fresh: Iterable[str] = ()) -> list[Hazard]:
    """Judge a Django migration.

    Args:
        earlier: the fields as earlier migrations of the app left them, to tell what a change changes;
            `remember_fields` makes it.
        fresh: models that are not live yet, in small letters.
    """
    tree = parse(text)
    if tree is None:
        return [Hazard(Kind.UNREAD, "unread", 1, "is no Python that can be read")]
    calls, made = _operations(tree)
    atomic = not any(
        isinstance(node, ast.Assign) and last_name(node.targets[0]) == "atomic" and is_constant(node.value, False)
        for node in ast.walk(tree)
    )
    new = {text_of(argument(call, "name", 0)).lower() for call in calls if last_name(call.func) == "CreateModel"}
    new |= set(fresh)
    known = dict(earlier)
    hazards = [Hazard(Kind.UNREAD, "unread", line, "makes its operations at run time") for line in made]
    kinds = _own_kinds(tree)
    for call in calls:
        kind = kinds.get(last_name(call.func), last_name(call.func))
        model = _model_of(call, kind)
        if not _KNOWN.fullmatch(kind):
            what = f"runs {kind}, which is no operation of Django's own"
            hazards.append(Hazard(Kind.UNREAD, "unread", call.lineno, what))
        if not (model and model in new):
            hazards += _django_operation(call, kind, dialect, known)
        _remember(call, known)
        if kind == "RunSQL":
            hazards += _django_sql(call, dialect, tree, atomic)
        elif kind == "RunPython":
            hazards += _django_python(call, tree, dialect)
        elif kind in ("AddIndexConcurrently", "RemoveIndexConcurrently") and atomic:
            what = f"runs {kind} without atomic = False, which Django refuses"
            hazards.append(Hazard(Kind.NOTED, "in-transaction", call.lineno, what))
    return hazards


_KNOWN = re.compile(
    r"(?:Create|Delete|Rename)Model|(?:Add|Remove|Alter|Rename)Field|AlterModel(?:Table|TableComment|Options|Managers)|"
    r"Alter(?:Unique|Index)Together|AlterOrderWithRespectTo|(?:Add|Remove|Alter)Constraint|AddConstraintNotValid|"
    r"ValidateConstraint|(?:Add|Remove|Rename)Index|(?:Add|Remove)IndexConcurrently|Run(?:SQL|Python)|"
    r"SeparateDatabaseAndState|(?:Create|Remove)Collation|\w*Extension|(?:Add|Remove)Trigger"
)


def _own_kinds(tree: ast.Module) -> dict[str, str]:
    """Operations that a migration makes of Django's own for itself, each with the one that it stands on."""
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef) and len(node.bases) == 1)
    return {node.name: base for node in classes if _KNOWN.fullmatch(base := last_name(node.bases[0]))}


def _model_of(call: ast.Call, kind: str) -> str:
    """The model that an operation changes, in small letters; some call it `name`, as there is nothing else to name."""
    by_name = kind in ("AlterUniqueTogether", "AlterIndexTogether", "AlterModelTable", "AlterOrderWithRespectTo")
    return text_of(argument(call, "name" if by_name else "model_name", 0)).lower()


def remember_fields(text: str, fields: Columns) -> None:
    """Note every field that a migration creates, adds, alters or renames."""
    tree = parse(text)
    for call in _operations(tree, state=True)[0] if tree is not None else ():
        _remember(call, fields)


def _remember(call: ast.Call, fields: Columns) -> None:
    kind = last_name(call.func)
    model = _model_of(call, kind)
    if kind == "CreateModel":
        model = text_of(argument(call, "name", 0)).lower()
        listed = argument(call, "fields", 1)
        for pair in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and isinstance(pair.elts[1], ast.Call):
                fields[(model, text_of(pair.elts[0]))] = Column.of(pair.elts[1])
    elif kind in ("AddField", "AlterField"):
        field = argument(call, "field", 2)
        if isinstance(field, ast.Call):
            fields[(model, text_of(argument(call, "name", 1)))] = Column.of(field)
    elif kind == "RenameField":
        old, new = text_of(argument(call, "old_name", 1)), text_of(argument(call, "new_name", 2))
        if (column := fields.pop((model, old), None)) is not None:
            fields[(model, new)] = column
    elif kind == "RenameModel":
        before, after = (text_of(argument(call, key, at)).lower() for at, key in enumerate(("old_name", "new_name")))
        for key in [key for key in fields if key[0] == before]:
            fields[(after, key[1])] = fields.pop(key)


def _operations(tree: ast.Module, state: bool = False) -> tuple[list[ast.Call], list[int]]:
    """The operations of a migration, and the lines at which some are made in a way that nobody can read.

    Args:
        state: whether to give what Django is told of the database, rather than what is done to it, where they differ.
    """
    calls: list[ast.Call] = []
    made: list[int] = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, _ADDS) else []
        if any(last_name(target) == "operations" for target in targets):
            _take(getattr(node, "value", None), calls, made, "state_operations" if state else "database_operations")
    return calls, made


_ADDS = (ast.AugAssign, ast.AnnAssign)


def _take(node: ast.expr | None, calls: list[ast.Call], made: list[int], side: str) -> None:
    if isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            _take(item, calls, made, side)
    elif isinstance(node, ast.BinOp):
        _take(node.left, calls, made, side)
        _take(node.right, calls, made, side)
    elif isinstance(node, ast.Starred):
        _take(node.value, calls, made, side)
    elif isinstance(node, ast.IfExp):
        _take(node.body, calls, made, side)
        _take(node.orelse, calls, made, side)
    elif isinstance(node, ast.Call):
        calls.append(node)
        if last_name(node.func) == "SeparateDatabaseAndState":
            place = 0 if side == "database_operations" else 1
            _take(argument(node, side, place), calls, made, side)
    elif node is not None and not is_constant(node, None):
        made.append(node.lineno)


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
        if isinstance(field, ast.Call) and was is None:
            yield Hazard(Kind.UNREAD, "unread", line, f"alters {name} of {model}, which no earlier migration names")
        elif isinstance(field, ast.Call) and was is not None:
            yield from _django_alter(was, Column.of(field), f"{name} of {model}", line, dialect)
    elif kind in ("AddIndex", "AlterIndexTogether") and dialect == "postgres" and not _takes_away(call):
        yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {model or name} without CONCURRENTLY")
    elif kind == "RemoveIndex" and dialect == "postgres":
        yield Hazard(Kind.LOCKING, "drop-index", line, f"drops an index of {model} without CONCURRENTLY")
    elif kind in ("AddConstraint", "AlterUniqueTogether") and dialect != "sqlite" and not _takes_away(call):
        yield Hazard(Kind.LOCKING, "constraint", line, f"adds a constraint to {model or name} and validates it at once")


def _takes_away(call: ast.Call) -> bool:
    """Whether unique_together or index_together is set to nothing."""
    given = argument(call, "unique_together", 1) or argument(call, "index_together", 1)
    empty = isinstance(given, ast.Call) and last_name(given.func) in ("set", "frozenset") and not given.args
    return empty or is_constant(given, None) or (isinstance(given, ast.List | ast.Tuple) and not given.elts)


def _django_add(call: ast.Call, name: str, model: str, line: int, dialect: str) -> Iterator[Hazard]:
    field = argument(call, "field", 2)
    if not isinstance(field, ast.Call):
        return
    options = {keyword.arg: keyword.value for keyword in field.keywords}
    many = last_name(field.func) == "ManyToManyField"
    filled = any(key in options for key in ("default", "db_default", "auto_now_add", "auto_now", "expression"))
    if not many and not filled and not is_constant(options.get("null"), True):
        yield Hazard(Kind.LOCKING, "not-null-column", line, f"adds the field {name} to {model}, not null, no default")
    elif last_name(field.func) == "GeneratedField" and is_constant(options.get("db_persist"), True):
        if dialect != "sqlite":
            yield Hazard(Kind.LOCKING, "rewrite", line, f"adds the stored generated field {name}, rewriting {model}")
    elif dialect == "postgres" and not many and _has_index(field):
        yield Hazard(Kind.LOCKING, "index", line, f"adds the field {name} to {model} with an index built at once")
    elif dialect == "postgres" and last_name(field.func) in ("ForeignKey", "OneToOneField"):
        if not is_constant(options.get("db_constraint"), False):
            yield Hazard(Kind.LOCKING, "constraint", line, f"adds the foreign key {name} to {model} at once")


_SAME_BYTES = ("CharField", "EmailField", "URLField", "SlugField")
"""Kinds of which PostgreSQL makes a TextField without looking at a row, unless it has an index to build anew."""


def _django_alter(was: Column, now: Column, name: str, line: int, dialect: str) -> Iterator[Hazard]:
    if dialect == "postgres" and was.kind in _SAME_BYTES and now.kind == "TextField" and not was.indexed:
        pass
    elif was.kind != now.kind:
        yield Hazard(Kind.LOCKING, "type", line, f"changes {name} from {was.kind} to {now.kind}")
    elif was.length is not None and now.length is not None and now.length < was.length:
        yield Hazard(Kind.LOCKING, "type", line, f"cuts {name} from {was.length} to {now.length} characters")
    if was.null and not now.null:
        yield Hazard(Kind.LOCKING, "set-not-null", line, f"makes {name} not null at once")
    if dialect == "postgres" and now.indexed and not was.indexed:
        yield Hazard(Kind.LOCKING, "index", line, f"builds an index on {name} at once")


def _django_python(call: ast.Call, tree: ast.Module, dialect: str) -> Iterator[Hazard]:
    """What the function of a RunPython does to whole tables."""
    if _missing(argument(call, "reverse_code", 1)):
        yield Hazard(Kind.IRREVERSIBLE, "no-way-down", call.lineno, "runs Python without reverse_code")
    code = argument(call, "code", 0)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    first = code if isinstance(code, ast.Lambda) else functions.get(last_name(code or call))
    for inner in reached(first, functions):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            if _is_every_row(inner.func):
                rule = "delete-all" if inner.func.attr in ("delete", "_raw_delete") else "update-all"
                what = f"calls {inner.func.attr}() on every row of a model"
                yield Hazard(Kind.DESTRUCTIVE, rule, inner.lineno, what)
            elif inner.func.attr == "execute" and inner.args:
                yield from _executed(inner.args[0], inner.lineno, dialect, tree)


def _executed(given: ast.expr | None, line: int, dialect: str, tree: ast.Module) -> Iterator[Hazard]:
    for text in sql_texts(given, constants(tree)):
        if text is None:
            yield Hazard(Kind.UNREAD, "unread", line, "runs SQL that is made at run time")
            continue
        reading = read_sql(text, dialect)
        for hazard in reading.hazards:
            yield Hazard(hazard.kind, hazard.rule, line + hazard.line - 1, hazard.what, hazard.rewrite)
        for unread in reading.unread:
            yield Hazard(Kind.UNREAD, "unread", line + unread - 1, "runs SQL that cannot be read")


def _is_every_row(method: ast.Attribute) -> bool:
    """Whether delete() or update() is called on a manager, with no filter between."""
    if method.attr not in ("delete", "update", "_raw_delete"):
        return False
    node = method.value
    while isinstance(node, ast.Call) and last_name(node.func) in ("all", "using", "order_by"):
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")


def _django_sql(call: ast.Call, dialect: str, tree: ast.Module, atomic: bool) -> Iterator[Hazard]:
    line = call.lineno
    given = argument(call, "sql", 0)
    yield from _executed(given, line, dialect, tree)
    if atomic and any(text and works_concurrently(text) for text in sql_texts(given, constants(tree))):
        what = "works on an index CONCURRENTLY without atomic = False, which PostgreSQL refuses"
        yield Hazard(Kind.NOTED, "in-transaction", line, what)
    if _missing(argument(call, "reverse_sql", 1)):
        yield Hazard(Kind.IRREVERSIBLE, "no-way-down", line, "runs SQL without reverse_sql")


def _missing(node: ast.expr | None) -> bool:
    return node is None or is_constant(node, None) or (isinstance(node, ast.Constant) and node.value == "")

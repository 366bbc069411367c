"""Syntax trees of Python migrations: reading calls and their arguments. Nothing of the project is run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping


def parse(text: str) -> ast.Module | None:
    """The tree of a Python file; None where it is no valid Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def last_name(node: ast.AST) -> str:
    """The last part of a dotted name: models.AddField -> AddField."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[place] if len(call.args) > place else None


def text_of(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_constant(node: ast.AST | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((given.value for given in call.keywords if given.arg == name), None)


def constants(tree: ast.Module) -> dict[str, ast.expr]:
    """What the names of a module may stand for: all that they are given, as a list where that is several things."""
    given: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            given[node.target.id].append(node.iter)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    given[target.id].append(node.value)
    return {name: values[0] if len(values) == 1 else ast.List(values) for name, values in given.items()}


def resolved(node: ast.expr | None, known: dict[str, ast.expr]) -> list[ast.expr]:
    """The expressions that a name may stand for, or the expression itself."""
    if not isinstance(node, ast.Name) or node.id not in known:
        return [] if node is None else [node]
    value = known[node.id]
    return list(value.elts) if isinstance(value, ast.List) else [value]


def reached(first: ast.AST | None, functions: Mapping[str, ast.FunctionDef]) -> Iterator[ast.AST]:
    """Every node of a function, and of the module's own functions that it calls."""
    waiting, seen = [first] if first is not None else [], set[ast.AST]()
    for function in waiting:
        if function in seen:
            continue
        seen.add(function)
        for node in ast.walk(function):
            yield node
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
                waiting.append(functions[node.func.id])


def sql_texts(node: ast.AST | None, known: dict[str, ast.expr]) -> Iterator[str | None]:
    """The statements that an expression gives; None for one that is made at run time.

    A value that is put into a statement stands as a name in it.
    """
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        for item in node.elts:
            # A pair is a statement and its parameters.
            yield from sql_texts(item.elts[0] if isinstance(item, ast.Tuple) and item.elts else item, known)
    elif isinstance(node, ast.Name) and node.id in known:
        yield from sql_texts(known[node.id], {name: value for name, value in known.items() if name != node.id})
    elif isinstance(node, ast.Call) and last_name(node.func) in ("text", "DDL", "dedent", "SQL") and node.args:
        yield from sql_texts(node.args[0], known)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
        yield from sql_texts(node.func.value, known)
    elif node is not None:
        yield _joined(node)


_TEXT_METHODS = ("format", "strip", "bindparams", "execution_options", "replace")


def _joined(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else "given" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        left, right = _joined(node.left), _joined(node.right) if isinstance(node.op, ast.Add) else ""
        return None if left is None else left + ("given" if right is None else right)
    return text_of(node) or None

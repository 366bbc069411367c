"""Whether Python code can do without a value that it reads: what it falls back to, and what it asks first."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from checks.repo.env.python_tree import Tree, dotted

READS = (ast.Subscript, ast.Call, ast.Compare)
"""What a read of a variable may be: environ[X], environ.get(X), X in environ."""


class Guards:
    """How the values of one file are asked for before they are used."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parents = tree.parents

    def allows(self, node: ast.AST) -> bool:
        """Whether the code goes on where the value read at `node` is absent."""
        asked = self._asks(node)
        if asked is not None:
            return asked
        answers = self._answers(self._by_literal.get(_literal(node), ()))
        if answers:
            return all(answers)
        return self._is_caught(node) or self._is_held_and_asked(node)

    @cached_property
    def _by_literal(self) -> dict[str, list[ast.AST]]:
        """Reads by the string that names their variable; asked once, it is asked for the whole file."""
        found: dict[str, list[ast.AST]] = defaultdict(list)
        for node in self._tree.of(*READS):
            if key := _literal(node):
                found[key].append(node)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[ast.AST]]:
        """Where the code takes up a value of its own, by the value's last name."""
        found: dict[str, list[ast.AST]] = defaultdict(list)
        for name in self._tree.of(ast.Name):
            if isinstance(name.ctx, ast.Load):
                found[name.id].append(name)
        for attribute in self._tree.of(ast.Attribute):
            if isinstance(attribute.ctx, ast.Load):
                found[attribute.attr].append(attribute)
        return found

    def _answers(self, nodes: Iterable[ast.AST]) -> list[bool]:
        return [asked for node in nodes if (asked := self._asks(node)) is not None]

    def _asks(self, node: ast.AST) -> bool | None:
        """True where the code asks for the value and has another way, False where it stops, None where it does not."""
        parent = self._parents.get(node)
        absent = isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn)
        while parent is not None:
            if isinstance(parent, ast.BoolOp):
                if parent.values[-1] is not node and not self._decides(parent):
                    last = parent.values[-1]
                    return not (isinstance(last, ast.Call) and dotted(last.func) in _EXITS)
            elif isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
                absent = not absent
            elif isinstance(parent, ast.Compare):
                absent = isinstance(parent.ops[0], ast.Is | ast.Eq | ast.NotIn) and _is_nothing(parent.comparators)
            elif isinstance(parent, ast.If | ast.While | ast.IfExp):
                if parent.test is not node:
                    return None
                if isinstance(parent, ast.IfExp):
                    return True
                return not _stops(parent.body if absent else parent.orelse)
            elif isinstance(parent, ast.Assert):
                return False if parent.test is node else None
            elif isinstance(parent, ast.Call) and dotted(parent.func) in ("bool", "all", "any"):
                pass
            elif not isinstance(parent, ast.NamedExpr | ast.List | ast.Tuple | ast.GeneratorExp):
                return (isinstance(node, ast.Call | ast.Compare | ast.UnaryOp) and _is_question(node)) or None
            node, parent = parent, self._parents.get(parent)
        return None

    def _decides(self, node: ast.AST | None) -> bool:
        """Whether an expression is a condition, or a part of one."""
        parent = self._parents.get(node) if node is not None else None
        if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
            return parent.test is node
        is_part = isinstance(parent, ast.BoolOp) or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not))
        return is_part and self._decides(parent)

    def _is_caught(self, node: ast.AST) -> bool:
        """Whether a KeyError of this read is caught by code that goes on."""
        child, parent = node, self._parents.get(node)
        while parent is not None and not isinstance(parent, ast.FunctionDef | ast.ClassDef):
            if isinstance(parent, ast.Try) and child in parent.body:
                for handler in parent.handlers:
                    caught = ast.unparse(handler.type) if handler.type is not None else "Exception"
                    if "KeyError" in caught or "Exception" in caught or "LookupError" in caught:
                        return not _stops(handler.body)
            child, parent = parent, self._parents.get(parent)
        return False

    def _is_held_and_asked(self, node: ast.AST) -> bool:
        parent = self._parents.get(node)
        if isinstance(parent, ast.Assign):
            held = {dotted(target) for target in parent.targets}
        elif isinstance(parent, ast.AnnAssign | ast.NamedExpr):
            held = {dotted(parent.target)}
        else:
            return False
        taken_up = (node for name in held for node in self._by_name.get(name.rpartition(".")[2], ()))
        answers = self._answers(node for node in taken_up if dotted(node) in held)
        return bool(answers) and all(answers)


def _literal(node: ast.AST) -> str:
    """What a read names where it names it by a string."""
    given: ast.AST | None = None
    if isinstance(node, ast.Subscript):
        given = node.slice
    elif isinstance(node, ast.Call) and node.args:
        given = node.args[0]
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        given = node.left
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def _is_nothing(nodes: Iterable[ast.expr]) -> bool:
    return all(isinstance(node, ast.Constant) and not node.value for node in nodes)


def _is_question(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and dotted(node.func) == "bool")


_EXITS = ("sys.exit", "exit", "quit", "os._exit", "os.abort", "pytest.exit")


def _stops(body: list[ast.stmt]) -> bool:
    """Whether a block ends the program or raises."""
    return any(
        isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and dotted(node.func) in _EXITS)
        for statement in body
        for node in ast.walk(statement)
    )

"""The nodes of a Python file, walked once: by their kind, with what each stands in."""

from __future__ import annotations

import ast
import heapq
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.AST)


def dotted(node: ast.AST) -> str:
    """A name or a chain of attributes as text; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


class Tree:
    """The nodes of a module that is parsed already."""

    def __init__(self, module: ast.Module) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self._kinds: dict[type[ast.AST], list[tuple[int, ast.AST]]] = defaultdict(list)
        waiting: list[ast.AST] = [module]
        # ast.walk() asks for each field by a generator, which took most of the time of a large project.
        for place, node in enumerate(waiting):
            self._kinds[type(node)].append((place, node))
            for field in node._fields:
                value = getattr(node, field, None)
                if isinstance(value, list):
                    children = [child for child in value if isinstance(child, ast.AST)]
                elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context | ast.operator):
                    children = [value]
                else:
                    continue
                waiting += children
                for child in children:
                    self.parents[child] = node

    def of(self, *kinds: type[_Node]) -> Iterator[_Node]:
        """The nodes of exactly these kinds, the outer before the inner."""
        for _, node in heapq.merge(*(self._kinds.get(kind, ()) for kind in kinds), key=itemgetter(0)):
            yield node  # type: ignore[misc]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, from within."""
        above = self.parents.get(node)
        while above is not None:
            yield above
            above = self.parents.get(above)

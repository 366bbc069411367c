"""Variables that a Python settings class declares: pydantic's BaseSettings, its prefixes, aliases and nested models."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.repo.env.python import Found
from checks.repo.env.python_tree import Tree, dotted


def read_settings(tree: Tree) -> Iterator[Found]:
    """Every variable that the settings classes of a file are filled from."""
    classes = {node.name: node for node in tree.of(ast.ClassDef)}
    for node in classes.values():
        if _is_settings(node, classes):
            yield from _fields(node, classes)


def _is_settings(node: ast.ClassDef, classes: dict[str, ast.ClassDef], depth: int = 0) -> bool:
    for base in map(dotted, node.bases):
        last = base.rpartition(".")[2]
        if last.endswith("BaseSettings"):
            return True
        if depth < 10 and last in classes and _is_settings(classes[last], classes, depth + 1):
            return True
    return False


def _option(node: ast.ClassDef, classes: dict[str, ast.ClassDef], name: str, depth: int = 0) -> str:
    """A setting of the class: in its head, its model_config, its inner Config, or those of its bases."""
    given: list[ast.keyword] = list(node.keywords)
    for statement in node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Config":
            given += [
                ast.keyword(dotted(target), inner.value)
                for inner in statement.body
                if isinstance(inner, ast.Assign)
                for target in inner.targets
            ]
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and _target(statement) == "model_config":
            if isinstance(statement.value, ast.Call):
                given += statement.value.keywords
            elif isinstance(statement.value, ast.Dict):
                pairs = zip(statement.value.keys, statement.value.values, strict=True)
                given += [ast.keyword(_text(key), value) for key, value in pairs]
    told = next((_text(each.value) for each in given if each.arg == name), None)
    if told is not None or depth > 10:
        return told or ""
    above = (classes.get(dotted(base)) for base in node.bases)
    return next((word for base in above if base is not None and (word := _option(base, classes, name, depth + 1))), "")


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    return dotted(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _fields(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Iterator[Found]:
    prefix = _option(node, classes, "env_prefix")
    delimiter = _option(node, classes, "env_nested_delimiter")
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or _target(field).startswith(("_", "model_config")):
            continue
        told = ast.unparse(field.annotation)
        if "ClassVar" in told or not _target(field):
            continue
        name = _alias(field) or prefix + _target(field)
        inner = classes.get(told)
        if inner is None or _is_settings(inner, classes):
            yield name.upper(), field.lineno, not _is_needed(field)
        elif delimiter and _is_needed(field):
            for part in inner.body:
                if isinstance(part, ast.AnnAssign):
                    yield f"{name}{delimiter}{_target(part)}".upper(), part.lineno, not _is_needed(part)


def _alias(field: ast.AnnAssign) -> str:
    if not isinstance(field.value, ast.Call):
        return ""
    for keyword in ("validation_alias", "alias", "env"):
        given = next((each.value for each in field.value.keywords if each.arg == keyword), None)
        choices = given.args if isinstance(given, ast.Call) else [given]
        if choices and (text := _text(choices[0])):
            return text
    return ""


def _is_needed(field: ast.AnnAssign) -> bool:
    """Whether a field has no value of its own."""
    if "None" in (told := ast.unparse(field.annotation)) or "Optional[" in told:
        return False
    if field.value is None:
        return True
    if not (isinstance(field.value, ast.Call) and dotted(field.value.func).endswith("Field")):
        return _is_ellipsis(field.value)
    defaults = [*field.value.args[:1], *(each.value for each in field.value.keywords if each.arg == "default")]
    made = any(each.arg == "default_factory" for each in field.value.keywords)
    return not made and all(map(_is_ellipsis, defaults))


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...

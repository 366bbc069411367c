"""Variables that a Python settings class declares: pydantic's BaseSettings, its prefixes, aliases and nested models."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.repo.env.python import Found
from checks.repo.env.python_tree import Tree, dotted


def read_settings(tree: Tree) -> Iterator[Found]:
    """Every variable that the settings classes of a file are filled from."""
    classes = {node.name: node for node in tree.of(ast.ClassDef)}
    strict = any(node.module == "pydantic_settings" for node in tree.of(ast.ImportFrom))
    strict |= any(each.name == "pydantic_settings" for node in tree.of(ast.Import) for each in node.names)
    for node in classes.values():
        if _is_settings(node, classes):
            yield from _fields(node, classes, strict)


def read_validators(tree: Tree) -> Iterator[Found]:
    """Every variable that Dynaconf's validators name; a settings file may give what is not in the environment."""
    for made in tree.of(ast.Call):
        if dotted(made.func).rpartition(".")[2] not in ("Dynaconf", "LazySettings"):
            continue
        options = {each.arg: each.value for each in made.keywords}
        prefix = options.get("envvar_prefix", ast.Constant("DYNACONF"))
        head = f"{text}_" if (text := _text(prefix)) else ""
        from_files = bool({"settings_files", "settings_file", "root_path", "preload", "includes"} & set(options))
        for call in tree.of(ast.Call):
            if dotted(call.func).rpartition(".")[2] == "Validator":
                told = {each.arg: each.value for each in call.keywords}
                needed = isinstance(asked := told.get("must_exist", told.get("required")), ast.Constant) and asked.value
                free = from_files or "default" in told or not needed
                for name in filter(None, map(_text, call.args)):
                    yield head + name.upper().replace(".", "__"), call.lineno, free


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


def _fields(node: ast.ClassDef, classes: dict[str, ast.ClassDef], strict: bool) -> Iterator[Found]:
    prefix = _option(node, classes, "env_prefix")
    delimiter = _option(node, classes, "env_nested_delimiter")
    others = _names_in_config(node)
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or _target(field).startswith(("_", "model_config")):
            continue
        told = ast.unparse(field.annotation)
        if "ClassVar" in told or not _target(field):
            continue
        name = _alias(field) or others.get(_target(field)) or prefix + _target(field)
        inner = classes.get(told)
        if inner is None or _is_settings(inner, classes):
            yield name.upper(), field.lineno, not _is_needed(field, strict)
        elif delimiter and _is_needed(field, strict):
            for part in inner.body:
                if isinstance(part, ast.AnnAssign):
                    part_name = f"{name}{delimiter}{_target(part)}".upper()
                    yield part_name, part.lineno, not _is_needed(part, strict)


def _names_in_config(node: ast.ClassDef) -> dict[str, str]:
    """Names that the inner Config of pydantic 1 gives to fields: fields = {"key": {"env": "NAME"}}."""
    names: dict[str, str] = {}
    for config in (each for each in node.body if isinstance(each, ast.ClassDef) and each.name == "Config"):
        for given in (each.value for each in config.body if isinstance(each, ast.Assign) and _target(each) == "fields"):
            for key, value in zip(given.keys, given.values, strict=True) if isinstance(given, ast.Dict) else ():
                told = (
                    dict(zip(map(_text, value.keys), value.values, strict=True)) if isinstance(value, ast.Dict) else {}
                )
                if text := _first(told.get("env", value)):
                    names[_text(key)] = text
    return names


def _first(node: ast.AST | None) -> str:
    """A string, or the first of several that will do."""
    if isinstance(node, ast.List | ast.Tuple):
        return _text(node.elts[0]) if node.elts else ""
    return _text(node.args[0] if isinstance(node, ast.Call) and node.args else node)


def _field_calls(field: ast.AnnAssign) -> list[ast.Call]:
    """Field(...) as a field's value, or within its Annotated[...]."""
    calls = [field.value] if isinstance(field.value, ast.Call) else []
    calls += [node for node in ast.walk(field.annotation) if isinstance(node, ast.Call)]
    return [call for call in calls if dotted(call.func).endswith("Field")]


def _alias(field: ast.AnnAssign) -> str:
    for call in _field_calls(field):
        for keyword in ("validation_alias", "alias", "env"):
            if text := _first(next((each.value for each in call.keywords if each.arg == keyword), None)):
                return text
    return ""


def _is_needed(field: ast.AnnAssign, strict: bool) -> bool:
    """Whether a field has no value of its own. What may be None has one in pydantic 1, and none in 2 (`strict`)."""
    told = ast.unparse(field.annotation)
    calls = _field_calls(field)
    if field.value is not None and field.value not in calls:
        return _is_ellipsis(field.value)
    if not strict and field.value is None and ("None" in told or "Optional[" in told):
        return False
    defaults = [each for call in calls for each in call.args[:1]]
    defaults += [each.value for call in calls for each in call.keywords if each.arg == "default"]
    made = any(each.arg == "default_factory" for call in calls for each in call.keywords)
    return not made and all(map(_is_ellipsis, defaults))


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...

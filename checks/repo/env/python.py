"""Which environment variables a Python file reads, from its syntax tree. Nothing of the project is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from checks.repo.env.python_guards import READS, Guards
from checks.repo.env.python_tree import Tree, dotted

Found = tuple[str, int, bool]
"""Name (empty where it is worked out at run time), line, and whether the code can do without."""

HINT = (
    r"dotenv_values|\benvironb?\b|getenv|envvar|BaseSettings|Dynaconf\(|Env\(|\bconfig\(\s*['\"]|"
    r"\benv(?:\.\w+)?\(\s*['\"]|\benv\.(?:db|cache|email|search)"
)
"""What a file that reads its environment holds somewhere."""
HINT_WORDS = ("environ", "getenv", "envvar", "BaseSettings", "Dynaconf(", "Env(", "config(", "env(", "env.", ".env")
"""Of which it holds one at least: looked for first, since most files hold none."""
_TYPED = frozenset(
    "str bool int float json list tuple dict set url path decimal date datetime time timedelta uuid enum bytes "
    "log_level dj_db_url dj_email_url dj_cache_url get_value complex".split()
)
_OWN_NAMES = {"db": "DATABASE_URL", "cache": "CACHE_URL", "email": "EMAIL_URL", "search": "SEARCH_URL"}
"""Names that django-environ takes where it is given none."""
_MAKERS = {"Env": "env", "FileAwareEnv": "env", "Config": "config", "AutoConfig": "config"}


@dataclass(slots=True)
class _Names:
    """What the names of a file stand for."""

    environ: set[str] = field(default_factory=lambda: {"environ", "environb"})
    getters: set[str] = field(default_factory=lambda: {"getenv", "getenvb", "os.getenv", "os.getenvb", "_os.getenv"})
    readers: dict[str, str] = field(default_factory=lambda: {"env": "env", "config": "config"})
    """Names of functions: "env" as of django-environ and environs, "config" as of decouple and Starlette."""
    constants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names bound to a string, or that run over several."""
    wrappers: dict[str, int] = field(default_factory=dict)
    """Functions of the file that take a variable's name, each with the place of that argument."""
    filled: set[str] = field(default_factory=set)
    """Variables for which a scheme of django-environ has a value."""
    prefixes: dict[ast.AST, str] = field(default_factory=dict)
    """What stands before the names that a call gives, within `with env.prefixed(...)` of environs."""

    def hold(self, name: str, values: tuple[str, ...]) -> None:
        """Note strings that a name stands for here; elsewhere in the file it may stand for others."""
        self.constants[name] = tuple(dict.fromkeys((*self.constants.get(name, ()), *values)))


def read_python(tree: Tree) -> Iterator[Found]:
    """Every read of a variable in a file."""
    names = _learn(tree)
    guards = Guards(tree)
    for node in tree.of(*READS):
        for variable, optional in _reads_of(node, names):
            needed = not optional and variable not in names.filled and not guards.allows(node)
            yield variable, _line(node), not needed


def _line(node: ast.AST) -> int:
    """Where a read names its variable, which may stand some lines below its head."""
    named = _named_by(node) if isinstance(node, ast.Call) else node.slice if isinstance(node, ast.Subscript) else None
    return getattr(named or node, "lineno", 1)


def _learn(tree: Tree) -> _Names:
    names = _Names()
    for module in (each.asname for node in tree.of(ast.Import) for each in node.names if each.name == "os"):
        names.environ |= {f"{module}.environ", f"{module}.environb"}
        names.getters |= {f"{module}.getenv", f"{module}.getenvb"}
    for imported in tree.of(ast.ImportFrom):
        if imported.module == "os":
            names.environ |= {each.asname or each.name for each in imported.names if each.name.startswith("environ")}
            names.getters |= {each.asname or each.name for each in imported.names if each.name.startswith("getenv")}
        elif imported.module == "decouple":
            names.readers |= {each.asname or each.name: "config" for each in imported.names if each.name == "config"}
    assignments: Iterator[ast.Assign | ast.AnnAssign] = tree.of(ast.Assign, ast.AnnAssign)
    for node in assignments:
        if node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                _bind(names, dotted(target), node.value)
    for block in tree.of(ast.With):
        _note_prefix(names, block)
    loops: Iterator[ast.For | ast.comprehension] = tree.of(ast.For, ast.comprehension)
    for loop in loops:
        if values := _strings(loop.iter, names):
            names.hold(dotted(loop.target), values)
    for read in tree.of(*READS):
        _note_wrapper(names, tree, read)
    return names


def _note_wrapper(names: _Names, tree: Tree, read: ast.AST) -> None:
    """Note the function whose argument names the variable that a read is of."""
    taken = _name_node(read, names)
    if not isinstance(taken, ast.Name) or taken.id in names.constants:
        return
    for function in tree.around(read):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name not in names.readers:
            arguments = [argument.arg for argument in function.args.args]
            if taken.id in arguments:
                names.wrappers[function.name] = arguments.index(taken.id) - (arguments[0] in ("self", "cls"))


def _note_prefix(names: _Names, node: ast.With) -> None:
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and dotted(call.func).endswith(".prefixed") and call.args:
            prefix = "".join(_strings(call.args[0], names)[:1])
            for inner in (each for statement in node.body for each in ast.walk(statement)):
                names.prefixes[inner] = names.prefixes.get(inner, "") + prefix


def _bind(names: _Names, target: str, value: ast.expr) -> None:
    if _is_environ(value, names) or _copies_environ(value, names):
        names.environ.add(target)
    elif isinstance(value, ast.Call) and (kind := _MAKERS.get(dotted(value.func).rpartition(".")[2])):
        names.readers[target] = kind
        names.filled |= {
            each.arg for each in value.keywords if each.arg and kind == "env" and isinstance(each.value, ast.Tuple)
        }
    elif target and (values := _strings(value, names)):
        names.hold(target, values)


def _strings(node: ast.expr, names: _Names) -> tuple[str, ...]:
    """The strings that an expression holds where it is made of nothing else."""
    if isinstance(node, ast.Constant):
        text = node.value.decode("ascii", "replace") if isinstance(node.value, bytes) else node.value
        return (text,) if isinstance(text, str) else ()
    if isinstance(node, ast.Name | ast.Attribute):
        return names.constants.get(dotted(node), ())
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        every = [_strings(item, names) for item in node.elts]
        return tuple(text for texts in every for text in texts) if all(every) else ()
    return ()


def _is_environ(node: ast.expr, names: _Names) -> bool:
    name = dotted(node)
    return name in names.environ or name.endswith(("os.environ", "os.environb"))


def _copies_environ(node: ast.expr, names: _Names) -> bool:
    """Whether an expression is a dictionary made of the environment: environ.copy(), {**environ}, dotenv_values()."""
    if isinstance(node, ast.Dict):
        whole = [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
        return any(_is_environ(value, names) or _copies_environ(value, names) for value in whole)
    if not isinstance(node, ast.Call):
        return False
    called = dotted(node.func)
    given = called == "dict" and len(node.args) == 1 and _is_environ(node.args[0], names)
    copied = isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and _is_environ(node.func.value, names)
    return given or copied or called.rpartition(".")[2] == "dotenv_values"


def _name_node(node: ast.AST, names: _Names) -> ast.expr | None:
    """Where a node reads a variable of os.environ: the expression that names it."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_environ(node.value, names):
        return node.slice
    if isinstance(node, ast.Call):
        return _named_by(node) if _reads_environ(node, names) else None
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        return node.left if _is_environ(node.comparators[0], names) else None
    return None


def _reads_environ(call: ast.Call, names: _Names) -> bool:
    if dotted(call.func) in names.getters:
        return True
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in ("get", "pop", "setdefault", "__getitem__")
        and _is_environ(call.func.value, names)
    )


def _named_by(call: ast.Call) -> ast.expr | None:
    if call.args:
        return call.args[0]
    return next((each.value for each in call.keywords if each.arg in ("key", "var", "name")), None)


def _has_default(call: ast.Call, place: int = 1) -> bool:
    return len(call.args) > place or any(each.arg in ("default", "subcast_default") for each in call.keywords)


def _reads_of(node: ast.AST, names: _Names) -> Iterator[tuple[str, bool]]:
    given = _name_node(node, names)
    if given is not None:
        optional = isinstance(node, ast.Call) and _has_default(node)
        inside_wrapper = isinstance(given, ast.Name) and given.id not in names.constants and names.wrappers
        if texts := _strings(given, names):
            yield from ((text, optional) for text in texts)
        elif not inside_wrapper:
            yield "", True
    elif isinstance(node, ast.Call):
        yield from _call_reads(node, names)


def _call_reads(call: ast.Call, names: _Names) -> Iterator[tuple[str, bool]]:
    owner, _, method = dotted(call.func).rpartition(".")
    whole = f"{owner}.{method}" if owner else method
    kind = names.readers.get(whole) or (names.readers.get(owner) if method in _TYPED else None)
    if names.readers.get(owner) == "env" and method.removesuffix("_url") in _OWN_NAMES and method not in _TYPED:
        given = _named_by(call)
        texts = _strings(given, names) if given is not None else (_OWN_NAMES[method.removesuffix("_url")],)
        yield from ((text, _has_default(call)) for text in texts)
    elif kind is not None:
        given = _named_by(call)
        default = _has_default(call) if kind == "env" else _has_config_default(call)
        # Other things are called env() and config() as well: the shape of the name tells.
        texts = _strings(given, names) if given else ()
        yield from ((names.prefixes.get(call, "") + text, default) for text in texts if text.isupper())
    elif (place := names.wrappers.get(method)) is not None and len(call.args) > place:
        yield from ((text, _has_default(call, place + 1)) for text in _strings(call.args[place], names))
    elif (given := next((each.value for each in call.keywords if each.arg == "envvar"), None)) is not None:
        # An option of Click or Typer, which may stand on the command line instead.
        needed = any(each.arg == "required" and not _is_false(each.value) for each in call.keywords)
        needed |= bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value is ...
        yield from ((text, not needed) for text in _strings(given, names)[:1])


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _has_config_default(call: ast.Call) -> bool:
    """decouple: config(name, default); Starlette: config(name, cast, default)."""
    second = call.args[1] if len(call.args) > 1 else None
    is_cast = isinstance(second, ast.Name | ast.Attribute) and len(call.args) == 2
    return any(each.arg == "default" for each in call.keywords) or (second is not None and not is_cast)

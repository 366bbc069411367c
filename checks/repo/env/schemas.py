"""Variables that JavaScript declares as a whole: schemas, destructured objects, and what libraries' calls name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from checks.repo.env.comments import without_comments
from checks.repo.env.guards import held_asked
from checks.repo.env.javascript_names import ENV
from checks.repo.env.language import UPPER, V, compiled

if TYPE_CHECKING:
    from checks.repo.env.reads import Read

_NAMES = r"\{((?:[^{}]|\{[^{}]{0,400}\}){1,4000})\}"
_WHOLE = rf"{ENV}(?!\s*\??[.\[])"
_DESTRUCTURED = (
    rf"(?:\b(?:const|let|var)\s*|\(\s*){_NAMES}(?:\s*:\s*\w+)?\s*=\s*{_WHOLE}",
    rf"\benv\s*:\s*{_NAMES}\s*\}}\s*=\s*process\b",
    rf"\bimport\s*{_NAMES}\s*from\s*['\"](?:\$env/static/(?:private|public)|astro:env/(?:server|client))['\"]",
)
_IN_DEFAULT = r"\{[^{}]*\}|\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]|'[^'\n]*'|\"[^\"\n]*\"|`[^`]*`"
_ASKED_BY_CALL = rf"\b(getSecret)\(\s*['\"]{V}['\"]\s*\)"
_HAS_ANY = (
    r"process\??\.env|Bun\.env|meta\.env|Deno\.env|=\s*process\b|createEnv|cleanEnv|\$env/|runtimeEnv|astro:env|envField|"
    r"env-var|\bconvict\("
)
_VALIDATED = r"createEnv|cleanEnv|z\.object|v\.object|defineEnv|Joi\.object|yup\.object|envField|arktype"
_FIELD = r"(?:^|[{,])\s*['\"]?([A-Z][A-Z0-9_]*)['\"]?\s*:\s*"
_VALIDATOR = (
    r"(?<![\w.])(?:z|v|Joi|yup|t|s|type|y|envField)\s*\.\s*\w+|"
    r"(?<![\w.])(?:str|url|num|bool|port|email|host|json|makeValidator)\("
)
_REQUIRED_ONLY_IF_SAID = r"(?<![\w.])(?:Joi|yup)\s*\.(?![\s\S]*\.required\()"
_NAMES_LIST = r"\[((?:\s*['\"][A-Z][A-Z0-9_]*['\"]\s*,?)+)\s*\]"
_GOES_THROUGH = r"\s*\.\s*(?:forEach|filter|every|some|map|find)\b"
_LISTED = rf"\b(?:const|let|var)\s+(\w+)[^=\n]{{0,60}}=\s*{_NAMES_LIST}"
_LISTED_IN_PLACE = rf"\bof\s+{_NAMES_LIST}|{_NAMES_LIST}(?:\s*as\s+const\s*\))?{_GOES_THROUGH}"
_WITHOUT = (
    r"\.\s*(?:optional|default|nullish|nullable|catch|optionalKey|prefault)\(|\bdefault\s*:|\b(?:v|t)\.optional\(|"
    r"\boptional\s*:\s*true\b"
)
_ARKTYPE = r"(?:^|[{,])\s*['\"]?([A-Z][A-Z0-9_]*)(\?)?['\"]?\s*:\s*(?:'[a-z][^'\n]*'|\"[a-z][^\"\n]*\")"
_ENV_VAR = r"\bfrom\s*['\"]env-var['\"]|\brequire\(\s*['\"]env-var['\"]\s*\)"
_ENV_VAR_READ = rf"(?<![\w$])(?:\w+\s*\.\s*)?get\(\s*['\"]{UPPER}['\"]\s*\)((?:\s*\.\s*\w+\([^()]{{0,200}}\)){{0,8}})"
_CONVICT = r"\benv\s*:\s*['\"]([A-Z]\w*)['\"]"
LONGEST_FIELD = 2000
"""Characters of one field of a schema."""


def declared_names(path: str, text: str) -> Iterator[Read]:
    """Names in schemas (zod, valibot, envalid ...), in destructured environments, and read by calls of libraries."""
    if not compiled(_HAS_ANY).search(text):
        return
    code = without_comments(text, "/")
    for pattern in _DESTRUCTURED:
        yield from _taken_apart(path, code, pattern)
    yield from _called(path, code)
    yield from _listed(path, code)
    if compiled(_VALIDATED).search(code):
        yield from _fields(path, code)


def passed_on(declared: Iterable[Read], text: str) -> set[str]:
    """Names that a schema of the file judges: where the file hands them to it, that is no need of its own."""
    return {read.name for read in declared} if compiled(_VALIDATED).search(text) else set()


def _taken_apart(path: str, code: str, pattern: str) -> Iterator[Read]:
    """Names that are destructured, each with whether the code gives it a value or asks for it."""
    from checks.repo.env.reads import Read

    for match in compiled(pattern).finditer(code):
        line = code.count("\n", 0, match.start(1)) + 1
        # A default may hold names and commas of its own.
        plain = compiled(_IN_DEFAULT).sub(lambda inner: re.sub(r"[^\n]", " ", inner[0]), match[1])
        for part in re.finditer(r"(?:^|,)\s*([A-Za-z_]\w*)\s*(?::\s*(\w+)|\s+as\s+(\w+))?\s*(=)?", plain):
            held = part[2] or part[3] or part[1]
            optional = part[4] is not None or held_asked(code, held, match.end()) is True
            if part[1] != "getSecret":
                yield Read(part[1], path, line + plain.count("\n", 0, part.start(1)), optional)


def _called(path: str, code: str) -> Iterator[Read]:
    """Names that a library's own call reads: getSecret() of Astro, get() of env-var, a field's `env` of convict."""
    from checks.repo.env.reads import Read

    def read(match: re.Match[str], group: int, optional: bool) -> Read:
        return Read(match[group], path, code.count("\n", 0, match.start(group)) + 1, optional)

    if "astro:env" in code:
        yield from (read(match, 2, False) for match in compiled(_ASKED_BY_CALL).finditer(code))
    if compiled(_ENV_VAR).search(code):
        for match in compiled(_ENV_VAR_READ).finditer(code):
            yield read(match, 1, "required(" not in match[2] or "default(" in match[2])
    if "convict(" in code:
        yield from (read(match, 1, True) for match in compiled(_CONVICT).finditer(code))


def _listed(path: str, code: str) -> Iterator[Read]:
    """Names of a list that the code goes through to look each of them up."""
    from checks.repo.env.reads import Read

    if not re.search(r"\benv\s*\[\s*\w+\s*\]", code):
        return
    lists = [
        match.span(2)
        for match in compiled(_LISTED).finditer(code)
        if re.search(rf"\bof\s+{match[1]}\b|\b{match[1]}{_GOES_THROUGH}", code)
    ]
    lists += [match.span(match.lastindex or 1) for match in compiled(_LISTED_IN_PLACE).finditer(code)]
    for start, end in lists:
        for name in compiled(r"\w+").finditer(code, start, end):
            yield Read(name[0], path, code.count("\n", 0, name.start()) + 1)


def _fields(path: str, code: str) -> Iterator[Read]:
    from checks.repo.env.reads import Read

    if "arktype" in code:
        yield from _of_arktype(path, code)
    for match in re.compile(_FIELD, re.MULTILINE).finditer(code):
        value = _in_production(_value(code, match.end()))
        if compiled(_VALIDATOR).search(value):
            line = code.count("\n", 0, match.start(1)) + 1
            optional = compiled(_WITHOUT).search(value) or compiled(_REQUIRED_ONLY_IF_SAID).search(value)
            yield Read(match[1], path, line, optional is not None)


def _of_arktype(path: str, code: str) -> Iterator[Read]:
    from checks.repo.env.reads import Read

    for match in re.compile(_ARKTYPE, re.MULTILINE).finditer(code):
        optional = match[2] is not None or "=" in match[0].partition(":")[2]
        yield Read(match[1], path, code.count("\n", 0, match.start(1)) + 1, optional)


def _in_production(value: str) -> str:
    """Of a field that is one thing in production and another elsewhere, what it is in production."""
    choice = re.match(r"[^?]*?([!=])==?\s*['\"]production['\"]\s*\?(.*):(.*)\Z", value, re.DOTALL)
    return value if choice is None else choice[2] if choice[1] == "=" else choice[3]


def _value(code: str, start: int) -> str:
    """The text of a field's value: to the comma or the bracket that ends it."""
    depth = 0
    for place in range(start, min(len(code), start + LONGEST_FIELD)):
        sign = code[place]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and sign in ",;"):
            return code[start:place]
    return code[start : start + LONGEST_FIELD]

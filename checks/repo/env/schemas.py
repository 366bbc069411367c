"""Variables that JavaScript declares as a whole: schemas, destructured objects, other names for process.env."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from checks.repo.env.comments import without_comments
from checks.repo.env.guards import held_asked
from checks.repo.env.language import compiled

if TYPE_CHECKING:
    from checks.repo.env.reads import Read

_NAMES = r"\{([^{}]{1,4000})\}"
_DESTRUCTURED = (
    rf"(?:\b(?:const|let|var)\s*|\(\s*){_NAMES}(?:\s*:\s*\w+)?\s*=\s*(?:process|Bun|import\.meta)\.env\b(?!\s*\??[.\[])",
    rf"\benv\s*:\s*{_NAMES}\s*\}}\s*=\s*process\b",
    rf"\bimport\s*{_NAMES}\s*from\s*['\"]\$env/static/(?:private|public)['\"]",
)
_OTHER_NAME = (
    r"\bimport\s*\{\s*env(?:\s+as\s+(\w+))?\s*\}\s*from\s*['\"]\$env/dynamic/",
    r"\b(?:const|let|var)\s+(\w+)(?:\s*:\s*[\w.<>, ]{1,60})?\s*="
    r"\s*(?:process|Bun|import\.meta)\.env\s*(?:;|\n|as\b|\Z)",
)
_HAS_ANY = r"process\.env|Bun\.env|meta\.env|=\s*process\b|createEnv|cleanEnv|\$env/|runtimeEnv"
_VALIDATED = r"createEnv|cleanEnv|z\.object|v\.object|defineEnv|Joi\.object|yup\.object"
_FIELD = r"(?:^|[{,])\s*['\"]?([A-Z][A-Z0-9_]*)['\"]?\s*:\s*"
_VALIDATOR = (
    r"(?<![\w.])(?:z|v|Joi|yup|t|s|type|y)\s*\.\s*\w+|"
    r"(?<![\w.])(?:str|url|num|bool|port|email|host|json|makeValidator)\("
)
_REQUIRED_ONLY_IF_SAID = r"(?<![\w.])(?:Joi|yup)\s*\.(?![\s\S]*\.required\()"
_NAMES_LIST = r"\[((?:\s*['\"][A-Z][A-Z0-9_]*['\"]\s*,?)+)\s*\]"
_GOES_THROUGH = r"\s*\.\s*(?:forEach|filter|every|some|map|find)\b"
_LISTED = rf"\b(?:const|let|var)\s+(\w+)[^=\n]{{0,60}}=\s*{_NAMES_LIST}"
_LISTED_IN_PLACE = rf"\bof\s+{_NAMES_LIST}|{_NAMES_LIST}(?:\s*as\s+const\s*\))?{_GOES_THROUGH}"
_WITHOUT = (
    r"\.\s*(?:optional|default|nullish|nullable|catch|optionalKey|prefault)\(|\bdefault\s*:|\b(?:v|t)\.optional\("
)
LONGEST_FIELD = 2000
"""Characters of one field of a schema."""


def declared_names(path: str, text: str) -> Iterator[Read]:
    """Names in zod's, valibot's and envalid's schemas, in destructured process.env, and read by another name of it."""
    if not compiled(_HAS_ANY).search(text):
        return
    code = without_comments(text, "/")
    for pattern in _DESTRUCTURED:
        yield from _taken_apart(path, code, pattern)
    yield from _by_other_name(path, code)
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
        for part in re.finditer(r"(?:^|,)\s*([A-Za-z_]\w*)\s*(?::\s*(\w+)|\s+as\s+(\w+))?\s*(=)?", match[1]):
            held = part[2] or part[3] or part[1]
            optional = part[4] is not None or held_asked(code, held, match.end()) is True
            yield Read(part[1], path, line + match[1].count("\n", 0, part.start(1)), optional)


def _by_other_name(path: str, code: str) -> Iterator[Read]:
    from checks.repo.env.reads import Read

    for pattern in _OTHER_NAME:
        for match in compiled(pattern).finditer(code):
            name = match[1] or "env"
            told = rf"(?<![\w.]){name}(?:\.([A-Z]\w*)|\[['\"]([A-Z]\w*)['\"]\])(\s*(?:\?\?|\|\|))?(?!\s*=[^=])"
            for read in re.finditer(told, code):
                yield Read(read[1] or read[2], path, code.count("\n", 0, read.start()) + 1, read[3] is not None)
            yield from _taken_apart(path, code, rf"\b(?:const|let|var)\s*{_NAMES}\s*=\s*{name}\b(?!\s*\??[.\[(])")


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

    for match in re.compile(_FIELD, re.MULTILINE).finditer(code):
        value = _in_production(_value(code, match.end()))
        if compiled(_VALIDATOR).search(value):
            line = code.count("\n", 0, match.start(1)) + 1
            optional = compiled(_WITHOUT).search(value) or compiled(_REQUIRED_ONLY_IF_SAID).search(value)
            yield Read(match[1], path, line, optional is not None)


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

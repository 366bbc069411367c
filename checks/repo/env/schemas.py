"""Variables that code declares as a whole: settings classes, schemas, destructured objects, services of compose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

from checks.repo.env.comments import without_comments

if TYPE_CHECKING:
    from checks.repo.env.reads import Read

_PYDANTIC = re.compile(r"^class\s+\w+\(\s*(?:\w+\.)*(?:\w*BaseSettings)\b[^)]*\)\s*:\s*$")
_FIELD = re.compile(r"^\s+([A-Za-z_]\w*)\s*:\s*([^=#]+?)\s*(=.*)?$")
_ALIAS = re.compile(r"\b(?:validation_alias|alias|env)\s*=\s*(?:AliasChoices\(\s*)?['\"]([A-Za-z_]\w*)")
_PREFIX = re.compile(r"\benv_prefix\s*=\s*['\"](\w+)['\"]")
_NEEDED_FIELD = re.compile(r"=\s*(?:\w+\.)?Field\((?!.*\bdefault(?:_factory)?\s*=)\s*(?:\.\.\.|\w+\s*=|\))")
_NAMES = r"\{([^{}]{1,4000})\}"
_DESTRUCTURED = re.compile(
    rf"(?:\b(?:const|let|var)\s*|\(\s*){_NAMES}(?:\s*:\s*\w+)?\s*=\s*(?:process|Bun|import\.meta)\.env\b(?!\s*\??[.\[])|"
    rf"\benv\s*:\s*{_NAMES}\s*\}}\s*=\s*process\b"
)
_SVELTE = re.compile(rf"\bimport\s*{_NAMES}\s*from\s*['\"]\$env/static/(?:private|public)['\"]")
_SVELTE_DYNAMIC = re.compile(r"\bimport\s*\{\s*env(?:\s+as\s+(\w+))?\s*\}\s*from\s*['\"]\$env/dynamic/")
_WITHOUT = re.compile(r"\.(?:optional|default|nullish|catch)\(|default:")
_HAS_SCHEMA = re.compile(r"process\.env|Bun\.env|meta\.env|=\s*process\b|createEnv|cleanEnv|\$env/")
_ZOD = re.compile(r"^\s*([A-Z][A-Z0-9_]*)\s*:\s*(?:z\.|str\(|url\(|num\(|bool\(|port\(|email\(|host\()(.*)$")


def settings_names(path: str, text: str) -> Iterator[Read]:
    """Names in declared settings: pydantic's BaseSettings, zod and envalid schemas, destructured process.env."""
    if path.endswith(".py"):
        if "BaseSettings" in text:
            yield from _pydantic(path, text)
    elif _HAS_SCHEMA.search(text):
        code = without_comments(text, "/")
        yield from _destructured(path, code)
        if re.search(r"createEnv|cleanEnv|z\.object", code):
            yield from _zod(path, code)


def _pydantic(path: str, text: str) -> Iterator[Read]:
    from checks.repo.env.reads import Read

    inside, prefix = False, ""
    lines = without_comments(text, "python").splitlines()
    for number, line in enumerate(lines, 1):
        if _PYDANTIC.match(line):
            inside = True
            body = "\n".join(lines[number : number + 400])
            end = re.search(r"^\S", body, re.MULTILINE)
            told = _PREFIX.search(body[: end.start()] if end else body)
            prefix = told[1] if told else ""
        elif inside and line.strip() and not line.startswith((" ", "\t")):
            inside = False
        elif inside and (match := _FIELD.match(line)) and match[1] != "model_config" and "ClassVar" not in match[2]:
            given = match[3] or ""
            alias = _ALIAS.search(given)
            optional = "None" in match[2] or (bool(given) and not _NEEDED_FIELD.match(given))
            yield Read(alias[1].upper() if alias else f"{prefix}{match[1]}".upper(), path, number, optional)


def _destructured(path: str, code: str) -> Iterator[Read]:
    from checks.repo.env.reads import Read

    for pattern in (_DESTRUCTURED, _SVELTE):
        for match in pattern.finditer(code):
            names = next(group for group in match.groups() if group is not None)
            line = code.count("\n", 0, match.start()) + 1
            for part in names.split(","):
                if name := re.match(r"\s*([A-Za-z_]\w*)", part):
                    yield Read(name[1], path, line + names.count("\n", 0, names.find(name[1])), "=" in part)
    for match in _SVELTE_DYNAMIC.finditer(code):
        for read in re.finditer(rf"(?<![\w.]){match[1] or 'env'}\.([A-Z]\w*)(\s*(?:\?\?|\|\|))?", code):
            yield Read(read[1], path, code.count("\n", 0, read.start()) + 1, read[2] is not None)


def _zod(path: str, code: str) -> Iterator[Read]:
    from checks.repo.env.reads import Read

    for number, row in enumerate(code.splitlines(), 1):
        if match := _ZOD.match(row):
            yield Read(match[1], path, number, _WITHOUT.search(match[2]) is not None)


def compose_names(path: str, text: str) -> Iterator[Read]:
    """Variables that a compose service takes from its host: names without a value."""
    from checks.repo.env.reads import Read

    try:
        data: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return
    services = data.get("services") if isinstance(data, dict) else None
    for service in services.values() if isinstance(services, dict) else ():
        listed = service.get("environment") if isinstance(service, dict) else None
        names: list[Any] = []
        if isinstance(listed, list):
            names = [item for item in listed if isinstance(item, str) and "=" not in item]
        elif isinstance(listed, dict):
            names = [key for key, value in listed.items() if value is None]
        for name in names:
            if re.fullmatch(r"[A-Za-z_]\w*", str(name)):
                yield Read(str(name), path, _line_of(text, str(name)))


def _line_of(text: str, word: str) -> int:
    place = text.find(word)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1

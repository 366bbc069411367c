"""Which environment variables source code reads, language by language, and whether it can do without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_V = r"([A-Za-z_][A-Za-z0-9_]*)"
_Q = r"""['"`]"""


@dataclass(frozen=True, slots=True)
class Read:
    """One place where a variable is read. `optional` where the code gives a value of its own."""

    name: str
    path: str
    line: int
    optional: bool = False


_Patterns = tuple[tuple[re.Pattern[str], bool], ...]


def _patterns(*rows: tuple[str, bool]) -> _Patterns:
    return tuple((re.compile(pattern), optional) for pattern, optional in rows)


_PYTHON = _patterns(
    (rf"\benviron\s*\[\s*{_Q}{_V}{_Q}\s*\](?!\s*=[^=])", False),
    (rf"\b(?:os\.)?getenv\(\s*{_Q}{_V}{_Q}\s*\)", False),
    (rf"\benviron\.get\(\s*{_Q}{_V}{_Q}\s*\)", False),
    (rf"\b(?:os\.)?getenv\(\s*{_Q}{_V}{_Q}\s*,", True),
    (rf"\benviron\.(?:get|setdefault|pop)\(\s*{_Q}{_V}{_Q}\s*,", True),
    (
        rf"(?<![.\w])env(?:\.(?:str|bool|int|float|list|json|url|db|dict|path))?\(\s*{_Q}([A-Z][A-Z0-9_]*){_Q}\s*\)",
        False,
    ),
    (rf"(?<![.\w])env(?:\.(?:str|bool|int|float|list|json|url|db|dict|path))?\(\s*{_Q}([A-Z][A-Z0-9_]*){_Q}\s*,", True),
    (rf"(?<![.\w])config\(\s*{_Q}([A-Z][A-Z0-9_]*){_Q}\s*\)", False),
    (rf"(?<![.\w])config\(\s*{_Q}([A-Z][A-Z0-9_]*){_Q}\s*,", True),
)
_FALLBACK = r"(?=\s*(?:\?\?|\|\|))"
_JAVASCRIPT = _patterns(
    (rf"\b(?:process|Bun)\.env\.{_V}{_FALLBACK}", True),
    (rf"\b(?:process|Bun)\.env\.{_V}(?!\s*(?:\?\?|\|\||=[^=]|\w))", False),
    (rf"\b(?:process|Bun)\.env\[\s*{_Q}{_V}{_Q}\s*\]{_FALLBACK}", True),
    (rf"\b(?:process|Bun)\.env\[\s*{_Q}{_V}{_Q}\s*\](?!\s*(?:\?\?|\|\||=[^=]))", False),
    (rf"\bimport\.meta\.env\.{_V}{_FALLBACK}", True),
    (rf"\bimport\.meta\.env\.{_V}(?!\s*(?:\?\?|\|\||\w))", False),
    (rf"\bDeno\.env\.get\(\s*{_Q}{_V}{_Q}\s*\){_FALLBACK}", True),
    (rf"\bDeno\.env\.get\(\s*{_Q}{_V}{_Q}\s*\)(?!\s*(?:\?\?|\|\|))", False),
)
_RUBY = _patterns(
    (rf"\bENV\[\s*{_Q}{_V}{_Q}\s*\](?!\s*(?:\|\||=[^=]))", False),
    (rf"\bENV\[\s*{_Q}{_V}{_Q}\s*\]\s*\|\|", True),
    (rf"\bENV\.fetch\(\s*{_Q}{_V}{_Q}\s*\)(?!\s*(?:\{{|do\b))", False),
    (rf"\bENV\.fetch\(\s*{_Q}{_V}{_Q}\s*(?:,|\)\s*(?:\{{|do\b))", True),
)
_PHP = _patterns(
    (rf"\b(?:env|getenv)\(\s*{_Q}{_V}{_Q}\s*\)", False),
    (rf"\benv\(\s*{_Q}{_V}{_Q}\s*,", True),
    (rf"\$_(?:ENV|SERVER)\[\s*{_Q}([A-Z][A-Z0-9_]*){_Q}\s*\]\s*\?\?", True),
    (rf"\$_ENV\[\s*{_Q}([A-Z][A-Z0-9_]*){_Q}\s*\](?!\s*(?:\?\?|=[^=]))", False),
)
_GO = _patterns((rf"\bos\.(?:Getenv|LookupEnv)\(\s*{_Q}{_V}{_Q}\s*\)", False))
_JAVA = _patterns(
    (rf'\bSystem\.getenv\(\s*"{_V}"\s*\)', False),
    (rf'\bSystem\.getenv\(\)\.getOrDefault\(\s*"{_V}"', True),
    (rf'\bSystem\.getenv\(\)\.get\(\s*"{_V}"', False),
)
_SPRING = _patterns((r"\$\{([A-Z][A-Z0-9_]*)\}", False), (r"\$\{([A-Z][A-Z0-9_]*):[^}]*\}", True))
_RUST = _patterns(
    (rf'\benv::var(?:_os)?\(\s*"{_V}"\s*\)(?!\s*\.unwrap_or)', False),
    (rf'\benv::var(?:_os)?\(\s*"{_V}"\s*\)\s*\.unwrap_or', True),
    (rf'\benv!\(\s*"{_V}"', False),
    (rf'\boption_env!\(\s*"{_V}"', True),
)
_SHELL = _patterns(
    (r"\$\{([A-Z][A-Z0-9_]*)(?::?\?[^}]*)?\}", False),
    (r"\$\{([A-Z][A-Z0-9_]*):?[-=+][^}]*\}", True),
    (r"(?<!\$)\$([A-Z][A-Z0-9_]*)\b", False),
)
_COMPOSE = _patterns(
    (r"(?<!\$)\$\{([A-Za-z_]\w*)(?::?\?[^}]*)?\}", False), (r"(?<!\$)\$\{([A-Za-z_]\w*):?[-+][^}]*\}", True)
)
_CI = _patterns((r"\$\{\{\s*(?:secrets|vars)\.([A-Za-z_]\w*)\s*\}\}", False))

_COMMENT = {"#": re.compile(r"^\s*#"), "/": re.compile(r"^\s*(?://|\*|/\*)")}


@dataclass(frozen=True, slots=True)
class _Language:
    files: tuple[str, ...]
    patterns: _Patterns
    comment: str = "/"


_LANGUAGES = (
    _Language(("*.py",), _PYTHON, "#"),
    _Language(
        ("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte", "*.astro"),
        _JAVASCRIPT,
    ),
    _Language(("*.rb", "*.erb", "Rakefile", "Gemfile", "*.rake", "config.ru"), _RUBY, "#"),
    _Language(("*.php",), _PHP),
    _Language(("*.go",), _GO),
    _Language(("*.java", "*.kt", "*.scala"), _JAVA),
    _Language(("application*.properties", "application*.yml", "application*.yaml"), _SPRING, "#"),
    _Language(("*.rs",), _RUST),
    _Language(("*.sh", "*.bash", "Procfile", "entrypoint*"), _SHELL, "#"),
    _Language(("Dockerfile*", "*.dockerfile", "Containerfile"), _SHELL, "#"),
)  # fmt: skip
COMPOSE_FILES = ("compose.y*ml", "docker-compose*.y*ml", "compose.*.y*ml")
CI_FILES = (".github/workflows/*.y*ml", ".gitlab-ci.yml", ".circleci/config.yml", "bitbucket-pipelines.yml")
SOURCES = tuple(pattern for language in _LANGUAGES for pattern in language.files)


def reads_in(path: str, text: str, fits: Callable[[str, tuple[str, ...]], bool]) -> list[Read]:
    """Every place in a file where an environment variable is read.

    Args:
        fits: whether a path fits one of several file patterns.
    """
    if fits(path, COMPOSE_FILES):
        return [*_scan(path, text, _COMPOSE, "#"), *_compose_names(path, text)]
    if fits(path, CI_FILES):
        return _scan(path, text, _CI, "#")
    language = next((language for language in _LANGUAGES if fits(path, language.files)), None)
    if language is None:
        return []
    found = _scan(path, text, language.patterns, language.comment)
    if language.patterns is _SHELL:
        own = set(
            re.findall(r"^\s*(?:export\s+|local\s+|readonly\s+|ARG\s+|ENV\s+)?([A-Za-z_]\w*)[=\s]", text, re.MULTILINE)
        )
        own |= set(re.findall(r"\b(?:for|read(?:\s+-\w+)*)\s+([A-Za-z_]\w*)", text))
        return [read for read in found if read.name not in own]
    return [*found, *_schema_names(path, text)]


def _scan(path: str, text: str, patterns: _Patterns, comment: str) -> list[Read]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 20_000 or _COMMENT[comment].match(line):
            continue
        for pattern, optional in patterns:
            found += [Read(match[1], path, number, optional) for match in pattern.finditer(line)]
    return found


_PYDANTIC = re.compile(r"^class\s+\w+\(\s*(?:\w+\.)?BaseSettings\b[^)]*\)\s*:\s*$")
_FIELD = re.compile(r"^\s+([A-Za-z_]\w*)\s*:\s*([^=#]+?)\s*(=.*)?$")
_DESTRUCTURED = re.compile(r"\b(?:const|let|var)\s*\{([^}]{1,2000})\}\s*=\s*(?:process\.env|import\.meta\.env)\b")
_ZOD = re.compile(r"^\s*([A-Z][A-Z0-9_]*)\s*:\s*(?:z\.|str\(|url\(|num\(|bool\(|port\(|email\(|host\()(.*)$")


def _schema_names(path: str, text: str) -> Iterator[Read]:
    """Names in declared settings: pydantic's BaseSettings, zod and envalid schemas, destructured process.env."""
    if path.endswith(".py") and "BaseSettings" in text:
        inside = False
        for number, line in enumerate(text.splitlines(), 1):
            if _PYDANTIC.match(line):
                inside = True
            elif inside and line.strip() and not line.startswith((" ", "\t")):
                inside = False
            elif inside and (match := _FIELD.match(line)) and match[1] != "model_config":
                optional = match[3] is not None or "None" in match[2]
                yield Read(match[1].upper(), path, number, optional)
    elif re.search(r"process\.env|import\.meta\.env|createEnv|cleanEnv", text):
        for match in _DESTRUCTURED.finditer(text):
            place = text.count("\n", 0, match.start()) + 1
            for part in match[1].split(","):
                name = re.match(r"\s*([A-Za-z_]\w*)", part)
                if name:
                    yield Read(name[1], path, place, "=" in part)
        if re.search(r"createEnv|cleanEnv|z\.object", text):
            for number, row in enumerate(text.splitlines(), 1):
                if match := _ZOD.match(row):
                    yield Read(match[1], path, number, bool(re.search(r"\.(?:optional|default)\(|default:", match[2])))


def _compose_names(path: str, text: str) -> Iterator[Read]:
    """Variables that a compose service takes from its host: names without a value."""
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
            yield Read(str(name), path, _line_of(text, str(name)))


def _line_of(text: str, word: str) -> int:
    place = text.find(word)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1

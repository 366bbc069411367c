"""Which environment variables source code reads, language by language, and whether it can do without."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from checks.repo.env import languages
from checks.repo.env.comments import without_comments
from checks.repo.env.languages import CI, CI_SHELL, COMPOSE, LANGUAGES, Language

LONGEST_LINE = 20_000
"""Characters; longer ones are made by a machine, and are blanked out."""

CI_FILES = CI.files
COMPOSE_FILES = COMPOSE.files
SOURCES = tuple(pattern for language in LANGUAGES for pattern in language.files)

Fits = Callable[[str, tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Read:
    """One place where a variable is read. `optional` where the code gives a value of its own."""

    name: str
    path: str
    line: int
    optional: bool = False


def reads_in(path: str, text: str, fits: Fits) -> list[Read]:
    """Every place in a file where an environment variable is read.

    Args:
        fits: whether a path fits one of several file patterns.
    """
    from checks.repo.env.schemas import compose_names, settings_names

    text = _short_lines(text)
    if fits(path, COMPOSE_FILES):
        return [*_scan(path, text, COMPOSE), *compose_names(path, text)]
    if fits(path, CI_FILES):
        found = _scan(path, text, CI)
        if fits(path, CI_SHELL.files):
            found += _not_own(_scan(path, text, CI_SHELL), set(_YAML_KEY.findall(text)))
        return found
    found = []
    for language in LANGUAGES:
        if fits(path, language.files):
            reads = _scan(path, text, language)
            found += _not_own(reads, _set_in(text)) if language in _SHELLS else reads
    if not fits(path, (*languages.SHELL.files, *languages.DOCKER.files)):
        found += settings_names(path, text)
    return found


_SHELLS = (languages.SHELL, languages.DOCKER)


def _short_lines(text: str) -> str:
    if len(text) <= LONGEST_LINE:
        return text
    return "".join(line if len(line) <= LONGEST_LINE else "\n" for line in text.splitlines(keepends=True))


def _scan(path: str, text: str, language: Language) -> list[Read]:
    code = without_comments(text, language.comments)
    breaks = [match.start() for match in re.finditer("\n", code)]
    found: dict[tuple[int, str], Read] = {}
    for pattern, optional in language.rows:
        for match in pattern.finditer(code):
            if language.assigned.match(code, match.end()):
                continue
            line = bisect_right(breaks, match.start(1) - 1) + 1
            otherwise = optional or language.otherwise.match(code, match.end()) is not None
            found.setdefault((match.start(1), match[1]), Read(match[1], path, line, otherwise))
    return sorted(found.values(), key=lambda read: read.line)


_YAML_KEY = re.compile(r"^[ \t]*(?:-[ \t]+)?([A-Z]\w*)[ \t]*:", re.MULTILINE)
_SETS = (
    re.compile(
        r"^[ \t]*(?:export[ \t]+|local[ \t]+|readonly[ \t]+|declare[ \t]+(?:-\w+[ \t]+){0,4}|ARG[ \t]+|ENV[ \t]+)?"
        r"([A-Za-z_]\w*)[=\s]",
        re.MULTILINE,
    ),
    re.compile(r"(?:;|&&|\|\||\bdo|\bthen|\belse)[ \t]*(?:export[ \t]+|local[ \t]+)?([A-Za-z_]\w*)="),
    re.compile(r"\b(?:for|getopts[ \t]+\S+|(?:read|mapfile)(?:[ \t]+-\w+){0,4})[ \t]+([A-Za-z_]\w*)"),
)


def _set_in(text: str) -> set[str]:
    """Names that a script or a Dockerfile sets itself."""
    return {match[1] for pattern in _SETS for match in pattern.finditer(text)}


def _not_own(reads: list[Read], own: set[str]) -> list[Read]:
    return [read for read in reads if read.name not in own]

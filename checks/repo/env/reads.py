"""Which environment variables source code reads, language by language, and whether it can do without."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from checks.repo.env.comments import Strings, without_comments
from checks.repo.env.declared import (
    CI,
    CI_SHELL,
    COMPOSE,
    DOCKER,
    HOCON,
    PRISMA,
    SERVERLESS,
    SHELL,
    SPRING,
    SYMFONY,
    TEMPLATE,
)
from checks.repo.env.language import Language, compiled
from checks.repo.env.languages import (
    CLAP,
    CSHARP,
    ELIXIR,
    GO,
    JAVASCRIPT,
    JVM,
    PHP,
    PYTHON_FILES,
    RUBY,
    RUBY_YAML,
    RUST,
    RUST_DERIVED,
)
from checks.repo.env.scripts import MAKEFILES, SHELLS_OWN, docker_arguments, make_names, set_in, set_in_ci

LONGEST_LINE = 20_000
"""Characters; longer ones are made by a machine, and are blanked out."""

LANGUAGES = (
    JAVASCRIPT, RUBY, RUBY_YAML, PHP, GO, JVM, SPRING, HOCON, SYMFONY, RUST, CLAP, RUST_DERIVED, CSHARP, ELIXIR, PRISMA,
    SERVERLESS, TEMPLATE,
)  # fmt: skip
"""A file may be of several (YAML of Rails, of Spring and of Symfony); Python, scripts, compose and CI are apart."""
CI_FILES = CI.files
COMPOSE_FILES = COMPOSE.files
SOURCES = tuple(
    dict.fromkeys(
        (*PYTHON_FILES, *SHELL.files, *DOCKER.files, *MAKEFILES, *(f for language in LANGUAGES for f in language.files))
    )
)

Fits = Callable[[str, tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Read:
    """One place where a variable is read. `optional` where the code gives a value of its own.

    `name` is empty where it cannot be told: it is worked out at run time, or the file is no valid Python.
    """

    name: str
    path: str
    line: int
    optional: bool = False


def reads_in(path: str, text: str, fits: Fits) -> list[Read]:
    """Every place in a file where an environment variable is read.

    Args:
        fits: whether a path fits one of several file patterns.
    """
    if fits(path, PYTHON_FILES):
        return _python(path, text)
    text = _short_lines(text)
    if fits(path, COMPOSE_FILES):
        from checks.repo.env.compose import compose_names

        return [*_scan(path, text, COMPOSE), *compose_names(path, text)]
    if fits(path, CI_FILES):
        own = set_in_ci(text)
        shell = _scan(path, text, CI_SHELL) if fits(path, CI_SHELL.files) else []
        return [*_scan(path, text, CI), *(read for read in shell if read.name not in own)]
    if any(fits(path, language.files) for language in (SHELL, DOCKER)):
        return _script(path, text, DOCKER if fits(path, DOCKER.files) else SHELL)
    if fits(path, MAKEFILES):
        # A person or a CI job starts it: the environment that the product runs in does not need it.
        return [Read(name, path, line, optional=True) for name, line in make_names(text)]
    script = fits(path, JAVASCRIPT.files) and JAVASCRIPT.may_read(text)
    if script:
        from checks.repo.env.javascript_names import by_usual_names

        text = by_usual_names(text)
    found = [read for language in LANGUAGES if fits(path, language.files) for read in _scan(path, text, language)]
    if script:
        from checks.repo.env.schemas import declared_names, passed_on

        declared = list(declared_names(path, text))
        settled = passed_on(declared, text)
        found = [*(read for read in found if read.name not in settled), *declared]
    if fits(path, GO.files):
        found += _go(path, text)
    return found


def _go(path: str, text: str) -> list[Read]:
    from checks.repo.env.go import HINT, read_go

    if not HINT.search(text):
        return []
    code = without_comments(text, GO.comments)
    return [Read(name, path, code.count("\n", 0, place) + 1, free) for name, place, free in read_go(code)]


def _short_lines(text: str) -> str:
    if len(text) <= LONGEST_LINE:
        return text
    return "".join(line if len(line) <= LONGEST_LINE else "\n" for line in text.splitlines(keepends=True))


def _python(path: str, text: str) -> list[Read]:
    from checks.repo.env.python import HINT, HINT_WORDS, read_python
    from checks.repo.env.python_settings import read_settings, read_validators
    from checks.repo.env.python_tree import Tree

    if not any(word in text for word in HINT_WORDS) or not compiled(HINT).search(text):
        return []
    text = _short_lines(text)
    try:
        with warnings.catch_warnings(action="ignore"):  # of the project's own odd escapes
            tree = Tree(ast.parse(text))
        every = [*read_python(tree), *(read_settings(tree) if "BaseSettings" in text else ())]
        every += read_validators(tree) if "Validator(" in text else ()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [Read("", path, 1, optional=True)]
    return sorted({Read(name, path, line, free) for name, line, free in every}, key=lambda read: (read.line, read.name))


def _script(path: str, text: str, language: Language) -> list[Read]:
    own = set_in(text) | SHELLS_OWN
    found = [read for read in _scan(path, text, language) if read.name not in own]
    if language is DOCKER:
        found += [Read(name, path, line, free) for name, line, free in docker_arguments(text)]
    return found


def _scan(path: str, text: str, language: Language) -> list[Read]:
    if not language.may_read(text):
        return []
    code = without_comments(text, language.comments)
    breaks = [match.start() for match in re.finditer("\n", code)]
    found: dict[tuple[int, str], Read] = {}
    asked: dict[str, bool] = {}
    strings = Strings(code, language.strings)
    for match, optional in _matches(code, strings, language):
        name = match[1].upper() if language.upper else match[1]
        answer, fallback = _asked(code, match, language)
        if answer is not None:
            asked[name] = asked.get(name, True) and answer
        line = bisect_right(breaks, match.start(1) - 1) + 1
        found.setdefault((match.start(1), name), Read(name, path, line, optional or fallback))
    for patterns, answer in ((language.asks, True), (language.demands, False)):
        asked |= {match[1]: answer for pattern in patterns for match in compiled(pattern).finditer(code)}
    reads = [replace(read, optional=asked.get(read.name, read.optional)) for read in found.values()]
    reads += [
        Read("", path, bisect_right(breaks, match.start()) + 1, optional=True)
        for pattern in language.computed
        for match in compiled(pattern).finditer(code)
        if not strings.hold(match.start()) and not compiled(r"[^\]\n]*\]\s*=(?![=>~])").match(code, match.end())
    ]
    return sorted(reads, key=lambda read: read.line)


_IN_LIST = re.compile(r"\b([A-Z][A-Z0-9_]*)\b")


def _matches(code: str, strings: Strings, language: Language) -> Iterator[tuple[re.Match[str], bool]]:
    """Reads in the code itself, each with whether its form has another value."""
    assigned = compiled(language.assigned)
    for patterns, optional in ((language.free_lists, True), (language.lists, False)):
        for listed in (match for pattern in patterns for match in compiled(pattern).finditer(code)):
            if not strings.hold(listed.start()):
                yield from ((name, optional) for name in _IN_LIST.finditer(code, *listed.span(1)))
    for patterns, optional in ((language.optional, True), (language.needed, False)):
        for pattern in patterns:
            for match in compiled(pattern).finditer(code):
                if not strings.hold(match.start()) and not assigned.match(code, match.end()):
                    yield match, optional


_STOPS = re.compile(
    r"(?:_else\(\s*\|[^|]*\|)?[\s({]*(?:throw|error\(|exit|die\b|raise|abort|panic|fail\w*\(|process\.exit|\(\(\)\s*=>\s*\{\s*throw)"
)
_DEMANDED_BY = re.compile(r"\b(?:requireNonNull|checkNotNull|requireNotNull|assertNotNull|invariant|assert)\(\s*$")
_GIVEN_BY = re.compile(
    r"(?<![\w.])(?:z|v|Joi)\b[^;\n]{0,200}\.(?:optional|default|nullish|catch)\([^;\n]{0,100}\.(?:parse|safeParse)\(\s*$"
)
"""A schema in place, which has a value of its own."""


def _asked(code: str, match: re.Match[str], language: Language) -> tuple[bool | None, bool]:
    """What the code around a read says: of the variable in the whole file, and of this one read."""
    other = compiled(language.otherwise).match(code, match.end())
    fallback = other is not None and _STOPS.match(code, other.end()) is None
    if not language.strings:
        return None, fallback
    if _DEMANDED_BY.search(code, max(0, match.start() - 40), match.start()):
        return False, False
    if _GIVEN_BY.search(code, max(0, match.start() - 400), match.start()):
        return None, True
    from checks.repo.env.guards import can_do_without

    return can_do_without(code, match.start(), match.end()), fallback

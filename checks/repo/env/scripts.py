"""What shell scripts, Dockerfiles and CI files set themselves, and what a Dockerfile wants from its builder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from checks.repo.env.comments import without_comments

SHELLS_OWN = frozenset(
    "BASH BASHPID BASH_VERSION BASH_VERSINFO BASH_SOURCE BASH_LINENO BASH_REMATCH BASH_COMMAND BASH_ARGV DIRSTACK EUID "
    "FUNCNAME GROUPS HISTFILE HOSTTYPE IFS LINENO MACHTYPE OPTARG OPTERR OPTIND OSTYPE PIPESTATUS PPID PS1 PS4 RANDOM "
    "REPLY SECONDS SHELLOPTS UID EPOCHSECONDS ZSH_VERSION PROMPT_COMMAND".split()
)
"""Set by the shell."""
_BUILDERS_OWN = frozenset(
    "HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM"
    " BUILDOS BUILDARCH BUILDVARIANT SOURCE_DATE_EPOCH DEBIAN_FRONTEND".split()
)
"""Arguments that every Docker build has."""
_LABELLING = re.compile(
    r"(?:^|_)(?:VERSION|COMMIT|SHA|REVISION|REF|DATE|TAG|UID|GID|USER|GROUP|REGISTRY|MAINTAINER|BUILD|BRANCH|ARCH)(?:_|$)"
)
"""Arguments that name the build, and that it does not depend on."""


@cache
def _sets() -> tuple[re.Pattern[str], ...]:
    not_from_itself = r"""\+?=(?!(?:"[^"\n]*|[^\s;&|"]*)\$\{?\1\b)"""
    return (
        re.compile(
            r"^[ \t]*(?:-[ \t]+)?(?:RUN[ \t]+)?"
            r"(?:(?:export|local|readonly|declare|typeset|ENV)[ \t]+(?:-\w+[ \t]+){0,4})?"
            rf"([A-Za-z_]\w*){not_from_itself}",
            re.MULTILINE,
        ),
        re.compile(
            rf"(?:;|&&|\|\||\bdo|\bthen|\belse)[ \t]*(?:(?:export|local)[ \t]+)?([A-Za-z_]\w*){not_from_itself}"
        ),
        re.compile(
            r"\b(?:for|getopts[ \t]+\S+|printf[ \t]+-v|(?:read|mapfile)(?:[ \t]+-\w+){0,4})[ \t]+([A-Za-z_]\w*)"
        ),
        re.compile(
            r"^[ \t]*(?:ARG[ \t]+|ENV[ \t]+|local[ \t]+|declare[ \t]+(?:-\w+[ \t]+){0,4})([A-Za-z_]\w*)", re.MULTILINE
        ),
        re.compile(r"^[ \t]*ENV[ \t][^\n]*?[ \t]([A-Za-z_]\w*)=", re.MULTILINE),
    )


def set_in(text: str) -> set[str]:
    """Names that a script or a Dockerfile sets itself."""
    return {match[1] for pattern in _sets() for match in pattern.finditer(text)}


def set_in_ci(text: str) -> set[str]:
    """Names that a CI file sets itself, as keys of its YAML or in its scripts."""
    return set(re.findall(r"(?:^|(?<!\$)\{|,)[ \t]*(?:-[ \t]+)?([A-Z]\w*)[ \t]*:", text, re.MULTILINE)) | set_in(text)


def docker_arguments(text: str) -> Iterator[tuple[str, int, bool]]:
    """Arguments without a value of their own that a Dockerfile takes from its builder: name, line, optional."""
    code = without_comments(text, "shell")
    given: set[str] = set()
    wanted: dict[str, int] = {}
    for match in re.finditer(r"^[ \t]*ARG[ \t]+([^\n]*)", code, re.MULTILINE | re.IGNORECASE):
        for word in match[1].split():
            name, sign, _ = word.partition("=")
            if sign:
                given.add(name)
            elif re.fullmatch(r"[A-Za-z_]\w*", name):
                wanted.setdefault(name, code.count("\n", 0, match.start()) + 1)
    for name, line in wanted.items():
        if name not in given | _BUILDERS_OWN and not name.startswith("BUILDKIT_"):
            yield name, line, _LABELLING.search(name.upper()) is not None


MAKEFILES = ("Makefile", "makefile", "GNUmakefile", "*.mk")
_MAKES_READ = re.compile(
    r"^[ \t]*ifndef[ \t]+(?P<asked>[A-Z]\w*)\s*\n[^\n]*\$\(error\b|"
    r"\$\(or[ \t]+\$[({](?P<either>[A-Z]\w*)[)}],[ \t]*\$\(error\b|"
    r"\$\$\{?(?P<shells>[A-Z][A-Z0-9_]*)\b",
    re.MULTILINE,
)


def make_names(text: str) -> Iterator[tuple[str, int]]:
    """Variables of the environment that a Makefile asks for, or that the shell of its recipes reads: name, line."""
    code = re.sub(r"(?m)^#[^\n]*", "", text)
    own = (
        set_in(code.replace("$$", "$"))
        | SHELLS_OWN
        | set(re.findall(r"^(?:export[ \t]+)?(\w+)[ \t]*[:?+!]*=", code, re.M))
    )
    for match in _MAKES_READ.finditer(code):
        name = match["asked"] or match["either"] or match["shells"]
        if name not in own:
            yield name, code.count("\n", 0, match.start(match.lastgroup or 0)) + 1

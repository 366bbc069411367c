"""What code and example files say of a project's environment variables, by name alone."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from checks.facts import Facts, fact
from checks.repo.env.dotenv import parse_dotenv
from checks.repo.env.given import given_names, listed_names
from checks.repo.env.lists import names_in
from checks.repo.env.reads import CI_FILES, COMPOSE_FILES, SOURCES, Read, reads_in
from checks.repo.project import Project, fits, is_test, project

_ENV_FILES = (".env.", ".env-", ".env_", ".dev.vars")
EXAMPLES = ("example", "sample", "template", "dist", "defaults", "default", "tpl", "schema", "skel")
_PLATFORMS_OWN = frozenset(
    "NODE_ENV PORT HOST HOSTNAME HOME PATH PWD USER SHELL LANG LC_ALL TZ TERM TMPDIR TEMP TMP CI DEBUG NO_COLOR "
    "FORCE_COLOR PYTHONPATH PYTHONUNBUFFERED VIRTUAL_ENV RAILS_ENV RACK_ENV LOGNAME "
    "DYNO SOURCE_VERSION GITHUB_TOKEN DJANGO_SETTINGS_MODULE XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME "
    "HTTP_PROXY HTTPS_PROXY NO_PROXY OLDPWD SHLVL EDITOR DISPLAY COLUMNS LINES RANDOM UID EUID BASH_SOURCE".split()
)
"""Set by the platform, the shell or the tool itself; nobody has to write them down."""
_PLATFORM_PREFIXES = (
    "VERCEL", "NEXT_RUNTIME", "NETLIFY", "RENDER_", "FLY_", "RAILWAY_", "HEROKU_", "CF_PAGES", "GITHUB_", "GITLAB_",
    "CI_", "RUNNER_", "AWS_LAMBDA_", "K_SERVICE", "KUBERNETES_", "npm_", "DENO_", "WORKERS_", "CARGO_", "RUST_",
    "BASH_", "JAVA_",
)  # fmt: skip
_USERS_OWN = re.compile(
    r"(?:^|_)(?:CLIENT|TOKEN|SECRET|KEY|OAUTH|WEBHOOK|AUTH|PASSWORD|APP)(?:_|$)|^GIT(?:HUB|LAB)_ID$"
)
"""What bears a platform's name and still comes from the user: GITHUB_CLIENT_SECRET of a sign-in."""


@dataclass(frozen=True, slots=True)
class Variables:
    """What the code reads and what is written down, by name. Names only."""

    read: dict[str, list[Read]]
    """Places that need the variable from its environment, tests aside."""
    optional: frozenset[str]
    """Read only where the code has a value of its own."""
    examples: dict[str, str]
    """Variable to the example file that names it."""
    filled: frozenset[str]
    """Variables to which an example file gives a value, and not a placeholder for one."""
    given: dict[str, str]
    """Variable to the file of the repository that gives it a value where the product runs."""
    listed: frozenset[str]
    """Named, without a value, by a file of the platform or of the build, or in a comment of an example file."""
    untold: tuple[str, ...]
    """Places (path:line) whose variable cannot be told: its name is worked out at run time."""

    @property
    def required(self) -> dict[str, str]:
        """Variable to where the need was seen."""
        needed = {name: f"{places[0].path}:{places[0].line} reads it" for name, places in self.read.items()}
        # An example that is empty wants to be filled in; one that says what the code does anyway does not.
        free = self.optional & self.filled
        named = {name: f"{path} names it" for name, path in self.examples.items() if name not in free}
        return named | {name: where for name, where in needed.items() if name not in self.optional}

    @property
    def not_compared(self) -> list[str]:
        """What a person must look at: places whose variable cannot be told, and what the repository sets itself."""
        lines = [f"{name} is set by {path}" for name, path in sorted(self.given.items()) if name in self.read]
        if self.untold:
            more = f" and {len(self.untold) - 5} more" if len(self.untold) > 5 else ""
            lines.append(
                "unknown, look at them yourself: the name is worked out at run time (or the file cannot be parsed) at "
                f"{', '.join(self.untold[:5])}{more}"
            )
        return lines


_COMMENTED = re.compile(r"^[ \t]*#+[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def is_env_file(path: str) -> bool:
    """Whether a path is an env file of any kind."""
    name = PurePosixPath(path).name.lower()
    return name in (".env", ".envrc", ".flaskenv") or name.startswith(_ENV_FILES) or name.endswith(".env")


def is_example(path: str) -> bool:
    """Whether an env file is an example or a template by its name."""
    parts = PurePosixPath(path).name.lower().replace("-", ".").replace("_", ".").split(".")
    return any(part in EXAMPLES for part in parts)


_SHOWS = frozenset(("example", "examples", "sample", "samples", "doc", "docs"))
"""Folders whose code shows how something is done, and is not what the product runs."""


def _is_platforms(name: str) -> bool:
    if name in _PLATFORMS_OWN:
        return True
    return name.startswith(_PLATFORM_PREFIXES) and (_USERS_OWN.search(name) is None or name == "CI_JOB_TOKEN")


def read_variables(found: Project) -> Variables:
    """Read all sources and example files of a project. Blocking."""
    every: dict[str, list[Read]] = defaultdict(list)
    untold: list[str] = []
    for path, text in found.texts(found.own(*SOURCES, *COMPOSE_FILES, *CI_FILES)):
        if is_test(path) or not _SHOWS.isdisjoint(PurePosixPath(path.lower()).parts[:-1]):
            continue
        in_ci = fits(path, CI_FILES)
        for read in reads_in(path, text, fits):
            if in_ci:  # kept at the CI's service: the environment that the product runs in does not need it
                read = replace(read, optional=True)
            if not read.name:
                untold.append(f"{path}:{read.line}")
            elif not _is_platforms(read.name):
                every[read.name].append(read)
    examples: dict[str, str] = {}
    listed, filled = listed_names(found), set[str]()
    for path in found.files:
        if (is_env_file(path) and is_example(path)) or PurePosixPath(path).name in ("env.example", "env.sample"):
            text = found.read(path)
            for name in names_in(text):
                if not _is_platforms(name):
                    examples.setdefault(name, path)
            listed |= set(_COMMENTED.findall(text))
            filled |= {item.name for item in parse_dotenv(text) if item.is_real}
    optional = frozenset(name for name, places in every.items() if all(place.optional for place in places))
    return Variables(
        dict(every), optional, examples, frozenset(filled), given_names(found), frozenset(listed), tuple(untold)
    )


@fact
async def variables(facts: Facts) -> Variables:
    """What the repository's code and example files say of environment variables."""
    return await asyncio.to_thread(read_variables, await project(facts))

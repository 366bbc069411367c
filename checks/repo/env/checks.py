"""The four checks of environment variables: absent, unwritten, committed, shared."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from checks.catalogue import check
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, warned
from checks.repo.env.dotenv import is_secret, parse_dotenv
from checks.repo.env.given import given_names
from checks.repo.env.lists import names_in
from checks.repo.env.reads import CI_FILES, COMPOSE_FILES, SOURCES, Read, reads_in
from checks.repo.project import READ_LIMIT, Project, fits, is_test, project
from checks.subject import Environment
from checks.text import decoded

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
    given: dict[str, str]
    """Variable to the file of the repository that gives it a value where the product runs."""
    untold: tuple[str, ...]
    """Places (path:line) whose variable cannot be told: its name is worked out at run time."""

    @property
    def required(self) -> dict[str, str]:
        """Variable to where the need was seen."""
        needed = {name: f"{places[0].path}:{places[0].line} reads it" for name, places in self.read.items()}
        return {name: f"{path} names it" for name, path in self.examples.items()} | {
            name: where for name, where in needed.items() if name not in self.optional
        }

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


def is_env_file(path: str) -> bool:
    """Whether a path is an env file of any kind."""
    name = PurePosixPath(path).name.lower()
    return name in (".env", ".envrc", ".flaskenv", ".dev.vars") or name.startswith(".env.") or name.endswith(".env")


def is_example(path: str) -> bool:
    """Whether an env file is an example or a template by its name."""
    parts = PurePosixPath(path).name.lower().replace("-", ".").replace("_", ".").split(".")
    return any(part in EXAMPLES for part in parts)


def _is_platforms(name: str) -> bool:
    if name in _PLATFORMS_OWN:
        return True
    return name.startswith(_PLATFORM_PREFIXES) and (_USERS_OWN.search(name) is None or name == "CI_JOB_TOKEN")


def read_variables(found: Project) -> Variables:
    """Read all sources and example files of a project. Blocking."""
    every: dict[str, list[Read]] = defaultdict(list)
    untold: list[str] = []
    for path, text in found.texts(found.own(*SOURCES, *COMPOSE_FILES, *CI_FILES)):
        if is_test(path):
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
    for path in found.files:
        if (is_env_file(path) and is_example(path)) or PurePosixPath(path).name in ("env.example", "env.sample"):
            for name in names_in(found.read(path)):
                if not _is_platforms(name):
                    examples.setdefault(name, path)
    optional = frozenset(name for name, places in every.items() if all(place.optional for place in places))
    return Variables(dict(every), optional, examples, given_names(found), tuple(untold))


@fact
async def variables(facts: Facts) -> Variables:
    """What the repository's code and example files say of environment variables."""
    return await asyncio.to_thread(read_variables, await project(facts))


def _file_of(root: Path | None, name: str) -> Path:
    path = Path(name).expanduser()
    return path if path.is_absolute() or root is None else root / path


def _read_environment_file(root: Path | None, name: str) -> str:
    try:
        with _file_of(root, name).open("rb") as file:
            return decoded(file.read(READ_LIMIT))
    except OSError as error:
        raise CannotTell(f"the environment file {Path(name).name} cannot be read: {error.strerror}") from error


def environment_names(root: Path | None, environment: Environment) -> set[str]:
    """The variables that an environment has. Blocking. Raises CannotTell."""
    names = set(environment.names)
    for file in environment.files:
        names |= names_in(_read_environment_file(root, file))
    return names


async def targets(facts: Facts) -> list[str]:
    """The environments whose variables matter: production where it is named, else every one."""
    named = [environment.name for environment in facts.subject.deploy.environments]
    production = [name for name in named if name.lower() in ("production", "prod", "live")]
    return production or named


@check(
    "deploy.env-missing",
    title="A variable that the code needs is not set",
    when="a variable that the code or the example file requires is absent from the target environment's set "
    "(names only are compared)",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S4.2", "A2"),
    source="roadmap",
    cost="The release starts and then fails at the first page, form or payment that needs the value.",
    each=targets,
    nothing="no environment was given; add [[deploy.environments]] with a name and its variables' names or file",
)
async def env_missing(facts: Facts, name: str) -> Verdict:
    known = await variables(facts)
    root = facts.subject.deploy.repo
    environment = next(e for e in facts.subject.deploy.environments if e.name == name)
    present = await asyncio.to_thread(environment_names, root, environment)
    required = {variable: where for variable, where in known.required.items() if variable not in known.given}
    missing = {variable: where for variable, where in sorted(required.items()) if variable not in present}
    if not missing:
        return passed(name, f"all {len(required)} required variables are set in {name}", evidence=known.not_compared)
    listed = ", ".join(missing)
    return failed(
        name,
        f"{len(missing)} required variable{'s are' if len(missing) > 1 else ' is'} not set in {name}: {listed}",
        evidence=[f"{variable}: {where}" for variable, where in missing.items()] + known.not_compared,
        fix=f"Set in the {name} environment, at your platform and not in a file of the repository: {listed}.",
    )


@check(
    "deploy.env-undocumented",
    title="Nobody wrote down which variables the app needs",
    when="the code reads a variable that no example file or list names",
    status="warn",
    triage="later",
    risk="downtime",
    item=("S1.5", "S4.2"),
    source="roadmap",
    cost="The next person who sets the app up, or moves it, cannot know what it needs to run.",
)
async def env_undocumented(facts: Facts, domain: str) -> Verdict:
    known = await variables(facts)
    listed = set(known.examples) | set(known.given)
    for environment in facts.subject.deploy.environments:
        listed |= set(environment.names)
    found = await project(facts)
    unwritten = {name: places for name, places in sorted(known.read.items()) if name not in listed}
    if not unwritten:
        return passed(
            found.root.name,
            f"all {len(known.read)} variables that the code reads are written down",
            evidence=known.not_compared,
        )
    lines = "\n".join(f"{name}=" for name in unwritten)
    return warned(
        found.root.name,
        f"the code reads {len(unwritten)} variable{'s' if len(unwritten) > 1 else ''} that no example file names",
        evidence=[f"{name}: {places[0].path}:{places[0].line}" for name, places in unwritten.items()]
        + known.not_compared,
        fix=f"Add to .env.example, without values:\n{lines}",
    )


@check(
    "deploy.env-committed",
    title="Real environment values are in git",
    when="git tracks a file of real environment values (.env and the like; example and template files aside)",
    status="fail",
    triage="now",
    risk="data",
    item=("B10", "S4.3"),
    source="roadmap",
    cost="Everyone who ever gets the repository has your production values, and git keeps them for good.",
)
async def env_committed(facts: Facts, domain: str) -> list[Verdict]:
    found = await project(facts)
    if not found.is_git:
        raise NotApplicable("the folder is no git repository, so nothing in it is committed")
    committed = await asyncio.to_thread(_committed, found)
    if not committed:
        return [passed(found.root.name, "git tracks no file of real environment values")]
    return [
        failed(
            path,
            f"git tracks {path}, which holds {len(names)} real value{'s' if len(names) > 1 else ''}",
            evidence=[f"{path} sets {', '.join(names)} (values not shown)"],
            fix=f"git rm --cached {path} && echo '{path}' >> .gitignore; commit; then change every value that is a "
            "secret at the service that it opens, since the history keeps the old ones.",
        )
        for path, names in committed
    ]


def _committed(found: Project) -> list[tuple[str, list[str]]]:
    rows = []
    for path in sorted(found.tracked):
        if is_env_file(path) and not is_example(path):
            names = [item.name for item in parse_dotenv(found.read(path)) if item.is_real]
            if names:
                rows.append((path, names))
    return rows


@check(
    "deploy.env-shared",
    title="Two environments share a secret",
    when="two environments hold the same value for a secret variable (compared by a keyed hash, the value never kept)",
    status="warn",
    triage="now",
    risk="data",
    item=("S4.2",),
    source="roadmap",
    cost="A leak or a mistake in the test environment reaches your customers' data in production.",
)
async def env_shared(facts: Facts, domain: str) -> list[Verdict]:
    environments = [e for e in facts.subject.deploy.environments if e.files]
    if len(environments) < 2:
        raise NotApplicable("needs two environments with a file of values each; add them under [[deploy.environments]]")
    root = facts.subject.deploy.repo
    shared = await asyncio.to_thread(shared_secrets, root, tuple(environments))
    if not shared:
        return [passed(domain, f"{len(environments)} environments share no secret value")]
    return [
        warned(
            name,
            f"{name} has the same value in {' and '.join(places)}",
            evidence=[f"equal by a keyed hash in {', '.join(places)}; the value was not kept"],
            fix=f"Create a second {name} at its service, set it in one of {' and '.join(places)}, and keep them apart.",
        )
        for name, places in shared
    ]


def shared_secrets(root: Path | None, environments: tuple[Environment, ...]) -> list[tuple[str, list[str]]]:
    """Secret variables with one value in several environments, with their names. Blocking. Raises CannotTell.

    Values are compared as HMACs under a key that lives as long as this call.
    """
    key = secrets.token_bytes(32)
    holders: dict[tuple[str, bytes], list[str]] = defaultdict(list)
    for environment in environments:
        for file in environment.files:
            for item in parse_dotenv(_read_environment_file(root, file)):
                if item.is_real and is_secret(item.name, item.value):
                    digest = hmac.new(key, item.value.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
                    if environment.name not in holders[(item.name, digest)]:
                        holders[(item.name, digest)].append(environment.name)
    return sorted((name, places) for (name, _), places in holders.items() if len(places) > 1)

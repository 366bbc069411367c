"""The four checks of environment variables: absent, unwritten, committed, shared."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.errors import NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, warned
from checks.repo.env.dotenv import parse_dotenv
from checks.repo.env.environments import environment_names, shared_secrets
from checks.repo.env.variables import is_env_file, is_example, variables
from checks.repo.project import Project, project


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
    listed = set(known.examples) | set(known.given) | known.listed
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

"""CI configurations: which commands they run, and whether one of them builds or tests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import yaml

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.repo.project import project

CI_FILES = (
    ".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", ".circleci/config.yml",
    "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "Jenkinsfile", ".buildkite/pipeline.y*ml",
    ".drone.yml", ".woodpecker.y*ml", ".woodpecker/*.y*ml", ".forgejo/workflows/*.y*ml", ".gitea/workflows/*.y*ml",
    "azure-pipelines.yaml", ".circleci/config.yaml", "buildspec.yaml", "bitrise.yml", "codemagic.yaml",
    "cloudbuild.yaml", "cloudbuild.yml", "buildspec.yml", "appveyor.yml", ".cirrus.yml",
    ".semaphore/semaphore.yml", ".ci/*", ".ci/run",
)  # fmt: skip
_BUILDS = re.compile(
    r"\b(?:builds?|tests?|pytest|tox|nox|unittest|rspec|phpunit|jest|vitest|mocha|cypress|playwright|ctest|compile|"
    r"assemble|verify|mvnw?|gradlew?|tsc|make|cmake|bazel|bazelisk|xcodebuild|next build|vite build)\b",
    re.IGNORECASE,
)
_SAYS_ONLY = re.compile(r"\s*(?:-\s+)?(?:sudo\s+)?(?:echo|printf|gh|git|curl|wget|test|\[{1,2}|rm|mkdir|cd)\s")
"""Commands that name a build or a test, and run none."""
_STEP_KEYS = frozenset(
    {"run", "script", "scripts", "command", "commands", "before_script", "after_success", "uses", "steps"}
)


def ci_commands(path: str, text: str) -> list[str]:
    """The commands and actions that a CI configuration runs; lines without comments where it is no YAML."""
    if path.endswith((".yml", ".yaml")):
        try:
            return list(_commands(yaml.safe_load(text), inside=False, seen=set()))
        except (yaml.YAMLError, RecursionError, ValueError):
            return []
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//"))]


def builds_or_tests(command: str) -> bool:
    """Whether a command of a CI configuration builds or tests."""
    parts = re.split(r"&&|\|\||;", command)
    return any(_BUILDS.search(part) and not _SAYS_ONLY.match(part) for part in parts)


def _commands(value: Any, *, inside: bool, seen: set[int]) -> Iterator[str]:
    if isinstance(value, str):
        if inside:
            yield from (line for line in value.splitlines() if not line.lstrip().startswith("#"))
        return
    if not isinstance(value, dict | list) or id(value) in seen:
        return
    # An alias may stand in many places; each node is read once, however often it is named.
    seen.add(id(value))
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _commands(child, inside=key in _STEP_KEYS or (inside and key != "name"), seen=seen)
    else:
        for child in value:
            yield from _commands(child, inside=inside, seen=seen)


@check(
    "deploy.ci-missing",
    title="No machine builds or tests the code",
    when="the repository has no CI configuration that builds or tests",
    status="warn",
    triage="later",
    risk="downtime",
    item=("S4.1", "B09", "A2"),
    source="roadmap",
    cost="A broken change is noticed only when it is live, by a customer.",
)
async def ci_missing(facts: Facts, domain: str) -> Verdict:
    found = await project(facts)
    configurations = found.own(*CI_FILES)
    evidence: list[str] = []
    for path, text in await asyncio.to_thread(lambda: list(found.texts(configurations))):
        command = next(filter(builds_or_tests, ci_commands(path, text)), None)
        if command is not None:
            return passed(path, "CI builds or tests the code", evidence=[f"{path}: {command.strip()}"])
        evidence.append(f"{path}: runs neither a build nor a test")
    return warned(
        evidence[0].partition(":")[0] if evidence else found.root.name,
        "no CI configuration builds or tests the code",
        evidence=evidence or ["no CI configuration of any usual service in the repository"],
        fix="Run `launchready validate --print-workflow github` (or gitlab), save what it prints as "
        ".github/workflows/launch.yml, and commit it.",
    )

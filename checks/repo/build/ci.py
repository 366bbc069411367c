"""Whether CI builds or tests: the commands that it runs, and what the project's own scripts behind them do."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.repo.build.ci_steps import ci_commands, local_includes
from checks.repo.project import Project, project

CI_FILES = (
    ".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", ".circleci/config.yml",
    "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "Jenkinsfile", ".buildkite/pipeline.y*ml",
    ".drone.yml", ".woodpecker.y*ml", ".woodpecker/*.y*ml", ".forgejo/workflows/*.y*ml", ".gitea/workflows/*.y*ml",
    "azure-pipelines.yaml", ".circleci/config.yaml", "buildspec.yaml", "bitrise.yml", "codemagic.yaml",
    "cloudbuild.yaml", "cloudbuild.yml", "buildspec.yml", "appveyor.yml", ".cirrus.yml",
    ".semaphore/semaphore.yml", ".ci/*", ".ci/run",
)  # fmt: skip
_BUILDS = re.compile(
    r"\b(?:builds?|tests?|pytest|tox|nox|unittest|rspec|phpunit|pest|jest|vitest|mocha|cypress|playwright|ctest|compile|"
    r"assemble|verify|mvnw?|maven|gradlew?|gradle|tsc|cmake|bazel|bazelisk|xcodebuild|msbuild|vsbuild|vstest|"
    r"autobuild|hugo|eleventy|webpack|rollup|esbuild|(?<!-)ninja|cargo (?:check|clippy|nextest)|go vet|"
    r"dotnet (?:publish|pack)|nix flake check|npm t|goreleaser|auto-devops)\b|\brake\b(?!\s+\w)",
    re.IGNORECASE,
)
_SAYS_ONLY = re.compile(r"\s*(?:-\s+)?(?:sudo\s+)?(?:echo|printf|gh|git|curl|wget|test|\[{1,2}|rm|mkdir|cd|ls|cat)\s")
"""Commands that name a build or a test, and run none."""
_INSTALLS = re.compile(
    r"\s*(?:sudo\s+)?(?:python3?\s+-m\s+|uv\s+)?(?:pip3?|pipx|apt|apt-get|apk|yum|dnf|brew|gem|npm|pnpm|yarn|bun|cargo|"
    r"choco|composer|poetry|docker)\s+(?:-\S+\s+)*(?:install|i|add|ci|update|upgrade|require|global|push|pull|login)\b"
)
_IGNORED = re.compile(r"\|\|\s*(?:true|:|exit\s+0|echo\b)|\|\|\s*\Z")
"""After a command whose failure nobody sees."""
_SCRIPT = re.compile(
    r"(?:^|\s)(?:\./)?((?:[\w.-]+/)*[\w.-]+\.(?:sh|bash|py|js|mjs|rb)|(?:\./)?(?:bin|scripts?|ci|tools)/[\w.-]+)"
)
_PACKAGE_SCRIPT = re.compile(r"\b(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+)*(?:run(?:-script)?\s+)?([\w:.-]+)")
_TARGET = re.compile(r"\b(make|just)\b((?:\s+[\w./=-]+)*)")
_DEEPEST = 4


def builds_or_tests(command: str, found: Project | None = None, depth: int = 0) -> bool:
    """Whether a command of a CI configuration builds or tests, itself or by a script of the project.

    Args:
        found: the project; without it a command is judged by its own words.
    """
    for part in re.split(r"&&|;|(?<!\|)\|(?!\|)", command):
        if _IGNORED.search(part) or _SAYS_ONLY.match(part) or _INSTALLS.match(part):
            continue
        if (target := _TARGET.search(part)) is not None:
            if found is None or _target_builds(found, target[1], target[2].split(), depth):
                return True
        elif _BUILDS.search(part):
            return True
        if found is not None and depth < _DEEPEST:
            if any(builds_or_tests(line, found, depth + 1) for line in _behind(found, part)):
                return True
    return False


def _target_builds(found: Project, tool: str, words: list[str], depth: int) -> bool:
    """Whether the targets of a Makefile or justfile build or test; by their names where they cannot be read."""
    names = ("Makefile", "makefile", "GNUmakefile") if tool == "make" else ("justfile", "Justfile", ".justfile")
    path = next((name for name in names if found.has(name)), "")
    targets = [word for word in words if re.fullmatch(r"[\w./:]+[\w./:-]*", word)]
    if not path or any(_BUILDS.search(target) for target in targets):
        return True
    recipes = _recipes(found.read(path))
    wanted = targets or list(recipes)[:1]
    lines: list[str] = []
    for target in wanted:
        needs, own = recipes.get(target, ([], []))
        wanted += [need for need in needs if need not in wanted]
        lines += own
    # A target that is not there may be a file of rules of its own: make itself is a tool that builds.
    return not any(target in recipes for target in wanted) or (
        depth < _DEEPEST
        and (any(map(_BUILDS.search, wanted)) or any(builds_or_tests(line, found, depth + 1) for line in lines))
    )


def _recipes(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """Each target with what it needs and its lines."""
    recipes: dict[str, tuple[list[str], list[str]]] = {}
    own: list[str] = []
    for line in text.splitlines():
        if (head := re.match(r"@?([\w./-]+)[^:=\n]*:(?![=:])\s*([^#\n]*)", line)) and not line.startswith("."):
            own = []
            recipes[head[1]] = (head[2].split(), own)
        elif line[:1].isspace() and line.strip() and not line.lstrip().startswith("#"):
            own.append(line.strip().lstrip("@-"))
    return recipes


def _behind(found: Project, command: str) -> Iterator[str]:
    """The commands of the project's own that a command starts: a script of package.json, a file, a local action."""
    if (action := re.fullmatch(r"\s*\./([\w./-]+)\s*", command)) is not None:
        for path in (action[1], f"{action[1]}/action.yml", f"{action[1]}/action.yaml"):
            if path.endswith((".yml", ".yaml")) and found.has(path):
                yield from ci_commands(path, found.read(path))
    for named in _PACKAGE_SCRIPT.finditer(command):
        for path in found.own("package.json"):
            yield from _package_script(found.read(path), named[1])
    for file in _SCRIPT.finditer(command):
        if found.has(path := file[1].removeprefix("./")):
            yield from ci_commands("script", found.read(path))


def _package_script(text: str, name: str) -> Iterator[str]:
    try:
        scripts = json.loads(text).get("scripts")
    except (ValueError, AttributeError, RecursionError):
        return
    if isinstance(scripts, dict) and isinstance(body := scripts.get(name), str):
        yield body


def _first_that_builds(found: Project, path: str, seen: set[str]) -> str | None:
    """The first command of a configuration, or of a file that it includes, that builds or tests."""
    if path in seen:
        return None
    seen.add(path)
    text = found.read(path)
    for command in ci_commands(path, text):
        if builds_or_tests(command, found):
            return command.strip()
    included = local_includes(text) if path.endswith(".gitlab-ci.yml") or len(seen) > 1 else ()
    told = (_first_that_builds(found, name, seen) for name in included if found.has(name))
    return next((command for command in told if command is not None), None)


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
    return await asyncio.to_thread(_look, found)


def _look(found: Project) -> Verdict:
    evidence: list[str] = []
    for path in found.own(*CI_FILES):
        command = _first_that_builds(found, path, set())
        if command is not None:
            return passed(path, "CI builds or tests the code", evidence=[f"{path}: {command}"])
        evidence.append(f"{path}: runs neither a build nor a test that could stop a release")
    return warned(
        evidence[0].partition(":")[0] if evidence else found.root.name,
        "no CI configuration builds or tests the code",
        evidence=evidence or ["no CI configuration of any usual service in the repository"],
        fix="Run `launchready validate --print-workflow github` (or gitlab), save what it prints as "
        ".github/workflows/launch.yml, and commit it.",
    )

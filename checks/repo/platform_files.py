"""What a repository shows of where it is deployed: files of a platform, and what CI and its own scripts run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from checks.repo.build.ci import CI_FILES
from checks.repo.build.ci_steps import ci_commands, local_includes
from checks.repo.platform_table import Platform, platforms
from checks.repo.project import Project, fits, is_foreign, is_test

Row = tuple[Platform, str]
"""A platform and what showed it."""
_SCRIPTS = (
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    "deploy*.sh",
    "bin/deploy",
    "scripts/deploy*",
)
LONGEST, MOST = 1000, 2000
"""Characters read of one command, and commands of one file: more is nobody's way to deploy."""


def by_files(found: Project) -> list[Row]:
    """Platforms that files of their own show, or commands that deploy to them; the likeliest first."""
    paths = _own_paths(found)
    shown = _claims(found, paths, lambda platform: platform.files)
    depth = {path: 0 if path.startswith(".") else path.count("/") for _, path in shown}
    shown.sort(key=lambda row: depth[row[1]])
    known = {platform for platform, _ in shown}
    return shown + [row for row in _by_commands(found, paths, lambda p: p.runs) if row[0] not in known]


def by_hints(found: Project) -> list[Row]:
    """Platforms that are only hinted at, by files or commands which others have as well."""
    paths = _own_paths(found)
    return _claims(found, paths, lambda p: p.hints) or list(_by_commands(found, paths, lambda p: p.may_run))


def by_repository(found: Project) -> list[Row]:
    """Platforms that the repository shows: by what is theirs alone, and else by what is a hint."""
    return by_files(found) or by_hints(found)


def _own_paths(found: Project) -> list[str]:
    """Files that may say how this product is deployed, those at the root before those of its parts."""
    paths = [path for path in found.files if path.count("/") < 4 and not is_foreign(path) and not _is_sample(path)]
    return sorted(paths, key=lambda path: (path.count("/") - (path.startswith(".") and "/" in path), path))


def _is_sample(path: str) -> bool:
    """Whether a file shows how it is done somewhere, rather than how this product is deployed."""
    folders = path.lower().split("/")[:-1]
    return is_test(path) or any(part.startswith(("example", "sample", "template", "demo", "doc")) for part in folders)


def _claims(found: Project, paths: list[str], signs: Callable[[Platform], tuple[str, ...]]) -> list[Row]:
    """Each platform with the first file that shows it; a file shows one platform only, but package.json."""
    taken: set[str] = set()
    shown = []
    for platform in platforms():
        path = next((path for path in paths if path not in taken and _shows(found, path, signs(platform))), None)
        if path is not None:
            shown.append((platform, path))
            if not path.endswith("package.json"):
                taken.add(path)
    return shown


def _shows(found: Project, path: str, signs: tuple[str, ...]) -> bool:
    """Whether a file stands where a sign says, in the root or in a part of the product (apps/web/...), and says it."""
    for sign in signs:
        place, _, text = sign.partition(": ")
        if path == place or path.endswith(f"/{place}") or ("*" in place and fits(path, (place, f"*/{place}"))):
            if not text or re.search(text, found.read(path), re.I | re.M):
                return True
    return False


def _by_commands(found: Project, paths: list[str], signs: Callable[[Platform], tuple[str, ...]]) -> Iterator[Row]:
    """Each platform that a command deploys to, with the file and the command."""
    texts = {path: list(_cut(_commands(found, path))) for path in paths if _may_deploy(path)}
    for platform in platforms():
        wanted = [re.compile(sign, re.I) for sign in signs(platform)]
        for path, commands in texts.items():
            told = next((command for command in commands if any(sign.search(command) for sign in wanted)), None)
            if told is not None:
                yield platform, f"{path}: {told.strip()}"
                break


def _may_deploy(path: str) -> bool:
    return fits(path, (*CI_FILES, "package.json", *_SCRIPTS))


def _cut(commands: Iterator[str]) -> Iterator[str]:
    return (command[:LONGEST] for command, _ in zip(commands, range(MOST), strict=False))


def _commands(found: Project, path: str) -> Iterator[str]:
    """What a file runs; for a GitLab configuration with what it takes in."""
    text = found.read(path)
    if path.endswith("package.json"):
        yield from _package_scripts(text)
        return
    yield from ci_commands(path, text)
    if path.endswith(".gitlab-ci.yml"):
        for name in local_includes(text):
            yield from ci_commands(name, found.read(name))


def _package_scripts(text: str) -> Iterator[str]:
    try:
        scripts = json.loads(text).get("scripts", {})
        yield from (command for command in scripts.values() if isinstance(command, str))
    except (ValueError, AttributeError, RecursionError):
        return

"""Lock files: whether each manifest of dependencies has one that git tracks."""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath

from checks.catalogue import check
from checks.errors import NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, noted, passed, warned
from checks.repo.build.locked import unlocked, unpinned
from checks.repo.project import Project, is_foreign, is_test, project


@dataclass(frozen=True, slots=True)
class _Lock:
    manifest: str
    locks: tuple[str, ...]
    command: str
    workspace: bool = False
    """Whether a lock file at the root of a workspace serves its members."""


_PYTHON_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
_COMPILE = "mv requirements.txt requirements.in && uv pip compile --generate-hashes requirements.in -o requirements.txt"
_LOCKS = (
    _Lock(
        "package.json",
        (
            "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb",
            "deno.lock",
        ),
        "npm install --package-lock-only",
        workspace=True,
    ),
    _Lock("pyproject.toml", _PYTHON_LOCKS, "uv lock", workspace=True),
    _Lock("Pipfile", ("Pipfile.lock",), "pipenv lock"),
    _Lock("Gemfile", ("Gemfile.lock", "gems.locked"), "bundle lock"),
    _Lock("go.mod", ("go.sum",), "go mod tidy", workspace=True),
    _Lock("composer.json", ("composer.lock",), "composer update --lock"),
    _Lock("Cargo.toml", ("Cargo.lock",), "cargo generate-lockfile", workspace=True),
    _Lock("mix.exs", ("mix.lock",), "mix deps.get"),
    _Lock("pubspec.yaml", ("pubspec.lock",), "dart pub get", workspace=True),
    _Lock("Package.swift", ("Package.resolved",), "swift package resolve"),
    _Lock("deno.json", ("deno.lock",), "deno install"),
)  # fmt: skip


def names_dependencies(manifest: str, text: str) -> bool:
    """Whether a manifest is of a kind that gets a lock file at all (a tool's settings in pyproject.toml do not)."""
    if manifest == "pyproject.toml":
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return True
        return "project" in data or "poetry" in data.get("tool", {}) or "pdm" in data.get("tool", {})
    if manifest == "go.mod":
        # Without a required module, Go writes no go.sum.
        return bool(re.search(r"^\s*require\b", text, re.MULTILINE))
    if manifest == "Package.swift":
        return ".package(" in text
    return True


def is_workspace_root(manifest: str, text: str) -> bool:
    """Whether a manifest declares a workspace, whose one lock file is for all its members."""
    if manifest == "package.json":
        try:
            data = json.loads(text)
        except ValueError:
            return False
        return isinstance(data, dict) and "workspaces" in data
    return bool(re.search(r"^\s*(?:\[workspace\]|\[tool\.uv\.workspace\]|workspace:)", text, re.MULTILINE))


def doubtful(found: Project) -> list[tuple[str, str, str]]:
    """Manifests whose lock file does not decide: (path, what was seen, what to do). Blocking."""
    rows = []
    for kind in _LOCKS:
        for path in found.own(kind.manifest):
            folder = PurePosixPath(path).parent
            locks = [name for name in kind.locks if _has_lock(found, folder, (name,))]
            if len(locks) > 1 and set(locks) not in ({"bun.lock", "bun.lockb"}, {"uv.lock", "pylock.toml"}):
                rows.append(
                    (
                        path,
                        f"has {len(locks)} lock files: {' and '.join(locks)}",
                        "Keep the one of the tool that builds.",
                    )
                )
            elif locks and (gone := unlocked(found.read(path), found.read((folder / locks[0]).as_posix()), locks[0])):
                rows.append(
                    (
                        path,
                        f"asks for what {locks[0]} does not have: {', '.join(gone)}",
                        f"{kind.command}, and commit it.",
                    )
                )
    return rows


def _has_lock(found: Project, folder: PurePosixPath, locks: tuple[str, ...]) -> str | None:
    """The lock file in a folder that git tracks (or that is just there, without git)."""
    for name in locks:
        path = (folder / name).as_posix()
        if path in (found.tracked if found.is_git else found.files):
            return path
    return None


def lockless(found: Project) -> list[tuple[str, str, str]]:
    """Manifests without a lock file: (path, what was seen, the command that makes one). Blocking."""
    missing = []
    for kind in _LOCKS:
        for path in found.own(kind.manifest):
            folder = PurePosixPath(path).parent
            if is_foreign(path) or is_test(path) or not names_dependencies(kind.manifest, found.read(path)):
                continue
            if _has_lock(found, folder, kind.locks) or _pinned(found, kind.manifest, folder):
                continue
            if kind.workspace and any(_serves(found, kind, parent) for parent in folder.parents):
                continue
            untracked = [name for name in kind.locks if (found.root / folder / name).is_file()]
            seen = (
                f"{untracked[0]} is there, but git does not track it"
                if untracked
                else f"none of {', '.join(kind.locks)} beside it"
            )
            command = f"git add -f {folder / untracked[0]}" if untracked else kind.command
            missing.append((path, seen, command))
    return missing + _open_requirements(found)


def _open_requirements(found: Project) -> list[tuple[str, str, str]]:
    """requirements.txt that leaves versions open, where no other manifest of Python with a lock file is beside it."""
    rows = []
    for path in found.own("requirements.txt"):
        folder = PurePosixPath(path).parent
        names = unpinned(found.read(path)) if not is_test(path) else []
        if names and not _has_lock(found, folder, (*_PYTHON_LOCKS, "requirements.lock")):
            rows.append((path, f"leaves the version open of {', '.join(names[:8])}", _COMPILE))
    return rows


_RUSH = "common/config/rush"
"""Where Rush keeps the one lock file of all its projects."""


def _serves(found: Project, kind: _Lock, folder: PurePosixPath) -> bool:
    if kind.manifest == "package.json" and found.has((folder / "rush.json").as_posix()):
        return _has_lock(found, folder / _RUSH, kind.locks) is not None
    if not _has_lock(found, folder, kind.locks):
        return False
    if kind.manifest == "package.json" and found.has((folder / "pnpm-workspace.yaml").as_posix()):
        return True
    if kind.manifest == "go.mod":
        return found.has((folder / "go.work").as_posix())
    return is_workspace_root(kind.manifest, found.read((folder / kind.manifest).as_posix()))


def _pinned(found: Project, manifest: str, folder: PurePosixPath) -> bool:
    """Whether a requirements file with hashes does a lock file's work."""
    if manifest not in ("pyproject.toml", "Pipfile"):
        return False
    paths = [p for p in found.own("requirements*.txt") if PurePosixPath(p).parent == folder]
    return any("--hash=" in found.read(path) for path in paths)


@check(
    "deploy.lockfile-missing",
    title="Builds are not repeatable: no lock file",
    when="a manifest (package.json, pyproject.toml, Gemfile, go.mod, composer.json, ...) has no lock file beside it "
    "that git tracks",
    status="warn",
    triage="later",
    risk="downtime",
    item=("B09",),
    source="roadmap",
    cost="Today's build takes other library versions than yesterday's, and breaks without a change of yours.",
)
async def lockfile_missing(facts: Facts, domain: str) -> list[Verdict]:
    found = await project(facts)
    missing = await asyncio.to_thread(lockless, found)
    doubts = [
        noted(path, f"{path} {seen}", evidence=[f"{path} {seen}"], fix=fix)
        for path, seen, fix in await asyncio.to_thread(doubtful, found)
    ]
    if not missing:
        manifests = found.own(*(kind.manifest for kind in _LOCKS), "requirements.txt")
        if not manifests:
            raise NotApplicable("the repository has no manifest of dependencies of a kind that has lock files")
        return [passed(found.root.name, "every manifest has its lock file", evidence=manifests), *doubts]
    return [
        warned(
            path,
            f"{path} has no lock file that git tracks",
            evidence=[f"{path}: {seen}"],
            fix=f"In the folder of {path}: `{command}`, then commit the lock file.",
        )
        for path, seen, command in missing
    ] + doubts

"""Repositories made for a test, and the checks of one family run on them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.subject import Consent, DeployPlan, Subject


class Repository:
    """A git repository in a folder of the test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        names = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Test"), ("EMAIL", "test@example.com"))
        }
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=os.environ | names | alone, check=True, capture_output=True, text=True
        )
        return done.stdout

    def write(self, files: Mapping[str, str]) -> Repository:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def commit(self, files: Mapping[str, str] | None = None, message: str = "x") -> Repository:
        self.write(files or {})
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "shop")


Judge = Callable[..., Awaitable[dict[str, list[Finding]]]]


@pytest.fixture
def judge(repository: Repository) -> Judge:
    """Run checks on the repository, off the network; findings by id."""

    async def run(*only: str, consent: Consent | None = None, repo: Path | None = repository.root, **plan: Any) -> Any:
        subject = replace(Subject.of("example.com"), deploy=DeployPlan(repo=repo, **plan), consent=consent or Consent())
        async with Network(offline=True) as network:
            findings = await collect(subject, network, only=only)
        by_id: dict[str, list[Finding]] = {}
        for finding in findings:
            by_id.setdefault(finding.check, []).append(finding)
        return by_id

    return run

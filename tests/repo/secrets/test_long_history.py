"""A shop's repository of 5,000 commits with a fake of every rule hidden in it, scanned as a user scans it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checks.repo.secrets.rule import rules
from tests.repo.secrets.worlds import PLACES, World, git, world

COMMITS = 5000
MEGABYTES = 300


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one run of the program printed, and the most memory that one of its processes held."""

    told: dict[str, Any]
    megabytes: float

    @property
    def places(self) -> set[tuple[str, str]]:
        return {(each["rule"], each["path"]) for each in self.told["findings"]}


_WEIGH = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""
"""Runs a command and tells what it held at most. A small process has to ask: a child's peak begins at its parent's."""


def _scan(root: Path, cache: Path, *words: str) -> Scanned:
    scan = [sys.executable, "-m", "launchready_tui", "scan", str(root), "--json", "--public", *words]
    ended = subprocess.run(
        [sys.executable, "-c", _WEIGH, *scan],
        capture_output=True,
        text=True,
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
    )
    assert ended.returncode == 1, ended.stderr
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Scanned(json.loads(ended.stdout), int(ended.stderr.split()[-1]) / unit)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = world(tmp_path_factory.mktemp("long") / "shop", commits=COMMITS)
    git(made.root, "repack", "-adq")
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the memory of a process that has ended")
def test_all_is_found_and_nothing_else_and_the_second_run_is_near_instant(shop: World, tmp_path: Path) -> None:
    assert int(git(shop.root, "rev-list", "--count", "--all")) >= COMMITS
    assert {each.place for each in shop.planted} == set(PLACES)
    assert {each.fake.rule for each in shop.planted} == {rule.id for rule in rules()}
    first = _scan(shop.root, tmp_path / "cache")
    assert first.told["complete"] is True and first.megabytes < MEGABYTES
    planted = {(each.fake.rule, each.path) for each in shop.planted}
    named = {rule for rule, path in first.places if path.startswith("(")}
    assert [(p.fake.rule, p.place) for p in shop.planted if p.path and (p.fake.rule, p.path) not in first.places] == []
    assert [(p.fake.rule, p.place) for p in shop.planted if not p.path and p.fake.rule not in named] == []
    assert {path for _, path in first.places if not path.startswith("(")} <= {path for _, path in planted}

    second = _scan(shop.root, tmp_path / "cache")
    assert second.told["findings"] == first.told["findings"]
    assert second.told["counters"]["objects"] == 0 < first.told["counters"]["objects"]
    afresh = _scan(shop.root, tmp_path / "cache", "--no-cache")
    assert afresh.told["findings"] == first.told["findings"]
    assert afresh.told["counters"]["objects"] == first.told["counters"]["objects"]

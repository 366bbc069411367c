"""Scans of repositories made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.repo.secrets.exposure import Report
from checks.repo.secrets.scan import Options, scan
from checks.store import NoStore
from tests.repo.secrets.worlds import World, world

KEY = b"a key of the tests"


class MemoryStore(NoStore):
    """Keeps things for one test session."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def put(self, name: str, value: bytes) -> None:
        self.kept[name] = value


COMPILED = MemoryStore()
"""The compiled rules, made once for all tests of a process."""

Scan = Callable[..., Report]


@pytest.fixture
def scanned() -> Scan:
    """Scan a folder in this process, without memory of an earlier scan unless a store is given."""

    def look(folder: Path, **words: Any) -> Report:
        words.setdefault("store", COMPILED)
        return scan(folder, Options(**{"key": KEY, "use_memory": False, "workers": 1, "public": True} | words))

    return look


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A repository with a fake of every rule. Read only."""
    return world(tmp_path_factory.mktemp("planted") / "shop", commits=250)

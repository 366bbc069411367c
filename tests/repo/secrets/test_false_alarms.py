"""Large ordinary packages, those that are installed here, raise no alarm."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from checks.repo.secrets.finder import Finder
from checks.repo.secrets.rule import rules
from tests.repo.secrets.conftest import COMPILED

LARGEST = 2 << 20
PACKAGES = ("textual", "dns", "httpx", "httpcore", "h2", "cryptography", "sqlglot", "keyring", "rich", "pygments", "pip",
            "hypothesis", "mypy", "setuptools", "fontTools", "jsonschema", "PIL")  # fmt: skip


@pytest.mark.parametrize("name", PACKAGES)
def test_no_alarm_in_a_package(name: str) -> None:
    folder = Path(sysconfig.get_paths()["purelib"]) / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not installed")
    finder, found = Finder(store=COMPILED), []
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size < LARGEST and path.suffix != ".pyc":
            data = path.read_bytes()
            told = (match for match in finder.find(data) if not match.public)
            found += [(path.name, rules()[match.rule].id, data.count(b"\n", 0, match.start) + 1) for match in told]
    assert found == []

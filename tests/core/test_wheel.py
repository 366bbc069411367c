"""The wheel holds the three packages whole, and nothing else."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("checks", "launchready_tui", "screens")
METADATA = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every file in the wheel that hatchling makes of this tree."""
    builder = pytest.importorskip("hatchling.builders.wheel", reason="not installed: hatchling").WheelBuilder(str(ROOT))
    (made,) = builder.build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(made) as wheel:
        assert wheel.testzip() is None
        return wheel.namelist()


def test_it_holds_the_three_packages_and_their_metadata_alone(names: list[str]) -> None:
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == set(PACKAGES)
    assert {name.partition(".dist-info/")[2] for name in names if ".dist-info/" in name} == METADATA
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".bak", ".tmp", ".orig"))]


def test_it_leaves_out_no_file_of_them(names: list[str]) -> None:
    """Data files too: a missing table shows only where it is read, on somebody else's machine."""
    listed = subprocess.run(["git", "ls-files", "--", *PACKAGES], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no git repository, so nobody says which files are meant")
    tracked = {name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()}
    assert tracked - set(names) == set()

"""A disk that is really full, a folder that is somebody else's, a disk that is read-only: said clearly, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.namespace import told_in_namespace
from tests.programs import need

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    need("mount", "setpriv")
    return told_in_namespace("tests.core.full_disk", tmp_path_factory.mktemp("disk"), kind="mount")


def test_a_sprint_waits_in_memory_and_is_saved_when_there_is_room(told: Any) -> None:
    sprint = told["a_sprint"]
    assert sprint["reason"] == "full.launch.toml could not be saved: the disk is full."
    assert (sprint["kept"], sprint["after"]) == (0, 50)
    ours = {name for name in sprint["names"] if "full.launch" in name}
    assert ours == {"full.launch.toml", "full.launch.toml.bak", "full.launch.toml.lock"}


def test_a_sprint_that_is_opened_on_a_full_disk_can_be_changed(told: Any) -> None:
    assert told["opened_when_full"] == {"read_only": False, "after": ["S1.1"]}


def test_a_sprint_that_cannot_be_started_leaves_nothing_behind(told: Any) -> None:
    reason = "new.launch.toml could not be saved: the disk is full."
    assert told["new_when_full"] == {"reason": reason, "left": []}


def test_no_sample_of_a_watch_is_lost(told: Any) -> None:
    assert told["a_watch"] == {"problem": "the disk is full; they wait in memory", "lost": 0, "after": "", "missing": 0}


def test_the_app_says_why_it_cannot_save_and_when_it_can_again(told: Any) -> None:
    app = told["the_app"]
    assert "not saved" in app["line"]
    assert "could not be saved: the disk is full." in app["notice"] and "Nothing is lost" in app["notice"]
    assert app["after"] == ["S1.1"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("full", "the disk is full"),
        ("foreign", "you have no permission to write in this folder"),
        ("read_only", "this disk is read-only"),
    ],
)
def test_the_command_line_says_why_it_cannot_save(told: Any, kind: str, reason: str) -> None:
    audit, handover = told["the_command_line"][kind]
    assert audit["code"] == handover["code"] == 2
    assert "not saved: " in audit["err"] and reason in audit["err"] and "Traceback" not in audit["err"]
    assert '"findings"' in audit["out"], "what was found is printed all the same"
    assert f"handover.md could not be written: {reason}" in handover["err"]


def test_what_was_on_the_disk_is_untouched(told: Any) -> None:
    assert told["the_command_line"]["untouched"]
    assert told["the_command_line"]["names"] == ["cli.launch.toml", "cli.launch.toml.bak"]

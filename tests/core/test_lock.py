"""One writer a file: a second one is told who the first is, and nobody is kept out by a lock left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from launchready_tui.session import lock as locks
from launchready_tui.session.errors import Held, ReadOnly
from launchready_tui.session.lock import Lock
from launchready_tui.session.store import load
from launchready_tui.sprint import Sprint
from tests.core.make import Site


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "example.launch.toml"
    Sprint.new(made, Site(domain="example.com")).close()
    return made


def lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def test_a_second_writer_is_told_who_holds_it(path: Path) -> None:
    with Sprint.open(path, holder="Ann Lee"):
        with pytest.raises(Held, match=r"Ann Lee \(process \d+ on .+, since ") as caught:
            Sprint.open(path)
        assert "Ann Lee" in caught.value.holder
        with Sprint.open(path, read_only=True) as looking:
            assert looking.read_only and looking.saved.word == "read-only"
            with pytest.raises(ReadOnly):
                looking.mark("S1.1", "done")
    assert not lock_file(path).exists()
    Sprint.open(path).close()


HOLD = """
import sys
from pathlib import Path
from launchready_tui.session.lock import Lock
lock = Lock(Path(sys.argv[1]), "Bo")
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_lock_dies_with_its_process(path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(Held, match="Bo"):
            Sprint.open(path)
        other.kill()
        other.wait()
    assert lock_file(path).exists()
    with Sprint.open(path) as sprint:
        sprint.mark("S1.1", "done")
    assert load(path).session.step[0].id == "S1.1"


def test_a_lock_file_that_says_nothing_is_held_by_another_program(path: Path) -> None:
    held = Lock(path)
    lock_file(path).write_text("")
    with pytest.raises(Held, match="another program"):
        Lock(path)
    held.release()
    held.release()


def test_a_file_system_without_locks_does_not_keep_anyone_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_os_lock", lambda handle: True)
    Sprint.open(path).close()


def test_a_folder_that_cannot_be_written_is_opened_for_reading(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(locks.os, "open", refuse)
    with Sprint.open(path) as sprint:
        assert sprint.read_only and "for reading only" in sprint.word

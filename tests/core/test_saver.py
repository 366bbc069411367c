"""Saves: bursts become a handful of writes, and nothing is lost however the program ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from launchready_tui.session.errors import NotSaved
from launchready_tui.session.saver import PAUSE, Saver, flushed_on_signals
from launchready_tui.session.store import Store, load
from launchready_tui.sprint import Sprint
from tests.core.make import Site, finding
from tests.programs import LONG


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "example.launch.toml"


def test_a_burst_of_findings_is_a_handful_of_writes(path: Path) -> None:
    began = time.monotonic()
    with Sprint.new(path, Site(domain="example.com")) as sprint:
        sprint.begin_run()
        for number in range(200):
            sprint.record(finding(target=f"w{number}.example.com"))
        sprint.end_run()
        assert sprint.flush_now()
        assert sprint._saver is not None
        # One a pause, and the last.
        assert sprint._saver.writes <= 2 + (time.monotonic() - began) / PAUSE
        assert len(load(path).session.finding) == 200


class Refusing(Store):
    """A store whose disk is full until it is told otherwise."""

    full = True

    def save_text(self, text: bytes) -> None:
        if self.full:
            raise NotSaved(self.path, "the disk is full")
        super().save_text(text)


def test_a_write_that_failed_is_told_and_tried_again(path: Path) -> None:
    tried, saved = threading.Event(), threading.Event()
    store = Refusing(path, None)

    def told() -> None:
        word = saver.state.word
        (tried if word == "not saved" else saved if word == "saved" else threading.Event()).set()

    saver = Saver(store, lambda: b"x", told, pause=0.0, retry=0.01)
    saver.touch()
    assert tried.wait(LONG)
    assert saver.state.reason == "the disk is full"
    assert not path.exists()
    store.full = False
    assert saved.wait(LONG)
    assert path.read_bytes() == b"x"
    assert saver.close()


def test_closing_says_when_it_could_not_save(path: Path) -> None:
    saver = Saver(Refusing(path, None), lambda: b"x", pause=60)
    saver.touch()
    assert saver.state.word == "saving"
    assert not saver.close()


def test_a_flush_without_changes_writes_nothing(path: Path) -> None:
    saver = Saver(Store(path, None), lambda: b"x", pause=60)
    assert saver.flush_now() and saver.close()
    assert saver.writes == 0 and not path.exists()


def test_a_flush_may_interrupt_a_change(path: Path) -> None:
    """As a signal handler does: in the main thread, in the middle of a change, while the saver wants a snapshot."""
    with Sprint.new(path, Site(domain="example.com")) as sprint:
        with sprint._changing():
            sprint.session.sprint.client = "Harbor"
            assert sprint._saver is not None
            sprint._saver.touch()
            assert sprint.flush_now()
        assert load(path).session.sprint.client == "Harbor"


ENDING = """
    import os, signal, sys
    from pathlib import Path
    from launchready_tui.session import saver
    from launchready_tui.session.model import Site
    from launchready_tui.sprint import Sprint
    saver.Saver.__init__.__kwdefaults__["pause"] = 3600
    sprint = Sprint.new(Path(sys.argv[1]), Site(domain="example.com"))
    with saver.flushed_on_signals(sprint.flush_now):
        sprint.mark("S1.1", "done")
        {ending}
"""


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("sys.exit(0)", 0),
        ("raise RuntimeError('a fault')", 1),
        ("os.kill(os.getpid(), signal.SIGTERM)", 143),
        ("os.kill(os.getpid(), signal.SIGHUP)", 129),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_nothing_is_lost_however_it_ends(path: Path, ending: str, status: int) -> None:
    script = textwrap.dedent(ENDING).format(ending=ending)
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, timeout=LONG)
    assert done.returncode == status, done.stderr.decode()
    assert [step.id for step in load(path).session.step] == ["S1.1"]


def test_signals_have_their_old_handlers_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    told: list[int] = []
    with flushed_on_signals(lambda: told.append(0), told.append):
        signal.raise_signal(signal.SIGTERM)
    assert told == [0, signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_close_that_comes_as_the_saver_wakes_is_not_missed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saver = Saver(Store(path, None), lambda: b"x", pause=0.0)
    clear = saver._wake.clear

    def closed_meanwhile() -> None:
        # What close() does in its own thread, just after the pause has ended.
        saver._closing.set()
        saver._wake.set()
        clear()

    monkeypatch.setattr(saver._wake, "clear", closed_meanwhile)
    saver.touch()
    saver._thread.join(10)
    assert not saver._thread.is_alive()
    assert saver.close()
    assert path.read_bytes() == b"x"

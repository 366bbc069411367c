"""The app in a real terminal: hostile text cannot reach it, and a signal loses nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from launchready_tui.session.model import Session
from launchready_tui.session.store import load
from launchready_tui.session.toml import dumps
from launchready_tui.sprint import Sprint
from tests.programs import need
from tests.screens.terminal import SECONDS, Terminal, launchready
from tests.screens.test_hostile import hostile_session

pytestmark = pytest.mark.real


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    need("tmux", "ps")
    made = Terminal(tmp_path)
    yield made
    made.stop()


def test_hostile_text_reaches_no_title_and_no_clipboard(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "hostile.launch.toml"
    plain = without_surrogates(msgspec.to_builtins(hostile_session()))
    file.write_bytes(dumps(msgspec.convert(plain, Session)))
    terminal.start(*launchready("open", str(file), "--offline"))
    # Only now is there a step under the cursor for a key to act on.
    terminal.sees("asked")
    # It is there, as text.
    terminal.sees("\u241b")
    title = terminal.tmux("display-message", "-p", "#{pane_title}")
    # After an Escape, a word that the block screen alone shows: a key sent too soon would read as Alt with that key.
    for keys, word in (
        (("2", "Down"), "www goes to the canonical"),
        (("Enter",), "What it costs"),
        (("Right", "Right", "Right"), "of"),
        (("Escape",), "run all"),
        (("h",), "Launch handover"),
        (("End",), "Handover"),
        (("Escape",), "run all"),
        (("d",), "Alert drill"),
        (("Escape",), "run all"),
        (("w",), "Watch"),
        (("Escape",), "run all"),
        (("b",), "Before and after"),
    ):
        terminal.keys(*keys)
        terminal.sees(word)
    assert "OWNED" not in terminal.tmux("display-message", "-p", "#{pane_title}")
    assert terminal.tmux("display-message", "-p", "#{pane_title}") == title
    assert "OWNED" not in terminal.tmux("show-buffer")


def without_surrogates(value: Any) -> Any:
    """The same without lone surrogates, which no UTF-8 file can hold."""
    if isinstance(value, str):
        return value.replace("\ud800", "")
    if isinstance(value, dict):
        return {key: without_surrogates(inner) for key, inner in value.items()}
    return [without_surrogates(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_loses_nothing(terminal: Terminal, sprint: Sprint, number: signal.Signals) -> None:
    assert sprint.path is not None
    sprint.close()
    terminal.start(*launchready("open", str(sprint.path), "--offline"))
    # Only now is there a step under the cursor for the key to act on.
    terminal.sees("asked")
    terminal.keys("Space")
    terminal.sees("Who says so")
    terminal.keys("Enter")
    terminal.until(lambda: "Who says so" not in terminal.text())
    os.kill(terminal.child(), number)
    terminal.sees(f"ended with {128 + number}")
    assert [row.state for row in load(sprint.path).session.step] == ["done"]
    assert not sprint.path.with_name(f"{sprint.path.name}.lock").exists()


def test_a_lost_terminal_ends_the_app(terminal: Terminal, sprint: Sprint) -> None:
    assert sprint.path is not None
    sprint.close()
    terminal.start(*launchready("open", str(sprint.path), "--offline"))
    terminal.sees("asked")
    process = terminal.child()
    terminal.stop()
    ends = time.monotonic() + SECONDS
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < ends, "the app outlives its terminal"
        time.sleep(0.05)


def test_quitting_says_goodbye_with_zero(terminal: Terminal, sprint: Sprint) -> None:
    assert sprint.path is not None
    sprint.close()
    terminal.start(*launchready("open", str(sprint.path), "--offline"))
    terminal.sees("asked")
    terminal.keys("C-q")
    terminal.sees("ended with 0")


def test_the_fix_goes_to_the_terminals_clipboard(terminal: Terminal, sprint: Sprint) -> None:
    assert sprint.path is not None
    sprint.close()
    terminal.start("env", "-u", "DISPLAY", "-u", "WAYLAND_DISPLAY", *launchready("open", str(sprint.path), "--offline"))
    terminal.sees("asked")
    terminal.sees("www.example.com has no")
    terminal.keys("Tab", "Tab", "Down")

    def copied() -> bool:
        # A list that is drawn anew this very moment has no row under the cursor; a person would press again.
        terminal.keys("c")
        return "clipboard" in terminal.text()

    terminal.until(copied)
    terminal.until(lambda: "Publish a record." in terminal.tmux("show-buffer"))

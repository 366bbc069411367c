"""The whole sprint in a real terminal of 80x24: every block, a fault mended, the handover; then again without a network."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from launchready_tui.plan import plan
from launchready_tui.ranking import risk_list
from launchready_tui.session.model import Session
from launchready_tui.session.store import load
from tests.programs import need
from tests.screens.terminal import Terminal, launchready

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

RUN_SECONDS = 240.0
"""A run of all checks takes four seconds where nothing else runs."""
TOAST = "▌"
"""The edge of a message, which covers what stands below it until it goes away."""
BROKEN, CHECK = "Old campaign addresses still lead in", "web.campaign-broken"
STEP = next(step for step in plan().steps if step.title == BROKEN)
ASKED = [
    next(s for how in ("guided", "both") for s in block.steps if s.ask and s.how == how) for block in plan().blocks
]
"""A step of each block that a person settles, one that no check helps with where there is one."""
LATER = next(s for s in plan().blocks[1].steps if s.ask and s not in ASKED)
"""A step that is marked without a network."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    need("tmux", "ps")
    made = Terminal(tmp_path, size=(80, 24))
    # The demo makes its file in the folder for temporary ones.
    made.environ["TMPDIR"] = str(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def cut_off() -> tuple[str, ...]:
    """What runs a command where there is no network at all, not even loopback."""
    need("unshare")
    command = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--net")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        need("a network namespace (the right to make one)")
    return command


def title(number: int) -> str:
    return plan().blocks[number - 1].title


def to_fix(terminal: Terminal) -> int:
    found = re.search(r"Must fix now · (\d+)", terminal.text())
    return int(found[1]) if found else 0


def row(terminal: Terminal, step: str) -> str:
    """The sign and the word of a step's row."""
    line = next((line for line in terminal.text().splitlines() if step[:30] in line and line[1:2].strip()), "")
    return line[:10].strip()


def under_cursor(terminal: Terminal, block: int) -> str:
    """The title of the block's step that is told of below the list; empty while that is not yet one of the block's."""
    lines = terminal.text().splitlines()
    below = next((number for number, line in enumerate(lines) if line.startswith("──────────")), len(lines))
    told = " ".join(lines[below + 1 : below + 2])
    return next((s.title for s in plan().blocks[block - 1].steps if f" {s.title[:40]}" in told), "")


def go_to(terminal: Terminal, block: int, step: str) -> None:
    """Bring a block up and put the cursor on a step; each key waits for what the one before it did."""
    terminal.sees_no(TOAST)
    terminal.keys(str(block))
    terminal.sees(f"─ {title(block)} ")
    at = ""
    for _ in range(40):
        # What stands below the list follows the cursor one frame later.
        terminal.until(lambda: under_cursor(terminal, block) not in ("", at))  # noqa: B023 - called before the next round
        at = under_cursor(terminal, block)
        if at == step:
            return
        terminal.keys("Down")
    pytest.fail(f"no way to {step}\n{terminal.text()}")


def run_all(terminal: Terminal, file: Path) -> int:
    """Run all checks; returns how many problems are to be fixed now, once the screen says what the file does."""
    done = len(load(file).session.run)
    terminal.keys("R")
    terminal.until(lambda: len(load(file).session.run) > done and load(file).session.run[-1].complete, RUN_SECONDS)
    terminal.sees_no("checking")
    terminal.sees("saved ")
    found = sum(row.triage == "now" for row in risk_list(load(file).session.finding))
    terminal.until(lambda: to_fix(terminal) == found)
    return found


def mark_done(terminal: Terminal, step: str, note: str) -> None:
    """Mark the step under the cursor as done, with a note."""
    terminal.keys("Space")
    terminal.sees("Who says so")
    terminal.sees(step[:40])
    terminal.types_below("Note (goes into the handover)", note)
    terminal.keys("Enter")
    terminal.sees_no("Who says so")
    terminal.sees("done, says You")


def session_file(folder: Path) -> Path:
    (file,) = folder.glob("launchready-demo-*/*.launch.toml")
    return file


def rows(session: Session) -> dict[str, Any]:
    """The tables of a session as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(session)
    return plain


def quit_with_zero(terminal: Terminal) -> None:
    terminal.keys("C-q")
    terminal.sees("ended with 0")
    terminal.stop()


def test_the_whole_demo(terminal: Terminal, tmp_path: Path, cut_off: tuple[str, ...]) -> None:
    terminal.start(*launchready())
    terminal.sees("the whole sprint on a made-up business")
    terminal.keys("x")
    terminal.sees(f"─ {title(1)} ", RUN_SECONDS)
    terminal.sees("asked")
    file = session_file(tmp_path)

    for number in (2, 3, 4, 5, 1):
        terminal.keys(str(number))
        terminal.sees(f"─ {title(number)} ")

    assert to_fix(terminal) == 0
    found = run_all(terminal, file)
    assert found > 10

    go_to(terminal, 2, BROKEN)
    assert row(terminal, BROKEN) == "✗ 1 now"
    terminal.keys("x")
    terminal.sees("Redirect the old campaign address")
    terminal.keys("Enter")
    terminal.sees("Mended: Redirect the old campaign address")
    terminal.until(lambda: row(terminal, BROKEN) == "✓ done")
    terminal.until(lambda: to_fix(terminal) == found - 1)
    terminal.sees_no("checking")
    terminal.keys("r")
    terminal.until(lambda: load(file).session.run[-1].only == sorted(STEP.checks), RUN_SECONDS)
    terminal.until(lambda: row(terminal, BROKEN) == "✓ done")
    assert run_all(terminal, file) == found - 1
    terminal.until(lambda: row(terminal, BROKEN) == "✓ done")

    for number, step in enumerate(ASKED, 1):
        go_to(terminal, number, step.title)
        mark_done(terminal, step.title, f"seen in block {number}")
    terminal.keys("n")
    terminal.sees("Private note")
    terminal.types_below("Private note", "ask again on Monday")
    terminal.keys("C-s")
    terminal.sees_no("Private note")

    exported = export(terminal, tmp_path / "handover.md")
    quit_with_zero(terminal)

    left = load(file)
    assert not left.read_only
    assert not file.with_name(f"{file.name}.lock").exists()
    session = left.session
    assert [(mark.id, mark.state, mark.by, mark.note) for mark in session.step] == [
        (step.id, "done", "You", f"seen in block {number}") for number, step in enumerate(ASKED, 1)
    ]
    assert session.step[-1].private_note == "ask again on Monday"
    assert [(change.what, change.by) for change in session.change] == [("Redirect the old campaign address", "You")]
    assert [run.complete for run in session.run] == [True] * 4
    (mended,) = [finding for finding in session.finding if finding.check == CHECK]
    assert mended.status == "pass"
    assert exported.startswith("#")
    assert "NO-GO" in exported
    for number in range(1, 6):
        assert f"seen in block {number}" in exported
    assert "ask again on Monday" not in exported
    assert "Redirect the old campaign address" in exported

    resume_without_a_network(terminal, file, cut_off)

    after = rows(load(file).session)
    before = rows(session)
    assert [run["complete"] for run in after["run"]][: len(before["run"])] == [True] * 4
    marked = after["step"].pop()
    assert (marked["id"], marked["state"], marked["note"]) == (LATER.id, "blocked", "waits for the client")
    for table in before:
        if table != "run":
            assert after[table] == before[table], table
    assert after["run"][: len(before["run"])] == before["run"]


def export(terminal: Terminal, path: Path) -> str:
    """Export the handover as Markdown from the block on screen, and come back to it."""
    terminal.keys("h")
    terminal.sees("What stands in the way")
    terminal.keys("e")
    terminal.sees("Export the handover as")
    terminal.keys("Enter")
    terminal.sees("Save to which file?")
    terminal.sees("-handover.md")
    terminal.keys("C-u")
    terminal.sees_no("-handover.md")
    terminal.type(str(path))
    terminal.sees(path.name)
    terminal.keys("Enter")
    terminal.until(path.exists)
    terminal.sees(f"Written: {path.name}")
    terminal.keys("Escape")
    terminal.sees("run all")
    return path.read_text("utf-8")


def resume_without_a_network(terminal: Terminal, file: Path, cut_off: tuple[str, ...]) -> None:
    """Everything is there, a run says at once that it needs the network, and an edit is saved."""
    terminal.start(*cut_off, *launchready("open", str(file)))
    terminal.until(lambda: to_fix(terminal) > 10)
    left = to_fix(terminal)
    terminal.sees("offline")
    go_to(terminal, 1, plan().blocks[0].steps[0].title)
    terminal.keys("r")
    terminal.sees("Offline: live checks need the network")
    terminal.sees_no("checking", RUN_SECONDS)
    assert to_fix(terminal) == left
    go_to(terminal, 2, LATER.title)
    terminal.keys("Space")
    terminal.sees("Who says so")
    terminal.click_on("blocked: something or someone is missing")
    terminal.sees("Say why in a note.")
    terminal.types_below("Note (goes into the handover)", "waits for the client")
    terminal.keys("Enter")
    terminal.sees_no("Who says so")
    terminal.until(lambda: row(terminal, LATER.title) == "■ blocked")
    assert "seen in block 5" in export(terminal, file.with_name("again.md"))
    quit_with_zero(terminal)

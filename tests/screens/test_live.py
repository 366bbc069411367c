"""The app on the demo's lab: rows fill in, a run can be stopped, a mended fault turns its row green."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from launchready_tui.app import LaunchReady
from launchready_tui.session.store import load
from launchready_tui.shelf import Shelf
from screens.block import BlockScreen
from tests.screens.waiting import seen, until, words


@asynccontextmanager
async def demo(shelf: Shelf, folder: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = LaunchReady(demo=True, demo_folder=folder, shelf=shelf)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BlockScreen) and bool(app.screen.query("#steps")))
        yield pilot


def row(pilot: Pilot[Any], title: str) -> str:
    """The line of a step."""
    return next((line for line in seen(pilot).splitlines() if title in line), "")


async def test_a_fault_is_found_mended_and_green(shelf: Shelf, tmp_path: Path) -> None:
    async with demo(shelf, tmp_path) as pilot:
        work = pilot.app.fieldwork  # type: ignore[attr-defined]
        session = pilot.app.sprint.session  # type: ignore[attr-defined]
        assert "lab" in words(pilot)
        await pilot.press("2", "R")
        await until(pilot, lambda: bool(session.run) and not work.running)
        assert "✗" in row(pilot, "www goes to the canonical")
        assert "Must fix now · 0" not in words(pilot)
        assert session.run[0].complete
        assert next(f for f in session.finding if f.check == "dns.www-missing").status == "fail"
        await pilot.press("x")
        await until(pilot, lambda: "Fix which fault" in words(pilot))
        assert "Publish www" in words(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: len(session.run) == 2 and session.run[1].complete)
        assert next(f for f in session.finding if f.check == "dns.www-missing").status == "pass"
        assert session.change[0].what == "Publish www"
        await pilot.press("b")
        await until(pilot, lambda: "Mended · 1" in words(pilot))
    kept = load(next(tmp_path.glob("*.launch.toml"))).session
    assert len(kept.run) == 2


async def test_what_was_found_stays_when_a_run_is_stopped(shelf: Shelf, tmp_path: Path) -> None:
    async with demo(shelf, tmp_path) as pilot:
        work = pilot.app.fieldwork  # type: ignore[attr-defined]
        sprint = pilot.app.sprint  # type: ignore[attr-defined]
        await pilot.press("R")
        await until(pilot, lambda: bool(sprint.session.finding))
        await pilot.press("s")
        await until(pilot, lambda: not work.running)
        assert isinstance(pilot.app.screen, BlockScreen)
        run = sprint.session.run[0]
        assert sprint.session.finding
        assert not run.complete or run.counts, "it may have ended by itself just before"
        await pilot.press("r")
        await until(pilot, lambda: len(sprint.session.run) == 2 and not work.running)
        assert sprint.session.run[1].complete


async def test_mail_and_every_block_can_be_looked_at_after_a_run(shelf: Shelf, tmp_path: Path) -> None:
    async with demo(shelf, tmp_path, (120, 40)) as pilot:
        work = pilot.app.fieldwork  # type: ignore[attr-defined]
        session = pilot.app.sprint.session  # type: ignore[attr-defined]
        await pilot.press("R")
        await until(pilot, lambda: bool(session.run) and not work.running)
        await pilot.press("3", "m")
        # Until it has looked, it shows what the checks found.
        await until(pilot, lambda: "Seen " in words(pilot))
        text = words(pilot)
        assert "Google Workspace" in text and "SendGrid" in text
        assert "v=spf1 include:_spf.google.com ?all" in text
        await pilot.press("c")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Choose" or "clipboard" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "v=spf1" in pilot.app.clipboard)

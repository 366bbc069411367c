"""Nothing but Textual is loaded before the first frame; and an end before the first screen stands is no fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.app import ComposeResult

from launchready_tui.app import LaunchReady
from launchready_tui.shelf import Shelf
from launchready_tui.sprint import Sprint
from screens.block import BlockScreen
from tests.programs import LONG

LATER = (
    "dns", "httpx", "httpcore", "h2", "brotli", "zstandard", "keyring", "cryptography", "OpenSSL", "certifi", "apprise",
    "hyperscan", "sqlglot", "fpdf", "PIL", "yaml", "sqlite3", "launchready_tui.lab.lab",
)  # fmt: skip

SCRIPT = f"""
import asyncio, json, sys
from pathlib import Path
from launchready_tui.app import LaunchReady

LATER = {LATER!r}

class Watched(LaunchReady):
    def _begin(self):
        # Called after the first frame was drawn.
        self.loaded = [name for name in LATER if name in sys.modules]
        super()._begin()

async def main():
    app = Watched(path=Path(sys.argv[1]))
    async with app.run_test(size=(80, 24)) as pilot:
        while type(app.screen).__name__ != "BlockScreen":
            await pilot.pause()
        after = [name for name in LATER if name in sys.modules]
    sys.__stdout__.write(json.dumps([app.loaded, after]))

asyncio.run(main())
"""


def test_the_first_frame_needs_nothing_but_textual(tmp_path: Path) -> None:
    file = tmp_path / "x.launch.toml"
    file.write_text('schema = 1\n[site]\ndomain = "example.com"\n', "utf-8")
    environ = {**os.environ, "LAUNCHREADY_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(file)],
        capture_output=True,
        text=True,
        env=environ,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[[], []]", "not even an open sprint needs the network's packages"


async def test_an_end_while_a_screen_opens_is_no_fault(
    sprint: Sprint, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = BlockScreen.compose_body

    def leaving(self: BlockScreen) -> ComposeResult:
        self.app.exit(return_code=7)
        return compose(self)

    monkeypatch.setattr(BlockScreen, "compose_body", leaving)
    app = LaunchReady(sprint=sprint, shelf=shelf)
    async with app.run_test():
        assert app._task is not None
        await app._task
    assert app.return_code == 7

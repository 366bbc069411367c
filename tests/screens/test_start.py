"""Nothing but Textual is loaded before the first frame, and the rest does not hold the event loop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
        [sys.executable, "-c", SCRIPT, str(file)], capture_output=True, text=True, env=environ, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[[], []]", "not even an open sprint needs the network's packages"

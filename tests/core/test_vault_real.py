"""The vault against the real gnome-keyring: unlocked, locked, and not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs import LONG, need

pytestmark = pytest.mark.real

UNLOCKED = (
    'printf "%s" "test" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 97; exec "$@"'
)

ASK = """
import asyncio, json
from checks.secret import Secret
from launchready_tui.vault import Vault, VaultError

async def main():
    vault, told = Vault("example.com"), {}
    values = ["plain", "emoji \\U0001f600 and \\u6f22", "line\\nbreak", "x" * 100_000]
    try:
        for number, value in enumerate(values):
            await vault.set(f"p{number}", Secret(value))
        told["kept"] = [(await vault.get(f"p{n}")).reveal() == value for n, value in enumerate(values)]
        await asyncio.gather(*(vault.set(f"q{n}", Secret(str(n))) for n in range(4)))
        await vault.delete("p0")
        told["listed"] = [entry.purpose for entry in await vault.entries()]
        told["gone"] = await vault.get("p0") is None
        await vault.delete("p0")
    except VaultError as problem:
        told["problem"] = type(problem).__name__
        told["words"] = str(problem)
    entry = await vault.set("smtp", Secret("x"), this_run_only=True)
    told["this run"] = entry.kept
    print(json.dumps(told))

asyncio.run(main())
"""


def asked(folder: Path, *command: str, bus: bool = True) -> dict[str, Any]:
    """What the script above says, run under a session bus of its own or under none."""
    hidden = {"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
        env[name] = str(folder / name)
    words = [*(("dbus-run-session", "--") if bus else ()), *command, sys.executable, "-c", ASK]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_unlocked(tmp_path: Path) -> None:
    need("gnome-keyring-daemon", "dbus-run-session", "bash")
    told = asked(tmp_path, "bash", "-c", UNLOCKED, "_")
    assert told["kept"] == [True] * 4
    assert told["listed"] == ["p1", "p2", "p3", "q0", "q1", "q2", "q3"]
    assert told["gone"] and told["problem"] == "NotKept"


def test_locked(tmp_path: Path) -> None:
    need("gnome-keyring-daemon", "dbus-run-session", "bash")
    asked(tmp_path, "bash", "-c", UNLOCKED, "_")  # makes a keyring, which the next session finds locked
    told = asked(tmp_path)
    assert told["problem"] == "LockedVault" and "this run only" in told["words"]
    assert told["this run"] == "this run"


def test_never_set_up(tmp_path: Path) -> None:
    need("gnome-keyring-daemon", "dbus-run-session")
    told = asked(tmp_path)
    assert told["problem"] == "LockedVault" and told["this run"] == "this run"


def test_not_there(tmp_path: Path) -> None:
    told = asked(tmp_path, bus=False)
    assert told["problem"] == "NoKeyring" and "install gnome-keyring" in told["words"]

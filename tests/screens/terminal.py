"""A real terminal for the tests: tmux with one pane, keys sent to it and its text read back."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.programs import LONG

SECONDS = LONG


class Terminal:
    """A tmux server of its own, with one pane."""

    def __init__(self, folder: Path, size: tuple[int, int] = (100, 30)) -> None:
        self._socket = str(folder / "tmux")
        self._size = size
        self._folder = folder
        self.environ: dict[str, str] = {}
        """What the app's environment has beside its own folder."""

    def tmux(self, *arguments: str) -> str:
        # Whatever shell its user has, or none: the command is one of the system's own.
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *arguments],
            capture_output=True,
            encoding="utf-8",
            check=False,
            env=os.environ | {"SHELL": "/bin/sh"},
        )
        return done.stdout

    def start(self, *command: str) -> None:
        width, height = (str(side) for side in self._size)
        given = {"LAUNCHREADY_HOME": str(self._folder / "home"), "TERM": "tmux-256color", "COLORTERM": "truecolor"}
        environ = [f"{name}={value}" for name, value in (given | self.environ).items()]
        shell = f"{shlex.join(['env', *environ, *command])}; echo ended with $?; exec cat"
        self.tmux("new-session", "-d", "-x", width, "-y", height, shell)
        self.tmux("set-option", "-g", "set-clipboard", "on")

    def keys(self, *names: str) -> None:
        for name in names:
            self.tmux("send-keys", name)

    def type(self, text: str) -> None:
        """Send text as it is, in a field that has the focus."""
        self.tmux("send-keys", "-l", text)

    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def click(self, column: int, row: int) -> None:
        """Press and release the left button on a cell, counted from 0, as a terminal tells it."""
        place = f"0;{column + 1};{row + 1}"
        self.type(f"\x1b[<{place}M\x1b[<{place}m")

    def click_on(self, text: str, below: int = 0) -> int:
        """Click on text that is seen, or so many rows below it; returns the row."""
        rows = self.text().splitlines()
        row, line = next((number, line) for number, line in enumerate(rows) if text in line)
        self.click(line.index(text) + 3, row + below)
        return row + below

    def types_below(self, label: str, text: str) -> None:
        """Click on the field below a label, and type there once the terminal's own cursor has come to it."""
        row = self.click_on(label, below=1)
        self.until(lambda: self.tmux("display-message", "-p", "#{cursor_y}").strip() == str(row))
        self.type(text)
        self.sees(text)

    def until(self, holds: Callable[[], bool], seconds: float = SECONDS) -> None:
        ends = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < ends, self.text()
            time.sleep(0.05)

    def sees(self, word: str, seconds: float = SECONDS) -> None:
        self.until(lambda: word in self.text(), seconds)

    def sees_no(self, word: str, seconds: float = SECONDS) -> None:
        self.until(lambda: word not in self.text(), seconds)

    def child(self) -> int:
        """The process id of the app: the pane's shell's child."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        done = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True, check=False)
        return int(done.stdout.split()[0])

    def stop(self) -> None:
        self.tmux("kill-server")


def launchready(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "launchready_tui", *arguments)

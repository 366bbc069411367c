"""Which program fills the clipboard, and that none is asked over SSH."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchready_tui.clipboard import clipboard_tool, copy_locally


def program(folder: Path, name: str, script: str = "cat > /dev/null") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("name", "variable"), [("pbcopy", ""), ("wl-copy", "WAYLAND_DISPLAY"), ("xclip", "DISPLAY"), ("clip.exe", "")]
)
def test_the_tool_of_each_system(tmp_path: Path, name: str, variable: str) -> None:
    path = program(tmp_path, name)
    environ = {"PATH": str(tmp_path), **({variable: ":0"} if variable else {})}
    tool = clipboard_tool(environ)
    assert tool is not None
    assert tool[0] == str(path)
    if variable:
        assert clipboard_tool({"PATH": str(tmp_path)}) is None
    assert clipboard_tool({**environ, "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}) is None


def test_the_text_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got = tmp_path / "got"
    program(tmp_path, "pbcopy", f"exec /bin/cat > {got}")
    for name in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert copy_locally("v=spf1 -all \u2713")
    assert got.read_text("utf-8") == "v=spf1 -all \u2713"


def test_a_tool_that_fails_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "pbcopy", "exit 1")
    for name in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not copy_locally("x")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert not copy_locally("x")

"""What tests with real server programs share."""

from __future__ import annotations

import os
import shutil

import pytest

LONG = 120.0
"""Seconds: so long may a real program take to start or to answer on a busy machine. Only what never does waits so."""


def need(*programs: str) -> None:
    """Skip, with its name, where a program is missing; fail under LAUNCHREADY_REQUIRE_REAL=1."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/local/sbin"))
    missing = [program for program in programs if shutil.which(program, path=path) is None]
    if not missing:
        return
    _leave(f"not installed: {', '.join(missing)}")


def need_root(why: str) -> None:
    """As `need`, where nobody but root can do what the test does."""
    if os.geteuid() != 0:
        _leave(f"not root: {why}")


def _leave(word: str) -> None:
    if os.environ.get("LAUNCHREADY_REQUIRE_REAL") == "1":
        pytest.fail(word)
    pytest.skip(word)

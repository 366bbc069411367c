"""The words that more than one table of the session file uses."""

from __future__ import annotations

from typing import Literal

Status = Literal["pass", "warn", "fail", "info", "skipped", "error"]
WORST_FIRST: tuple[Status, ...] = ("fail", "warn", "error", "info", "skipped", "pass")
Triage = Literal["now", "later", "note"]
Mark = Literal["open", "done", "blocked", "not-applicable"]

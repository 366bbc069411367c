"""What a sprint tells its listeners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from launchready_tui.session.model import Run, StoredFinding


@dataclass(frozen=True, slots=True)
class Event:
    """Something of the sprint has changed; a listener redraws what it shows of it."""


@dataclass(frozen=True, slots=True)
class FindingRecorded(Event):
    finding: StoredFinding


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    run: Run
    checks: frozenset[str]


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    run: Run
    dropped: tuple[tuple[str, str], ...]
    """(check, target) of findings that are no longer there."""


@dataclass(frozen=True, slots=True)
class StepMarked(Event):
    id: str


@dataclass(frozen=True, slots=True)
class Edited(Event):
    """A table of the session changed."""

    table: str


@dataclass(frozen=True, slots=True)
class SavedChanged(Event):
    """`sprint.saved` may have changed. This event alone may come from another thread."""


Listener = Callable[[Event], None]

"""Words of the handover for what the session keeps in short: states, times, figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from launchready_tui.handover.document import Word, clean
from launchready_tui.progress import State

_STATUS = {
    "pass": Word("✓ in order", "good"),
    "warn": Word("! weak", "warn"),
    "fail": Word("✗ broken", "bad"),
    "info": Word("i to know"),
    "skipped": Word("\N{EN DASH} not looked at", "soft"),
    "error": Word("? could not be checked", "warn"),
}

_STATE = {
    State.OPEN: Word("· open", "soft"),
    State.RUNNING: Word("… running", "soft"),
    State.PROBLEM: Word("✗ problem", "bad"),
    State.UNKNOWN: Word("? could not be checked", "warn"),
    State.ASK: Word("? not confirmed", "warn"),
    State.SKIPPED: Word("\N{EN DASH} skipped", "soft"),
    State.DONE: Word("✓ done", "good"),
    State.BLOCKED: Word("✗ blocked", "bad"),
    State.NOT_APPLICABLE: Word("\N{EN DASH} does not apply", "soft"),
}

MET, UNMET, UNPROVEN = Word("✓ met", "good"), Word("✗ not met", "bad"), Word("? not proven", "warn")


def status_word(status: str) -> Word:
    return _STATUS.get(status, Word(status))


def state_word(state: State) -> Word:
    return _STATE[state]


def moment(text: str) -> str:
    """An RFC 3339 time as a person reads it; what is none stays as it is, made harmless."""
    try:
        return datetime.fromisoformat(text).strftime("%d %b %Y, %H:%M UTC")
    except ValueError:
        return clean(text)


def seconds(value: float | None) -> str:
    """A length of time in a readable unit."""
    if value is None:
        return "not measured"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} minutes"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def entry(value: str | Mapping[str, Any], *keys: str) -> str:
    """The words of an entry that is a text, or a table of which these keys are told."""
    if isinstance(value, str):
        return value
    return " ".join(str(value[key]) for key in keys if value.get(key) not in (None, ""))

"""A few equal errors at once, so that the tracker's own alert goes off, with a code that a person reads in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from checks.finding import timestamp
from checks.secret import Secret

EVENTS = 5


@dataclass(frozen=True, slots=True)
class BurstEvent:
    """One error of a burst. Nothing in it is personal, since alerts go by mail and chat."""

    id: str
    """32 hex digits."""
    words: Secret
    """What is read: it holds the code."""
    issue: str
    """The same for all of a burst, and new for each: trackers alert on an issue that they see for the first time."""

    def payload(self) -> dict[str, Any]:
        """The event itself."""
        return {
            "event_id": self.id,
            "timestamp": timestamp(),
            "platform": "other",
            "level": "error",
            "logger": "launch-check",
            # Most alert rules look at production alone.
            "environment": "production",
            "fingerprint": ["launch-check", self.issue],
            "exception": {"values": [{"type": "LaunchCheck", "value": self.words.reveal()}]},
            "tags": {"launch_check": "burst"},
        }


def burst(words: Secret, count: int = EVENTS) -> list[BurstEvent]:
    """The events of one burst."""
    issue = secrets.token_hex(8)
    return [BurstEvent(secrets.token_hex(16), words, issue) for _ in range(count)]

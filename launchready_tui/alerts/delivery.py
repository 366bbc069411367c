"""What became of an alert that a service took, where the service can tell: Twilio of an SMS."""

from __future__ import annotations

from dataclasses import dataclass

LOOKS = (5.0, 20.0, 60.0, 180.0, 420.0, 840.0)
"""Seconds after a message was taken at which to ask: an operator answers in seconds, or gives up after minutes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it stands."""

    arrived: bool | None
    """Whether it is on the phone, which says nothing of who read it; None while that is not known."""
    reason: str = ""
    """Why it did not arrive."""

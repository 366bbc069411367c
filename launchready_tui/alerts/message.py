"""What a test alert says: that it is one, of which site, and the code that proves that it was read."""

from __future__ import annotations

from dataclasses import dataclass

from checks.secret import Secret
from checks.text import one_line


@dataclass(frozen=True, slots=True)
class Message:
    """One test alert."""

    subject: str
    """Plain ASCII, without the code: subjects show on locked screens, and go into HTTP headers."""
    text: Secret
    """The words with the code; a secret until the service has them."""
    code: Secret


def compose(domain: str, person: str, code: Secret) -> Message:
    """Word an alert so that it fits one SMS in all but the longest cases (160 signs of GSM 03.38).

    Args:
        person: who takes the code; empty where that is not known.
    """
    whom = one_line(person, limit=40) or "whoever runs the launch"
    text = f"TEST ALERT for {domain}: nothing is broken. You read it, so tell {whom} this code now: {code.reveal()}"
    return Message(f"Test alert: {domain}", Secret(text), code)

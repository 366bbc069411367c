"""Why a test alert is not known to have been taken.

Untaken
├── NotTaken    the destination said no, or is not there: nobody is alerted this way
├── NotSent     it never left this machine, which says nothing of the destination
└── Unsure      it was handed out and no clear answer came back, so it may have arrived
"""

from __future__ import annotations


class Untaken(Exception):
    """The reason in a sentence, which holds no credential and no code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotTaken(Untaken):
    """The destination said no, or is not there."""


class NotSent(Untaken):
    """It never left this machine."""


class Unsure(Untaken):
    """It may have arrived."""

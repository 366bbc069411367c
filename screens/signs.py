"""How a state looks: a word, a sign one cell wide and a theme colour, in that order of importance."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content


class Sign(NamedTuple):
    """Readable without colour by its word, recognisable at a glance by its mark."""

    mark: str
    word: str
    colour: str
    """A theme token, such as "$status-fail"."""

    @property
    def content(self) -> Content:
        return Content.styled(f"{self.mark} {self.word}", self.colour)

    @property
    def dot(self) -> Content:
        """The mark alone, where its word stands beside it anyway."""
        return Content.styled(self.mark, self.colour)


DASH = "\u2013"

UNKNOWN = Sign("?", "unknown", "$status-error")

STATUS = {
    "pass": Sign("✓", "pass", "$status-pass"),
    "warn": Sign("!", "weak", "$status-warn"),
    "fail": Sign("✗", "fail", "$status-fail"),
    "info": Sign("i", "note", "$status-info"),
    "skipped": Sign(DASH, "skipped", "$status-skipped"),
    "error": Sign("?", "no answer", "$status-error"),
}
"""How a finding ended. "no answer" is no failure of the site, and no pass either."""

TRIAGE = {
    "now": Sign("▲", "must fix now", "$status-fail"),
    "later": Sign("△", "can wait 30 days", "$status-warn"),
    "note": Sign("i", "good to know", "$status-info"),
}

STEP = {
    "open": Sign("·", "open", "$quiet"),
    "running": Sign("…", "runs", "$primary"),
    "problem": Sign("✗", "", "$status-fail"),
    "unknown": Sign("?", "unclear", "$status-error"),
    "ask": Sign("?", "ask", "$hour"),
    "skipped": Sign(DASH, "skip", "$status-skipped"),
    "done": Sign("✓", "done", "$status-pass"),
    "blocked": Sign("■", "blocked", "$status-fail"),
    "not-applicable": Sign(DASH, "n/a", "$status-skipped"),
}
"""Where a step stands. A problem shows how many there are in place of a word."""


def status_sign(status: str) -> Sign:
    """The sign of a finding's status; a file from a later version may hold one that is not known here."""
    return STATUS.get(status, UNKNOWN)


def triage_sign(triage: str) -> Sign:
    return TRIAGE.get(triage, UNKNOWN)


def step_sign(state: str) -> Sign:
    return STEP.get(state, UNKNOWN)

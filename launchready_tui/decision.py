"""Go or no-go: what stands between the site and its launch, worked out from the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from launchready_tui.plan import plan
from launchready_tui.progress import Progress
from launchready_tui.ranking import risk_list
from launchready_tui.session.model import Session


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that must be settled before the launch."""

    kind: Literal["problem", "step", "bar"]
    id: str
    """Of the check, step or minimum bar."""
    target: str
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The advice, and why."""

    blockers: tuple[Blocker, ...]
    """What is known to be broken: problems to fix now, and steps that a person marked as blocked."""
    unproven: tuple[Blocker, ...]
    """Lines of the minimum bar that nothing has proven yet."""

    @property
    def go(self) -> bool:
        return not self.blockers and not self.unproven

    @property
    def word(self) -> Literal["go", "no-go", "not yet"]:
        if self.blockers:
            return "no-go"
        return "not yet" if self.unproven else "go"

    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
        if self.blockers:
            return f"{_count(len(self.blockers), 'thing')} must be settled first."
        if self.unproven:
            lines, need = _count(len(self.unproven), "line"), "still needs" if len(self.unproven) == 1 else "still need"
            return f"Nothing is known to be broken, but {lines} of the minimum bar {need} proof."
        return "Nothing is left to fix now, and the minimum bar is met."


def decide(session: Session) -> Decision:
    """Whether the site may launch."""
    progress = Progress(session)
    problems = [
        Blocker("problem", row.check, row.target, row.summary or row.check, row.fix)
        for row in risk_list(session.finding)
        if row.triage == "now"
    ]
    titles = {step.id: step.title for step in plan().every_step} | {bar.id: bar.title for bar in plan().bars}
    blocked = [
        Blocker("step", mark.id, "", f"{titles.get(mark.id, mark.id)}{f': {mark.note}' if mark.note else ''}")
        for mark in session.step
        if mark.state == "blocked"
    ]
    unproven = [
        Blocker("bar", state.bar.id, "", f"{state.bar.title}: {state.reason}")
        for state in progress.bars()
        if not state.met and not state.broken
    ]
    return Decision((*problems, *blocked), tuple(unproven))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

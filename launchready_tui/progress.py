"""How far the sprint is: the state of each step, block and minimum bar, worked out from the session."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from launchready_tui.documented import missing
from launchready_tui.plan import Bar, Block, Step, plan
from launchready_tui.session.model import Mark, Session, StoredFinding
from launchready_tui.session.model import Step as Marked


class State(StrEnum):
    """Where a step stands, as one word."""

    OPEN = "open"
    """Nothing is known yet."""
    RUNNING = "running"
    PROBLEM = "problem"
    """A check reports something to fix now or later."""
    UNKNOWN = "unknown"
    """Checks could not do their work, and nothing else speaks against the step."""
    ASK = "ask"
    """A person is asked."""
    SKIPPED = "skipped"
    """Nothing to look at here, or no consent; the reasons say which."""
    DONE = "done"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not-applicable"

    @property
    def is_settled(self) -> bool:
        return self in (State.DONE, State.NOT_APPLICABLE, State.SKIPPED)


@dataclass(frozen=True, slots=True)
class StepState:
    """A step as it stands."""

    step: Step
    state: State
    mark: Mark
    by: str
    at: str
    note: str
    private_note: str
    findings: tuple[StoredFinding, ...]
    """The findings of its checks."""
    reported: int
    """How many of its checks have a finding, or have reported in the run under way."""
    total: int
    missing: tuple[str, ...]
    """What is still to be written down, in words that complete "still missing: ..."."""

    @property
    def problems(self) -> tuple[StoredFinding, ...]:
        return tuple(row for row in self.findings if row.is_problem and row.triage != "note")

    @property
    def problems_now(self) -> tuple[StoredFinding, ...]:
        return tuple(row for row in self.problems if row.triage == "now")

    @property
    def reason(self) -> str:
        """Why it is skipped, unknown or still open, in a sentence; empty where the state says it all."""
        if self.state in (State.SKIPPED, State.UNKNOWN):
            wanted = "skipped" if self.state is State.SKIPPED else "error"
            return next((row.summary for row in self.findings if row.status == wanted), "")
        return f"still missing: {', '.join(self.missing)}" if self.missing and self.state is not State.DONE else ""


@dataclass(frozen=True, slots=True)
class BlockState:
    """A block as it stands."""

    block: Block
    steps: tuple[StepState, ...]
    opened: str
    closed: str

    @property
    def done(self) -> int:
        return sum(step.state.is_settled for step in self.steps)

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def problems_now(self) -> int:
        return len({row.key for step in self.steps for row in step.problems_now})

    @property
    def running(self) -> bool:
        return any(step.state is State.RUNNING for step in self.steps)

    @property
    def next_step(self) -> StepState | None:
        """The first step that is not settled."""
        return next((step for step in self.steps if not step.state.is_settled), None)


@dataclass(frozen=True, slots=True)
class BarState:
    """A line of the minimum bar as it stands. `reason` says why it is not met."""

    bar: Bar
    met: bool
    broken: bool
    """A problem that must be fixed now keeps it unmet; else it is unmet for want of proof."""
    reason: str


class Progress:
    """The states of a session at one moment.

    Args:
        running: checks of the run under way that are not known to have ended.
        reported: checks of the run under way that have reported.
    """

    def __init__(self, session: Session, *, running: Collection[str] = (), reported: Collection[str] = ()) -> None:
        self._session = session
        self._running = frozenset(running)
        self._reported = frozenset(reported)
        self._marks = {row.id: row for row in session.step}
        self._by_check: dict[str, list[StoredFinding]] = {}
        for row in session.finding:
            self._by_check.setdefault(row.check, []).append(row)

    def step(self, step: Step) -> StepState:
        mark = self._marks.get(step.id) or Marked(id=step.id)
        findings = self._findings(step.checks)
        lacking = tuple(missing(self._session, step.shows)) if step.shows else ()
        running = self._running.intersection(step.checks)
        known = {row.check for row in findings}
        return StepState(
            step=step,
            state=State.RUNNING if running - self._reported else _state(step, mark.state, findings, lacking),
            mark=mark.state,
            by=mark.by,
            at=mark.at,
            note=mark.note,
            private_note=mark.private_note,
            findings=findings,
            reported=len(self._reported.intersection(step.checks) if running else known),
            total=len(step.checks),
            missing=lacking,
        )

    def block(self, block: Block) -> BlockState:
        times = self._session.sprint.blocks.get(block.id)
        return BlockState(
            block=block,
            steps=tuple(self.step(step) for step in (*block.steps, *self._sometimes(block))),
            opened=times.opened if times else "",
            closed=times.closed if times else "",
        )

    def _sometimes(self, block: Block) -> Iterator[Step]:
        """The block's steps that only some sprints have, and this one has."""
        site = self._session.site
        true = {"uses_ai": site.uses_ai}
        return (step for step in plan().sometimes if step.block == block.id and true.get(step.only_where, True))

    def blocks(self) -> tuple[BlockState, ...]:
        return tuple(self.block(block) for block in plan().blocks)

    def bar(self, bar: Bar) -> BarState:
        findings = self._findings(bar.checks)
        problems = [row for row in findings if row.is_problem and row.triage == "now"]
        if problems:
            return BarState(bar, False, True, problems[0].summary)
        if self._marks.get(bar.id, Marked(id=bar.id)).state in ("done", "not-applicable"):
            return BarState(bar, True, False, "")
        return self._unproven(bar, findings) or BarState(bar, True, False, "")

    def bars(self) -> tuple[BarState, ...]:
        return tuple(self.bar(bar) for bar in plan().bars)

    def _findings(self, checks: Collection[str]) -> tuple[StoredFinding, ...]:
        return tuple(row for check in checks for row in self._by_check.get(check, ()))

    def _unproven(self, bar: Bar, findings: Collection[StoredFinding]) -> BarState | None:
        if never := set(bar.checks) - {row.check for row in findings}:
            whose = "its checks were" if len(never) == len(bar.checks) else f"{len(never)} of its checks were"
            return BarState(bar, False, False, f"{whose} not run yet")
        if bar.checks and not any(row.standing in ("pass", "info", "warn", "fail") for row in findings):
            return BarState(bar, False, False, next(row.summary for row in findings))
        failed = [row for row in findings if row.status == "error"]
        if failed:
            return BarState(bar, False, False, f"{failed[0].target}: {failed[0].summary}")
        for step in (plan().step(name) for name in bar.steps):
            mark = self._marks.get(step.id)
            if mark is None or mark.state not in ("done", "not-applicable"):
                return BarState(bar, False, False, f"nobody has confirmed yet: {step.title}")
        lacking = missing(self._session, bar.shows) if bar.shows else []
        return BarState(bar, False, False, f"still missing: {', '.join(lacking)}") if lacking else None


def _state(step: Step, mark: Mark, findings: Collection[StoredFinding], lacking: Collection[str]) -> State:
    if mark in ("blocked", "not-applicable"):
        return State(mark)
    if any(row.is_problem and row.triage != "note" for row in findings):
        return State.PROBLEM
    if mark == "done":
        return State.DONE
    if step.how == "guided" or (step.how == "both" and not step.checks):
        return State.ASK
    return _measured(step, findings, lacking)


def _measured(step: Step, findings: Collection[StoredFinding], lacking: Collection[str]) -> State:
    """The state of a step that nobody has marked and that has no problem."""
    statuses = {row.standing for row in findings}
    if set(step.checks) - {row.check for row in findings}:
        return State.OPEN
    if "error" in statuses:
        return State.UNKNOWN
    if statuses == {"skipped"}:
        return State.SKIPPED if step.how == "live" else State.ASK
    if lacking:
        return State.OPEN
    return State.ASK if step.how == "both" else State.DONE

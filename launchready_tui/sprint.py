"""The sprint under way: the one home of what the app and the command line share.

    with Sprint.open(path) as sprint:
        sprint.subscribe(lambda event: ...)
        sprint.begin_run()
        sprint.record(finding)
        sprint.end_run(complete=True)

Everything works offline. Every change is saved by itself; `sprint.saved` says how that stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.finding import Finding, timestamp
from launchready_tui.decision import Decision, decide
from launchready_tui.events import (
    Edited,
    FindingRecorded,
    RunEnded,
    RunStarted,
    StepMarked,
)
from launchready_tui.plan import Block, plan
from launchready_tui.progress import BlockState, Progress, StepState
from launchready_tui.ranking import ranked, risk_list
from launchready_tui.session.findings import Findings
from launchready_tui.session.lock import Lock
from launchready_tui.session.model import (
    BlockTimes,
    Change,
    Mark,
    Run,
    Session,
    Step,
    StoredFinding,
    Table,
    Triage,
    Verified,
)
from launchready_tui.session.opened import OpenSession
from launchready_tui.session.rows import put, remove, table_of
from launchready_tui.session.surveyed import keep_survey

if TYPE_CHECKING:
    from checks.subject import Subject
    from checks.survey import Survey
    from launchready_tui.audit import Audit


class Sprint(OpenSession):
    """One sprint, open. Made by `open`, `new` or `in_memory`; closed by `close` or as a context manager."""

    def __init__(
        self, path: Path | None, session: Session, *, raw: bytes | None = None, lock: Lock | None = None, word: str = ""
    ) -> None:
        super().__init__(path, session, raw=raw, lock=lock, word=word)
        self._findings = Findings(session)
        self._running: frozenset[str] = frozenset()
        self._began = self.clock()

    # Runs of the checks

    def begin_run(self, only: Collection[str] | None = None) -> Run:
        """Open a run of the checks of `only` (families or ids; None: all)."""
        with self._changing():
            self._began = self.clock()
            run = self._findings.begin(timestamp(self._began), only)
            self._running = plan().scope(only)
        self._tell(RunStarted(run, self._running))
        return run

    def record(self, finding: Finding) -> StoredFinding:
        """Keep a finding as the latest of its (check, target); what people said about it stays."""
        with self._changing():
            row = self._findings.record(finding)
        self._tell(FindingRecorded(row))
        return row

    def end_run(
        self, *, complete: bool = True, counters: Mapping[str, int] | None = None, seconds: float | None = None
    ) -> None:
        """Close the run under way, if there is one.

        Args:
            complete: False where it was stopped; what it has found by then stays, and nothing is dropped.
            seconds: how long it took; measured since `begin_run` where None.
        """
        run = self._findings.run
        if run is None:
            return
        with self._changing():
            seconds = (self.clock() - self._began).total_seconds() if seconds is None else seconds
            dropped = self._findings.end(
                seconds=seconds, complete=complete, scope=self._running, counters=dict(counters or {})
            )
            self._running = frozenset()
        self._tell(RunEnded(run, tuple(dropped)))
        self._close_what_is_done()

    def record_audit(self, result: Audit, *, only: Collection[str] | None = None) -> None:
        """Keep a whole audit that ran elsewhere as one run."""
        self.begin_run(only)
        for finding in result.findings:
            self.record(finding)
        self.keep_survey(result.survey)
        self.end_run(complete=result.reached, counters=result.counters, seconds=result.seconds)

    def keep_survey(self, seen: Survey | None) -> None:
        """Keep the records, redirects and subdomains that a run saw; what people wrote about them stays."""
        if seen is not None:
            with self._changing():
                tables = keep_survey(self.session, seen, self._now())
            for table in tables:
                self._tell(Edited(table))

    def keep_verified(self, rows: Iterable[Verified]) -> None:
        """Keep the table of "verify all" in the place of the one before."""
        with self._changing():
            self.session.verified = list(rows)
        self._tell(Edited("verified"))

    @property
    def running(self) -> frozenset[str]:
        """Checks of the run under way."""
        return self._running

    # What people say

    def mark(
        self,
        step_id: str,
        state: Mark,
        *,
        by: str = "",
        note: str | None = None,
        private_note: str | None = None,
    ) -> Step:
        """Set the state of a step (or a minimum bar, or any id of the roadmap); a note of None stays as it is."""
        with self._changing():
            row = next((step for step in self.session.step if step.id == step_id), None)
            if row is None:
                row = Step(id=step_id)
                self.session.step.append(row)
            row.state, row.by, row.at = state, by, self._now()
            row.note = row.note if note is None else note
            row.private_note = row.private_note if private_note is None else private_note
        self._tell(StepMarked(step_id))
        self._close_what_is_done()
        return row

    def triage(self, check: str, target: str, triage: Triage, reason: str, *, by: str = "") -> StoredFinding:
        """Set when a problem must be fixed; later runs keep it. Raises KeyError for an unknown finding."""
        with self._changing():
            row = self._finding(check, target)
            row.triage, row.triage_reason, row.triage_by, row.triage_at = triage, reason, by, self._now()
        self._tell(FindingRecorded(row))
        self._close_what_is_done()
        return row

    def note_finding(self, check: str, target: str, private_note: str) -> StoredFinding:
        """Set the private note of a finding. Raises KeyError for an unknown finding."""
        with self._changing():
            row = self._finding(check, target)
            row.private_note = private_note
        self._tell(FindingRecorded(row))
        return row

    def put(self, *rows: Table) -> None:
        """Add rows (Change, Record, Redirect, Subdomain, SecretEntry, Alert, Contact, Watch, SignOff, Form).

        A row takes the place of the one with its key: a record's name, type and value, a contact's name, and so on.
        A change gets the present time where it has none.
        """
        with self._changing():
            for row in rows:
                if isinstance(row, Change) and not row.at:
                    row.at = self._now()
                put(self.session, row)
        for table in dict.fromkeys(map(table_of, rows)):
            self._tell(Edited(table))
        self._close_what_is_done()

    def remove(self, row: Table) -> bool:
        """Take a row out again. Returns whether it was there."""
        with self._changing():
            there = remove(self.session, row)
        self._tell(Edited(table_of(row)))
        self._close_what_is_done()
        return there

    def edit(self, table: str, **values: Any) -> None:
        """Set fields of a table: `edit("site", canonical="https://www.example.com/")`.

        Raises AttributeError for an unknown field.
        """
        section = getattr(self.session, table)
        with self._changing():
            for name, value in values.items():
                if name not in section.__struct_fields__:
                    raise AttributeError(f"[{table}] has no field {name!r}")
                setattr(section, name, value)
        self._tell(Edited(table))
        self._close_what_is_done()

    def open_block(self, block_id: str) -> None:
        """Note when a block was first opened; one of which nothing is left to do is closed in the same moment."""
        if block_id not in self.session.sprint.blocks:
            self._set_block(block_id, BlockTimes(opened=self._now()))
            self._close_what_is_done()

    def close_block(self, block_id: str) -> None:
        """Note when a block was closed. A change that leaves something to do in it opens it again."""
        times = self.session.sprint.blocks.get(block_id, BlockTimes(opened=self._now()))
        times.closed = self._now()
        self._set_block(block_id, times)

    def _close_what_is_done(self) -> None:
        """Close each open block whose steps are all settled, and open a closed one again that has something left.

        The sprint is finished when its last block is closed.
        """
        sprint = self.session.sprint
        times = sprint.blocks
        if not times:
            return
        for state in self.progress().blocks():
            if state.block.id not in times or state.running:
                continue
            is_done, is_closed = state.done == state.total, bool(times[state.block.id].closed)
            if is_done and not is_closed:
                self.close_block(state.block.id)
            elif is_closed and not is_done:
                self._set_block(state.block.id, BlockTimes(opened=times[state.block.id].opened))
                self._finish("")
        if not sprint.finished and all(block.id in times and times[block.id].closed for block in plan().blocks):
            self._finish(self._now())

    def _finish(self, at: str) -> None:
        with self._changing():
            self.session.sprint.finished = at
        self._tell(Edited("sprint"))

    def _set_block(self, block_id: str, times: BlockTimes) -> None:
        plan().block(block_id)
        with self._changing():
            self.session.sprint.blocks[block_id] = times
        self._tell(Edited("sprint"))

    # How it stands

    def subject(self) -> Subject:
        """What the checks look at. Raises checks.subject.BadName, with the field named."""
        from launchready_tui.subject import subject_of

        return subject_of(self.session, self.path.parent if self.path else None)

    def findings(self) -> list[StoredFinding]:
        """Every finding: the risk list first, then the rest."""
        return ranked(self.session.finding)

    def risks(self) -> list[StoredFinding]:
        """The ranked risk list: what must be fixed now, then what can wait 30 days."""
        return risk_list(self.session.finding)

    def finding(self, check: str, target: str) -> StoredFinding | None:
        return self._findings.get(check, target)

    def progress(self) -> Progress:
        """The states of all steps, blocks and minimum bars at this moment."""
        return Progress(self.session, running=self._running, reported=self._findings.reported)

    def block_state(self, block_id: str) -> BlockState:
        return self.progress().block(plan().block(block_id))

    def step_state(self, step_id: str) -> StepState:
        return self.progress().step(plan().step(step_id))

    def decision(self) -> Decision:
        """Go or no-go, and why."""
        return decide(self.session)

    @property
    def hour(self) -> float | None:
        """Hours since the sprint was started; None where it was not. More than 48 when it is over time."""
        return hours_since(self.session.sprint.started, self.clock())

    @property
    def block_now(self) -> Block:
        """The block whose hours these are; the first one before the start, the last one after the end."""
        hour = self.hour or 0.0
        return next((block for block in plan().blocks if hour < block.hours[1]), plan().blocks[-1])

    def _finding(self, check: str, target: str) -> StoredFinding:
        row = self._findings.get(check, target)
        if row is None:
            raise KeyError(f"{check} {target}")
        return row


def hours_since(started: str, now: datetime) -> float | None:
    """Hours from an RFC 3339 time until now; None where it is empty or no time."""
    try:
        began = datetime.fromisoformat(started)
    except ValueError:
        return None
    began = began if began.tzinfo else began.replace(tzinfo=UTC)
    return max(0.0, (now - began).total_seconds() / 3600)

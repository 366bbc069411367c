"""How findings of a run enter a session: the latest of each (check, target), with what people said about it kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from checks.finding import Finding
from launchready_tui.ranking import triage_by_rule
from launchready_tui.session.model import Known, Run, Session, StatusChange, StoredFinding

Key = tuple[str, str]

_SEEN = ("pass", "warn", "fail", "info")
_TOLD_BY_A_PERSON = ("triage", "triage_reason", "triage_by", "triage_at")


class Findings:
    """The findings of a session by (check, target), and the run that adds to them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_key = {row.key: row for row in session.finding}
        self._run: Run | None = None
        self._seen: dict[Key, str] = {}
        self._before: dict[Key, str] = {}

    def get(self, check: str, target: str) -> StoredFinding | None:
        return self._by_key.get((check, target))

    @property
    def run(self) -> Run | None:
        """The run under way."""
        return self._run

    @property
    def reported(self) -> frozenset[str]:
        """Checks of the run under way that have reported."""
        return frozenset(check for check, _ in self._seen)

    def begin(self, started: str, only: Collection[str] | None) -> Run:
        """Open a run; one that was left open stays in the session as incomplete."""
        number = max((run.number for run in self._session.run), default=0) + 1
        self._run = Run(number=number, started=started, only=sorted(only or ()))
        self._session.run.append(self._run)
        self._seen = {}
        self._before = {key: row.standing for key, row in self._by_key.items()}
        return self._run

    def record(self, finding: Finding) -> StoredFinding:
        """Keep a finding as the latest of its (check, target)."""
        key = (finding.check, finding.target)
        old = self._by_key.get(key)
        if is_offline(finding):
            # It says nothing of the site: what the check saw before stays, whatever it was about.
            old = old or next((row for row in self._by_key.values() if row.check == finding.check), None)
        if old is not None and is_offline(finding):
            self._seen[old.key] = str(finding.status)
            return old
        self._seen[key] = str(finding.status)
        row = _stored(finding, self._run.number if self._run else 0)
        if old is None:
            self._session.finding.append(row)
        else:
            _keep_what_people_said(old, row)
            self._session.finding[self._session.finding.index(old)] = row
        self._by_key[key] = row
        return row

    def end(self, *, seconds: float, complete: bool, scope: Iterable[str], counters: dict[str, int]) -> list[Key]:
        """Close the run and return the keys of the findings that it dropped.

        A complete run drops what one of its checks no longer reports, unless that check could not look.
        """
        run = self._run
        if run is None:
            return []
        dropped = self._unreported(frozenset(scope)) if complete else []
        for key in dropped:
            self._session.finding.remove(self._by_key.pop(key))
        run.seconds, run.complete, run.counters = round(seconds, 3), complete, dict(counters)
        run.counts = dict(Counter(self._seen.values()))
        run.before = list(self._changes(dropped))
        self._run, self._seen, self._before = None, {}, {}
        return dropped

    def _unreported(self, scope: frozenset[str]) -> list[Key]:
        could_not = {check for (check, target), status in self._seen.items() if self._could_not(check, target, status)}
        looked = {check for check, _ in self._seen} - could_not
        return [key for key in self._by_key if key[0] in scope & looked and key not in self._seen]

    def _could_not(self, check: str, target: str, status: str) -> bool:
        """Whether this report of the run says that the check had no chance to look."""
        row = self._by_key[check, target]
        return status == "error" or (status == "skipped" and (row.status != "skipped" or _says_offline(row.summary)))

    def _changes(self, dropped: Iterable[Key]) -> Iterable[StatusChange]:
        now = {key: self._by_key[key].standing for key in self._seen} | dict.fromkeys(dropped, "")
        for (check, target), status in now.items():
            was = self._before.get((check, target), "")
            if was != status:
                yield StatusChange(check=check, target=target, was=was, now=status)


def is_offline(finding: Finding) -> bool:
    """Whether a finding only says that there was no network, and so nothing about the site."""
    return finding.status == "skipped" and _says_offline(finding.summary)


def _says_offline(summary: str) -> bool:
    """The first word of `checks.errors.Offline`."""
    return summary.startswith("offline")


def _stored(finding: Finding, run: int) -> StoredFinding:
    rule = triage_by_rule(finding.check, finding.triage, finding.risk)
    return StoredFinding(
        check=finding.check,
        target=finding.target,
        status=finding.status.value,
        triage=rule.value,
        rule=rule.value,
        risk=finding.risk.value,
        summary=finding.summary,
        cost=finding.cost,
        evidence=list(finding.evidence),
        fix=finding.fix,
        observed=finding.observed,
        run=run,
    )


def _keep_what_people_said(old: StoredFinding, row: StoredFinding) -> None:
    row.unknown = old.unknown
    row.private_note = old.private_note
    if old.rule is None or old.triage != old.rule or old.triage_at:
        for name in _TOLD_BY_A_PERSON:
            setattr(row, name, getattr(old, name))
    if row.status == "error":
        row.known = old.known or (_known(old) if old.status in _SEEN else None)


def _known(row: StoredFinding) -> Known:
    return Known(
        status=row.status,
        summary=row.summary,
        cost=row.cost,
        evidence=row.evidence,
        fix=row.fix,
        observed=row.observed,
    )

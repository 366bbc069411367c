"""What a check says: a `Verdict` on one target, and the `Finding` that it becomes on its way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from checks.text import harmless

EVIDENCE_LINES = 40
"""More lines than this are cut with a word that says how many there were."""
FIX_LIMIT = 8_000
"""Characters of a fix: an SPF record in as many parts as its limits allow is the longest."""


class Status(StrEnum):
    """How a check ended. `SKIPPED` and `ERROR` say why; neither is ever counted as a pass."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    WARN = "warn"
    FAIL = "fail"
    INFO = "info"
    SKIPPED = "skipped"
    ERROR = "error"

    @property
    def is_problem(self) -> bool:
        return self in (Status.WARN, Status.FAIL)


class Triage(StrEnum):
    """When a problem must be mended: now, within 30 days, or never by this sprint."""

    NOW = "now"
    LATER = "later"
    NOTE = "note"


class Risk(StrEnum):
    """The only risks that justify work this week."""

    DOWNTIME = "downtime"
    MAIL = "mail"
    ONBOARDING = "onboarding"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of one target, before the catalogue's words are added.

    `cost` and `triage` are None where the catalogue's own hold. `unchecked` is True where the check could not do its
    work at all; an error that is none of these is of a part only, while the rest was judged.
    """

    status: Status
    target: str
    summary: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    cost: str | None = None
    triage: Triage | None = None
    unchecked: bool = False


def passed(target: str, summary: str, *, evidence: Iterable[str] = ()) -> Verdict:
    """The check looked and found nothing wrong."""
    return Verdict(Status.PASS, target, summary, tuple(evidence))


def failed(
    target: str,
    summary: str,
    *,
    evidence: Iterable[str],
    fix: str,
    cost: str | None = None,
    triage: Triage | None = None,
) -> Verdict:
    """Broken or dangerous."""
    return Verdict(Status.FAIL, target, summary, tuple(evidence), fix, cost, triage)


def warned(
    target: str,
    summary: str,
    *,
    evidence: Iterable[str],
    fix: str,
    cost: str | None = None,
    triage: Triage | None = None,
) -> Verdict:
    """Weak."""
    return Verdict(Status.WARN, target, summary, tuple(evidence), fix, cost, triage)


def noted(target: str, summary: str, *, evidence: Iterable[str] = (), fix: str = "") -> Verdict:
    """Good to know; no problem, and no proof that all is well either."""
    return Verdict(Status.INFO, target, summary, tuple(evidence), fix, triage=Triage.NOTE)


def skipped(target: str, reason: str, *, evidence: Iterable[str] = ()) -> Verdict:
    """Not looked at, with the reason: no consent, nothing to look at, offline."""
    return Verdict(Status.SKIPPED, target, reason, tuple(evidence))


def errored(
    target: str, reason: str, *, evidence: Iterable[str] = (), fix: str = "", unchecked: bool = False
) -> Verdict:
    """The check itself could not do its work, or (unless `unchecked`) a part of it, with the reason."""
    return Verdict(Status.ERROR, target, reason, tuple(evidence), fix, unchecked=unchecked)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one check on one target. Every text in it is harmless to show (`checks.text`)."""

    check: str
    """Id in the catalogue, such as "dns.www-missing"."""
    status: Status
    triage: Triage
    risk: Risk
    target: str
    """A host, URL, record name or file:line."""
    summary: str
    """One plain sentence. For `skipped` and `error`: the reason."""
    cost: str
    """What it costs the business; empty unless it is a problem."""
    evidence: tuple[str, ...]
    fix: str
    """The exact change that mends it; empty where nothing needs mending."""
    observed: str
    """UTC, RFC 3339, in whole seconds."""
    unchecked: bool = field(default=False, metadata={"json": False})
    """Whether the check could not do its work at all. It is no part of the JSON form or of a session."""

    @property
    def is_problem(self) -> bool:
        return self.status.is_problem

    @property
    def family(self) -> str:
        return self.check.partition(".")[0]

    def as_dict(self) -> dict[str, Any]:
        """The form that the JSON output and the session file share."""
        return {
            "check": self.check,
            "status": str(self.status),
            "triage": str(self.triage),
            "risk": str(self.risk),
            "target": self.target,
            "summary": self.summary,
            "cost": self.cost,
            "evidence": list(self.evidence),
            "fix": self.fix,
            "observed": self.observed,
        }


def timestamp(moment: datetime | None = None) -> str:
    """UTC in RFC 3339, whole seconds: "2026-11-24T09:30:00Z"."""
    moment = moment or datetime.now(UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def safe_evidence(lines: Iterable[str]) -> tuple[str, ...]:
    """Evidence made harmless and cut to a readable number of lines."""
    every = [harmless(line) for line in lines]
    if len(every) <= EVIDENCE_LINES:
        return tuple(every)
    return (*every[:EVIDENCE_LINES], f"... and {len(every) - EVIDENCE_LINES} more")

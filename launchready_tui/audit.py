"""One audit of one subject: the run, its figures, and the fixed JSON form of its result."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checks.finding import Finding, Status, Triage, timestamp
from launchready_tui import __version__

if TYPE_CHECKING:
    from checks.facts import Facts
    from checks.network import Network
    from checks.secret import Secret
    from checks.subject import Subject
    from checks.survey import Survey

TOOL = f"launchready {__version__}"
SCHEMA = 1
SUMMARY_KEYS = ("now", "later", "note", "pass", "skipped", "error")


def summary_key(finding: Finding) -> str:
    """Under which heading a finding is counted: problems by triage, the rest by status."""
    if finding.is_problem:
        return str(finding.triage)
    return "note" if finding.status is Status.INFO else str(finding.status)


@dataclass(slots=True)
class Audit:
    """The result of one run. `reached` is False where nothing of the network answered."""

    domain: str
    started: str
    seconds: float = 0.0
    counters: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    reached: bool = True
    survey: Survey | None = None
    """What was seen of the site beside the findings; None where the run did not come to its end."""
    renewed: dict[str, Secret] = field(default_factory=dict)
    """Credentials that a service replaced, by purpose: for the vault, and never in any output."""

    @property
    def summary(self) -> dict[str, int]:
        """How many findings of each heading."""
        counts = Counter(summary_key(finding) for finding in self.findings)
        return {key: counts[key] for key in SUMMARY_KEYS}

    def exit_status(self, fail_on: str = "now") -> int:
        """0 nothing to fix, 1 something to fix, 3 the checks could not run.

        Args:
            fail_on: "now" (what must be fixed now), "later" (that and what can wait), or "never".
        """
        if not self.reached:
            return 3
        counted = {"now": {Triage.NOW}, "later": {Triage.NOW, Triage.LATER}, "never": set[Triage]()}[fail_on]
        return int(any(finding.is_problem and finding.triage in counted for finding in self.findings))

    def as_dict(self) -> dict[str, Any]:
        """The object that `launchready audit --json` prints."""
        from launchready_tui.ranking import ranked

        return {
            "schema": SCHEMA,
            "tool": TOOL,
            "domain": self.domain,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "counters": self.counters,
            "summary": self.summary,
            "findings": [finding.as_dict() for finding in ranked(self.findings)],
        }


async def audit(
    subject: Subject,
    network: Network,
    *,
    only: Collection[str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
    on_finding: Callable[[Finding], None] | None = None,
) -> Audit:
    """Run the checks of a subject to their end.

    Args:
        only: families or ids of checks; None is all.
        on_finding: called with each finding as it becomes known.
    """
    from checks.runner import run
    from checks.survey import survey
    from launchready_tui.scan_cache import FolderStore

    def look_back(facts: Facts) -> None:
        result.survey = survey(facts)
        result.renewed = dict(facts.renewed)

    result = Audit(subject.domain, timestamp())
    began = time.monotonic()
    try:
        async with aclosing(
            run(subject, network, only=only, secrets=secrets, store=FolderStore.usual(), at_end=look_back)
        ) as findings:
            async for finding in findings:
                result.findings.append(finding)
                if on_finding is not None:
                    on_finding(finding)
    finally:
        result.seconds = time.monotonic() - began
        result.counters = network.counters.as_dict()
    result.reached = network.answered or not _wanted_network(result.findings)
    return result


def _wanted_network(findings: Collection[Finding]) -> bool:
    """Whether the run looked at anything but files of this machine."""
    return any(finding.family not in ("deploy", "secrets") for finding in findings)

"""What the tests of the core make again and again."""

from __future__ import annotations

from typing import Any

from checks.finding import Finding, Risk, Status, Triage
from launchready_tui.session.model import Session, Site

OBSERVED = "2026-11-24T09:00:00Z"


def finding(
    check: str = "dns.www-missing",
    target: str = "www.example.com",
    status: str = "fail",
    triage: str = "now",
    risk: str = "onboarding",
    **rest: Any,
) -> Finding:
    """A finding with everything that the test does not care about filled in."""
    given: dict[str, Any] = {
        "summary": f"{check} at {target}",
        "cost": "Visitors leave.",
        "evidence": ("seen",),
        "fix": "Publish a record.",
        "observed": OBSERVED,
    }
    return Finding(check, Status(status), Triage(triage), Risk(risk), target, **(given | rest))


def session(**tables: Any) -> Session:
    return Session(site=Site(domain="example.com"), **tables)

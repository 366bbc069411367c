"""The order of the risk list: the one place that says which problem comes first.

1. What must be fixed now comes before what can wait 30 days; notes are never ranked.
2. Then by what it costs. Now: a site that is down, then exposed secrets and customer data, then visitors who
   cannot get in, then mail that does not arrive. What can wait: data comes last, since there it is hardening,
   and by the rule of triage (N7) only downtime, mail and onboarding justify work this week.
3. What is broken or dangerous (fail) comes before what is weak (warn).
4. What keeps a line of the minimum bar unmet comes before what does not.
5. Then the order of the plan, and the target's name, so that the list never jumps.

By rule, nothing that a restraint (N1 to N6) names is "must fix now", and nothing outside the four risks (N7).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Protocol, TypeVar

from checks.finding import Triage
from launchready_tui.plan import plan

_COSTLIEST_FIRST = {
    Triage.NOW: ("downtime", "data", "onboarding", "mail"),
    Triage.LATER: ("downtime", "onboarding", "mail", "data"),
}


class Ranked(Protocol):
    """A problem as the list needs it: `checks.Finding` and `StoredFinding` alike."""

    @property
    def check(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def triage(self) -> str: ...
    @property
    def risk(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def is_problem(self) -> bool: ...


R = TypeVar("R", bound=Ranked)


def triage_by_rule(check: str, triage: str, risk: str) -> Triage:
    """The triage that the advice of the app may give: "now" is lowered where a restraint holds."""
    restrained = any(check in restraint.never_now for restraint in plan().restraints)
    if triage == Triage.NOW and (restrained or risk not in _COSTLIEST_FIRST[Triage.NOW]):
        return Triage.LATER
    return Triage(triage)


def ranked(findings: Iterable[R]) -> list[R]:
    """All findings in order: the risk list first, then other problems, then what is no problem."""
    places, barred = _plan_order()

    def key(finding: R) -> tuple[bool, int, int, bool, bool, int, str, str]:
        triage = Triage(finding.triage)
        order = _COSTLIEST_FIRST.get(triage, ())
        return (
            not finding.is_problem,
            list(Triage).index(triage),
            order.index(finding.risk) if finding.risk in order else len(order),
            finding.status != "fail",
            finding.check not in barred,
            places.get(finding.check, len(places)),
            finding.check,
            finding.target,
        )

    return sorted(findings, key=key)


def risk_list(findings: Iterable[R]) -> list[R]:
    """The problems that must be fixed now or can wait 30 days, worst first."""
    return ranked(f for f in findings if f.is_problem and f.triage in _COSTLIEST_FIRST)


@functools.cache
def _plan_order() -> tuple[dict[str, int], frozenset[str]]:
    """The place of each check in the plan, and the checks that feed a minimum bar."""
    return (
        {check: place for place, check in enumerate(plan().checks)},
        frozenset(check for bar in plan().bars for check in bar.checks),
    )

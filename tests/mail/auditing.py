"""Runs the checks of some families over a world and gives their findings by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from checks import runner
from checks.finding import Finding, Status
from checks.secret import Secret
from checks.subject import MailPlan, Subject
from launchready_tui.lab.world import World

DOMAIN = "example.com"


class Findings(list[Finding]):
    """The findings of one run."""

    def of(self, check: str) -> list[Finding]:
        return [finding for finding in self if finding.check == check]

    def one(self, check: str) -> Finding:
        (finding,) = self.of(check)
        return finding

    def status(self, check: str) -> str:
        return str(self.one(check).status)

    @property
    def problems(self) -> set[str]:
        return {finding.check for finding in self if finding.is_problem}

    @property
    def errors(self) -> set[str]:
        return {finding.check for finding in self if finding.status is Status.ERROR}


async def audit(
    world: World,
    *only: str,
    domain: str = DOMAIN,
    plan: MailPlan | None = None,
    secrets: Mapping[str, Secret] | None = None,
    network: Mapping[str, Any] | None = None,
    **declared: Any,
) -> Findings:
    """Run the checks in `only` (families or ids) and collect their findings."""
    wanted: Collection[str] = set(only)
    subject = Subject.of(domain, mail=plan or MailPlan(), **declared)
    async with world.network(**({"dns_timeout": 0.2} | dict(network or {}))) as net:
        return Findings(await runner.collect(subject, net, only=wanted, secrets=secrets))

"""Many audits in one process: the trouble of one subject touches no other. The full figures: bench_many."""

from __future__ import annotations

import asyncio

from checks.finding import Finding
from checks.subject import Subject
from launchready_tui.audit import audit
from launchready_tui.lab.world import World
from tests.benchmarks.bench_many import TIMED
from tests.benchmarks.many_sites import HOSTILE, many_sites

FAMILIES = {"tls", "web", "headers", "exposure"}


def judged(findings: list[Finding], domain: str) -> list[tuple[str, str, str]]:
    return sorted((f.check, f.target.replace(domain, "SITE"), str(f.status)) for f in findings if f.check != TIMED)


async def test_hostile_sites_change_nothing_for_the_others() -> None:
    async with many_sites(2 * len(HOSTILE), hostile_each=2) as (world, does):
        assert set(does.values()) == {"healthy", *HOSTILE}
        domains = list(does)
        alone = await _audited(world, domains[0])
        together = await asyncio.gather(*(_audited(world, domain) for domain in domains))
    for domain, findings in zip(domains, together, strict=True):
        if does[domain] == "healthy":
            assert judged(findings, domain) == judged(alone, domains[0]), domain
        else:
            # Whatever a site sends, every check comes to an end that says why.
            assert {f.check.partition(".")[0] for f in findings} == FAMILIES
            assert not [f for f in findings if "a fault in Launch Ready" in f.summary]


async def _audited(world: World, domain: str) -> list[Finding]:
    # Fourteen audits and all their servers share one loop here, so the healthy ones need time.
    async with world.network(dns_timeout=20.0, step_seconds=20.0, request_seconds=20.0) as network:
        return (await audit(Subject.of(domain), network, only=FAMILIES)).findings

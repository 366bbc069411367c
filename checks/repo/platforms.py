"""Where a product is deployed: told from its files, its names and its answers, with the way back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from checks.catalogue import check
from checks.errors import NotApplicable, Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed
from checks.repo.going_back import rollback_documents
from checks.repo.platform_files import by_files, by_hints
from checks.repo.platform_table import Platform, by_cname, by_headers, by_name, platforms
from checks.repo.project import project


@dataclass(frozen=True, slots=True)
class Deployment:
    """The platforms found, each with what showed it; the first is the likeliest."""

    platforms: tuple[Platform, ...] = ()
    evidence: tuple[str, ...] = ()
    documents: tuple[str, ...] = field(default=())
    """Files of the repository that say how to go back."""


@fact
async def deployment(facts: Facts) -> Deployment:
    """Where the product is deployed: by the user's word, then the repository's files and commands, then the site's
    names, addresses and headers, and by what is only a hint where none of these says anything."""
    subject = facts.subject
    rows: list[tuple[Platform, str]] = []
    hints: list[tuple[Platform, str]] = []
    documents: list[str] = []
    if (named := by_name(subject.platform)) is not None:
        rows.append((named, f"named: {subject.platform}"))
    if subject.deploy.repo is not None:
        found = await project(facts)
        rows += await asyncio.to_thread(by_files, found)
        hints = await asyncio.to_thread(by_hints, found)
        documents = await asyncio.to_thread(rollback_documents, found)
    if named is None:
        rows += [row for row in await _by_network(facts) if not rows or not row[0].vendor]
    rows = rows or hints
    kept = dict.fromkeys(platform for platform, _ in rows)
    return Deployment(tuple(kept), tuple(f"{p.name}: {seen}" for p, seen in rows), tuple(documents))


async def _by_network(facts: Facts) -> list[tuple[Platform, str]]:
    """Platforms that CNAMEs, addresses and headers of the site show; nothing where the network says nothing."""
    from checks.dns.lookup import addresses
    from checks.web.edge.ranges import edge_of_address
    from checks.web.pages import homepage

    rows: list[tuple[Platform, str]] = []
    for name in (facts.subject.www, facts.subject.domain):
        try:
            found = await addresses(facts, name)
        except Untold:
            continue
        rows += [(p, f"{name} leads to {link.target}") for link in found.a.chain if (p := by_cname(link.target))]
        edges = [(address, edge_of_address(address)) for address in found.all]
        rows += [(p, f"{name} has the address {a}") for p in platforms() for a, edge in edges if edge == p.name]
    try:
        headers = (await homepage(facts)).response.headers
    except Untold:
        return rows
    return rows + [(platform, f"the site sends {header}") for platform, header in by_headers(headers.fields)]


def _can_go_back(found: tuple[Platform, ...]) -> str:
    """What can go back; where several platforms are found, that it is not told which of them has the product."""
    able = " and ".join(platform.name for platform in found if platform.rollback)
    if len(found) == 1:
        return f"{able} can go back to the previous release"
    return f"{len(found)} platforms are found ({', '.join(p.name for p in found)}): name yours; {able} can go back"


@check(
    "deploy.rollback-missing",
    title="There is no way back from a bad release",
    when="neither the detected platform nor the user gives a rollback command or document",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S4.5", "S7.4"),
    source="roadmap",
    cost="One bad release keeps the site broken for as long as it takes to find and mend the fault.",
)
async def rollback_missing(facts: Facts, domain: str) -> Verdict:
    plan = facts.subject.deploy
    shown = await deployment(facts)
    if plan.rollback.strip():
        evidence = [f"as given: {plan.rollback}", *shown.evidence]
        return passed(domain, "there is a way back from a bad release", evidence=evidence)
    if shown.documents:
        return passed(domain, "the way back is written down", evidence=[*shown.documents, *shown.evidence])
    known = [platform for platform in shown.platforms if platform.rollback]
    if known:
        ways = [line for p in known for line in (p.rollback, f"What it does not bring back: {p.keeps}")]
        if len(known) > 1:
            ways = [line for p in known for line in (f"{p.name}: {p.rollback}", f"What {p.name} keeps: {p.keeps}")]
        return passed(domain, _can_go_back(shown.platforms), evidence=[*shown.evidence, *ways])
    if plan.repo is None and not shown.platforms:
        raise NotApplicable("where the product is deployed is not known; name the platform or the repository")
    return failed(
        domain,
        "neither the platform nor the repository gives a way back from a bad release",
        evidence=shown.evidence or ["no file of a known platform, no document about going back"],
        fix="Write ROLLBACK.md with the one command that brings the previous release back (for containers: "
        "`docker compose up -d` with the previous image's tag), try it once, and name it in [deploy] rollback.",
    )

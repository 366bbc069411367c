"""Whether visitors who come by IPv6 reach the site."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.dns.lookup import addresses
from checks.errors import NetworkError, NoWay
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped
from checks.network import Response
from checks.web.pages import canonical, fetch_at
from checks.web.url import host

MOST = 4
"""IPv6 addresses of one name that are tried."""


async def _hosts(facts: Facts) -> tuple[str, ...]:
    return tuple(dict.fromkeys((facts.subject.domain, facts.subject.www, host(await canonical(facts)))))


@check(
    "web.ipv6-broken",
    title="The site is dead over IPv6",
    when="an AAAA is published and the site does not answer on it while it does on IPv4 (skipped where this machine "
    "has no IPv6)",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B01",),
    source="RFC 8305",
    cost="Many phones come by IPv6 first: for them the site hangs or fails, and nobody at the office sees it.",
    each=_hosts,
)
async def ipv6_broken(facts: Facts, name: str) -> Verdict:
    published = await addresses(facts, name)
    if not published.v6:
        return passed(name, f"{name} publishes no IPv6 address", evidence=published.evidence[1:])
    within_reach = [address for address in published.v6 if facts.network.can_reach(address)][:MOST]
    if not within_reach:
        return skipped(name, "this machine has no IPv6, so it cannot be tried", evidence=published.evidence[1:])
    scheme = "http" if (await canonical(facts)).startswith(f"http://{name}/") else "https"
    url = f"{scheme}://{name}/"
    try:
        tried = await asyncio.gather(*(_answer(facts, url, address) for address in within_reach))
    except NoWay as problem:
        return skipped(name, f"it cannot be tried from here: {problem.reason}", evidence=published.evidence[1:])
    evidence = [f"{address}: {_said(said)}" for address, said in zip(within_reach, tried, strict=True)]
    if all(isinstance(said, Response) and said.status < 400 for said in tried):
        return passed(name, f"{name} answers over IPv6", evidence=evidence)
    if not published.v4:
        return skipped(name, f"{name} has no IPv4 address to compare with: web.unreachable tells", evidence=evidence)
    by_v4 = await _answer(facts, url, published.v4[0])
    evidence.append(f"{published.v4[0]}: {_said(by_v4)}")
    if not isinstance(by_v4, Response):
        return skipped(name, f"{name} does not answer over IPv4 either: other checks tell", evidence=evidence)
    broken = [address for address, said in zip(within_reach, tried, strict=True) if _worse(said, by_v4)]
    if not broken:
        return passed(name, f"{name} answers over IPv6 as it does over IPv4", evidence=evidence)
    return failed(
        name,
        f"{name} does not answer at {broken[0]} as it does over IPv4",
        evidence=evidence,
        fix=f"Make the web server listen on IPv6 (nginx: listen [::]:443 ssl;) and open the firewall for it, "
        f"or delete: {name} AAAA {broken[0]}",
    )


async def _answer(facts: Facts, url: str, address: str) -> Response | NetworkError:
    try:
        return await fetch_at(facts, url, address)
    except NetworkError as problem:
        return problem


def _said(said: Response | NetworkError) -> str:
    return said.describe() if isinstance(said, Response) else said.reason


def _worse(said: Response | NetworkError, by_v4: Response) -> bool:
    """Whether there is no answer, or an error where IPv4 gives none."""
    return not isinstance(said, Response) or (said.status >= 400 > by_v4.status)

"""CNAMEs to hosted services at which a stranger can claim the name."""

from __future__ import annotations

from dataclasses import replace

from checks.catalogue import check
from checks.dns.alias import Alias, End, alias
from checks.dns.dns_hosts import at_dns_host
from checks.dns.hosted_services import HostedService, service_of
from checks.dns.subdomains import every_name
from checks.dns.wildcard import random_name, star, wildcard
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.network import Response
from checks.web.pages import fetch
from checks.web.url import host, resolve


async def names_and_star(facts: Facts) -> tuple[str, ...]:
    """Every name, and the wildcard where it is an alias: whoever claims its target has all other names."""
    names = await every_name(facts)
    try:
        made = await wildcard(facts)
    except CannotTell:
        return names
    return (*names, star(facts.subject.domain)) if made is not None and made.chain else names


def claimable_target(chain: Alias) -> HostedService | None:
    """The service at which the missing end of a chain can be claimed; None where it cannot."""
    service = service_of(chain.target) if chain.end is End.MISSING else None
    return service if service is not None and service.by_name else None


@check(
    "dns.takeover",
    title="A stranger can take over a subdomain",
    when="a CNAME points to a hosted service whose resource is unclaimed (by the service's NXDOMAIN or its known "
    "'no such site' answer)",
    status="fail",
    triage="now",
    risk="data",
    item=["B04", "S2.4"],
    source="published takeover fingerprints",
    cost="Anyone can claim that resource and show your customers a page, a login form say, under your own name.",
    each=names_and_star,
)
async def takeover(facts: Facts, name: str) -> Verdict:
    asked = await random_name(facts) if name == star(facts.subject.domain) else name
    chain = await alias(facts, asked)
    if chain is None:
        return passed(name, f"{name} is no CNAME.")
    chain = replace(chain, name=name)
    if service := claimable_target(chain):
        return await _unclaimed(facts, chain, service, f"{chain.target} does not exist (NXDOMAIN)")
    services = (service_of(link.target) for link in chain.links)
    hosted = next((service for service in services if service is not None and service.by_page), None)
    if hosted is None or chain.broken:
        return passed(name, f"{name} leads to no service that strangers could claim it at.", evidence=(chain.path,))
    page = await _page(facts, asked)
    leads_to = host(resolve(page.headers.get("location"), page.url))
    leads_away = bool(leads_to) and not facts.subject.under(leads_to)
    if sign := hosted.unclaimed_sign(page.status, page.text, leads_away=leads_away):
        return await _unclaimed(facts, chain, hosted, f"{page.describe()}, with {sign}")
    return passed(name, f"{name} is claimed at {hosted.name}.", evidence=(chain.path, page.describe()))


async def _page(facts: Facts, name: str) -> Response:
    """What the service shows under this name: by https, else by http. Raises NetworkError, Offline."""
    try:
        return await fetch(facts, f"https://{name}/")
    except CannotTell:
        return await fetch(facts, f"http://{name}/")


async def _unclaimed(facts: Facts, chain: Alias, service: HostedService, seen: str) -> Verdict:
    return failed(
        chain.name,
        f"{chain.name} points to {service.name}, where nobody claims it: a stranger can.",
        evidence=(chain.path, seen),
        fix=f"{await at_dns_host(facts)}, delete {chain.name} CNAME {chain.links[0].target} now; "
        f"or claim {chain.target} again at {service.name} if it is still needed.",
    )

"""The addresses of the domain and its public names: whether there are any, and whether the public can reach them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from checks.catalogue import check
from checks.dns.addresses import Addresses, addresses
from checks.dns.alias import End, alias
from checks.dns.dns_hosts import at_dns_host
from checks.dns.lookup import public_names
from checks.dns.special import why_not_public
from checks.dns.standing import Standing, told
from checks.errors import NotApplicable
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, skipped
from checks.network.dns import text_of

_BROKEN = "{name} is a CNAME that leads nowhere: dns.cname-broken or dns.takeover tells"
_HINTS = (4, 6)
"""SvcParamKeys ipv4hint and ipv6hint (RFC 9460 s7.3)."""


@fact
async def https_record_addresses(facts: Facts, name: str) -> tuple[str, ...]:
    """The addresses that an HTTPS record (RFC 9460) of `name` yields. Raises DnsFailed, Offline."""
    answer = await facts.network.resolve(name, "HTTPS")
    records: list[Any] = list(answer.records)
    targets = [text_of(record.target) for record in records]
    led = await asyncio.gather(*(addresses(facts, target) for target in targets if target not in (".", name)))
    hints = [hint for r in records for key in _HINTS if key in r.params for hint in r.params[key].addresses]
    return tuple(dict.fromkeys((*hints, *(address for found in led for address in found.all))))


@check(
    "dns.apex-address-missing",
    title="The domain has no address",
    when="the apex has neither A nor AAAA (and no HTTPS/ALIAS answer that yields one)",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B01", "S1.2", "S2.1", "A1"],
    source="roadmap",
    cost="Whoever types the domain without www gets nothing.",
)
async def apex_address_missing(facts: Facts, domain: str) -> Verdict:
    found = await told(facts, domain)
    if found.all:
        return passed(domain, f"{domain} has an address.", evidence=found.evidence)
    if found.missing:
        return skipped(domain, Standing.MISSING.value)
    chain = await alias(facts, domain)
    if chain is not None and chain.broken:
        return skipped(domain, _BROKEN.format(name=domain), evidence=(chain.path,))
    if by_https := await https_record_addresses(facts, domain):
        return passed(domain, f"{domain} has an address by its HTTPS record.", evidence=by_https)
    return failed(
        domain,
        f"{domain} has no address.",
        evidence=found.evidence,
        fix=f"{await at_dns_host(facts)}, publish: {domain} A <the IPv4 address that your web host gives you>, "
        "and AAAA where it gives an IPv6 address (or an ALIAS to its name).",
    )


@check(
    "dns.www-missing",
    title="www leads nowhere",
    when="www of the domain has no address while the apex has one",
    status="fail",
    triage="now",
    risk="onboarding",
    item=["B03", "S2.2", "A1"],
    source="roadmap",
    cost="Visitors who type www, or follow a link that has it, see an error page and leave.",
)
async def www_missing(facts: Facts, domain: str) -> Verdict:
    www = facts.subject.www
    if domain.startswith("www."):
        return skipped(domain, f"{domain} is the www name itself")
    chain = await alias(facts, www)
    if chain is not None and chain.broken:
        return skipped(www, _BROKEN.format(name=www), evidence=(chain.path,))
    found, apex = await asyncio.gather(told(facts, www), told(facts, domain))
    if found.all or await https_record_addresses(facts, www):
        return passed(www, f"{www} has an address.", evidence=found.evidence)
    if not apex.all and not await https_record_addresses(facts, domain):
        return skipped(www, f"{domain} has no address either, which other checks tell", evidence=apex.evidence)
    return failed(
        www,
        f"{www} has no address, while {domain} has one.",
        evidence=(*found.evidence, *apex.evidence),
        fix=f"{await at_dns_host(facts)}, publish: {www} CNAME {domain}. "
        f"Then add {www} at your web host, so that it has a certificate and redirects.",
    )


@check(
    "dns.address-not-public",
    title="An address that nobody can reach",
    when="any A or AAAA of a public name is private, loopback, link-local, documentation, or otherwise not globally "
    "routable",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B01", "S1.2"],
    source="IANA special-purpose address registries",
    cost="Some or all visitors are sent to an address that does not exist on the Internet.",
    each=public_names,
)
async def address_not_public(facts: Facts, name: str) -> Verdict:
    chain = await alias(facts, name)
    if chain is not None and chain.end in (End.LOOP, End.MISSING):
        return skipped(name, _BROKEN.format(name=name), evidence=(chain.path,))
    found = await told(facts, name)
    if not found.all:
        raise NotApplicable(f"{name} has no address")
    wrong = {address: why for address in found.all if (why := why_not_public(address))}
    if not wrong:
        return passed(name, f"Every address of {name} is public.", evidence=found.all)
    return failed(
        name,
        f"{name} points to an address that the public cannot reach: {', '.join(wrong)}.",
        evidence=[f"{address} is {why}" for address, why in wrong.items()],
        fix=await _replaced(facts, found, wrong),
    )


async def _replaced(facts: Facts, found: Addresses, wrong: Iterable[str]) -> str:
    owner = found.chain[-1].target if found.chain else found.name
    records = ", ".join(f"{owner} {'AAAA' if ':' in address else 'A'} {address}" for address in wrong)
    at_host = await at_dns_host(facts)
    if facts.subject.under(owner):
        return f"{at_host}, replace {records} by the public address that your web host gives you, or delete it."
    return f"{at_host}, point {found.name} to another name: whoever runs {owner} publishes {records}."

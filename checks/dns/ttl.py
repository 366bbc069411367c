"""How long the world remembers: times to live that would make a mistake last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import dns.rdatatype

from checks.catalogue import check
from checks.dns.addresses import addresses
from checks.dns.authority import best_view
from checks.dns.dns_hosts import at_dns_host
from checks.dns.standing import require_lookup
from checks.errors import CannotTell, DnsFailed
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.network import Answer

DAY = 86400
_KINDS = frozenset({dns.rdatatype.A, dns.rdatatype.AAAA, dns.rdatatype.MX, dns.rdatatype.CNAME})

Lives = dict[tuple[str, str], int]
"""Seconds by owner and type."""


@check(
    "dns.ttl-high",
    title="DNS changes take days to be seen",
    when="the TTL of an apex or www address, MX or a CNAME in the path is over 86400 s (a fix would take more than a "
    "day to be seen)",
    status="warn",
    triage="note",
    risk="downtime",
    item=["S1.2"],
    source="RFC 1912 s2.2",
    cost="If this record has to be changed in an emergency, visitors keep the old one for more than a day.",
)
async def ttl_high(facts: Facts, domain: str) -> list[Verdict]:
    await require_lookup(facts)
    lives = _lives(await _answers(facts))
    long: dict[str, Lives] = {}
    for (name, kind), seconds in lives.items():
        if seconds > DAY:
            long.setdefault(name, {})[name, kind] = seconds
    if not long:
        summary = "Every record of the site and its mail can be changed within a day."
        return [passed(domain, summary, evidence=_said(lives))]
    at_host = await at_dns_host(facts)
    return [_too_long(facts, name, records, at_host) for name, records in long.items()]


def _too_long(facts: Facts, name: str, records: Lives, at_host: str) -> Verdict:
    kinds = ", ".join(kind for _, kind in records)
    if facts.subject.under(name):
        fix = f"{at_host}, set the TTL of {name} {kinds} to 3600, at least two days before any planned move."
    else:
        fix = f"Ask the owner of {name} for a shorter TTL, or point to another name."
    return warned(
        name,
        f"{name} ({kinds}) is kept by resolvers for {max(records.values())} s, more than a day.",
        evidence=_said(records),
        fix=fix,
    )


def _said(lives: Lives) -> list[str]:
    return [f"{name} {kind}: TTL {seconds}" for (name, kind), seconds in lives.items()]


async def _answers(facts: Facts) -> list[Answer]:
    """Answers of the zone's own server, whose TTLs are whole, and the resolvers' for what lies beyond the zone."""
    domain, www = facts.subject.domain, facts.subject.www
    resolved = await asyncio.gather(addresses(facts, domain), addresses(facts, www), return_exceptions=True)
    answers: list[Answer] = []
    for found in resolved:
        if isinstance(found, DnsFailed):
            continue
        if isinstance(found, BaseException):
            raise found
        answers += (found.a, found.aaaa)
    try:
        view = await best_view(facts, domain)
        questions = ((www, "A"), (www, "AAAA"), (domain, "MX"))
        own = await asyncio.gather(
            *(facts.network.ask(view.address, name, rdtype, dnssec=True) for name, rdtype in questions)
        )
        answers += (answer for answer in (view.a, view.aaaa, *own) if answer is not None)
    except CannotTell:
        answers.append(await facts.network.resolve(domain, "MX"))
    return answers


def _lives(answers: Iterable[Answer]) -> Lives:
    """The longest TTL that was seen of each record set; a resolver's grows shorter while it waits there."""
    lives: Lives = {}
    for answer in answers:
        for rrset in answer.message.answer:
            if rrset.rdtype in _KINDS:
                at = rrset.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(rrset.rdtype)
                lives[at] = max(rrset.ttl, lives.get(at, 0))
    return lives

"""DNSSEC of the zone: the validating resolver's word, explained, or our own judgement where it does not validate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Any

from checks.catalogue import check
from checks.dns.addresses import Addresses, addresses
from checks.dns.authority import best_view
from checks.dns.chain_of_trust import Chain, judge_chain
from checks.dns.delegation import delegation
from checks.errors import CannotTell, DnsFailed
from checks.facts import Facts, fact
from checks.finding import Verdict, errored, failed, passed
from checks.network import Answer
from checks.network.dns import name_of

BOGUS_CODES = frozenset({5, 6, 7, 8, 9, 10, 11, 12})
"""Extended errors that mean "does not validate" (RFC 8914 s4.6 to s4.13; 5 is "indeterminate")."""


class Trust(Enum):
    UNSIGNED = "unsigned"
    SECURE = "secure"
    BOGUS = "bogus"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signing:
    """How the zone stands with DNSSEC, and why."""

    trust: Trust
    zone: str
    why: str
    evidence: tuple[str, ...] = ()


@fact
async def signing(facts: Facts) -> Signing:
    """Find out whether the zone is signed and validates. Raises CannotTell, DnsFailed, Offline."""
    domain = facts.subject.domain
    zone, ds = await _ds(facts, domain)
    if not ds.records:
        if not ds.ok and not ds.nxdomain:
            raise CannotTell(f"the resolver answers {ds.rcode} for the DS of {zone}")
        return Signing(Trust.UNSIGNED, zone, f"the parent of {zone} has no DS", (ds.describe(),))
    seen = (ds.describe(),)
    answers = await _public_answers(facts)
    if refused := await _fails_only_validation(facts, zone, answers):
        said = [f"extended error {code} {text}".rstrip() for code, text in refused.extended_errors]
        own = await _own_judgement(facts, zone, ds.records, refused)
        told = any(code in BOGUS_CODES for code, _ in refused.extended_errors)
        evidence = (*seen, refused.describe(), *said, f"{refused.name} {refused.rdtype} with CD=1: an answer comes")
        if told or own is None or not own.holds:
            why = (own.broken if own else "") or "; ".join(said) or "the resolver refuses it, and gives it unvalidated"
            return Signing(Trust.BOGUS, zone, why, evidence)
        return Signing(Trust.UNKNOWN, zone, "the resolver refuses the zone while its signatures hold", evidence)
    vouched = next((answer for answer in answers if answer.authenticated and not answer.chain), None)
    if vouched:
        return Signing(Trust.SECURE, zone, f"the resolver vouches for {vouched.name}", (*seen, vouched.describe()))
    own = await _own_judgement(facts, zone, ds.records)
    if own is None:
        return Signing(Trust.UNKNOWN, zone, "the resolver does not validate, and no server of the zone answers", seen)
    if own.broken:
        return Signing(Trust.BOGUS, zone, own.broken, seen)
    why = own.unsupported or "its signatures hold against the parent's DS"
    return Signing(Trust.UNSIGNED if own.unsupported else Trust.SECURE, zone, why, seen)


async def _ds(facts: Facts, domain: str) -> tuple[str, Answer]:
    """The zone that the domain lies in, and the answer to its DS."""
    here = await facts.network.resolve(domain, "DS")
    if here.records:
        return domain, here
    try:
        zone = (await delegation(facts, domain)).zone
    except CannotTell:
        return domain, here
    return zone, here if zone == domain else await facts.network.resolve(zone, "DS")


async def _public_answers(facts: Facts) -> list[Answer]:
    """The address answers of the apex and the declared names, as far as any came."""
    subject = facts.subject
    names = dict.fromkeys((subject.domain, subject.www, *subject.subdomains))
    found = await asyncio.gather(*(addresses(facts, name) for name in names), return_exceptions=True)
    for problem in found:
        if isinstance(problem, BaseException) and not isinstance(problem, DnsFailed):
            raise problem
    return [answer for one in found if isinstance(one, Addresses) for answer in (one.a, one.aaaa)]


async def _fails_only_validation(facts: Facts, zone: str, answers: list[Answer]) -> Answer | None:
    """The first SERVFAIL for a name of the zone that turns into an answer when validation is off (CD=1)."""
    for answer in answers:
        if answer.rcode != "SERVFAIL":
            continue
        unchecked = await facts.network.resolve(answer.name, answer.rdtype, checking_disabled=True)
        if not (unchecked.ok or unchecked.nxdomain):
            continue
        if not unchecked.chain:
            return answer
        # Any zone on the way of an alias may be the broken one, so each of this zone's steps is asked for alone.
        steps = [(link.owner, "CNAME") for link in unchecked.chain] + [(unchecked.owner, answer.rdtype)]
        for name, rdtype in steps:
            if name_of(name).is_subdomain(name_of(zone)):
                step = await facts.network.resolve(name, rdtype)
                if step.rcode == "SERVFAIL" and not step.chain:
                    return step
    return None


async def _own_judgement(facts: Facts, zone: str, ds: tuple[Any, ...], refused: Answer | None = None) -> Chain | None:
    """Validate by asking a server of the zone; None where none answers that can send signatures.

    Args:
        refused: what the resolver refuses, judged beside the records of the apex.
    """
    try:
        view = await best_view(facts, facts.subject.domain)
        if view.soa is None or not view.soa.edns:
            return None
        asked = [(zone, "DNSKEY"), *([(refused.name, refused.rdtype)] if refused else [])]
        keys, *more = await asyncio.gather(
            *(facts.network.ask(view.address, name, rdtype, dnssec=True) for name, rdtype in asked)
        )
    except CannotTell:
        return None
    signed = [answer.message for answer in (view.soa, view.a, view.aaaa, *more) if answer]
    return judge_chain(name_of(zone), ds, keys.message, signed)


@check(
    "dns.dnssec-bogus",
    title="DNSSEC is broken",
    when="the parent has a DS and the zone's signatures do not validate against it (expired, missing or wrong DNSKEY)",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B01"],
    source="RFC 4035 s5",
    cost="For everyone whose resolver checks signatures, a third of the Internet, the site and its mail do not exist.",
)
async def dnssec_bogus(facts: Facts, domain: str) -> Verdict:
    found = await signing(facts)
    match found.trust:
        case Trust.BOGUS:
            return failed(
                found.zone,
                f"The signatures of {found.zone} do not validate: {found.why}.",
                evidence=found.evidence,
                fix=f"At the DNS host of {found.zone}, sign the zone anew and compare its DS with the registrar's; "
                "until that is done, delete the DS at the registrar: an unsigned zone works, a broken one does not.",
            )
        case Trust.UNKNOWN:
            return errored(found.zone, f"could not check: {found.why}", evidence=found.evidence)
        case _:
            return passed(found.zone, f"Nothing is broken: {found.why}.", evidence=found.evidence)

"""DNSSEC of the zone: the validating resolver's word, explained, or our own judgement where it does not validate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from checks.catalogue import check
from checks.dns.delegation import delegation
from checks.dns.signed_servers import Fault, Judgement, judge_servers
from checks.errors import CannotTell, DnsFailed
from checks.facts import Facts, fact
from checks.finding import Verdict, errored, failed, passed
from checks.network import Answer
from checks.network.dns import name_of

BOGUS_CODES = frozenset({5, 6, 7, 8, 9, 10, 11, 12})
"""Extended errors that mean "does not validate" (RFC 8914 s4.6 to s4.13; 5 is "indeterminate")."""
MAIL_KINDS = ("MX", "TXT")
"""Of the apex: what mail to and from the domain needs."""


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
    fault: Fault = Fault.ZONE
    """Where it is bogus: whose fault that is."""
    servers: tuple[str, ...] = ()
    """The name servers at which it was found broken."""


@fact
async def signing(facts: Facts) -> Signing:
    """Find out whether the zone is signed and validates. Raises CannotTell, DnsFailed, Offline."""
    zone, ds = await _ds(facts, facts.subject.domain)
    if not ds.records:
        if not ds.ok and not ds.nxdomain:
            raise CannotTell(f"the resolver answers {ds.rcode} for the DS of {zone}")
        return Signing(Trust.UNSIGNED, zone, f"the parent of {zone} has no DS", (ds.describe(),))
    answers = await _public_answers(facts)
    refused = await _fails_only_validation(facts, zone, answers)
    vouched = next((answer for answer in answers if answer.authenticated and not answer.chain), None)
    own = await _own_judgement(facts, zone, ds, refused, by_resolver=vouched is not None)
    seen = (ds.describe(), *own.evidence)
    if refused:
        return _refused(zone, refused, own, seen)
    if own.broken and (own.holding or not vouched):
        return Signing(Trust.BOGUS, zone, own.why, seen, own.fault, tuple(own.broken))
    if vouched:
        return Signing(Trust.SECURE, zone, f"the resolver vouches for {vouched.name}", (*seen, vouched.describe()))
    if own.holding:
        return Signing(Trust.SECURE, zone, "its signatures hold against the parent's DS", seen)
    if own.unsupported:
        return Signing(Trust.UNSIGNED, zone, own.unsupported, seen)
    why = "the resolver does not validate, and no server of the zone answers that can send signatures"
    return Signing(Trust.UNKNOWN, zone, why, seen)


def _refused(zone: str, refused: Answer, own: Judgement, seen: tuple[str, ...]) -> Signing:
    """What it means that the resolver refuses an answer, and gives it unvalidated."""
    said = [f"extended error {code} {text}".rstrip() for code, text in refused.extended_errors]
    told = any(code in BOGUS_CODES for code, _ in refused.extended_errors)
    evidence = (*seen, refused.describe(), *said, f"{refused.name} {refused.rdtype} with CD=1: an answer comes")
    if own.holding and not own.broken and not told:
        return Signing(Trust.UNKNOWN, zone, "the resolver refuses the zone while its signatures hold", evidence)
    why = own.why or "; ".join(said) or "the resolver refuses it, and gives it unvalidated"
    return Signing(Trust.BOGUS, zone, why, evidence, own.fault, tuple(own.broken))


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
    """The answers for the addresses of the apex and the declared names, and for its mail, as far as any came."""
    subject = facts.subject
    names = dict.fromkeys((subject.domain, subject.www, *subject.subdomains))
    questions = [
        *((name, kind) for name in names for kind in ("A", "AAAA")),
        *((subject.domain, k) for k in MAIL_KINDS),
    ]
    found = await asyncio.gather(*(facts.network.resolve(*question) for question in questions), return_exceptions=True)
    for problem in found:
        if isinstance(problem, BaseException) and not isinstance(problem, DnsFailed):
            raise problem
    return [one for one in found if isinstance(one, Answer)]


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


async def _own_judgement(
    facts: Facts, zone: str, ds: Answer, refused: Answer | None, *, by_resolver: bool
) -> Judgement:
    """Validate what each server of the zone says; of nothing where none can be asked.

    Args:
        refused: what the resolver refuses, judged beside the records of the apex.
        by_resolver: whether the resolver validates, so that single records below the apex are left to it.
    """
    subject = facts.subject
    more = [(refused.name, refused.rdtype)] if refused else []
    if not by_resolver:
        # The first three are asked by other checks as well, of the same server.
        more += [
            (subject.www, "A"),
            (subject.www, "AAAA"),
            (subject.domain, "MX"),
            *((n, "A") for n in subject.subdomains),
        ]
    try:
        return await judge_servers(facts, zone, ds.records, tuple(dict.fromkeys(more)))
    except CannotTell:
        return Judgement()


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
            at = f" at {', '.join(found.servers)}" if found.fault is Fault.SERVERS else ""
            return failed(
                found.zone,
                f"The signatures of {found.zone} do not validate{at}: {found.why}.",
                evidence=found.evidence,
                fix=_mended(found),
                cost=None if found.fault is Fault.ZONE else _AT_TIMES,
            )
        case Trust.UNKNOWN:
            return errored(found.zone, f"could not check: {found.why}", evidence=found.evidence)
        case _:
            return passed(found.zone, f"Nothing is broken: {found.why}.", evidence=found.evidence)


_AT_TIMES = (
    "A third of the Internet checks signatures: there the site and its mail are slow or gone whenever a lookup meets "
    "one of the servers that are wrong, for some and not for others."
)
"""What it costs where other servers answer what holds."""


def _mended(found: Signing) -> str:
    servers = ", ".join(found.servers)
    match found.fault:
        case Fault.ZONE:
            return (
                f"At the DNS host of {found.zone}, sign the zone anew and compare its DS with the registrar's; "
                "until that is done, delete the DS at the registrar: an unsigned zone works, a broken one does not."
            )
        case Fault.SERVERS:
            return (
                f"Keep the DS: the other name servers of {found.zone} validate. At the DNS host, see why {servers} has "
                f"another copy (zone transfer, a key that is not shared); until that is mended, take {servers} off the "
                "name servers at the registrar."
            )
        case Fault.KEYS:
            return (
                f"Keep the DS. Of the DNS hosts that sign {found.zone}, let each publish the zone keys (DNSKEY) of the "
                "others beside its own (RFC 8901); or take all name servers of one host."
            )

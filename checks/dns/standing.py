"""Whether the domain can be looked up at all; where not, why: the root cause that other checks refer to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from checks.catalogue import check
from checks.dns.addresses import Addresses, addresses
from checks.dns.authority import authority
from checks.dns.delegation import delegation
from checks.dns.dnssec import Trust, signing
from checks.errors import CannotTell, DnsFailed, NotApplicable
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, skipped


class Standing(Enum):
    FINE = "it can be looked up"
    MISSING = "the domain does not exist: dns.name-missing tells"
    DEAD = "no name server answers for the domain: dns.name-missing tells"
    BOGUS = "the zone fails validation: dns.dnssec-bogus tells"
    UNKNOWN = "the resolver gives no answer"


@dataclass(frozen=True, slots=True)
class Lookup:
    """How looking up the domain goes, and what was seen."""

    standing: Standing
    why: str
    evidence: tuple[str, ...]


@fact
async def lookup(facts: Facts) -> Lookup:
    """Look the domain up; where the resolver has no answer, find out whose fault that is. Raises Offline."""
    domain = facts.subject.domain
    try:
        found = await addresses(facts, domain)
    except DnsFailed as problem:
        seen: tuple[str, ...] = (problem.reason,)
    else:
        if found.missing:
            return Lookup(Standing.MISSING, f"{domain} does not exist", found.evidence)
        if found.told:
            return Lookup(Standing.FINE, f"{domain} exists", found.evidence)
        seen = found.evidence
    try:
        signed = await signing(facts)
        if signed.trust is Trust.BOGUS:
            return Lookup(Standing.BOGUS, signed.why, signed.evidence)
    except CannotTell:
        # Without a word on its signatures, the servers themselves may still tell.
        pass
    try:
        asked = await authority(facts, domain)
    except CannotTell as problem:
        return await _without_servers(facts, (*seen, problem.reason))
    evidence = (*seen, *(line for lines in asked.lame.values() for line in lines))
    if asked.dead:
        return Lookup(Standing.DEAD, f"none of the name servers of {asked.zone} answers for it", evidence)
    if not asked.servers:
        cut = await delegation(facts, domain)
        return Lookup(Standing.MISSING, f"{domain} is not delegated", (*seen, cut.evidence))
    return Lookup(Standing.UNKNOWN, "the resolver gives no answer while the zone's own servers do", evidence)


async def _without_servers(facts: Facts, seen: tuple[str, ...]) -> Lookup:
    """Whose fault is it where not even the zone's servers can be found? The zone's, if the resolver works else."""
    above = facts.subject.domain.partition(".")[2] or "."
    try:
        other = await facts.network.resolve(above, "NS")
    except DnsFailed as problem:
        return Lookup(Standing.UNKNOWN, problem.reason, seen)
    if other.ok or other.nxdomain:
        why = f"the resolver, which knows {above}, gets no answer for {facts.subject.domain}"
        return Lookup(Standing.DEAD, why, (*seen, other.describe()))
    return Lookup(Standing.UNKNOWN, f"the resolver answers {other.rcode} for {above} too", seen)


async def told(facts: Facts, name: str) -> Addresses:
    """The addresses of a name, known for sure.

    Raises NotApplicable where the domain as a whole cannot be looked up and another check reports that,
    CannotTell where the resolver gives no answer for other reasons, Offline.
    """
    try:
        found = await addresses(facts, name)
        if found.told:
            return found
        reason = f"the resolver gives no answer for {name}: {'; '.join(found.evidence)}"
    except DnsFailed as problem:
        reason = problem.reason
    whole = await lookup(facts)
    if whole.standing in (Standing.DEAD, Standing.BOGUS):
        raise NotApplicable(whole.standing.value)
    if await _bogus(facts):
        raise NotApplicable(Standing.BOGUS.value)
    raise CannotTell(reason)


async def _bogus(facts: Facts) -> bool:
    """Whether any of the zone's public names fails validation. Raises Offline."""
    try:
        return (await signing(facts)).trust is Trust.BOGUS
    except CannotTell:
        return False


async def require_lookup(facts: Facts) -> None:
    """Go on only where the domain can be looked up.

    Raises NotApplicable where it cannot and another check reports that, CannotTell, Offline.
    """
    whole = await lookup(facts)
    if whole.standing is Standing.UNKNOWN:
        raise CannotTell(whole.why)
    if whole.standing is not Standing.FINE:
        raise NotApplicable(whole.standing.value)


@check(
    "dns.name-missing",
    title="The domain does not exist",
    when="the domain itself answers NXDOMAIN, or its zone answers SERVFAIL or not at all from every server",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B01", "S1.2", "A1"],
    source="RFC 2308",
    cost="Nobody can reach the site, and no mail arrives.",
)
async def name_missing(facts: Facts, domain: str) -> Verdict:
    found = await lookup(facts)
    match found.standing:
        case Standing.MISSING:
            return failed(
                domain, f"The domain does not exist: {found.why}.", evidence=found.evidence, fix=await _fix(facts)
            )
        case Standing.DEAD:
            return failed(
                domain,
                f"The domain cannot be looked up: {found.why}.",
                evidence=found.evidence,
                fix="At the registrar, point the domain at the name servers that your DNS host gives you, "
                "and make sure that the zone exists there.",
            )
        case Standing.BOGUS:
            return skipped(domain, found.standing.value)
        case Standing.UNKNOWN:
            raise CannotTell(found.why)
        case _:
            return passed(domain, f"{domain} exists.", evidence=found.evidence)


async def _fix(facts: Facts) -> str:
    """What to do about NXDOMAIN: at the registrar where the parent knows nothing of the domain, else at the host."""
    domain = facts.subject.domain
    try:
        cut = await delegation(facts, domain)
    except CannotTell:
        cut = None
    record = f"{domain} A <the address of your web host>"
    above = domain.partition(".")[2]
    if cut is None or (cut.zone == domain and cut.servers):
        return f"Publish the zone {domain} at your DNS host, with at least: {record}."
    if "." in above:
        return (
            f"If the zone {above} is yours, publish in it: {record}. If it is a registry's, register or renew {domain} "
            "there, and set its name servers."
        )
    return (
        f"The registry has no delegation for {domain}. Register or renew it, and set its name servers at the "
        "registrar; if it is registered, look there for a hold."
    )

"""Where the zone is cut and whom its parent names for it: asked of the parent's own servers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

import dns.message
import dns.rdatatype
import dns.rrset

from checks.errors import CannotTell, DnsFailed, NetworkError
from checks.facts import Facts, fact
from checks.network import Answer
from checks.network.dns import name_of, text_of

PARENTS_ASKED = 3


class Teller(Enum):
    """Whose word a delegation is."""

    PARENT = "the parent's referral"
    SHARED = "the parent's servers, which serve the zone themselves"
    RESOLVER = "the resolver, since the parent's servers could not be asked"


@dataclass(frozen=True, slots=True)
class Delegation:
    """How resolvers find the zone that a name lies in."""

    zone: str
    servers: tuple[str, ...]
    """Names of the delegated name servers, sorted; none where the parent says that there is no such zone."""
    glue: tuple[tuple[str, tuple[str, ...]], ...]
    """Addresses that the referral gave, by server."""
    parents: tuple[str, ...]
    """Addresses of the parent's servers; none where they could not be found."""
    teller: Teller
    evidence: str

    def glue_of(self, server: str) -> tuple[str, ...]:
        return dict(self.glue).get(server, ())


@fact
async def delegation(facts: Facts, name: str) -> Delegation:
    """The delegation of the zone that `name` lies in. Raises CannotTell, DnsFailed, Offline."""
    above = name.partition(".")[2] or "."
    try:
        parents = await _servers_of(facts, above)
        answer = await _first_answer(facts, parents, name)
    except NetworkError:
        return await _by_resolver(facts, name)
    if set_at := _ns_set(answer.message.answer, name):
        if answer.from_resolver:
            # Not the parent's server: this machine's network redirects port 53.
            return await _by_resolver(facts, name)
        return _told(answer, parents, set_at, Teller.SHARED if answer.authoritative else Teller.PARENT)
    if set_at := _ns_set(answer.message.authority, name):
        return _told(answer, parents, set_at, Teller.PARENT)
    if answer.authoritative and answer.nxdomain and not answer.chain:
        return Delegation(name, (), (), parents, Teller.PARENT, answer.describe())
    if answer.authoritative and above != ".":
        # A name inside the parent's zone: no cut here.
        return await delegation(facts, above)
    return await _by_resolver(facts, name)


def _told(answer: Answer, parents: tuple[str, ...], ns: dns.rrset.RRset, teller: Teller) -> Delegation:
    servers = tuple(sorted(text_of(record.target) for record in ns))
    glue = tuple((server, _glue(answer.message, server)) for server in servers)
    said = f"{answer.server} names for {answer.name}: {', '.join(servers)}"
    return Delegation(answer.name, servers, glue, parents, teller, said)


def _ns_set(section: list[dns.rrset.RRset], name: str) -> dns.rrset.RRset | None:
    wanted = name_of(name)
    return next((rrset for rrset in section if rrset.rdtype == dns.rdatatype.NS and rrset.name == wanted), None)


def _glue(message: dns.message.Message, server: str) -> tuple[str, ...]:
    wanted = name_of(server)
    return tuple(
        record.address
        for rrset in message.additional
        if rrset.name == wanted and rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)
        for record in rrset
    )


async def _servers_of(facts: Facts, zone: str) -> tuple[str, ...]:
    """Addresses of a few servers of the zone that `zone` names or lies in, one a server."""
    answer = await facts.network.resolve(zone, "NS")
    if not answer.records or answer.chain:
        holder = next((rrset.name for rrset in answer.message.authority if rrset.rdtype == dns.rdatatype.SOA), None)
        if holder is None or not name_of(zone).is_subdomain(holder) or holder == name_of(zone):
            raise CannotTell(f"the name servers of {zone} cannot be found out: {answer.describe()}")
        answer = await facts.network.resolve(holder, "NS")
    names = sorted(text_of(record.target) for record in answer.records)[:PARENTS_ASKED]  # type: ignore[attr-defined]
    given = [_glue(answer.message, name) for name in names]
    asked = await asyncio.gather(
        *(facts.network.addresses(name) for name, glue in zip(names, given, strict=True) if not glue),
        return_exceptions=True,
    )
    found = [addresses for addresses in (*given, *asked) if not isinstance(addresses, BaseException)]
    # IPv4 first: a machine's IPv6 leads nowhere more often than its IPv4, and one address a server is asked.
    ranked = [sorted(addresses, key=lambda address: ":" in address) for addresses in found]
    best = (next((a for a in addresses if facts.network.can_reach(a, 53)), None) for addresses in ranked)
    servers = tuple(dict.fromkeys(address for address in best if address))
    if not servers:
        raise CannotTell(f"no name server of {zone} has an address that this machine can reach")
    return servers


async def _first_answer(facts: Facts, servers: tuple[str, ...], name: str) -> Answer:
    """The first usable answer to NS of `name`. Raises DnsFailed."""
    first, others = servers[0], servers[1:]
    problem = DnsFailed(f"no server of the zone above {name} answers")
    for group in ((first,), others):
        answers = await asyncio.gather(
            *(facts.network.ask(server, name, "NS") for server in group), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, Answer) and (answer.ok or answer.nxdomain):
                return answer
            if isinstance(answer, BaseException) and not isinstance(answer, NetworkError):
                raise answer
    raise problem


async def _by_resolver(facts: Facts, name: str) -> Delegation:
    """The zone's own NS set, where nobody can be asked for the parent's."""
    answer = await facts.network.resolve(name, "NS")
    if (ns := _ns_set(answer.message.answer, name)) is not None:
        told = _told(answer, (), ns, Teller.RESOLVER)
        return Delegation(told.zone, told.servers, told.glue, (), Teller.RESOLVER, answer.describe())
    holder = next((text_of(rrset.name) for rrset in answer.message.authority if rrset.rdtype == dns.rdatatype.SOA), "")
    if holder and holder != name and name.endswith(f".{holder}"):
        return await delegation(facts, holder)
    raise CannotTell(f"the name servers of {name} cannot be found out: {answer.describe()}")

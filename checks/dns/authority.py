"""What each delegated name server says when it is asked directly, at each of its addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace

import dns.rdatatype

from checks.dns.addresses import addresses
from checks.dns.delegation import Teller, delegation
from checks.errors import CannotTell, DnsFailed, Offline
from checks.facts import Facts, fact
from checks.network import Answer
from checks.network.dns import name_of, text_of

ADDRESSES_A_FAMILY = 3
"""Of one name server; an anycast operator may give more, all leading to the same machines."""


@dataclass(frozen=True, slots=True)
class View:
    """One address of one name server, and what came back from it."""

    server: str
    address: str
    problem: str = ""
    """Why its answer is not authoritative; empty where it is."""
    silent: bool = False
    """Whether nothing at all came back."""
    needs_tcp: bool = False
    """Whether it cut its answer short and gave none over TCP."""
    soa: Answer | None = None
    """None where there is none, as of the next three: some servers keep silent on AAAA alone."""
    ns: Answer | None = None
    a: Answer | None = None
    aaaa: Answer | None = None

    @property
    def at(self) -> str:
        return f"{self.server} ({self.address})"

    @property
    def unheard(self) -> bool:
        """Whether nothing came back from this server itself: silence, or a resolver's answer in its place."""
        return self.silent or (self.soa is not None and self.soa.from_resolver)

    @property
    def evidence(self) -> str:
        """How it answered with authority."""
        return self.at if self.soa is None or self.soa.edns else f"{self.at}, to questions without EDNS"

    @property
    def serial(self) -> int | None:
        """Of the SOA; None where the answer holds none."""
        records = self.soa.records if self.soa else ()
        return records[0].serial if records else None  # type: ignore[attr-defined]

    @property
    def primary(self) -> str:
        """The server that the SOA calls the zone's source; empty where the answer holds none."""
        records = self.soa.records if self.soa else ()
        return text_of(records[0].mname) if records else ""  # type: ignore[attr-defined]

    @property
    def ns_names(self) -> frozenset[str]:
        records = self.ns.records if self.ns and not self.ns.chain else ()
        return frozenset(text_of(record.target) for record in records)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class NameServer:
    """One delegated name server."""

    name: str
    addresses: tuple[str, ...]
    """By the referral's glue first, then by its name."""
    outdated: tuple[str, ...] = ()
    """Of these, what the glue alone gives though its name leads elsewhere."""
    alias: str = ""
    """What its name is a CNAME to, which a server's name must not be; empty where it is none."""
    unresolved: str = ""
    """Why its name leads to no address; empty where it does."""
    unknown: str = ""
    """Why nothing can be said of it; empty where something can."""
    views: tuple[View, ...] = ()
    """One for each address that this machine can ask."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The delegated name servers of one zone."""

    zone: str
    servers: tuple[NameServer, ...] = ()

    @property
    def views(self) -> tuple[View, ...]:
        """Every address that answers with authority."""
        return tuple(view for server in self.servers for view in server.views if not view.problem)

    @property
    def lame(self) -> dict[str, tuple[str, ...]]:
        """What is wrong, by name server; one that could not be judged is not in it."""
        found = {}
        for server in self.servers:
            wrong = [f"{view.at}: {view.problem}" for view in server.views if view.problem]
            if server.unresolved:
                wrong.append(server.unresolved)
            if wrong:
                found[server.name] = tuple(wrong)
        return found

    @property
    def dead(self) -> bool:
        """Whether every name server was judged and none answers with authority anywhere."""
        return bool(self.servers) and len(self.lame) == len(self.servers) and not self.views


@fact
async def authority(facts: Facts, name: str) -> Authority:
    """Ask every delegated server of the zone that `name` lies in. Raises CannotTell, DnsFailed, Offline."""
    cut = await delegation(facts, name)
    servers = await asyncio.gather(*(_name_server(facts, name, cut.zone, server) for server in cut.servers))
    servers = _without_blind_family(servers)
    if cut.teller is Teller.RESOLVER and await _filtered(facts, name, servers):
        servers = [_unseen(server, "no DNS server can be asked directly from this machine") for server in servers]
    return Authority(cut.zone, tuple(servers))


async def best_view(facts: Facts, name: str) -> View:
    """One address that answers with authority for the zone of `name`, with EDNS where any does.

    Raises CannotTell, DnsFailed, Offline.
    """
    views = (await authority(facts, name)).views
    if not views:
        raise CannotTell(f"no name server of {name} answers with authority")
    return max(views, key=lambda view: view.soa is not None and view.soa.edns)


async def _name_server(facts: Facts, name: str, zone: str, server: str) -> NameServer:
    glue = (await delegation(facts, name)).glue_of(server)
    found: tuple[str, ...] = ()
    alias = unresolved = unknown = ""
    try:
        resolved = await addresses(facts, server)
        found = resolved.all
        alias = resolved.chain[0].target if resolved.chain else ""
        if not found and (resolved.told or not glue):
            unresolved = f"{server} has no address: {'; '.join(resolved.evidence)}"
    except DnsFailed as problem:
        unknown = "" if glue else f"the address of {server} could not be asked for: {problem.reason}"
    every = tuple(dict.fromkeys((*glue, *found)))
    families = ([a for a in every if ":" not in a], [a for a in every if ":" in a])
    asked = [a for family in families for a in family[:ADDRESSES_A_FAMILY] if facts.network.can_reach(a, 53)]
    if every and not asked:
        unknown = f"{server} has only addresses of a kind that this machine cannot reach: {', '.join(every)}"
    views = await asyncio.gather(*(_view(facts, name, zone, server, address) for address in asked))
    outdated = tuple(a for a in glue if found and a not in found)
    return NameServer(server, every, outdated, alias, unresolved, unknown, tuple(view for view in views if view))


async def _view(facts: Facts, name: str, zone: str, server: str, address: str) -> View | None:
    """Ask at one address; None where this machine finds no way to it."""
    try:
        # Alone and first, so that a dead server is not asked four things.
        soa = await facts.network.ask(address, zone, "SOA", dnssec=True)
    except Offline:
        return None
    except DnsFailed as problem:
        silent = problem.timed_out and not problem.needs_tcp
        return View(server, address, problem.reason, silent=silent, needs_tcp=problem.needs_tcp)
    if problem_seen := _not_authoritative(soa, zone):
        return View(server, address, problem_seen, soa=soa)
    questions = ((zone, "NS"), (name, "A"), (name, "AAAA"))
    ns, a, aaaa = await asyncio.gather(*(if_answered(facts, address, *question) for question in questions))
    if ns is a is aaaa is None:
        return View(server, address, f"answers for the SOA of {zone} and for nothing else", soa=soa)
    return View(server, address, soa=soa, ns=ns, a=a, aaaa=aaaa)


async def if_answered(facts: Facts, address: str, name: str, rdtype: str, *, again: bool = False) -> Answer | None:
    """What the server there says with its signatures; None where it keeps silent. Raises Offline."""
    try:
        return await facts.network.ask(address, name, rdtype, dnssec=True, again=again)
    except DnsFailed:
        return None


def _not_authoritative(soa: Answer, zone: str) -> str:
    """What is wrong with an answer to SOA of the zone; empty where it is authoritative (RFC 1912 s2.8)."""
    if not soa.ok:
        return f"answers {soa.rcode} for {zone}"
    if not soa.authoritative:
        upward = any(
            rrset.rdtype == dns.rdatatype.NS and rrset.name != name_of(zone) for rrset in soa.message.authority
        )
        return f"answers without authority (no AA){', and refers elsewhere' if upward else ''}"
    above = next((rrset.name for rrset in soa.message.authority if rrset.rdtype == dns.rdatatype.SOA), None)
    if not soa.message.answer and above is not None and above != name_of(zone) and name_of(zone).is_subdomain(above):
        return f"knows {zone} as a part of {text_of(above)} only"
    return ""


def _without_blind_family(servers: list[NameServer]) -> list[NameServer]:
    """Drop the views of a whole address family that stayed silent while the other family answered.

    That is this machine's lack of a way, seen too often with IPv6, and says nothing of the servers.
    """
    views = [view for server in servers for view in server.views]
    v4 = [view for view in views if ":" not in view.address]
    v6 = [view for view in views if ":" in view.address]
    for blind, other in ((v6, v4), (v4, v6)):
        if blind and all(view.silent for view in blind) and any(not view.silent for view in other):
            return [
                _unseen(server, "nothing answers this machine at addresses of its kind", blind) for server in servers
            ]
    return servers


async def _filtered(facts: Facts, name: str, servers: list[NameServer]) -> bool:
    """Whether no server itself answers this machine while resolvers, who ask them too, know the name."""
    views = [view for server in servers for view in server.views]
    return bool(views) and all(view.unheard for view in views) and (await addresses(facts, name)).told


def _unseen(server: NameServer, why: str, views: Collection[View] | None = None) -> NameServer:
    """The server without those views (None: all); unknown for this reason where no view is left."""
    kept = tuple(view for view in server.views if views is not None and view not in views)
    return replace(server, views=kept, unknown=server.unknown or ("" if kept else f"{server.name}: {why}"))


def addresses_at(view: View) -> frozenset[str]:
    """The addresses of the domain as this server gives them."""
    return frozenset(text for answer in (view.a, view.aaaa) if answer for text in answer.texts)

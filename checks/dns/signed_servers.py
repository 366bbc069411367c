"""What each name server of a signed zone sends, validated: a fault of one of them alone is seen, too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import dns.message
import dns.name

from checks.dns.authority import NameServer, View, authority, best_view, if_answered
from checks.dns.chain_of_trust import Chain, cuts_in, judge_answers, judge_chain, keys_of, unsigned_names
from checks.errors import DnsFailed
from checks.facts import Facts
from checks.network import Answer
from checks.network.dns import name_of

WITHOUT_EDNS = "sends no signatures, since it does not answer questions with EDNS"


class Fault(Enum):
    """What is to be mended where signatures do not validate."""

    ZONE = "the zone itself"
    SERVERS = "the copy of some servers"
    KEYS = "the DNSKEY records, which lack those of other servers"


Questions = tuple[tuple[str, str], ...]
"""(name, type) pairs."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What validating came to, by name server."""

    chains: Mapping[str, Chain] = field(default_factory=dict)
    """Of the servers that sent what can be judged."""
    unjudged: Mapping[str, str] = field(default_factory=dict)
    """Why nothing can be said of the others."""

    @property
    def holding(self) -> bool:
        """Whether everything validates at some server."""
        return any(chain.holds for chain in self.chains.values())

    @property
    def broken(self) -> dict[str, str]:
        """Why it does not validate, by server."""
        return {server: chain.broken for server, chain in self.chains.items() if chain.broken}

    @property
    def why(self) -> str:
        """The faults in a line, each once."""
        return "; ".join(dict.fromkeys(self.broken.values()))

    @property
    def fault(self) -> Fault:
        """Whose fault it is that something does not validate; the zone's where no server was found broken."""
        broken = self.broken
        if broken and all(self.chains[server].alone for server in broken):
            return Fault.KEYS
        return Fault.SERVERS if broken and self.holding else Fault.ZONE

    @property
    def unsupported(self) -> str:
        return next((chain.unsupported for chain in self.chains.values()), "")

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(f"{server}: {why}" for server, why in {**self.broken, **self.unjudged}.items())


@dataclass(frozen=True, slots=True)
class _Sent:
    """One name server's keys, and its answers at all of its addresses."""

    server: str
    dnskey: dns.message.Message
    signed: tuple[dns.message.Message, ...]
    cuts: frozenset[dns.name.Name]
    """The tops of zones below, as far as they matter."""


async def judge_servers(facts: Facts, zone: str, ds: Sequence[Any], more: Questions) -> Judgement:
    """Validate what every server of the zone says of its apex, and what is asked besides.

    Each server is asked for its keys; the rest was asked of it before.

    Args:
        more: asked of the one server that other checks ask, too; of all where it is broken there.

    Raises CannotTell, DnsFailed, Offline.
    """
    domain = facts.subject.domain
    best = await best_view(facts, domain)
    servers = [server for server in (await authority(facts, domain)).servers if _answering(server)]
    first = await _judgement(facts, zone, ds, servers, best, {best.server: more})
    if best.server not in first.broken:
        return first
    return await _judgement(facts, zone, ds, servers, best, {server.name: more for server in servers})


async def _judgement(
    facts: Facts,
    zone: str,
    ds: Sequence[Any],
    servers: Sequence[NameServer],
    best: View,
    more: Mapping[str, Questions],
) -> Judgement:
    found = await asyncio.gather(*(_sent(facts, zone, one, best, more.get(one.name, ())) for one in servers))
    sent = [one for one in found if isinstance(one, _Sent)]
    unjudged = {server.name: one for server, one in zip(servers, found, strict=True) if isinstance(one, str)}
    # Some milliseconds of cryptography for each server.
    return Judgement(await asyncio.to_thread(_judge, name_of(zone), ds, sent), unjudged)


def _answering(server: NameServer) -> list[View]:
    return [view for view in server.views if not view.problem]


async def _sent(facts: Facts, zone: str, server: NameServer, best: View, more: Questions) -> _Sent | str:
    """What a server sends with its signatures, or why it can send none."""
    views = [view for view in _answering(server) if view.soa is not None and view.soa.edns]
    if not views:
        return WITHOUT_EDNS
    here = best if best in views else views[0]
    try:
        keys, found = await asyncio.gather(
            facts.network.ask(here.address, zone, "DNSKEY", dnssec=True),
            asyncio.gather(*(if_answered(facts, here.address, *question) for question in more)),
        )
        others = [answer for answer in found if answer is not None]
        cuts = await _cuts(facts, zone, here, others)
    except DnsFailed as problem:
        return problem.reason
    if not keys.edns:
        return WITHOUT_EDNS
    answers = [answer for view in views for answer in (view.soa, view.ns, view.a, view.aaaa)]
    # What came without EDNS, after a silence, could bring no signature.
    signed = tuple(answer.message for answer in (*answers, *others) if answer is not None and answer.edns)
    return _Sent(server.name, keys.message, signed, cuts)


async def _cuts(facts: Facts, zone: str, view: View, answers: Sequence[Answer]) -> frozenset[dns.name.Name]:
    """The tops of zones below this one, on the same server: what they leave unsigned is not this one's to sign."""
    top = name_of(zone)
    names = {name for answer in answers for name in unsigned_names(top, answer.message)}
    asked = (facts.network.ask(view.address, name, "SOA", dnssec=True) for name in sorted(names))
    return frozenset(cut for soa in await asyncio.gather(*asked) for cut in cuts_in(top, soa.message))


def _judge(zone: dns.name.Name, ds: Sequence[Any], sent: Sequence[_Sent]) -> dict[str, Chain]:
    chains = {one.server: judge_chain(zone, ds, one.dnskey, one.signed, cuts=one.cuts) for one in sent}
    whole = [one for one in sent if chains[one.server].holds]
    for one in whole:
        # A resolver may have the keys of one server and the answers of another.
        for other in whole:
            keys = keys_of(zone, one.dnskey)
            if keys is None or keys == keys_of(zone, other.dnskey):
                continue
            if judge_answers(zone, keys, other.signed, cuts=other.cuts).broken:
                why = f"the DNSKEY records at {one.server} lack a key that {other.server} signs with"
                chains[one.server] = Chain(why, alone=True)
    return chains

"""Whether the big public resolvers already agree: a change on its way shows here."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.errors import CannotTell, Offline, Untold
from checks.facts import Facts
from checks.finding import Verdict, errored, passed, skipped, warned
from checks.network import Answer
from checks.web.edge.ranges import edge_of_address


@check(
    "dns.resolvers-differ",
    title="A DNS change is still on its way",
    when="public resolvers (configurable; 1.1.1.1, 8.8.8.8 and 9.9.9.9 by default) disagree on the apex or www: "
    "propagation still under way",
    status="warn",
    triage="note",
    risk="downtime",
    item=["S2.1"],
    source="roadmap",
    cost="For some hours, part of the visitors still reach the old place.",
)
async def resolvers_differ(facts: Facts, domain: str) -> list[Verdict]:
    if facts.network.own_resolver:
        return [skipped(domain, "a resolver was given, so no other one is asked")]
    return list(await asyncio.gather(*(_compared(facts, name) for name in (domain, facts.subject.www))))


async def _compared(facts: Facts, name: str) -> Verdict:
    asked = await asyncio.gather(*(_asked(facts, resolver, name) for resolver in facts.subject.resolvers))
    known = [one for one in asked if not isinstance(one, Untold)]
    if all(isinstance(one, Offline) for one in asked):
        raise Offline
    if len(known) < 2:
        return errored(name, "could not check: fewer than two public resolvers answer this machine")
    seen = [answer.describe() for pair in known for answer in pair]
    if len({_place(pair) for pair in known}) == 1:
        return passed(name, f"The public resolvers agree on {name}.", evidence=seen)
    ttl = max((answer.ttl or 0 for pair in known for answer in pair), default=0)
    return warned(
        name,
        f"The public resolvers do not agree on {name}: a change is still on its way.",
        evidence=seen,
        fix=f"Wait until the old answer has run out ({ttl} s at most by what they say), then run this again. If it "
        "stays, compare the name servers (dns.answers-differ).",
    )


async def _asked(facts: Facts, resolver: str, name: str) -> tuple[Answer, Answer] | Untold:
    """A and AAAA from one resolver, or why it has no usable answer."""
    try:
        pair = await asyncio.gather(
            *(facts.network.ask(resolver, name, rdtype, recurse=True) for rdtype in ("A", "AAAA"))
        )
    except (CannotTell, Offline) as problem:
        return problem
    a, aaaa = pair
    if all(answer.ok or answer.nxdomain for answer in pair):
        return a, aaaa
    return CannotTell(f"{resolver} has no usable answer")


def _place(pair: tuple[Answer, Answer]) -> frozenset[str]:
    """Where the answers lead, as far as the domain's own zone says.

    A CNAME is told by its target, since its owner may answer by region; the addresses of an edge by its name.
    """
    a, aaaa = pair
    if chain := a.chain or aaaa.chain:
        return frozenset({chain[0].target})
    return frozenset(edge_of_address(address) or address for address in (*a.texts, *aaaa.texts))

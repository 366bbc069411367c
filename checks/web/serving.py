"""Whether one address serves the site: answers there, with the canonical host's name, as the canonical page does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.network import Response
from checks.web.pages import canonical, fetch, inconclusive, read, redirect_chain
from checks.web.refusal import refusal
from checks.web.tls.certificate import BadCertificate, read_certificate
from checks.web.tls.trust import trust_store
from checks.web.url import host

LIKENESS = 0.7
"""Share of words that two answers of one page have in common at least; the rest may be dates, offers, nonces."""
_WORD = re.compile(r"[^\W\d_]{2,}")


async def same_page(one: Response, other: Response) -> bool:
    """Whether two good answers show one page: the same title and mostly the same words."""
    if one.body == other.body:
        return True
    ours, theirs = await asyncio.gather(read(one), read(other))
    if ours.title != theirs.title:
        return False
    mine, others = (set(_WORD.findall(document.text.lower())) for document in (ours, theirs))
    if not mine and not others:
        # A page that scripts fill is known by its scripts; their names change from one release to the next.
        return len(ours.scripts) == len(theirs.scripts)
    return len(mine & others) >= LIKENESS * len(mine | others)


@dataclass(frozen=True, slots=True)
class Serving:
    """How one address answers for the canonical page."""

    address: str
    response: Response | None = None
    problem: str = ""
    """Why it gives no good answer; empty where it does."""
    unknown: str = ""
    """Why nothing can be said of it; empty where something can."""

    @property
    def answers_well(self) -> bool:
        return self.response is not None and not self.problem and not self.unknown


@fact
async def serving(facts: Facts, address: str) -> Serving:
    """Ask `address` over https for the canonical page. Raises Offline only."""
    url = (await redirect_chain(facts, await canonical(facts))).url.replace("http://", "https://", 1)
    try:
        response = await fetch(facts, url, address)
    except CannotTell as problem:
        if inconclusive(facts, problem):
            return Serving(address, unknown=problem.reason)
        return Serving(address, problem=problem.reason)
    if turned_away := refusal(response):
        return Serving(address, response, unknown=turned_away)
    if not response.ok:
        return Serving(address, response, problem=f"{response.describe()} at {address}")
    return Serving(address, response, problem=_certificate_problem(facts, response))


def _certificate_problem(facts: Facts, response: Response) -> str:
    """Why visitors would be warned at this address; empty where they would not."""
    try:
        certificates = [read_certificate(der) for der in (response.handshake.chain if response.handshake else ())]
    except BadCertificate:
        certificates = []
    name = host(response.url)
    if not certificates:
        return f"{response.address} shows no certificate that can be read"
    leaf = certificates[0]
    if not leaf.covers(name):
        return f"{response.address} shows a certificate for {', '.join(leaf.dns_names) or leaf.subject}, not for {name}"
    path = trust_store(facts.network.ca_file).path(leaf, certificates[1:])
    if not path.trusted:
        return f"{response.address} shows a certificate that browsers do not trust ({path.reason})"
    if path.out_of_date:
        return f"{response.address} shows a certificate that is out of date: {path.out_of_date[0].describe()}"
    return ""


async def compared(facts: Facts, addresses: Iterable[str]) -> tuple[tuple[Serving, ...], tuple[Serving, ...]]:
    """Split addresses into those that serve the site and those that do not; what cannot be told is in neither.

    The canonical page is the measure; where it is not well itself, the first address is that answers well.
    Raises Offline.
    """
    asked = await asyncio.gather(*(serving(facts, address) for address in addresses))
    chain = await redirect_chain(facts, await canonical(facts))
    good = [one for one in asked if one.answers_well]
    measure = chain.last if chain.ended and chain.last.ok else next((one.response for one in good), None)
    serve, fail = [], [one for one in asked if one.problem and not one.unknown]
    for one in good:
        if measure is not None and one.response is not None and await same_page(measure, one.response):
            serve.append(one)
        else:
            fail.append(Serving(one.address, one.response, f"{one.address} shows another page than {chain.url}"))
    return tuple(serve), tuple(fail)

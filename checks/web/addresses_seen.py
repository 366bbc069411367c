"""How the site's addresses answered in a run, and how fast: looked back on, asks nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from checks.facts import Facts
from checks.web.pages import brand_chains, canonical, redirect_chain, variants
from checks.web.redirects import Chain
from checks.web.site.answers import named_routes, route_answer

Kind = Literal["homepage", "route", "variant", "campaign"]


@dataclass(frozen=True, slots=True)
class AddressSeen:
    """One address as it answered."""

    kind: Kind
    target: str
    """How findings call it: its URL, behind the method where that is not GET."""
    status: int | None
    """Of the answer that counts; None where there was none."""
    end: str
    """The URL at the end of its redirects."""
    seconds: float | None
    """Of all its answers, from the first packet to the last."""


def addresses_seen(facts: Facts) -> Iterator[AddressSeen]:
    """The homepage, the named routes, the variants of the domain and the campaign URLs, as far as they were asked."""
    home = facts.known(canonical)
    if home and (chain := facts.known(redirect_chain, home)):
        yield _of_chain("homepage", home, chain)
    for target, route in (facts.known(named_routes) or {}).items():
        if answer := facts.known(route_answer, route):
            response, _ = answer
            yield AddressSeen("route", target, response.status, response.url, response.seconds.total)
    for chain in (*(facts.known(variants) or ()), *(facts.known(brand_chains) or ())):
        yield _of_chain("variant", chain.start, chain)
    for url in facts.subject.campaign_urls:
        if chain := facts.known(redirect_chain, url):
            yield _of_chain("campaign", url, chain)


def _of_chain(kind: Kind, target: str, chain: Chain) -> AddressSeen:
    took = sum(hop.response.seconds.total for hop in chain.hops) if chain.hops else None
    return AddressSeen(kind, target, chain.last.status if chain.ended else None, chain.url, took)

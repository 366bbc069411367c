"""Which addresses of a host may show different certificates: one of each network, few enough to be asked politely."""

from __future__ import annotations

from dataclasses import dataclass

from checks.dns.addresses import addresses
from checks.facts import Facts
from checks.web.edge.ranges import one_of_each_network

OTHERS = 3
"""Addresses that are looked at beside the one that answers first."""
PORT = 443


@dataclass(frozen=True, slots=True)
class Apart:
    """Addresses of one host that need not show the same."""

    within_reach: tuple[str, ...]
    """Those to look at."""
    left_out: tuple[str, ...]
    """Evidence: those that are not looked at, and why."""


async def apart(facts: Facts, host: str, first: str = "") -> Apart:
    """Choose among the addresses of `host` those that need not show what `first` (where one is given) shows.

    One of each network, as an edge serves alike at all its addresses; one of each place that the connect map leads to;
    of the other family first, which other visitors come by, and the same ones each time. Raises DnsFailed, Offline.
    """
    published = (await addresses(facts, host)).all
    ranked = sorted(published, key=lambda one: (one != first, (":" in one) == (":" in first), one))
    places: dict[tuple[str, int], str] = {}
    for address in one_of_each_network(ranked):
        places.setdefault(_place(facts, host, address), address)
    others = [address for address in places.values() if address != first]
    near = [address for address in others if facts.network.can_reach(address, PORT)]
    chosen = near[:OTHERS] if first else near[: OTHERS + 1]
    far = [
        f"{address} was not tried: this machine has no {_family(address)}" for address in others if address not in near
    ]
    rest = [f"{address} was not tried: enough others were" for address in near if address not in chosen]
    return Apart(tuple(chosen), (*far, *rest))


def _place(facts: Facts, host: str, address: str) -> tuple[str, int]:
    """Where a connection to this address really goes."""
    target = facts.network.map.target((address,), PORT) or facts.network.map.target((host,), PORT)
    return (target[0] or address, target[1]) if target else (address, PORT)


def _family(address: str) -> str:
    return "IPv6" if ":" in address else "IPv4"

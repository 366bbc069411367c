"""What an ordered list of networks lets send: the first that holds an address decides, as in the record."""

from __future__ import annotations

import bisect
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from checks.mail.spf.grammar import IPNetwork


@dataclass(frozen=True, slots=True)
class Grant:
    """One network that a record says something about, in the order of evaluation."""

    network: IPNetwork
    allowed: bool
    """False where a match is no pass (-, ~ or ?)."""


class Coverage:
    """The addresses that get a pass, as ranges in order; made once, a question then costs a look at few of them."""

    def __init__(self, granted: Iterable[Grant]) -> None:
        every = tuple(granted)
        self._ranges = {version: _painted([g for g in every if g.network.version == version]) for version in (4, 6)}
        self._begins = {version: [low for low, _ in ranges] for version, ranges in self._ranges.items()}

    def covers(self, network: IPNetwork) -> bool:
        """Whether every address of `network` gets a pass."""
        low, high = _range(network)
        place = bisect.bisect_right(self._begins[network.version], low) - 1
        return place >= 0 and self._ranges[network.version][place][1] > high

    @property
    def networks(self) -> tuple[IPNetwork, ...]:
        """The same as the fewest networks."""
        v4, v6 = ipaddress.IPv4Address, ipaddress.IPv6Address
        found: list[IPNetwork] = []
        for low, end in self._ranges[4]:
            found += ipaddress.summarize_address_range(v4(low), v4(end - 1))
        for low, end in self._ranges[6]:
            found += ipaddress.summarize_address_range(v6(low), v6(end - 1))
        return tuple(found)


def _range(network: IPNetwork) -> tuple[int, int]:
    """The first and the last address as numbers."""
    low = int(network.network_address)
    return low, low + network.num_addresses - 1


def _painted(grants: list[Grant]) -> list[tuple[int, int]]:
    """The ranges that get a pass, the second number not in them, sorted and with gaps between.

    Every grant paints what none before it has; a painted stretch points past itself, so that none is visited twice.
    """
    ranges = [(low, high + 1) for low, high in (_range(grant.network) for grant in grants)]
    points = sorted({point for both in ranges for point in both})
    index = {point: place for place, point in enumerate(points)}
    free = list(range(len(points) + 1))
    passing = bytearray(len(points))
    for grant, (low, end) in zip(grants, ranges, strict=True):
        place = _next_free(free, index[low])
        while place < index[end]:
            passing[place] = grant.allowed
            free[place] = place + 1
            place = _next_free(free, place)
    painted: list[tuple[int, int]] = []
    for place, allowed in enumerate(passing):
        if not allowed:
            continue
        low, end = points[place], points[place + 1]
        if painted and painted[-1][1] == low:
            low = painted.pop()[0]
        painted.append((low, end))
    return painted


def _next_free(free: list[int], place: int) -> int:
    """The first stretch from `place` on that is not painted; the way there is made shorter for the next."""
    found = place
    while free[found] != found:
        found = free[found]
    while free[place] != found:
        free[place], place = found, free[place]
    return found


def outermost(networks: Iterable[IPNetwork]) -> frozenset[IPNetwork]:
    """Those that lie in none of the others."""
    every = frozenset(networks)
    lengths = {version: sorted({n.prefixlen for n in every if n.version == version}) for version in (4, 6)}

    def is_inside(network: IPNetwork) -> bool:
        shorter = (length for length in lengths[network.version] if length < network.prefixlen)
        return any(network.supernet(new_prefix=length) in every for length in shorter)

    return frozenset(network for network in every if not is_inside(network))

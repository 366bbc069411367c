"""Whether silence over IPv6 is a site's or this machine's own: many networks hand out IPv6 that leads nowhere."""

from __future__ import annotations

import asyncio

from checks.errors import ConnectFailed, NetworkError, NoWay
from checks.facts import Facts, fact

KNOWN_GOOD = ("2001:503:ba3e::2:30", "2001:7fd::1")
"""IPv6 addresses of root name servers A and K, run by different organisations at many places."""


async def doubt_silence(facts: Facts, problem: ConnectFailed) -> None:
    """Raise NoWay where `problem` is silence over IPv6, and nothing else answers this machine over it either."""
    if problem.silent_ipv6 and not await _ipv6_works(facts):
        raise NoWay(
            f"{problem.reason}, and nothing else answers this machine over IPv6 either: its own network may be why"
        ) from problem


@fact
async def _ipv6_works(facts: Facts) -> bool:
    """Whether anything came back over IPv6 in this run, else whether a root name server answers. Raises Offline."""
    counters = facts.network.counters
    if not counters.heard_ipv6:
        asked = (facts.network.ask(address, ".", "SOA") for address in KNOWN_GOOD)
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, NetworkError):
                raise answer
    return counters.heard_ipv6

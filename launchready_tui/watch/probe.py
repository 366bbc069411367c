"""One probe: a request with what it must answer, and one immediate retry before a failure counts."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from checks.errors import ConnectFailed, DnsFailed, NetworkError, Offline
from checks.network import Network, Phases
from checks.ops.expected import mismatch
from checks.subject import Route
from checks.text import one_line

ATTEMPT_SECONDS = 10.0
"""For one whole attempt: a page that takes longer is down for whoever waits for it."""
_INTERNET = ("8.8.8.8", "2001:4860:4860::8888")
"""Addresses that whatever leads to the Internet leads to; nothing is sent to them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one probe ended. `ok` is None where it says nothing about the site: this machine has no network."""

    ok: bool | None
    status: int | None = None
    """Of the last attempt; None where nothing answered."""
    reason: str = ""
    """Why it failed; empty where it did not."""
    attempts: int = 1
    seconds: Phases = field(default_factory=Phases)
    """Of the last attempt."""


Prober = Callable[[Route], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class NetworkProber:
    """Probes for real. Each attempt has a network of its own: the name is asked anew, and nothing piles up."""

    network: Callable[[], Network]
    seconds: float = ATTEMPT_SECONDS

    async def __call__(self, route: Route) -> Outcome:
        """Probe once, and once more at once if that failed."""
        first = await self._attempt(route)
        return first if first.ok else replace(await self._attempt(route), attempts=2)

    async def _attempt(self, route: Route) -> Outcome:
        started = time.monotonic()
        async with self.network() as network:
            try:
                response = await network.http(
                    route.method,
                    route.url,
                    headers={"content-type": route.content_type} if route.body else {},
                    body=route.body.encode() or None,
                    verify=True,
                    fresh=True,
                    seconds=self.seconds,
                )
            except Offline as problem:
                return Outcome(None, reason=problem.reason)
            except NetworkError as problem:
                spent = Phases(total=time.monotonic() - started)
                ours = await _is_our_side(problem, network)
                return Outcome(None if ours else False, reason=one_line(problem.reason), seconds=spent)
        # An answer to HEAD has no body to look into.
        text = None if route.method == "HEAD" else response.text
        wrong = mismatch(route, response.status, text, whole=not response.truncated)
        return Outcome(not wrong, response.status, wrong, seconds=response.seconds)


async def _is_our_side(problem: NetworkError, network: Network) -> bool:
    """Whether the failure is this machine's, which has no way to the Internet at the moment."""
    if network.own_resolver or not isinstance(problem, DnsFailed | ConnectFailed):
        return False
    if isinstance(problem, ConnectFailed) and problem.kind != "unreachable":
        return False
    if not any(network.can_reach(address) for address in _INTERNET):
        return True
    return isinstance(problem, DnsFailed) and problem.timed_out and not await _resolvers_answer(network)


async def _resolvers_answer(network: Network) -> bool:
    """Whether this machine's resolvers answer at all: every one of them knows the servers of the root."""
    try:
        await network.resolve(".", "NS")
    except DnsFailed:
        return False
    return True


def as_dict(seconds: Phases) -> dict[str, Any]:
    """The phases as the command line prints them, to the tenth of a millisecond."""
    return {name: round(getattr(seconds, name), 4) for name in ("dns", "connect", "tls", "first_byte", "total")}

"""Hands an event to the tracker."""

from __future__ import annotations

from checks.errors import ConnectFailed, TlsFailed
from checks.network import Network
from checks.ops.errors.envelope import Dsn, Event, envelope, headers


async def hand_over(network: Network, dsn: Dsn, event: Event) -> str:
    """Hand the event over. Returns why it was refused, or nothing. Raises NetworkError where that is not known."""
    body, head = envelope(event, dsn), headers(dsn)
    try:
        response = await network.http("POST", dsn.endpoint, headers=head, body=body, verify=True)
        if response.status >= 500:
            # Once more: a tracker that restarts is not one that loses errors.
            response = await network.http("POST", dsn.endpoint, headers=head, body=body, verify=True)
    except ConnectFailed as problem:
        # Asked first: a name that could not be asked for tells nothing, wherever a connect map then led.
        known = await network.addresses(dsn.host)
        if problem.kind == "refused" or not known:
            return problem.reason
        raise
    except TlsFailed as problem:
        if problem.verify_code:
            return problem.reason
        raise
    return "" if response.ok else f"it answers {response.status}: {' '.join(response.text[:200].split())}"

"""Hands one test alert to its destination, whichever service that is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from checks.text import one_line
from launchready_tui.alerts import apprise_bridge, mail, ntfy, slack, sms
from launchready_tui.alerts.delivery import Delivery
from launchready_tui.alerts.errors import NotTaken, Untaken
from launchready_tui.alerts.post import masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from checks.network import Network
    from checks.secret import Secret
    from checks.subject import MailPlan
    from launchready_tui.alerts.destinations import Destination
    from launchready_tui.alerts.message import Message

_RECEIPT = re.compile(r"[\w.:@/+=<> -]{1,120}")


async def send(
    network: Network,
    destination: Destination,
    message: Message,
    credential: Secret | None,
    plan: MailPlan,
    renew: Callable[[Secret], None],
) -> str:
    """Hand the message over and return the service's own id of it, or what it said. Raises Untaken.

    A credential that the service replaces goes to `renew`.

    Neither the id nor a reason holds the credential or the code, whatever the service answers.
    """
    secrets = [message.text, message.code, *([credential] if credential else [])]
    problem: Untaken | None = None
    try:
        receipt = await _send(network, destination, message, credential, plan, renew)
    except Untaken as told:
        problem = type(told)(one_line(masked(told.reason, secrets), limit=300))
    if problem is not None:
        raise problem
    receipt = one_line(masked(receipt, secrets), limit=120)
    return receipt if _RECEIPT.fullmatch(receipt) else "taken"


async def delivery(network: Network, destination: Destination, receipt: str, credential: Secret) -> Delivery:
    """What became of a message, by the id that `send` returned; unknown where the service does not tell."""
    if destination.kind != "sms":
        return Delivery(None)
    try:
        told = await sms.delivery(network, destination, credential, receipt)
    except Untaken:
        return Delivery(None)
    return Delivery(told.arrived, one_line(masked(told.reason, [credential]), limit=300))


async def _send(
    network: Network,
    destination: Destination,
    message: Message,
    credential: Secret | None,
    plan: MailPlan,
    renew: Callable[[Secret], None],
) -> str:
    if destination.kind == "mail":
        return await mail.send(network, message, destination.to, plan, credential, renew)
    if credential is None:
        raise NotTaken(f"the vault has no credential for {destination.title}")
    match destination.kind:
        case "slack":
            return await slack.send(network, message, credential)
        case "sms":
            return await sms.send(network, message, destination, credential)
        case "ntfy":
            return await ntfy.send(network, message, credential, server=destination.api)
        case "apprise":
            return await apprise_bridge.send(network, message, credential)
    raise NotTaken(f"the app cannot send to {destination.name}: record by hand what another monitor sent")

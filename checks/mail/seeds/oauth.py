"""OAuth 2 for Microsoft mailboxes: the device grant for a person at another screen, and fresh access tokens."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from checks.errors import CannotTell
from checks.network import Network
from checks.secret import Secret

AUTHORITY = "https://login.microsoftonline.com"
SCOPES = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
SLOW_DOWN_SECONDS = 5.0
"""Added to the interval where the server says slow_down (RFC 8628 s3.5)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the owner of a mailbox agreed to. It is kept in the vault as the text of `to_secret`."""

    client_id: str
    refresh_token: Secret
    tenant: str = "common"
    access_token: Secret | None = None
    """Valid for about an hour; never kept."""

    def to_secret(self) -> Secret:
        kept = {"client_id": self.client_id, "tenant": self.tenant, "refresh_token": self.refresh_token.reveal()}
        return Secret(json.dumps(kept))


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """What the person is shown: open `url`, type `code`."""

    url: str
    code: str
    client_id: str
    tenant: str
    device_code: Secret
    interval: float
    """Seconds between two questions whether it has been done."""
    expires: float
    """By time.monotonic()."""


def grant_of(secret: Secret) -> Grant | None:
    """The grant kept in a vault entry; None where the entry is a password."""
    try:
        kept = json.loads(secret.reveal())
    except ValueError:
        return None
    if not isinstance(kept, dict) or not kept.get("client_id") or not kept.get("refresh_token"):
        return None
    return Grant(str(kept["client_id"]), Secret(str(kept["refresh_token"])), str(kept.get("tenant") or "common"))


async def begin_device_login(network: Network, client_id: str, *, tenant: str = "common") -> DeviceLogin:
    """Start the device grant (RFC 8628 s3.1). Raises CannotTell, Offline."""
    reply = await _post(network, tenant, "devicecode", {"client_id": client_id, "scope": SCOPES})
    try:
        return DeviceLogin(
            url=str(reply["verification_uri"]),
            code=str(reply["user_code"]),
            client_id=client_id,
            tenant=tenant,
            device_code=Secret(str(reply["device_code"])),
            interval=float(reply.get("interval", 5)),
            expires=time.monotonic() + float(reply["expires_in"]),
        )
    except (KeyError, TypeError, ValueError):
        raise CannotTell(f"the sign-in service refuses the request: {_error(reply)}") from None


async def finish_device_login(network: Network, login: DeviceLogin) -> Grant:
    """Wait until the person has agreed. Raises CannotTell where they declined or let it pass, Offline."""
    interval = login.interval
    form = {
        "client_id": login.client_id,
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": login.device_code.reveal(),
    }
    while time.monotonic() < login.expires:
        await asyncio.sleep(interval)
        reply = await _post(network, login.tenant, "token", form)
        error = reply.get("error")
        if error == "slow_down":
            interval += SLOW_DOWN_SECONDS
        elif error != "authorization_pending":
            return _grant(reply, Grant(login.client_id, Secret(""), login.tenant))
    raise CannotTell("nobody signed in within the time that the service allows")


async def refreshed(network: Network, grant: Grant) -> Grant:
    """The grant with a fresh access token. Raises CannotTell where it no longer holds, Offline."""
    form = {
        "client_id": grant.client_id,
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token.reveal(),
        "scope": SCOPES,
    }
    return _grant(await _post(network, grant.tenant, "token", form), grant)


async def access(network: Network, credential: Secret) -> Secret | None:
    """A fresh access token where the credential is a grant; None where it is a password. Raises as `refreshed`."""
    grant = grant_of(credential)
    return (await refreshed(network, grant)).access_token if grant is not None else None


def _grant(reply: dict[str, Any], before: Grant) -> Grant:
    if not reply.get("access_token"):
        raise CannotTell(f"the sign-in service gives no access: {_error(reply)}")
    refresh = Secret(str(reply["refresh_token"])) if reply.get("refresh_token") else before.refresh_token
    return Grant(before.client_id, refresh, before.tenant, Secret(str(reply["access_token"])))


def _error(reply: dict[str, Any]) -> str:
    """The service's short word; its long text may quote what was sent."""
    return str(reply.get("error", "no reason given"))[:60]


async def _post(network: Network, tenant: str, what: str, form: dict[str, str]) -> dict[str, Any]:
    answer = await network.http(
        "POST",
        f"{AUTHORITY}/{quote(tenant, safe='')}/oauth2/v2.0/{what}",
        headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
        body=urlencode(form).encode(),
        verify=True,
        limit=65536,
    )
    try:
        reply = json.loads(answer.body)
    except ValueError:
        reply = None
    if not isinstance(reply, dict):
        raise CannotTell(f"the sign-in service answers with {answer.status} and no JSON")
    return reply

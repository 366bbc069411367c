"""OAuth 2 for Microsoft mailboxes: the device grant for a person at another screen, and fresh access tokens."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from checks.errors import CannotTell, NetworkError
from checks.facts import Facts, fact
from checks.network import Network
from checks.secret import Secret

AUTHORITY = "https://login.microsoftonline.com"
SCOPES = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
USUAL_INTERVAL = 5.0
"""Seconds between two questions where the service names none (RFC 8628 s3.2)."""
SLOW_DOWN_SECONDS = 5.0
"""Added to the interval where the server says slow_down (RFC 8628 s3.5)."""
BACK_OFF_SECONDS = 10.0
"""The least interval after a connection that broke."""
AGAIN = "sign in again from the mail screen"
_WORDS = {
    "access_denied": "whoever opened the page declined",
    "authorization_declined": "whoever opened the page declined",
    "expired_token": "the code ran out before anybody signed in; start again for a new one",
    "code_expired": "the code ran out before anybody signed in; start again for a new one",
    "bad_verification_code": "the service does not know the code any more; start again for a new one",
    "invalid_grant": f"the sign-in no longer holds; {AGAIN}",
    "interaction_required": f"the account asks for a new sign-in; {AGAIN}",
    "invalid_client": "the client id is not known, or its registration does not allow public client flows",
    "unauthorized_client": "the client id is not registered for this kind of account",
    "invalid_scope": "the registration does not allow IMAP and SMTP by its user",
}
"""What the error codes of RFC 6749 s5.2, RFC 8628 s3.5 and Microsoft mean for the person who signs in."""


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
            interval=float(reply.get("interval", USUAL_INTERVAL)),
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
    while (left := login.expires - time.monotonic()) > 0:
        await asyncio.sleep(min(interval, left))
        try:
            reply = await _post(network, login.tenant, "token", form)
        except NetworkError:
            # The person may still be at it: ask on, less often (RFC 8628 s3.5).
            interval = max(interval * 2, BACK_OFF_SECONDS)
            continue
        error = reply.get("error")
        if error == "slow_down":
            interval += SLOW_DOWN_SECONDS
        elif error != "authorization_pending":
            return _grant(reply, Grant(login.client_id, Secret(""), login.tenant))
    raise CannotTell("nobody signed in within the time that the service allows; start again for a new code")


async def refreshed(network: Network, grant: Grant) -> Grant:
    """The grant with a fresh access token. Raises CannotTell where it no longer holds, Offline."""
    form = {
        "client_id": grant.client_id,
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token.reveal(),
        "scope": SCOPES,
    }
    return _grant(await _post(network, grant.tenant, "token", form), grant)


@fact
async def access(facts: Facts, purpose: str) -> Secret | None:
    """A fresh access token where the vault entry is a grant; None where it is a password or missing.

    A grant that the service gave in place of the old one is put into `facts.renewed`, to be kept in the vault.
    Raises as `refreshed`.
    """
    return await token_of(facts.network, facts.secrets.get(purpose), partial(facts.renewed.__setitem__, purpose))


async def token_of(network: Network, kept: Secret | None, renew: Callable[[Secret], None]) -> Secret | None:
    """A fresh access token where a vault entry is a grant, else None; `renew` takes the entry that replaces it.

    Raises as `refreshed`.
    """
    grant = grant_of(kept) if kept else None
    if grant is None:
        return None
    fresh = await refreshed(network, grant)
    if fresh.refresh_token != grant.refresh_token:
        renew(fresh.to_secret())
    return fresh.access_token


def _grant(reply: dict[str, Any], before: Grant) -> Grant:
    if not reply.get("access_token"):
        raise CannotTell(f"the sign-in service gives no access: {_error(reply)}")
    refresh = Secret(str(reply["refresh_token"])) if reply.get("refresh_token") else before.refresh_token
    return Grant(before.client_id, refresh, before.tenant, Secret(str(reply["access_token"])))


def _error(reply: dict[str, Any]) -> str:
    """What the service's short word means, with its numbers; its long text may quote what was sent."""
    code = str(reply.get("error", "no reason given"))[:60]
    numbers = reply.get("error_codes")
    known = [str(number) for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []
    words = f"{_WORDS[code]} ({code})" if code in _WORDS else code
    return words + (f", AADSTS{known[0]}" if known else "")


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

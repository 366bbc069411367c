"""Calls of Cloudflare's API: the envelope, pages that end, and refusals told in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from checks.errors import CannotTell
from checks.network import Network, Response
from checks.secret import Secret

Json = Any
"""Whatever json.loads gives: foreign, so that every use of it checks what it takes."""

BYTES = 8_000_000
"""Of one answer that are read."""
MOST_PAGES = 50

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HINTS = {
    401: "the token is wrong, or has ended",
    403: "the token may not do this: give it the permission, for this zone",
}


class Refused(CannotTell):
    """The API says no. `codes` are Cloudflare's own numbers for why."""

    def __init__(self, reason: str, *, status: int, codes: tuple[int, ...] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.codes = codes


class Throttled(Refused):
    """Too many calls. `retry_after` is the wait in seconds that the API asks for; None where it does not say."""

    def __init__(self, retry_after: int | None) -> None:
        wait = f"in {retry_after} s" if retry_after is not None else "in five minutes"
        super().__init__(f"Cloudflare's API takes no more calls for now; try again {wait}", status=429)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Token:
    """What the API says of a token."""

    status: str
    """ "active", "disabled" or "expired"."""
    expires: str = ""
    """RFC 3339; empty where it does not end."""
    owner: str = "user"
    """ "user" or "account"."""

    @property
    def active(self) -> bool:
        return self.status == "active"


class Client:
    """Speaks to the API with one token, over verified TLS.

    Args:
        base: the API's address, such as "https://api.cloudflare.com/client/v4".
    """

    def __init__(self, network: Network, base: str, token: Secret) -> None:
        parts = urlsplit(base)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            # A token sent in the clear is a token lost.
            raise CannotTell(f"{base} is not an https address, so no token is sent there")
        self._network = network
        self._base = base.rstrip("/")
        self._token = token

    async def call(
        self, method: str, path: str, *, query: Mapping[str, str | int] | None = None, body: Json = None
    ) -> Json:
        """Return `result` of the answer. Raises Refused, Throttled, CannotTell, Offline."""
        return (await self._envelope(method, path, query=query, body=body)).get("result")

    async def every(self, path: str, *, query: Mapping[str, str | int] | None = None, per_page: int) -> list[Json]:
        """Return the results of all pages. Raises as `call`.

        It ends at the last page that the API counts, at a short page, and at one that brings nothing new: an API
        that pays no heed to `page` would else be asked for ever.
        """
        found: dict[str, Json] = {}
        for page in range(1, MOST_PAGES + 1):
            asked = {**(query or {}), "page": page, "per_page": per_page}
            envelope = await self._envelope("GET", path, query=asked)
            rows = envelope.get("result")
            rows = rows if isinstance(rows, list) else []
            before = len(found)
            found |= {str(row.get("id", f"{page}.{n}")): row for n, row in enumerate(rows) if isinstance(row, dict)}
            if len(rows) < per_page or len(found) == before or page >= _pages(envelope, per_page):
                break
        return list(found.values())

    async def verify(self) -> Token:
        """Ask whether the token is good: one of a user, else one that an account owns. Raises as `call`."""
        try:
            return _token(await self.call("GET", "/user/tokens/verify"), "user")
        except Refused as refusal:
            if refusal.status not in (400, 401, 403):
                raise
        # A token of an account is unknown there; what it can read names the account that knows it.
        zones = await self.call("GET", "/zones", query={"per_page": 5})
        account = next((z["account"]["id"] for z in zones or [] if isinstance(z, dict) and z.get("account")), "")
        if not account:
            return Token("active", owner="account")
        return _token(await self.call("GET", f"/accounts/{account}/tokens/verify"), "account")

    async def _envelope(
        self, method: str, path: str, *, query: Mapping[str, str | int] | None = None, body: Json = None
    ) -> dict[str, Json]:
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        answer = await self._network.http(
            method,
            url,
            headers={"authorization": f"Bearer {self._token.reveal()}", "content-type": "application/json"},
            body=None if body is None else json.dumps(body).encode(),
            verify=True,
            limit=BYTES,
        )
        if answer.status == 429:
            after = answer.headers.get("retry-after")
            raise Throttled(int(after) if after.isascii() and after.isdigit() else None)
        try:
            envelope = json.loads(answer.body)
        except ValueError:
            envelope = None
        if not isinstance(envelope, dict):
            raise Refused(
                f"Cloudflare's API answers {answer.status} to {method} {path}, and no JSON", status=answer.status
            )
        if not answer.ok or envelope.get("success") is not True:
            raise _refusal(answer, f"{method} {path}", envelope)
        return envelope


def _refusal(answer: Response, what: str, envelope: dict[str, Json]) -> Refused:
    errors = [error for error in envelope.get("errors") or [] if isinstance(error, dict)]
    codes = tuple(error["code"] for error in errors if isinstance(error.get("code"), int))
    said = "; ".join(f"{error.get('code', '')} {error.get('message', '')}".strip() for error in errors)
    hint = _HINTS.get(answer.status, "")
    return Refused(
        f"Cloudflare's API refuses {what} with {answer.status}"
        + (f" ({said})" if said else "")
        + (f": {hint}" if hint else ""),
        status=answer.status,
        codes=codes,
    )


def _pages(envelope: dict[str, Json], per_page: int) -> int:
    """How many pages there are as far as the API says; MOST_PAGES where it does not."""
    info = envelope.get("result_info")
    info = info if isinstance(info, dict) else {}
    if isinstance(total := info.get("total_pages"), int):
        return total
    if isinstance(total := info.get("total_count"), int):
        return -(-total // per_page)
    return MOST_PAGES


def _token(result: Json, owner: str) -> Token:
    fields = result if isinstance(result, dict) else {}
    return Token(str(fields.get("status", "")), str(fields.get("expires_on") or ""), owner)

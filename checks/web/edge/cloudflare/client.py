"""Calls of Cloudflare's API with one token: pages that end, and whether the token is good."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

from checks.errors import CannotTell
from checks.network import Network
from checks.secret import Secret
from checks.web.edge.cloudflare.envelope import Json, Refused, read_envelope

BYTES = 8_000_000
"""Of one answer that are read."""
MOST_PAGES = 50

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TOKEN = re.compile(r"[!-~]+")
"""What can stand in a header at all; a copied line end or a curly quote cannot."""


@dataclass(frozen=True, slots=True)
class Token:
    """What the API says of a token."""

    status: str
    """ "active", "disabled" or "expired"."""
    expires: str = ""
    """RFC 3339; empty where it does not end."""
    owner: str = "user"
    """ "user" or "account"."""
    begins: str = ""
    """RFC 3339; empty where it holds from its making."""

    @property
    def active(self) -> bool:
        return self.status == "active" and not self._early

    @property
    def describe(self) -> str:
        """Its standing, as the end of a sentence: "this token is ..."."""
        return f"not valid before {self.begins[:10]}" if self._early else self.status or "not active"

    @property
    def _early(self) -> bool:
        try:
            begins = datetime.fromisoformat(self.begins)
        except ValueError:
            return False
        return begins > datetime.now(begins.tzinfo or UTC).replace(tzinfo=begins.tzinfo)


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
        if not _TOKEN.fullmatch(token.reveal()):
            # As the API would answer, were it possible to send this.
            raise Refused("what is kept is no API token: it is empty, or holds a space or a foreign letter", status=400)
        self._network = network
        self._base = base.rstrip("/")
        self._token = token

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Json = None,
        needs: str = "",
    ) -> Json:
        """Return `result` of the answer. `needs` is the permission that the call takes, by Cloudflare's name.

        Raises Refused, Throttled, CannotTell, Offline.
        """
        return (await self._envelope(method, path, query, body, needs)).get("result")

    async def every(
        self, path: str, *, query: Mapping[str, str | int] | None = None, per_page: int, needs: str = ""
    ) -> list[Json]:
        """Return the results of all pages. Raises as `call`, and CannotTell where they do not end.

        It ends at the last page that the API counts, where it counts none at a short page, and at one that brings
        nothing new: an API that pays no heed to `page` would else be asked for ever.
        """
        found: dict[str, Json] = {}
        for page in range(1, MOST_PAGES + 1):
            asked = {**(query or {}), "page": page, "per_page": per_page}
            envelope = await self._envelope("GET", path, asked, None, needs)
            rows = envelope.get("result")
            rows = rows if isinstance(rows, list) else []
            before = len(found)
            found |= {str(row.get("id", f"{page}.{n}")): row for n, row in enumerate(rows) if isinstance(row, dict)}
            if len(found) == before or page >= _pages(envelope, page, len(rows), per_page):
                return list(found.values())
        raise CannotTell(f"Cloudflare's API has more than {MOST_PAGES} pages of {path}; no more of them are read")

    async def verify(self) -> Token:
        """Ask whether the token is good: one of a user, else one that an account owns. Raises as `call`."""
        try:
            return _token(await self.call("GET", "/user/tokens/verify"), "user")
        except Refused as refusal:
            if not refusal.of_the_token:
                raise
        # A token of an account is unknown there; what it can read names the account that knows it.
        zones = await self.call("GET", "/zones", query={"per_page": 5})
        accounts = [zone.get("account") for zone in zones if isinstance(zone, dict)] if isinstance(zones, list) else []
        account = next((str(a["id"]) for a in accounts if isinstance(a, dict) and a.get("id")), "")
        if not account:
            return Token("active", owner="account")
        return _token(await self.call("GET", f"/accounts/{quote(account, safe='')}/tokens/verify"), "account")

    async def _envelope(
        self, method: str, path: str, query: Mapping[str, str | int] | None, body: Json, needs: str
    ) -> dict[str, Json]:
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        token = self._token.reveal()
        answer = await self._network.http(
            method,
            url,
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
            body=None if body is None else json.dumps(body).encode(),
            verify=True,
            limit=BYTES,
        )
        # Words of an answer are shown and kept; one that repeats the token must not bring it there.
        unrepeated = replace(answer, body=answer.body.replace(token.encode(), b"(the token)"))
        return read_envelope(unrepeated, f"{method} {path}", needs=needs)


def _pages(envelope: dict[str, Json], page: int, rows: int, per_page: int) -> int:
    """How many pages there are as far as the API says; where it does not, a full one is not the last."""
    info = envelope.get("result_info")
    info = info if isinstance(info, dict) else {}
    if isinstance(pages := info.get("total_pages"), int):
        return pages
    # The API may give fewer rows a page than it was asked for.
    given = size if isinstance(size := info.get("per_page"), int) and size > 0 else per_page
    if isinstance(total := info.get("total_count"), int):
        return -(-total // given)
    return page if rows < given else page + 1


def _token(result: Json, owner: str) -> Token:
    told = {key: str(value) for key, value in result.items() if value} if isinstance(result, dict) else {}
    return Token(told.get("status", ""), told.get("expires_on", ""), owner, told.get("not_before", ""))

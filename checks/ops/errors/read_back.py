"""Reads an event back from an error tracker's API: the only proof that it was kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from checks.errors import CannotTell, HttpFailed, NotApplicable
from checks.facts import Facts
from checks.network import Network, Response
from checks.ops.errors.envelope import Dsn, TrialEvent
from checks.secret import Secret

_SAAS = re.compile(r"(?:o(\d+)\.)?ingest\.(?:(\w+)\.)?sentry\.io")
_LATEST = 5
"""Bugsink's issues that are looked into, the latest first."""


class Reader(Protocol):
    """One tracker's API."""

    async def find(self, event: TrialEvent) -> str | None:
        """The event as it was kept, as text; None where it is not there (yet). Raises CannotTell, NetworkError."""

    async def confirm(self) -> None:
        """Raises CannotTell where the API does not know the project itself, so that it cannot hold the event."""


def reader(facts: Facts, dsn: Dsn, token: Secret) -> Reader:
    """The API of the subject's tracker. Raises NotApplicable where it is not said where to read."""
    plan = facts.subject.monitor.errors
    saas = _SAAS.fullmatch(dsn.host)
    organization = plan.organization or (saas[1] if saas and saas[1] else "")
    base = plan.api.rstrip("/") or (f"https://{saas[2]}.sentry.io" if saas and saas[2] else "")
    base = base or ("https://sentry.io" if saas else dsn.base)
    # The API's roots are our own to add; people give either form.
    base = re.sub(r"/api(?:/canonical)?(?:/0)?$", "", base)
    ask = Api(facts.network, base, token)
    if plan.tracker == "bugsink" or (not plan.tracker and not organization):
        return _Bugsink(ask, plan.project if plan.project.isdigit() else dsn.project)
    if not organization:
        raise NotApplicable("the tracker's organization is not given; add [monitor.errors] organization")
    return _Sentry(ask, organization, plan.project or dsn.project)


@dataclass(frozen=True, slots=True)
class Api:
    """Reads JSON with a bearer token."""

    network: Network
    base: str
    token: Secret

    async def get(self, path: str) -> Any:
        """The answer to a GET; None for 404. Raises NetworkError where asking again may help, else CannotTell."""
        response = await self._fetch(path)
        if response.status == 404:
            return None
        if response.status in (401, 403):
            raise CannotTell(f"{self.base} does not accept the API token in the vault ({response.status})")
        if not response.ok:
            raise HttpFailed(f"{response.url} answers {response.status}")
        try:
            return json.loads(response.text)
        except (ValueError, RecursionError):
            raise CannotTell(f"{response.url} does not answer with JSON: is it the tracker's API?") from None

    async def _fetch(self, path: str) -> Response:
        # The connection must be the tracker's own: the token goes over it.
        headers = {"authorization": f"Bearer {self.token.reveal()}", "accept": "application/json"}
        return await self.network.http("GET", f"{self.base}{path}", headers=headers, verify=True)


@dataclass(frozen=True, slots=True)
class _Sentry:
    """Sentry, and GlitchTip, which speaks the same."""

    api: Api
    organization: str
    project: str

    @property
    def _root(self) -> str:
        return f"/api/0/projects/{quote(self.organization, safe='')}/{quote(self.project, safe='')}/"

    async def find(self, event: TrialEvent) -> str | None:
        kept = await self.api.get(f"{self._root}events/{event.id}/")
        shown = json.dumps(kept, ensure_ascii=False)
        return shown if event.nonce in shown else None

    async def confirm(self) -> None:
        if await self.api.get(self._root) is None:
            raise CannotTell(
                f"{self.api.base} knows no project {self.organization}/{self.project}, or the token may not read it: "
                "look at organization and project under [monitor.errors]"
            )


@dataclass(frozen=True, slots=True)
class _Bugsink:
    api: Api
    project: str

    async def find(self, event: TrialEvent) -> str | None:
        query = f"project={quote(self.project, safe='')}&sort=last_seen&order=desc"
        for issue in _rows(await self.api.get(f"/api/canonical/0/issues/?{query}"))[:_LATEST]:
            events = _rows(await self.api.get(f"/api/canonical/0/events/?issue={quote(str(issue.get('id')))}"))
            ours = next((row for row in events if str(row.get("event_id")).replace("-", "") == event.id), None)
            if ours is not None:
                kept = await self.api.get(f"/api/canonical/0/events/{quote(str(ours.get('id')))}/")
                return json.dumps(kept, ensure_ascii=False)
        return None

    async def confirm(self) -> None:
        if await self.api.get(f"/api/canonical/0/issues/?project={quote(self.project, safe='')}") is None:
            raise CannotTell(f"{self.api.base} knows no project {self.project}, or has no API of Bugsink")


def _rows(answer: Any) -> list[dict[str, Any]]:
    """The rows of a list answer, whatever was sent."""
    results = answer.get("results") if isinstance(answer, dict) else answer
    return [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []

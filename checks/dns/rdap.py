"""RDAP answers about a domain as typed values (RFC 9083): pure, never raises but BadAnswer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class BadAnswer(ValueError):
    """Bytes that are no RDAP answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What the registry says of a domain."""

    domain: str
    statuses: tuple[str, ...] | None
    """As EPP writes them, in lower case without spaces: "clienttransferprohibited"; None where none are given."""
    expires: datetime | None
    """The earlier of the registry's and the registrar's expiry; None where neither is given."""
    registrar: str
    nameservers: tuple[str, ...]

    @property
    def locked(self) -> bool:
        """Whether a transfer to another registrar is prohibited."""
        return not _LOCKS.isdisjoint(self.statuses or ())

    @property
    def ending(self) -> tuple[str, ...]:
        """Statuses that take the domain out of service, or soon will (ICANN's EPP status codes)."""
        return tuple(s for s in self.statuses or () if s in _ENDING)


_ENDING = frozenset({"redemptionperiod", "pendingrestore", "pendingdelete", "clienthold", "serverhold"})
_LOCKS = frozenset({"clienttransferprohibited", "servertransferprohibited", "transferprohibited", "locked"})
"""EPP's two, and what registries without EPP say instead (RFC 9083 s10.2.2)."""
_EXPIRIES = frozenset({"expiration", "registrar expiration"})


def parse_registration(raw: bytes, asked: str) -> Registration:
    """Read the answer to a query for the domain `asked`, whose name it may leave out. Raises BadAnswer."""
    answer = _object(raw)
    kind, name = answer.get("objectClassName"), answer.get("ldhName")
    if kind not in (None, "domain") or (kind is None and name is None):
        raise BadAnswer("it describes no domain")
    statuses = answer.get("status")
    listed = statuses if isinstance(statuses, list) else None
    return Registration(
        domain=name.lower().rstrip(".") if isinstance(name, str) and name else asked,
        statuses=None if listed is None else tuple("".join(s.lower().split()) for s in listed if isinstance(s, str)),
        expires=min(_expiries(answer), default=None),
        registrar=next(_registrars(answer), ""),
        nameservers=tuple(
            server["ldhName"].lower().rstrip(".")
            for server in _objects(answer.get("nameservers"))
            if isinstance(server.get("ldhName"), str)
        ),
    )


def parse_bootstrap(raw: bytes, tld: str) -> str:
    """The base URL of the RDAP service for a top-level domain (RFC 9224), https first; empty where it has none.

    Raises BadAnswer.
    """
    services = _object(raw).get("services")
    for service in services if isinstance(services, list) else ():
        if not (isinstance(service, list) and len(service) == 2 and all(isinstance(part, list) for part in service)):
            continue
        names, urls = service
        if any(isinstance(name, str) and name.lower() == tld for name in names):
            bases = sorted((url for url in urls if isinstance(url, str)), key=lambda url: not url.startswith("https:"))
            return next(iter(bases), "")
    return ""


def _object(raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise BadAnswer("it is no JSON") from problem
    if not isinstance(answer, dict):
        raise BadAnswer("it is no JSON object")
    return answer


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _expiries(answer: dict[str, Any]) -> Iterator[datetime]:
    for event in _objects(answer.get("events")):
        action, date = event.get("eventAction"), event.get("eventDate")
        if isinstance(action, str) and action.lower() in _EXPIRIES and isinstance(date, str):
            try:
                moment = datetime.fromisoformat(date.strip().upper())
                moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            except (ValueError, OverflowError):
                continue
            yield moment


def _registrars(answer: dict[str, Any]) -> Iterator[str]:
    """Names of the entities in the role "registrar", by their jCard (RFC 7095) or handle."""
    for entity in _objects(answer.get("entities")):
        roles = entity.get("roles")
        if not (isinstance(roles, list) and "registrar" in roles):
            continue
        card = entity.get("vcardArray")
        lines = card[1] if isinstance(card, list) and len(card) == 2 and isinstance(card[1], list) else []
        for line in lines:
            if isinstance(line, list) and len(line) >= 4 and line[0] == "fn" and isinstance(line[3], str) and line[3]:
                yield line[3]
        if isinstance(entity.get("handle"), str):
            yield entity["handle"]

"""DNS records at Cloudflare: read all, and bring one to what a fix asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.web.edge.cloudflare.client import Client, Json

AUTOMATIC = 1
"""The TTL that lets Cloudflare choose."""
_PER_PAGE = 100
_STRING = 255
"""Bytes of one string of a TXT record."""
_PROXIABLE = frozenset({"A", "AAAA", "CNAME"})
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_VERSION = re.compile(r"v=[A-Za-z0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One record. `id` is empty for one that is only wanted."""

    type: str
    name: str
    content: str
    """Of TXT the text itself, without quotes."""
    ttl: int = AUTOMATIC
    proxied: bool | None = None
    """Whether the edge stands in front; None in a wanted record leaves it as it is."""
    priority: int | None = None
    id: str = ""

    @property
    def proxiable(self) -> bool:
        return self.type in _PROXIABLE

    def describe(self) -> str:
        priority = f"{self.priority} " if self.priority is not None else ""
        return f"{self.name} {self.type} {priority}{self.content}" + (" (proxied)" if self.proxied else "")


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was made. `before` is None where the record is new; equal to `after` where all was right."""

    before: DnsRecord | None
    after: DnsRecord

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def undo(self) -> str:
        """How to take it back, in words."""
        if self.before is None:
            return f"Delete {self.after.describe()} at Cloudflare."
        return f"Set it back at Cloudflare to: {self.before.describe()}"


async def dns_records(client: Client, zone_id: str, **query: str) -> tuple[DnsRecord, ...]:
    """All records of a zone, or those that `query` selects (name, type). Raises CannotTell, Offline."""
    rows = await client.every(f"/zones/{zone_id}/dns_records", query=query, per_page=_PER_PAGE)
    return tuple(_record(row) for row in rows)


async def apply_record(client: Client, zone_id: str, wanted: DnsRecord) -> Applied:
    """Make `wanted` true: change the record that it replaces, or create it. Nothing is sent where it holds already.

    It replaces the record of its name and type; of several TXT records the one of the same version ("v=spf1").
    Needs a token that may edit DNS. Raises CannotTell where several could be meant, or the API refuses.
    """
    there = [
        r for r in await dns_records(client, zone_id, name=wanted.name, type=wanted.type) if _same_place(r, wanted)
    ]
    for record in there:
        if _holds(record, wanted):
            return Applied(record, record)
    if len(there) > 1:
        listed = "; ".join(record.describe() for record in there)
        raise CannotTell(f"which of these is to be replaced is not clear, so nothing was changed: {listed}")
    if not there:
        made = await client.call("POST", f"/zones/{zone_id}/dns_records", body=_body(wanted))
        return Applied(None, _record(made))
    changed = await client.call("PATCH", f"/zones/{zone_id}/dns_records/{there[0].id}", body=_body(wanted))
    return Applied(there[0], _record(changed))


def _holds(there: DnsRecord, wanted: DnsRecord) -> bool:
    return (
        there.content == wanted.content
        and wanted.proxied in (None, there.proxied)
        and wanted.priority in (None, there.priority)
    )


def _same_place(there: DnsRecord, wanted: DnsRecord) -> bool:
    if (there.type, there.name.lower()) != (wanted.type, wanted.name.lower()):
        return False
    return wanted.type != "TXT" or _version(there.content) == _version(wanted.content)


def _version(text: str) -> str:
    """What a TXT record is for, by its leading version tag; the text itself where it has none."""
    match = _VERSION.match(text)
    return match[0].lower() if match else text


def _body(wanted: DnsRecord) -> Json:
    body = {"type": wanted.type, "name": wanted.name, "content": _written(wanted), "ttl": wanted.ttl}
    if wanted.proxiable and wanted.proxied is not None:
        body["proxied"] = wanted.proxied
    if wanted.priority is not None:
        body["priority"] = wanted.priority
    return body


def _written(wanted: DnsRecord) -> str:
    """The content as the API takes it: TXT in quoted strings of 255 characters each."""
    if wanted.type != "TXT":
        return wanted.content
    strings = [wanted.content[at : at + _STRING] for at in range(0, len(wanted.content), _STRING)] or [""]
    return " ".join('"' + string.replace("\\", "\\\\").replace('"', '\\"') + '"' for string in strings)


def _record(row: Json) -> DnsRecord:
    fields = row if isinstance(row, dict) else {}
    kind, content = str(fields.get("type", "")), str(fields.get("content", ""))
    if kind == "TXT" and (strings := _QUOTED.findall(content)):
        content = re.sub(r"\\(.)", r"\1", "".join(strings))
    ttl, priority = fields.get("ttl"), fields.get("priority")
    return DnsRecord(
        type=kind,
        name=str(fields.get("name", "")),
        content=content,
        ttl=ttl if isinstance(ttl, int) else AUTOMATIC,
        proxied=fields.get("proxied") is True,
        priority=priority if isinstance(priority, int) else None,
        id=str(fields.get("id", "")),
    )

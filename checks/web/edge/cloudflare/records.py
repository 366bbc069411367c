"""DNS records at Cloudflare: read all, and bring one to what a fix asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from checks.errors import CannotTell
from checks.web.edge.cloudflare.client import Client
from checks.web.edge.cloudflare.envelope import Json

AUTOMATIC = 1
"""The TTL that lets Cloudflare choose."""
READ_DNS, WRITE_DNS = "DNS Read", "DNS Write"
"""Permissions, by Cloudflare's names."""
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
    rows = await client.every(f"/zones/{zone_id}/dns_records", query=query, per_page=_PER_PAGE, needs=READ_DNS)
    return tuple(_record(row) for row in rows)


async def replaced_by(client: Client, zone_id: str, wanted: DnsRecord) -> tuple[DnsRecord | None, bool]:
    """The record in whose place `wanted` would stand (None: there is none), and whether it holds already.

    That is the record of its name and type; of several TXT records the one of the same version ("v=spf1").
    Raises CannotTell where several could be meant, or another kind of record keeps a CNAME from its name.
    """
    at_name = await dns_records(client, zone_id, name=wanted.name)
    there = [record for record in at_name if _same_place(record, wanted)]
    for record in there:
        if _holds(record, wanted):
            return record, True
    beside = [r for r in at_name if (r.type == "CNAME") != (wanted.type == "CNAME")]
    if len(there) > 1 or beside:
        listed = "; ".join(record.describe() for record in beside or there)
        why = "a CNAME can stand beside no other record" if beside else "which of these is to be replaced is not clear"
        raise CannotTell(f"{why}, so nothing was changed: {listed}")
    return (there[0] if there else None), False


async def apply_record(client: Client, zone_id: str, wanted: DnsRecord) -> Applied:
    """Make `wanted` true: change the record that it replaces, or create it. Nothing is sent where it holds already.

    Needs a token that may edit DNS. Raises as `replaced_by`, and where the API refuses.
    """
    before, holds = await replaced_by(client, zone_id, wanted)
    if before is not None and holds:
        return Applied(before, before)
    path = f"/zones/{zone_id}/dns_records"
    if before is None:
        made = await client.call("POST", path, body=_body(wanted), needs=WRITE_DNS)
        return Applied(None, _record(made))
    changed = await client.call("PATCH", f"{path}/{before.id}", body=_body(wanted), needs=WRITE_DNS)
    return Applied(before, _record(changed))


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
        id=quote(str(fields.get("id", "")), safe=""),
    )

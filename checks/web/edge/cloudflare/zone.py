"""The zone as Cloudflare has it: its settings and rules, as facts of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.web.edge.cloudflare.client import Client
from checks.web.edge.cloudflare.envelope import Json, Refused
from checks.web.edge.cloudflare.records import DnsRecord, dns_records
from checks.web.edge.cloudflare.rules import Rule, read_page_rule, read_rule

SECRET = "cloudflare"  # noqa: S105 - the purpose of a credential, not a credential
"""Under which purpose the API token is kept."""

SETTINGS = (
    "ssl",
    "always_use_https",
    "min_tls_version",
    "tls_1_3",
    "automatic_https_rewrites",
    "security_header",
    "http3",
    "brotli",
)
"""What the audit and the handover show of the zone."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Where one kind of rules stands: what people call it, and the permission that reads it."""

    label: str
    permission: str


PHASES = {
    "http_request_dynamic_redirect": Phase("redirect rules", "Single Redirect Read (Dynamic URL Redirects Read)"),
    "http_request_cache_settings": Phase("cache rules", "Cache Rules Read (Cache Settings Read)"),
    "http_ratelimit": Phase("rate limiting rules", "Zone WAF Read"),
    "http_config_settings": Phase("configuration rules", "Config Rules Read (Config Settings Read)"),
}
"""Permissions by the name in the dashboard, in brackets that in the API where it is another."""
PAGE_RULES = Phase("page rules", "Page Rules Read")
READ_ZONE, READ_SETTINGS = "Zone Read", "Zone Settings Read"
_DNS = "DNS records"
_PER_PAGE = 50
_NO_SUCH_ZONE = 7003
_IDLE = {
    "initializing": "is still being set up, so that nothing of it acts yet",
    "pending": "waits for the domain's name servers to be moved to Cloudflare, so that nothing of it acts yet",
    "moved": "acts no more: the domain's name servers are not Cloudflare's",
    "deleted": "is deleted",
    "deactivated": "is deactivated",
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that the token may read."""

    id: str
    name: str
    status: str
    """ "active", "pending", "moved" ..."""
    plan: str
    paused: bool = False

    @property
    def idle(self) -> str:
        """Why no visitor meets what is set here, as the end of a sentence; empty where they do."""
        if reason := _IDLE.get(self.status, ""):
            return reason
        return "is paused: Cloudflare only answers DNS, and no rule or setting acts" if self.paused else ""

    def describe(self) -> str:
        state = ", ".join(filter(None, (self.status, "paused" if self.paused else "", self.plan)))
        return f"{self.name} ({state})" if state else self.name


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """The edge's configuration, as the handover shows it."""

    zone: Zone
    settings: Mapping[str, str]
    """By Cloudflare's own names; those that could not be read are missing."""
    rules: Mapping[str, tuple[Rule, ...]]
    """By what people call the phase."""
    records: tuple[DnsRecord, ...] | None
    """None where they could not be read."""
    unread: tuple[str, ...]
    """What could not be read, and why."""
    lacking: tuple[str, ...] = ()
    """Permissions that the token would need to read the rest, by Cloudflare's names."""

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each line of a table."""
        rows = [("zone", self.zone.describe())]
        rows += list(self.settings.items())
        for phase, rules in self.rules.items():
            rows += [(phase, rule.describe()) for rule in rules] or [(phase, "none")]
        if self.records is not None:
            rows += _proxy_rows(self.records)
        return (*rows, *(("could not be read", reason) for reason in self.unread))


def _proxy_rows(records: tuple[DnsRecord, ...]) -> list[tuple[str, str]]:
    """Which records the edge stands before, which not, and the mail servers that mail cannot reach through it."""
    proxied = [record for record in records if record.proxiable and record.proxied]
    bare = [record for record in records if record.proxiable and not record.proxied]
    exchangers = {record.content.lower().rstrip(".") for record in records if record.type == "MX"}
    rows = [
        (label, ", ".join(f"{r.name} {r.type}" for r in shown) or "none")
        for label, shown in (("proxied records", proxied), ("records that show their address", bare))
    ]
    if unreachable := [f"{r.name} {r.type}" for r in proxied if r.name.lower() in exchangers]:
        names = ", ".join(unreachable)
        rows.append(("mail servers behind the proxy", f"{names}: it passes no mail on, so set them to DNS only"))
    return rows


def client_of(facts: Facts) -> Client:
    """The client for the token of this run. Raises NotApplicable without a token, Refused for what is none."""
    token = facts.secrets.get(SECRET)
    if token is None:
        raise NotApplicable(
            f"it needs a Cloudflare API token with {READ_ZONE} and {READ_SETTINGS}: keep one with "
            f'"launchready vault set {facts.subject.domain} {SECRET}"'
        )
    return Client(facts.network, facts.subject.cloudflare_api, token)


@fact
async def zone(facts: Facts) -> Zone:
    """The zone that holds the domain: the nearest above it that acts, else the nearest.

    Raises NotApplicable, CannotTell, Offline; Refused where the token can read none.
    """
    client = client_of(facts)
    labels = facts.subject.domain.split(".")
    idle: list[Zone] = []
    for first in range(max(len(labels) - 1, 1)):
        name = ".".join(labels[first:])
        rows = await client.every("/zones", query={"name": name}, per_page=_PER_PAGE, needs=READ_ZONE)
        # One domain may stand in several accounts; only in one of them it acts.
        for found in (z for z in map(_zone, rows) if z.name.lower() == name):
            if not found.idle:
                return found
            idle.append(found)
    if idle:
        return idle[0]
    raise Refused(
        f"the Cloudflare token can read no zone {facts.subject.domain}; is it in another account? Give the token "
        f"{READ_ZONE} for this zone",
        status=403,
        lacks=READ_ZONE,
    )


def _zone(row: Json) -> Zone:
    plan = row.get("plan")
    name = plan.get("name") if isinstance(plan, dict) else ""
    return Zone(
        quote(str(row.get("id", "")), safe=""),
        str(row.get("name", "")),
        str(row.get("status") or ""),
        str(name or ""),
        row.get("paused") is True,
    )


@fact
async def setting(facts: Facts, name: str) -> str:
    """The value of one setting, as text. Raises NotApplicable, CannotTell, Offline."""
    here = await zone(facts)
    return _text(await client_of(facts).call("GET", f"/zones/{here.id}/settings/{name}", needs=READ_SETTINGS))


def _text(result: Json) -> str:
    value = result.get("value") if isinstance(result, dict) else None
    if isinstance(value, dict):
        # security_header wraps its one group of fields.
        inner = next((v for v in value.values() if isinstance(v, dict)), value)
        return ", ".join(f"{key} {_word(item)}" for key, item in inner.items())
    return _word(value)


def _word(value: Json) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


@fact
async def rules(facts: Facts, phase: str) -> tuple[Rule, ...]:
    """The rules of a phase, such as "http_ratelimit"; none where the phase was never set up. Raises as `setting`."""
    here = await zone(facts)
    path = f"/zones/{here.id}/rulesets/phases/{phase}/entrypoint"
    try:
        result = await client_of(facts).call("GET", path, needs=PHASES[phase].permission)
    except Refused as refusal:
        if refusal.status == 404 and _NO_SUCH_ZONE not in refusal.codes:
            return ()
        raise
    rows = result.get("rules") if isinstance(result, dict) else None
    return tuple(read_rule(row) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


@fact
async def page_rules(facts: Facts) -> tuple[Rule, ...]:
    """The page rules that are on; what a zone has of them acts beside the rules of its phases. Raises as `setting`."""
    here = await zone(facts)
    path = f"/zones/{here.id}/pagerules"
    rows = await client_of(facts).call("GET", path, query={"status": "active"}, needs=PAGE_RULES.permission)
    return tuple(read_page_rule(row) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


@fact
async def edge_settings(facts: Facts) -> EdgeSettings:
    """All that the handover shows of the edge; what the token may not read is named. Raises as `zone`."""
    here = await zone(facts)
    asked = [
        *(setting(facts, name) for name in SETTINGS),
        *(rules(facts, phase) for phase in PHASES),
        page_rules(facts),
        dns_records(client_of(facts), here.id),
    ]
    labels = [*(phase.label for phase in PHASES.values()), PAGE_RULES.label]
    names = [*SETTINGS, *labels, _DNS]
    found: dict[str, Json] = {}
    unread: dict[str, CannotTell] = {}
    for name, result in zip(names, await asyncio.gather(*asked, return_exceptions=True), strict=True):
        if isinstance(result, CannotTell):
            unread[name] = result
        elif isinstance(result, BaseException):
            raise result
        else:
            found[name] = result
    refusals = [problem for problem in unread.values() if isinstance(problem, Refused)]
    return EdgeSettings(
        zone=here,
        settings={name: found[name] for name in SETTINGS if name in found},
        rules={label: found[label] for label in labels if label in found},
        records=found.get(_DNS),
        unread=tuple(f"{name}: {problem.reason}" for name, problem in unread.items()),
        lacking=tuple(dict.fromkeys(refusal.lacks for refusal in refusals if refusal.lacks)),
    )

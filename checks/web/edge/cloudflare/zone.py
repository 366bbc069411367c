"""The zone as Cloudflare has it: its settings and rules, as facts of the run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.web.edge.cloudflare.client import Client, Json, Refused
from checks.web.edge.cloudflare.records import DnsRecord, dns_records

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

PHASES = {
    "http_request_dynamic_redirect": "redirect rules",
    "http_request_cache_settings": "cache rules",
    "http_ratelimit": "rate limiting rules",
}
_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that the token may read."""

    id: str
    name: str
    status: str
    """ "active", "pending", "moved" ..."""
    plan: str


_TEXT = re.compile(r'\[?r?"(?:[^"\\]|\\.)*"')
"""A text that something is compared with; after an opening bracket it is a name."""
_MAY_HOLD_SECRETS = re.compile(r"header|cookie|authori[sz]ation|token|body|\.args|query", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a phase."""

    description: str
    expression: str
    action: str
    enabled: bool
    effect: str = ""
    """What it does in figures: where a redirect leads, how many requests are allowed."""

    def describe(self) -> str:
        """A line for people. What a header, cookie or query is compared with may be a secret, and is left out."""
        state = "" if self.enabled else " (off)"
        when = self.expression
        if _MAY_HOLD_SECRETS.search(when):
            when = _TEXT.sub(lambda match: match[0] if match[0].startswith("[") else '"(not shown)"', when)
        effect = f" -> {self.effect}" if self.effect else ""
        return f"{self.description or self.action}{state}: {when}{effect}"


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """The edge's configuration, as the handover shows it."""

    zone: Zone
    settings: Mapping[str, str]
    """By Cloudflare's own names; those that could not be read are missing."""
    rules: Mapping[str, tuple[Rule, ...]]
    """By what people call the phase."""
    records: tuple[DnsRecord, ...]
    unread: tuple[str, ...]
    """What could not be read, and why."""

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each line of a table."""
        rows = [("zone", f"{self.zone.name} ({self.zone.status}{f', {self.zone.plan}' if self.zone.plan else ''})")]
        rows += list(self.settings.items())
        for phase, rules in self.rules.items():
            rows += [(phase, rule.describe()) for rule in rules] or [(phase, "none")]
        for proxied, label in ((True, "proxied records"), (False, "records that show their address")):
            names = [f"{r.name} {r.type}" for r in self.records if r.proxiable and r.proxied is proxied]
            rows.append((label, ", ".join(names) or "none"))
        return (*rows, *(("could not be read", reason) for reason in self.unread))


def client_of(facts: Facts) -> Client:
    """The client for the token of this run. Raises NotApplicable without a token."""
    token = facts.secrets.get(SECRET)
    if token is None:
        raise NotApplicable(
            "it needs a Cloudflare API token with Zone Read and Zone Settings Read: keep one with "
            f'"launchready vault set {facts.subject.domain} {SECRET}"'
        )
    return Client(facts.network, facts.subject.cloudflare_api, token)


@fact
async def zone(facts: Facts) -> Zone:
    """The zone that holds the domain, the nearest above it. Raises NotApplicable, CannotTell, Offline."""
    client = client_of(facts)
    labels = facts.subject.domain.split(".")
    for first in range(max(len(labels) - 1, 1)):
        name = ".".join(labels[first:])
        found = [_zone(row) for row in await client.every("/zones", query={"name": name}, per_page=_PER_PAGE)]
        # One domain may stand in several accounts; only one of them is the active one.
        for candidate in sorted((z for z in found if z.name == name), key=lambda z: z.status != "active"):
            return candidate
    raise CannotTell(f"the Cloudflare token can read no zone {facts.subject.domain}; is it in another account?")


def _zone(row: Json) -> Zone:
    plan = row.get("plan")
    name = plan.get("name", "") if isinstance(plan, dict) else ""
    return Zone(str(row.get("id", "")), str(row.get("name", "")), str(row.get("status", "")), str(name))


@fact
async def setting(facts: Facts, name: str) -> str:
    """The value of one setting, as text. Raises NotApplicable, CannotTell, Offline."""
    here = await zone(facts)
    return _text(await client_of(facts).call("GET", f"/zones/{here.id}/settings/{name}"))


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
    try:
        result = await client_of(facts).call("GET", f"/zones/{here.id}/rulesets/phases/{phase}/entrypoint")
    except Refused as refusal:
        if refusal.status == 404:
            return ()
        raise
    rows = result.get("rules") if isinstance(result, dict) else None
    return tuple(_rule(row) for row in rows or [] if isinstance(row, dict))


def _rule(row: Json) -> Rule:
    # A rule that says nothing of it is on.
    on = row.get("enabled") is not False
    return Rule(
        str(row.get("description") or ""),
        str(row.get("expression") or ""),
        str(row.get("action") or ""),
        on,
        _effect(row),
    )


def _effect(row: Json) -> str:
    limit, given = _object(row.get("ratelimit")), _object(row.get("action_parameters"))
    if limit:
        return f"{limit.get('requests_per_period')} requests in {limit.get('period')} s"
    target, by_list = _object(given.get("from_value")), _object(given.get("from_list"))
    if target:
        to = _object(target.get("target_url"))
        return f"{target.get('status_code', '')} {to.get('value') or to.get('expression') or ''}".strip()
    if by_list:
        return f"the list {by_list.get('name', '')}"
    if "cache" in given:
        return "cached" if given["cache"] else "not cached"
    return ""


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


@fact
async def edge_settings(facts: Facts) -> EdgeSettings:
    """All that the handover shows of the edge; what the token may not read is named. Raises as `zone`."""
    here = await zone(facts)
    asked = [
        *(setting(facts, name) for name in SETTINGS),
        *(rules(facts, phase) for phase in PHASES),
        dns_records(client_of(facts), here.id),
    ]
    names = [*SETTINGS, *PHASES.values(), "DNS records"]
    found: dict[str, Json] = {}
    unread: list[str] = []
    for name, result in zip(names, await asyncio.gather(*asked, return_exceptions=True), strict=True):
        if isinstance(result, CannotTell):
            unread.append(f"{name}: {result.reason}")
        elif isinstance(result, BaseException):
            raise result
        else:
            found[name] = result
    return EdgeSettings(
        zone=here,
        settings={name: found[name] for name in SETTINGS if name in found},
        rules={name: found[name] for name in PHASES.values() if name in found},
        records=found.get("DNS records", ()),
        unread=tuple(unread),
    )

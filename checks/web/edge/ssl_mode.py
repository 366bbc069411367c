"""edge.ssl-mode: whether Cloudflare speaks verified TLS to the server behind it."""

from __future__ import annotations

from checks.catalogue import check
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.web.edge.cloudflare.zone import edge_settings, setting

_VERIFIED = frozenset({"strict", "origin_pull"})
_MEANS = {
    "off": "visitors are not served over https at all",
    "flexible": "everything travels unencrypted between Cloudflare and your server",
    "full": "Cloudflare takes any certificate of your server, a forged one too",
}


@check(
    "edge.ssl-mode",
    title="The way from the edge to your server is not secure",
    when="Cloudflare's SSL mode, read with a token, is off, flexible, or full without strict",
    status="fail",
    triage="now",
    risk="data",
    item=("S3.2",),
    source="Cloudflare API v4",
    cost="Log-ins and customers' data can be read or changed on their way, though the browser shows a lock.",
)
async def ssl_mode(facts: Facts, domain: str) -> Verdict:
    # All of it is read here, once a run: the handover shows it.
    configured = await edge_settings(facts)
    mode = await setting(facts, "ssl")
    evidence = [f"{name}: {value}" for name, value in configured.rows()]
    idle = f"; the zone {configured.zone.idle}" if configured.zone.idle else ""
    overruling = [
        rule for rules in configured.rules.values() for rule in rules if rule.enabled and rule.ssl_mode in _MEANS
    ]
    if mode in _MEANS:
        summary = f"Cloudflare's SSL mode is {mode}: {_MEANS[mode]}{idle}"
    elif mode not in _VERIFIED:
        raise CannotTell(f"Cloudflare calls the zone's SSL mode {mode!r}, of which is not known what it means")
    elif overruling:
        rule = overruling[0]
        summary = f"a rule sets Cloudflare's SSL mode to {rule.ssl_mode} where {rule.expression}: "
        summary += f"{_MEANS[rule.ssl_mode]}{idle}"
    else:
        verified = f"Cloudflare verifies the server's certificate (SSL mode {mode}){idle}"
        return passed(domain, verified, evidence=evidence)
    return failed(
        domain,
        summary,
        evidence=evidence,
        fix="Install a certificate on the server (Cloudflare, SSL/TLS, Origin Server gives one for free), then set "
        "Cloudflare, SSL/TLS, Overview to Full (strict), and let no page rule or configuration rule set another mode.",
    )

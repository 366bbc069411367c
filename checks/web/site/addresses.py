"""Whether the four variants of the address lead visitors to one site over https."""

from __future__ import annotations

from checks.catalogue import check
from checks.errors import ConnectFailed
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, noted, passed, skipped
from checks.web.pages import (
    brand_chains,
    canonical,
    inconclusive,
    know_the_end,
    redirect_chain,
    turned_away,
    variants,
)
from checks.web.redirects import Chain
from checks.web.refusal import refusal
from checks.web.software import told
from checks.web.url import host


async def _apex_and_www(facts: Facts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host(chain.start) for chain in await variants(facts)))


@check(
    "web.http-open",
    title="The site can be visited without encryption",
    when="plain http on apex or www serves content, or does not lead to https; a closed port 80 is no problem; going "
    "to another host before https is a note in the evidence, not a problem",
    status="fail",
    triage="now",
    risk="data",
    item=("B02", "B03", "S2.2"),
    source="internet.nl web test, HTTP Observatory redirection",
    cost="What visitors type can be read and changed on the way, and browsers mark the site as not secure.",
    each=_apex_and_www,
    nothing="neither the domain nor www has an address",
)
async def http_open(facts: Facts, name: str) -> Verdict:
    chain = await redirect_chain(facts, f"http://{name}/")
    evidence = chain.evidence
    if not chain.hops and chain.problem is not None:
        if inconclusive(facts, chain.problem) or not isinstance(chain.problem, ConnectFailed):
            raise chain.problem
        return passed(name, "port 80 is closed, so nothing can be visited without encryption", evidence=evidence)
    ends_in_plain = chain.ended and chain.last.ok and chain.last.url.startswith("http:")
    if not ends_in_plain and any(hop.target.startswith("https:") for hop in chain.redirects):
        if not chain.redirects[0].target.startswith(f"https://{name}/"):
            evidence = (
                *evidence,
                f"note: http://{name}/ goes to another place before https://{name}/, so that HSTS of "
                f"{name} is never learned",
            )
        return passed(name, f"http://{name}/ leads to https", evidence=evidence)
    if chain.endless:
        return skipped(name, f"http://{name}/ never ends: web.redirect-loop tells", evidence=evidence)
    if chain.problem is not None and inconclusive(facts, chain.problem):
        raise chain.problem
    if reason := await turned_away(facts, chain.hops[-1].response.url):
        return errored(name, reason, evidence=evidence)
    what = (
        f"http://{name}/ serves the site without encryption"
        if _serves(chain)
        else (f"http://{name}/ does not lead to https")
    )
    return failed(
        name,
        what,
        evidence=evidence,
        fix=f"Answer every http request with 301 to the same address on https, such as http://{name}/ -> "
        f"https://{name}/ {told(chain.hops[0].response, _to_https(name))}.",
    )


def _to_https(name: str) -> dict[str, str]:
    """How each server redirects plain http to https of the same host."""
    return {
        "nginx": "return 301 https://$host$request_uri;",
        "Apache": f"in the virtual host of port 80: Redirect permanent / https://{name}/",
        "Cloudflare": "SSL/TLS, Edge Certificates, Always Use HTTPS",
        "Caddy": "write the site's address without http:// and its port, then Caddy redirects by itself",
        "IIS": "URL Rewrite, a redirect rule to https://{HTTP_HOST}{REQUEST_URI} where {HTTPS} is off",
        "Netlify": "Domain management, HTTPS, Force HTTPS",
        "GitHub Pages": "Settings, Pages, Enforce HTTPS",
    }


def _serves(chain: Chain) -> bool:
    return chain.ended and chain.last.ok and not refusal(chain.last)


@check(
    "web.canonical-split",
    title="The site exists at two addresses",
    when="of the four variants (http/https x apex/www) two or more final hosts answer 2xx: the site exists at two "
    "addresses",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B03", "S2.2", "S2.5"),
    source="roadmap",
    cost="Visitors lose their login between the two, forms fail on one of them, and search engines split the ranking.",
)
async def canonical_split(facts: Facts, domain: str) -> list[Verdict]:
    chains = await variants(facts)
    if not chains:
        return [skipped(domain, "neither the domain nor www has an address: the dns checks tell")]
    serving = [chain for chain in chains if _serves(chain)]
    hosts = tuple(dict.fromkeys(host(chain.last.url) for chain in serving))
    evidence = [f"{chain.start} ends at {chain.last.url} ({chain.last.status})" for chain in serving]
    notes = [
        noted(host(chain.start), f"{host(chain.start)} shows a site of its own", evidence=chain.evidence)
        for chain in await brand_chains(facts)
        if chain.start.startswith("https:") and _serves(chain) and host(chain.last.url) == host(chain.start)
    ]
    if len(hosts) < 2:
        for chain in chains:
            await know_the_end(facts, chain)
        stopped = next((chain for chain in chains if chain.ended and not hosts), None)
        if stopped and (reason := await turned_away(facts, stopped.last.url)):
            return [errored(domain, reason, evidence=stopped.evidence), *notes]
        where = f"only {hosts[0]} serves the site" if hosts else "no variant serves the site"
        return [passed(domain, where, evidence=evidence), *notes]
    wanted = host(await canonical(facts))
    other = next((name for name in hosts if name != wanted), hosts[0])
    problem = failed(
        domain,
        f"the site is served at {' and at '.join(hosts)}",
        evidence=evidence,
        fix=f"Choose one (https://{wanted}/) and answer every request to {other} with 301 to the same path there.",
    )
    return [problem, *notes]

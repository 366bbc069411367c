"""What a run saw of the site beside its findings: DNS map, redirects, subdomains, the edge's settings, forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.dns.dns_map import MapRow, dns_map
from checks.dns.subdomains import discovery
from checks.facts import Facts
from checks.ops.errors.envelope import parse_dsn
from checks.ops.errors.trial import SentEvent, sent_event
from checks.repo.platforms import deployment
from checks.web.addresses_seen import AddressSeen, addresses_seen
from checks.web.edge.cloudflare.zone import edge_settings
from checks.web.forms.looked_back import FormRow, form_rows
from checks.web.pages import brand_chains, redirect_chain, variants
from checks.web.redirects import Chain


@dataclass(frozen=True, slots=True)
class RedirectSeen:
    """One step from `source` to `to`. `status` is 200 where the page itself leads on."""

    source: str
    to: str
    status: int


@dataclass(frozen=True, slots=True)
class SubdomainSeen:
    """`found_by` says where the name was met; "declared" for one that the user named."""

    name: str
    declared: bool
    found_by: str


@dataclass(frozen=True, slots=True)
class Survey:
    """Each part is empty where the run did not look for it."""

    records: tuple[MapRow, ...]
    redirects: tuple[RedirectSeen, ...]
    subdomains: tuple[SubdomainSeen, ...]
    edge: tuple[tuple[str, str], ...] = ()
    """Name and value of each setting of the edge, as its API tells them."""
    forms: tuple[FormRow, ...] = ()
    addresses: tuple[AddressSeen, ...] = ()
    event: SentEvent | None = None
    """The test event that the error tracker has taken."""
    platforms: tuple[str, ...] = ()
    """Where the product is deployed, the likeliest first, each with what showed it: "Fly.io: fly.toml"."""


def survey(facts: Facts) -> Survey:
    """Look back on what the checks of this run have asked. Asks nothing itself."""
    return Survey(
        records=dns_map(facts.network.resolved, facts.subject.domain),
        redirects=tuple(dict.fromkeys(_redirects(facts))),
        subdomains=tuple(_subdomains(facts)),
        edge=configured.rows() if (configured := facts.known(edge_settings)) else (),
        forms=tuple(form_rows(facts)),
        addresses=tuple(addresses_seen(facts)),
        event=_event(facts),
        platforms=told.evidence if (told := facts.known(deployment)) else (),
    )


def _event(facts: Facts) -> SentEvent | None:
    dsn = parse_dsn(facts.subject.monitor.errors.dsn)
    sent = facts.known(sent_event, dsn) if dsn is not None else None
    return sent if sent is not None and not sent.refusal else None


def _redirects(facts: Facts) -> Iterator[RedirectSeen]:
    for chain in _chains(facts):
        for hop in chain.redirects:
            yield RedirectSeen(hop.response.url, hop.target, hop.response.status)


def _chains(facts: Facts) -> Iterator[Chain]:
    yield from facts.known(variants) or ()
    yield from facts.known(brand_chains) or ()
    for url in facts.subject.campaign_urls:
        if (chain := facts.known(redirect_chain, url)) is not None:
            yield chain


def _subdomains(facts: Facts) -> Iterator[SubdomainSeen]:
    found = facts.known(discovery)
    if found is None:
        return
    for name in facts.subject.subdomains:
        yield SubdomainSeen(name, True, "declared")
    for subdomain in (*found.found, *found.dangling):
        yield SubdomainSeen(subdomain.name, False, ", ".join(subdomain.met))

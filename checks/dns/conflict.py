"""Addresses of the apex that do not belong together: an old host left beside the new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.catalogue import check
from checks.dns.dns_hosts import at_dns_host
from checks.dns.standing import told
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.web.edge.ranges import edge_of_address, one_of_each_network
from checks.web.serving import Comparison, compare_addresses

PUBLISHED = frozenset({"Cloudflare", "Fastly", "Amazon CloudFront"})
"""Edges that publish all their ranges: an address beside theirs is not theirs, of the other family neither."""
MOST_ADDRESSES = 6
"""So many addresses are asked for the page at most."""


def mixed_networks(addresses: Iterable[str]) -> str:
    """Say how an address set mixes networks: "Cloudflare beside 192.0.2.1"; empty where nothing shows that it does.

    Addresses of no known edge may well be one host's in several prefixes, so they conflict with an edge only.
    """
    edges = {address: edge_of_address(address) for address in addresses}
    known = sorted({edge for edge in edges.values() if edge})
    if len(known) > 1:
        return " beside ".join(known)
    if not known:
        return ""
    strangers = [
        address
        for address, edge in edges.items()
        if not edge and (known[0] in PUBLISHED or _has_family_of(address, edges, known[0]))
    ]
    return f"{known[0]} beside {', '.join(strangers)}" if strangers else ""


def _has_family_of(address: str, edges: Mapping[str, str | None], edge: str) -> bool:
    """Whether the edge is there with an address of the same family, so that two of a kind do not match."""
    return any((":" in other) == (":" in address) for other, its in edges.items() if its == edge)


@check(
    "dns.apex-conflict",
    title="Two hosts answer for the domain",
    when="the apex address set mixes addresses of different networks or edge providers (an old host left beside the "
    "new one), or one of the addresses does not serve the site while another does",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B01", "S1.2", "S2.1", "A1"],
    source="roadmap",
    cost="Some visitors, by chance, land on the wrong server: an old page, a warning, or nothing.",
)
async def apex_conflict(facts: Facts, domain: str) -> Verdict:
    apex = await told(facts, domain)
    if not apex.all:
        raise NotApplicable(f"{domain} has no address")
    seen = [_named(address) for address in apex.all]
    if mix := mixed_networks(apex.all):
        return failed(
            domain,
            f"The addresses of {domain} belong to different networks: {mix}.",
            evidence=seen,
            fix=f"{await at_dns_host(facts)}, keep the addresses of the network that is meant to serve the site, and "
            f"delete the other A and AAAA records of {domain}.",
        )
    asked = one_of_each_network(apex.all)[:MOST_ADDRESSES]
    if len(asked) < 2:
        return passed(domain, f"The addresses of {domain} belong to one network.", evidence=seen)
    found = await compare_addresses(facts, [address for address in asked if facts.network.can_reach(address)])
    if not found.serve and not found.fail:
        raise CannotTell(f"none of the addresses of {domain} could be asked for the page")
    if not found.serve:
        return passed(domain, "No address serves the site better than another.", evidence=seen)
    if not found.fail:
        return passed(domain, f"Every address of {domain} that was asked serves the site.", evidence=seen)
    answers = [*(one.problem for one in found.fail), *(f"{one.address} serves the site" for one in found.serve)]
    wrong = ", ".join(one.address for one in found.fail)
    return failed(
        domain,
        f"One address of {domain} does not serve the site while another does: {wrong}.",
        evidence=[*seen, *answers],
        fix=f"{await at_dns_host(facts)}, {_mended(domain, found)}",
    )


def _mended(domain: str, found: Comparison) -> str:
    records = [f"{domain} {'AAAA' if ':' in one.address else 'A'} {one.address}" for one in found.fail]
    if any(one.other_page for one in found.fail):
        # Both answer, so which of them is the old one only its owner knows.
        kept = ", ".join(one.address for one in found.serve)
        return (
            f"keep the records of the host that is meant to serve the site, {kept} or that of "
            f"{', '.join(records)}, and delete the others."
        )
    return f"delete {', '.join(records)}; or set the site up on that server too, if it is meant to serve it."


def _named(address: str) -> str:
    edge = edge_of_address(address)
    return f"{address} ({edge})" if edge else address

"""The name servers of the zone: each does its work, they agree, and the parent knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from checks.catalogue import check
from checks.dns.authority import Authority, NameServer, View, addresses_at, authority, if_answered
from checks.dns.delegation import Teller, delegation
from checks.dns.dns_hosts import dns_host_name
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, noted, passed, skipped, warned
from checks.network import Answer
from checks.network.routes import is_address
from checks.web.edge.ranges import edge_of_address

RETRY_SECONDS = 2.0
"""A difference that is gone after this time was a change on its way."""
ADDRESSES = "the addresses of the domain"


async def delegated_servers(facts: Facts) -> tuple[str, ...]:
    """The name servers that the zone is delegated to."""
    return (await delegation(facts, facts.subject.domain)).servers


async def _asked(facts: Facts, domain: str) -> Authority:
    """The zone's servers. Raises NotApplicable where there is no zone, CannotTell, DnsFailed, Offline."""
    found = await authority(facts, domain)
    if not found.servers:
        raise NotApplicable(f"{domain} is not delegated: dns.name-missing tells")
    return found


@check(
    "dns.ns-lame",
    title="A name server does not know the domain",
    when="a delegated name server does not answer authoritatively for the zone (no AA, REFUSED, SERVFAIL, no answer, "
    "or its name does not resolve)",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B01", "S2.1"],
    source="RFC 1912 s2.8, RFC 9499",
    cost="Look-ups that meet this server fail or hang, so the site and mail are slow or gone for some people.",
    each=delegated_servers,
    nothing="the domain is not delegated: dns.name-missing tells",
)
async def ns_lame(facts: Facts, server: str) -> Verdict:
    found = await authority(facts, facts.subject.domain)
    one = next(one for one in found.servers if one.name == server)
    if problems := found.lame.get(server):
        said = f"{server} is named for {found.zone} and does not answer for it."
        return failed(server, said, evidence=problems, fix=_mended(found.zone, one))
    if one.unknown:
        raise CannotTell(one.unknown)
    seen = [view.evidence for view in one.views]
    if one.alias:
        said = f"{server} is an alias (CNAME), which a name server must not be: some resolvers pass it over."
        fix = f"At the registrar and in the zone {found.zone}, name {one.alias} as the name server in its place."
        return noted(server, said, evidence=seen, fix=fix)
    return passed(server, f"{server} answers for {found.zone} with authority.", evidence=seen)


def _mended(zone: str, server: NameServer) -> str:
    """What to do about a lame server, by what is wrong with it."""
    name = server.name
    if is_address(name):
        return (
            f"Where {zone} has the NS record {name}, at the registrar and in the zone, put the server's name in the "
            "place of its address: DNS takes it for a name, which does not exist."
        )
    failing = {view.address: view for view in server.views if view.problem}
    records = ", ".join(f"{name} {'AAAA' if ':' in a else 'A'} {a}" for a in server.addresses)
    if server.unresolved and not failing and server.views:
        return f"In the zone that {name} lies in, publish {records}: only the parent's glue leads to it."
    off = f"at the registrar of {zone}, take {name} off the name servers"
    if server.unresolved and not server.addresses:
        return f"Publish the address of {name} in the zone that it lies in; or, {off}, also in the zone itself."
    if not server.unresolved and failing.keys() <= {*server.outdated}:
        current = ", ".join(a for a in server.addresses if a not in server.outdated)
        return (
            f"At the registrar of the domain that {name} lies in, correct the address (glue, host record) of {name}: "
            f"{current} in the place of {', '.join(server.outdated)}."
        )
    host = dns_host_name([name])
    at_host = f" at {host}" if host else ""
    places = ", ".join(failing)
    if failing and all(view.needs_tcp for view in failing.values()):
        return f"Let {name} ({places}) answer on TCP port 53 as well, past its firewall too; or, {off}."
    if failing and all(view.silent for view in failing.values()):
        return f"Start {name} ({places}){at_host}, and let UDP and TCP port 53 reach it; or, {off}."
    return f"{off[0].upper()}{off[1:]}; or set the zone up on it{at_host}."


@check(
    "dns.ns-mismatch",
    title="The registrar and the zone name different name servers",
    when="the NS set of the parent differs from the NS set of the zone itself",
    status="warn",
    triage="later",
    risk="downtime",
    item=["B01", "S2.1"],
    source="RFC 1034 s4.2.2",
    cost="Changes may be made at one place and not seen from the other, and a server may drop out unnoticed.",
)
async def ns_mismatch(facts: Facts, domain: str) -> Verdict:
    cut = await delegation(facts, domain)
    found = await _asked(facts, domain)
    # The newest copy of the zone speaks for it.
    own = max((view for view in found.views if view.ns_names), key=lambda view: view.serial or 0, default=None)
    if found.dead:
        raise NotApplicable(f"no name server of {cut.zone} answers for it: dns.ns-lame tells")
    if own is None:
        raise CannotTell(f"no server of {cut.zone} says which name servers the zone has")
    if cut.teller is Teller.RESOLVER:
        raise CannotTell(f"the servers of the zone above {cut.zone} could not be asked")
    seen = (cut.evidence, f"{own.at} names for {cut.zone}: {', '.join(sorted(own.ns_names))}")
    parents = frozenset(cut.servers)
    if parents == own.ns_names or cut.teller is Teller.SHARED:
        return passed(cut.zone, f"The parent and {cut.zone} name the same name servers.", evidence=seen)
    only_parent, only_zone = sorted(parents - own.ns_names), sorted(own.ns_names - parents)
    said = [f"only the parent names {', '.join(only_parent)}"] if only_parent else []
    said += [f"only the zone names {', '.join(only_zone)}"] if only_zone else []
    return warned(
        cut.zone,
        f"The parent of {cut.zone} and the zone itself name different name servers: {' and '.join(said)}.",
        evidence=seen,
        fix=f"Make both lists the same: at the registrar set {', '.join(sorted(own.ns_names))}, if these are the "
        f"servers that run the zone now; else change the NS records in the zone to {', '.join(sorted(parents))}.",
    )


@check(
    "dns.ns-single",
    title="One name server carries the domain alone",
    when="fewer than two name servers, or all of them at one address",
    status="warn",
    triage="later",
    risk="downtime",
    item=["B01"],
    source="RFC 2182 s5",
    cost="When that one machine fails, the site and the mail are gone, however healthy they are.",
)
async def ns_single(facts: Facts, domain: str) -> Verdict:
    found = await _asked(facts, domain)
    places = {frozenset(server.addresses) for server in found.servers if server.addresses}
    seen = [f"{server.name}: {', '.join(server.addresses) or 'no address'}" for server in found.servers]
    fix = f"Add a second name server in another network, at the DNS host and at the registrar of {found.zone}."
    if len(found.servers) < 2:
        return warned(found.zone, f"{found.zone} has only one name server.", evidence=seen, fix=fix)
    resolved = [server for server in found.servers if server.addresses]
    if len(resolved) > 1 and len(places) == 1 and _one_machine(places.pop()):
        return warned(found.zone, f"All name servers of {found.zone} stand at one address.", evidence=seen, fix=fix)
    if not resolved:
        raise CannotTell(f"no name server of {found.zone} leads to an address")
    return passed(found.zone, f"{found.zone} has {len(found.servers)} name servers.", evidence=seen)


def _one_machine(addresses: Iterable[str]) -> bool:
    """Whether there is at most one address of each family."""
    v6 = [":" in address for address in addresses]
    return v6.count(True) <= 1 and v6.count(False) <= 1


@check(
    "dns.answers-differ",
    title="The name servers contradict each other",
    when="authoritative servers of the zone differ in SOA serial or in the apex address set for longer than one retry "
    "after 2 s",
    status="warn",
    triage="now",
    risk="downtime",
    item=["B01", "S2.1"],
    source="RFC 1034 s4.3.5",
    cost="Which site a visitor gets, the old or the new, depends on which name server answers first.",
)
async def answers_differ(facts: Facts, domain: str) -> Verdict:
    found = await _asked(facts, domain)
    if len(found.views) < 2:
        return skipped(found.zone, "fewer than two servers answer with authority, so there is nothing to compare")
    if not differences(found.views):
        return passed(found.zone, "All name servers give the same answers.", evidence=_said(found.views))
    await asyncio.sleep(RETRY_SECONDS)
    again = [view for view in await asyncio.gather(*(_again(facts, domain, view) for view in found.views)) if view]
    differing = differences(again)
    if not differing and len(again) < len(found.views):
        raise CannotTell(f"the name servers of {found.zone} differed, and not all of them answer a second time")
    if not differing:
        return passed(found.zone, "All name servers give the same answers by now.", evidence=_said(again))
    if differing == [ADDRESSES] and _rotate(found.views, again):
        said = f"Each name server of {found.zone} answers with other addresses from one time to the next."
        return noted(found.zone, said, evidence=[*_said(found.views), *_said(again)])
    return warned(
        found.zone,
        f"The name servers of {found.zone} give different answers: they differ in {' and '.join(differing)}.",
        evidence=_said(again),
        fix="At the DNS host, see why the zone is not copied to every server (zone transfer, NOTIFY, or a second, "
        "stale copy); raise the SOA serial there and wait until all servers show it.",
    )


def differences(views: Iterable[View]) -> list[str]:
    """What servers that answer with authority differ in; addresses of one edge are one place, since they rotate."""
    views = list(views)
    serials = {view.serial for view in views if view.serial is not None}
    found = ["the SOA serial"] if len(serials) > 1 else []
    differ = _differ(view.a for view in views) or _differ(view.aaaa for view in views)
    return [*found, ADDRESSES] if differ else found


def _differ(answers: Iterable[Answer | None]) -> bool:
    """Whether the answers that came give different places."""
    places = {frozenset(edge_of_address(text) or text for text in answer.texts) for answer in answers if answer}
    return len(places) > 1


def _rotate(first: Iterable[View], again: Iterable[View]) -> bool:
    """Whether a server changed its own answer without a new serial: its host flattens an alias or spreads load."""
    then = {view.address: view for view in first}
    return any(
        view.serial == then[view.address].serial and addresses_at(view) != addresses_at(then[view.address])
        for view in again
    )


def _said(views: Iterable[View]) -> list[str]:
    return [
        f"{view.at}: serial {view.serial} of {view.primary}, addresses "
        + (", ".join(sorted(addresses_at(view))) or "none")
        for view in views
    ]


async def _again(facts: Facts, domain: str, view: View) -> View | None:
    """The same server asked anew; None where it is silent this time on what it answered before."""
    zone = (await delegation(facts, domain)).zone
    soa, a, aaaa = await asyncio.gather(
        *(
            if_answered(facts, view.address, name, rdtype, again=True)
            for name, rdtype in ((zone, "SOA"), (domain, "A"), (domain, "AAAA"))
        )
    )
    before = (view.soa, view.a, view.aaaa)
    if any(then is not None and now is None for then, now in zip(before, (soa, a, aaaa), strict=True)):
        return None
    return replace(view, soa=soa, a=a, aaaa=aaaa)

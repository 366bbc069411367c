"""edge.origin-exposed: whether the server behind the edge can be reached around it, proven by its answer."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass

from checks.catalogue import check
from checks.dns.lookup import addresses, public_names
from checks.dns.subdomains import discovery
from checks.errors import CannotTell, NetworkError, NotApplicable, Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed
from checks.mail.providers import by_mx
from checks.mail.spf.grammar import Directive
from checks.mail.spf.tree import published, tree
from checks.network import Response
from checks.web.edge.front import Front, front, the_canonical_host
from checks.web.edge.ranges import edge_of_address
from checks.web.edge.signs import signs_of_headers, signs_of_names
from checks.web.pages import fetch, homepage, inconclusive
from checks.web.serving import same_page

MOST_ADDRESSES = 12
"""More candidates than these are not asked: each costs the site a connection."""
SMALL_RANGE = 8
"""Addresses in an SPF range that is small enough (an IPv4 /29) to stand for single servers."""

_INSIDE = tuple(
    ipaddress.ip_network(prefix)
    for prefix in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "::1/128",
                   "fc00::/7", "fe80::/10")
)  # fmt: skip
"""Networks of the machine that runs this, not of the site."""

Places = dict[str, list[str]]
"""Addresses, each with where it was found."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Addresses outside the edge that may be the origin's."""

    places: dict[str, tuple[str, ...]]
    unread: tuple[str, ...]
    """Where could not be looked, and why."""


@fact
async def candidates(facts: Facts) -> Candidates:
    """Collect addresses outside any edge: of sibling names, mail exchangers, SPF, and those the user gave."""
    places: Places = {address: ["given by you"] for address in facts.subject.origin_addresses}
    unread: list[str] = []
    sources = (_sibling_addresses, _exchanger_addresses, _spf_addresses)
    for found in await asyncio.gather(*(source(facts) for source in sources), return_exceptions=True):
        if isinstance(found, Untold):
            unread.append(found.reason)
        elif isinstance(found, BaseException):
            raise found
        else:
            for address, where in found.items():
                places.setdefault(address, []).extend(where)
    shown = await front(facts)
    own = shown.addresses.all if shown.addresses else ()
    # Where some of its own addresses are in an edge's range, the others are beside it.
    at_edge = () if shown.by_address else own
    # A site that lives in a private network is looked for there.
    is_public = not own or any(map(_is_elsewhere, own))
    given = facts.subject.origin_addresses
    outside = {
        address: tuple(dict.fromkeys(where))
        for address, where in places.items()
        if edge_of_address(address) is None
        if address in given or (address not in at_edge and (not is_public or _is_elsewhere(address)))
    }
    return Candidates(outside, tuple(unread))


async def _sibling_addresses(facts: Facts) -> Places:
    names = list(await public_names(facts))
    try:
        names += [found.name for found in (await discovery(facts)).found]
    except (CannotTell, NotApplicable):
        # The declared names are worth a look by themselves.
        pass
    return await _addresses_of(facts, {name: f"the address of {name}" for name in names})


async def _exchanger_addresses(facts: Facts) -> Places:
    answer = await facts.network.resolve(facts.subject.domain, "MX")
    hosts = [text.split()[-1].rstrip(".").lower() for text in answer.texts]
    own = {host: f"the address of the mail exchanger {host}" for host in hosts if host and by_mx(host) is None}
    return await _addresses_of(facts, own)


async def _spf_addresses(facts: Facts) -> Places:
    """Of the domain's record, and of what it includes from the domain itself."""
    domain = facts.subject.domain
    records = list((await published(facts, domain)).records)
    if root := await tree(facts, domain):
        own = (node for node in root.walk() if facts.subject.under(node.domain))
        records += (node.record for node in own if node.domain != domain)
    terms = [term for record in records for term in record.directives]
    networks = [
        term.network for term in terms if term.network is not None and term.network.num_addresses <= SMALL_RANGE
    ]
    places: Places = {str(address): [f"SPF {network}"] for network in networks for address in network.hosts()}
    names = {name: f"SPF a:{name}" for term in terms if (name := _own_name(facts, term))}
    return places | await _addresses_of(facts, names)


def _own_name(facts: Facts, term: Directive) -> str:
    name = term.text.partition(":")[2].partition("/")[0].lower().rstrip(".") if term.mechanism == "a" else ""
    return name if name and "%" not in name and facts.subject.under(name) else ""


async def _addresses_of(facts: Facts, names: dict[str, str]) -> Places:
    found = await asyncio.gather(*(addresses(facts, name) for name in names), return_exceptions=True)
    places: Places = {}
    for where, result in zip(names.values(), found, strict=True):
        if isinstance(result, BaseException):
            if not isinstance(result, NetworkError):
                raise result
            continue
        # A name that leads to an edge by CNAME has the edge's addresses, whether their range is known or not.
        if not signs_of_names(link.target for link in result.chain):
            for address in result.all:
                places.setdefault(address, []).append(where)
    return places


def _is_elsewhere(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return not any(ip.version == network.version and ip in network for network in _INSIDE)


@check(
    "edge.origin-exposed",
    title="The server can be reached around its protection",
    when="the site is behind an edge and the same site also answers directly at an address found outside it (an "
    "unproxied sibling name, an MX or SPF ip4, an address the user gave)",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S3.1", "S3.F1"),
    source="roadmap",
    cost="An attacker goes straight to your server, past the network that you pay to keep it up.",
    each=the_canonical_host,
)
async def origin_exposed(facts: Facts, name: str) -> Verdict:
    shown = await front(facts)
    if not shown.edges:
        raise NotApplicable("no edge stands in front of the site (edge.none), so there is nothing to go around")
    found = await candidates(facts)
    tried = list(found.places)[:MOST_ADDRESSES]
    if not tried:
        summary = f"no address outside {shown.edges[0]} was found that might be the origin's"
        return passed(name, summary, evidence=(*shown.evidence, *found.unread))
    page = (await homepage(facts)).response
    results = await asyncio.gather(*(_ask(facts, shown, page, address) for address in tried))
    lines = [
        f"{address} ({', '.join(found.places[address])}): {said}"
        for address, (_, said) in zip(tried, results, strict=True)
    ]
    if len(found.places) > len(tried):
        lines.append(f"{len(found.places) - len(tried)} further addresses were not asked")
    exposed = [address for address, (is_open, _) in zip(tried, results, strict=True) if is_open]
    if exposed:
        return failed(
            name,
            f"the site answers directly at {', '.join(exposed)}, around {shown.edges[0]}",
            evidence=(*lines, *shown.evidence),
            fix=f"Let the firewall of {', '.join(exposed)} accept ports 80 and 443 from the addresses of "
            f"{shown.edges[0]} only (or use a tunnel or authenticated origin pulls), set the records that show the "
            "address to proxied, and change the server's address afterwards: the old one is known.",
        )
    if all(is_open is None for is_open, _ in results):
        raise CannotTell("; ".join(lines))
    return passed(name, f"the site does not answer outside {shown.edges[0]}", evidence=(*lines, *found.unread))


async def _ask(facts: Facts, shown: Front, page: Response, address: str) -> tuple[bool | None, str]:
    """Whether the site answers at `address` without the edge (None: cannot tell), and what was seen.

    By https, else by http: behind an edge that speaks http to it, an origin has no other port.
    """
    secure = page.url.replace("http://", "https://", 1)
    by_https = await _answer_at(facts, shown, page, secure, address)
    if by_https[0] is not False:
        return by_https
    by_http = await _answer_at(facts, shown, page, secure.replace("https://", "http://", 1), address)
    return by_http if by_http[0] else (False, f"{by_https[1]}; {by_http[1]}")


async def _answer_at(facts: Facts, shown: Front, page: Response, url: str, address: str) -> tuple[bool | None, str]:
    try:
        answer = await fetch(facts, url, address)
    except CannotTell as problem:
        return None if inconclusive(facts, problem) else False, problem.reason
    if not answer.ok:
        return False, answer.describe()
    if not await same_page(page, answer):
        return False, f"{answer.describe()}, another page"
    if signs := signs_of_headers(answer.headers):
        return False, f"it is an edge itself ({signs[0].edge}: {signs[0].evidence})"
    if answer.handshake and not (shown.by_address or shown.by_header) and _leaf(page) == _leaf(answer):
        # Told by its name alone, the edge leaves no mark that would tell it from the origin.
        return None, f"{answer.describe()} with the edge's own certificate: it may be the edge"
    return True, f"{answer.describe()} with the same page as {page.url}"


def _leaf(answer: Response) -> bytes:
    return answer.handshake.chain[0] if answer.handshake and answer.handshake.chain else b""

"""Which edge stands in front of the canonical host: the fact that the other edge checks build on, and edge.none."""

from __future__ import annotations

from dataclasses import dataclass

from checks.catalogue import check
from checks.dns.addresses import Addresses, addresses
from checks.errors import CannotTell, NetworkError
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed
from checks.network import Response, is_address
from checks.web.edge.signs import Sign, edges, other_hosting, signs_of_addresses, signs_of_headers, signs_of_names
from checks.web.pages import canonical, redirect_chain
from checks.web.url import host


@dataclass(frozen=True, slots=True)
class Front:
    """What answers for the canonical host."""

    host: str
    addresses: Addresses | None
    """None where they could not be asked for, or the host is an address itself."""
    response: Response | None
    """What the host answered; None where it gave no answer."""
    by_address: tuple[Sign, ...]
    by_name: tuple[Sign, ...]
    by_header: tuple[Sign, ...]
    hosting: tuple[Sign, ...]
    """Hosting that is known and no edge."""
    unread: tuple[str, ...]
    """What could not be looked at, and why."""

    @property
    def signs(self) -> tuple[Sign, ...]:
        return (*self.by_address, *self.by_name, *self.by_header)

    @property
    def edges(self) -> tuple[str, ...]:
        """Names of the edges, the surest first; empty where there is none."""
        return edges(self.signs)

    @property
    def evidence(self) -> tuple[str, ...]:
        lines = [f"{sign.edge}: {sign.evidence}" for sign in self.signs]
        lines += [f"{sign.edge} is hosting, not an edge: {sign.evidence}" for sign in self.hosting]
        lines += self.addresses.evidence if self.addresses else ()
        lines += [self.response.describe()] if self.response else []
        return (*lines, *self.unread)


@fact
async def front(facts: Facts) -> Front:
    """Look which edges answer for the canonical host, by all three kinds of signs. Raises Offline."""
    chain = await redirect_chain(facts, await canonical(facts))
    name = host(chain.url)
    response = next((hop.response for hop in reversed(chain.hops) if host(hop.response.url) == name), None)
    unread = [f"no answer from {name}: {chain.problem.reason}"] if chain.problem and not response else []
    found: Addresses | None = None
    if not is_address(name):
        try:
            found = await addresses(facts, name)
        except NetworkError as problem:
            unread.append(f"the addresses of {name}: {problem.reason}")
    own = found.all if found else (name,)
    targets = [link.target for link in found.chain] if found else []
    return Front(
        host=name,
        addresses=found,
        response=response,
        by_address=signs_of_addresses(own),
        by_name=signs_of_names(targets),
        by_header=signs_of_headers(response.headers) if response else (),
        hosting=other_hosting(targets, response.headers if response else None),
        unread=tuple(unread),
    )


async def the_canonical_host(facts: Facts) -> tuple[str]:
    """The one target of a check that looks at the canonical host."""
    return ((await front(facts)).host,)


@check(
    "edge.none",
    title="No protective network in front of the site",
    when="no known edge network answers for the canonical host (by address range, CNAME, or response headers)",
    status="fail",
    triage="now",
    risk="downtime",
    item=("B05", "B07", "S3.1", "S3.4"),
    source="roadmap",
    cost="A traffic spike or a cheap attack on launch day hits your server directly and takes the site down.",
    each=the_canonical_host,
)
async def none(facts: Facts, name: str) -> Verdict:
    shown = await front(facts)
    if shown.edges:
        return passed(name, f"{' and '.join(shown.edges)} stands in front of {name}", evidence=shown.evidence)
    if shown.unread:
        raise CannotTell(f"no edge is told by what could be seen, but {'; '.join(shown.unread)}")
    return failed(
        name,
        f"no edge network stands in front of {name}",
        evidence=shown.evidence,
        fix=f"Put an edge network before {name}: with Cloudflare, move the domain's name servers there and set the "
        f"records of {name} to proxied; or use the CDN of your hosting platform. Then let the server accept web "
        "traffic from the edge's addresses only.",
    )

"""Whether any label at all resolves under the domain: a wildcard, meant or not."""

from __future__ import annotations

import secrets

from checks.catalogue import check
from checks.dns.addresses import Addresses, addresses, same_answer
from checks.dns.authority import best_view
from checks.dns.dns_hosts import at_dns_host
from checks.dns.standing import require_lookup
from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.finding import Verdict, passed, warned

PROBE = "launchready-"
"""How every random label begins, so that whoever reads a DNS log knows who asked."""


@fact
async def random_name(facts: Facts) -> str:
    """A name under the domain that nobody can have published."""
    return f"{PROBE}{secrets.token_hex(6)}.{facts.subject.domain}"


@fact
async def made_up(facts: Facts) -> Addresses | None:
    """What the resolver answers for a name that nobody published; None where there is nothing.

    By a wildcard, or by an access network that turns "no such name" into its own search page.
    Raises CannotTell, DnsFailed, Offline.
    """
    found = await addresses(facts, await random_name(facts))
    if found.all or found.chain:
        return found
    if found.told:
        return None
    raise CannotTell(f"the resolver answers {found.a.rcode} for a random name under the domain")


@fact
async def wildcard(facts: Facts) -> Addresses | None:
    """What a wildcard under the domain answers; None where there is none. Raises CannotTell, DnsFailed, Offline."""
    found = await made_up(facts)
    if found is None:
        return None
    try:
        view = await best_view(facts, facts.subject.domain)
        if (await facts.network.ask(view.address, found.name, "A")).nxdomain:
            return None
    except CannotTell:
        # No name server can be asked directly: the resolver's word holds.
        pass
    return found


async def made_by_wildcard(facts: Facts, name: str) -> bool:
    """Whether `name` answers just as the wildcard does; False where that cannot be told."""
    try:
        made = await wildcard(facts)
        return made is not None and same_answer(await addresses(facts, name), made)
    except CannotTell:
        return False


def star(domain: str) -> str:
    return f"*.{domain}"


@check(
    "dns.wildcard",
    title="Every name under the domain resolves",
    when="a random label under the domain resolves and no wildcard was declared",
    status="warn",
    triage="later",
    risk="data",
    item=["B04", "S2.4"],
    source="RFC 4592",
    cost="Any name under your domain shows something, so mistyped links look real and strangers can use the names.",
)
async def undeclared_wildcard(facts: Facts, domain: str) -> Verdict:
    await require_lookup(facts)
    name = star(domain)
    made = await wildcard(facts)
    if made is None:
        return passed(name, f"Only names that were published under {domain} resolve.")
    if facts.subject.wildcard:
        return passed(name, f"{name} resolves, as declared.", evidence=made.evidence)
    return warned(
        name,
        f"Any name under {domain} resolves, though no wildcard was declared.",
        evidence=made.evidence,
        fix=f"{await at_dns_host(facts)}, delete the record {name} and publish the names in use one by one; "
        "or declare the wildcard if it is meant.",
    )

"""What the terms of a record resolve to: the networks that may send, and the look-ups that come back empty."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

import dns.name

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.spf.grammar import Directive, IPNetwork, Term
from checks.mail.spf.lookup import settled
from checks.mail.spf.macro import dns_name
from checks.mail.spf.networks import Coverage, Grant
from checks.mail.spf.tree import Node, published, static_target, tree

HOSTS_LIMIT = 10
"""Mail exchangers of one mx term that a receiver looks at."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """What an a, mx or exists term finds."""

    target: str
    addresses: tuple[str, ...] = ()
    exchangers: tuple[str, ...] = ()
    """Of mx: the hosts, null MX aside."""
    void: bool = False
    """Whether the look-up came back empty."""


@fact
async def hosts_of(facts: Facts, kind: str, target: str) -> Hosts:
    """Resolve an a, mx or exists term. Raises DnsFailed, Offline.

    Args:
        kind: the mechanism.
        target: the name it asks for.
    """
    name = dns_name(target)
    if name is None:
        return Hosts(target, void=True)
    if kind == "exists":
        answer = await settled(facts.network, name, "A")
        return Hosts(target, answer.texts, void=not answer.records)
    if kind == "a":
        addresses = await _addresses(facts, name)
        return Hosts(target, addresses, void=not addresses)
    answer = await settled(facts.network, name, "MX")
    names = [record.exchange for record in answer.records if record.exchange != dns.name.root]  # type: ignore[attr-defined]
    found = await asyncio.gather(*(_addresses(facts, host) for host in names[:HOSTS_LIMIT]))
    addresses = tuple(dict.fromkeys(address for each in found for address in each))
    # A null MX is an answer; hosts none of which has an address are none.
    void = not answer.records or (bool(names) and not addresses)
    return Hosts(target, addresses, tuple(host.to_text(omit_final_dot=True).lower() for host in names), void)


async def _addresses(facts: Facts, name: dns.name.Name) -> tuple[str, ...]:
    a, aaaa = await asyncio.gather(settled(facts.network, name, "A"), settled(facts.network, name, "AAAA"))
    return (*a.texts, *aaaa.texts)


async def term_hosts(facts: Facts, term: Term, domain: str) -> Hosts | None:
    """What an a, mx or exists term of the record of `domain` finds; None where the message decides that.

    None also where so many terms stand before it that nobody looks.
    """
    target = static_target(term.domain, domain, facts.subject.domain) if isinstance(term, Directive) else None
    if target is None or await is_beyond(facts, term, domain):
        return None
    return await hosts_of(facts, term.kind, target)


async def is_beyond(facts: Facts, term: Term, domain: str) -> bool:
    """Whether a term of the record of `domain` stands past every limit. Raises DnsFailed, Offline."""
    return any(term.text in record.beyond for record in (await published(facts, domain)).records)


# ---------------------------------------------------------------------- void look-ups


@dataclass(frozen=True, slots=True)
class Voids:
    """Look-ups of a whole tree that come back empty."""

    terms: tuple[str, ...]
    """"domain: term", each as often as it is evaluated (up to a few)."""
    count: int
    problem: CannotTell | None
    """A look-up that could not be made, so that there may be more."""


@fact
async def void_lookups(facts: Facts, domain: str) -> Voids:
    """Count the empty look-ups over every querying term of the tree at `domain`. Raises DnsFailed, Offline."""
    root = await tree(facts, domain)
    if root is None:
        return Voids((), 0, None)
    asked = [
        (node.domain, term)
        for node in root.walk()
        for term in node.record.directives
        if term.mechanism in ("a", "mx", "exists")
    ]
    found = await asyncio.gather(*(_is_void(facts, owner, term) for owner, term in asked))
    empty = {(owner, term.text) for (owner, term), void in zip(asked, found, strict=True) if void is True}
    counts: dict[str, int] = {}
    terms: list[str] = []

    def count(node: Node) -> int:
        """Every time a record is evaluated its empty look-ups count again, so they are summed up once and reused."""
        if node.domain not in counts:
            own = [term.text for term in node.record.querying if (node.domain, term.text) in empty]
            own += [branch.term.text for branch in node.branches if branch.void]
            terms.extend(f"{node.domain}: {text}" for text in own)
            counts[node.domain] = len(own) + sum(count(branch.node) for branch in node.branches if branch.node)
        return counts[node.domain]

    total = count(root)
    unread = root.unread
    problem = next((void for void in found if isinstance(void, CannotTell)), None)
    if problem is None and unread is not None:
        problem = CannotTell(f"{unread.term.text}: {unread.reason}")
    return Voids(tuple(terms), total, problem)


async def crowded_terms(facts: Facts, domain: str) -> list[str]:
    """The mx terms of the tree at `domain`, as "domain: term", that name more exchangers than a receiver looks at."""
    root = await tree(facts, domain)
    asked = [(node.domain, term) for node in root.walk() for term in node.record.directives] if root else []
    asked = [(owner, term) for owner, term in asked if term.mechanism == "mx"]
    found = await asyncio.gather(*(_exchangers(facts, owner, term) for owner, term in asked))
    return [f"{owner}: {term.text}" for (owner, term), count in zip(asked, found, strict=True) if count > HOSTS_LIMIT]


async def _exchangers(facts: Facts, domain: str, term: Term) -> int:
    try:
        hosts = await term_hosts(facts, term, domain)
    except CannotTell:
        return 0
    return len(hosts.exchangers) if hosts else 0


async def _is_void(facts: Facts, domain: str, term: Term) -> bool | CannotTell:
    try:
        hosts = await term_hosts(facts, term, domain)
    except CannotTell as problem:
        return problem
    return hosts is not None and hosts.void


# ---------------------------------------------------------------------- networks


@fact
async def grants(facts: Facts, domain: str) -> tuple[Grant, ...]:
    """The networks that the record of `domain` and all that it includes let send. Raises CannotTell, Offline.

    What the message itself decides (macros, ptr, exists) is not in it, nor what "all" says.
    """
    root = await tree(facts, domain)
    if root is None:
        return ()
    asked = [
        (node.domain, term) for node in root.walk() for term in node.record.directives if term.mechanism in ("a", "mx")
    ]
    found = await asyncio.gather(*(term_hosts(facts, term, owner) for owner, term in asked))
    hosts = {(owner, term.text): each for (owner, term), each in zip(asked, found, strict=True) if each}
    return _grants(root, hosts, {})


@fact
async def coverage(facts: Facts, domain: str) -> Coverage:
    """The same as one set of addresses. Raises CannotTell, Offline."""
    return Coverage(await grants(facts, domain))


def _grants(node: Node, hosts: dict[tuple[str, str], Hosts], done: dict[str, tuple[Grant, ...]]) -> tuple[Grant, ...]:
    """What a record grants, each network once: what stands first decides.

    Records that name each other again and again would otherwise multiply, level by level.
    """
    if node.domain not in done:
        found: dict[IPNetwork, Grant] = {}
        for term in _each_once(node.record.followed):
            for grant in _term_grants(node, term, hosts, done):
                found.setdefault(grant.network, grant)
        done[node.domain] = tuple(found.values())
    return done[node.domain]


def _each_once(terms: Iterable[Term]) -> Iterable[Term]:
    """Terms without those that stand there a second time, which change nothing."""
    once: dict[str, Term] = {}
    for term in terms:
        once.setdefault(term.text, term)
    return once.values()


def _term_grants(
    node: Node, term: Term, hosts: dict[tuple[str, str], Hosts], done: dict[str, tuple[Grant, ...]]
) -> Iterable[Grant]:
    if term.kind in ("include", "redirect"):
        branch = node.branch(term)
        inner = _grants(branch.node, hosts, done) if branch.node else ()
        if not isinstance(term, Directive):
            return inner
        # Only a pass below makes an include match, and then its own qualifier says what that means.
        passing = [grant.network for grant in inner if grant.allowed]
        if len(passing) < len(inner):
            passing = list(Coverage(inner).networks)
        return [Grant(network, term.result == "pass") for network in passing]
    if not isinstance(term, Directive):
        return []
    networks: tuple[IPNetwork, ...] = (term.network,) if term.network is not None else ()
    if found := hosts.get((node.domain, term.text)):
        networks = networks_of(term, found.addresses)
    return [Grant(network, term.result == "pass") for network in networks]


def networks_of(term: Directive, addresses: Iterable[str]) -> tuple[IPNetwork, ...]:
    """Addresses with the prefix lengths of an a or mx term."""
    return tuple(
        ipaddress.ip_network((address, term.prefix6 if ":" in address else term.prefix4), strict=False)
        for address in addresses
    )

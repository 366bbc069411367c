"""Brings the terms of an SPF record within every limit: ten look-ups, and answers that fit into one small packet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts
from checks.mail.providers import Provider, by_spf
from checks.mail.spf.check_host import LOOKUP_LIMIT
from checks.mail.spf.grammar import ASKED_LIMIT, QUERYING, VERSION, Directive, Term, network_term
from checks.mail.spf.merge import compact, only_passing, read_term, without_repetition
from checks.mail.spf.proof import same_verdicts
from checks.mail.spf.reach import coverage, networks_of, term_hosts
from checks.mail.spf.senders import passing
from checks.mail.spf.split import room, split
from checks.mail.spf.tree import Trouble, static_target, tree


@dataclass(frozen=True, slots=True)
class Fitted:
    """A record within the limits, and what to know of it."""

    text: str
    helpers: Mapping[str, str]
    """Records that it includes, by their names."""
    lookups: int | None
    """At worst; None where part of it cannot be read now."""
    notes: tuple[str, ...] = ()
    obstacle: str = ""
    """Why the limits cannot be kept, and what to do; empty where they are."""


async def within_limits(facts: Facts, terms: Sequence[Term], ends: Callable[[Sequence[Term]], list[str]]) -> Fitted:
    """Join networks, replace includes by the addresses behind them and split the record, each only where it must be.

    Args:
        ends: the words that end a record of these terms.

    Raises Offline.
    """
    domain = facts.subject.domain
    if (asking := sum(term.kind in QUERYING for term in terms)) > ASKED_LIMIT:
        why = f"The record has {asking} terms that ask DNS; {LOOKUP_LIMIT} are allowed. Start anew with those who send."
        return Fitted(_text(terms, ends), {}, asking, obstacle=why)
    costs = await _costs(facts, terms)
    if sum(costs.values()) > LOOKUP_LIMIT or len(_text(terms, ends)) > room(domain):
        terms = await _uncovered(facts, terms)
        costs = await _costs(facts, terms)
    taken = {target for term in terms if (target := static_target(term.domain, domain, domain))}
    options: list[tuple[Term, list[Term]]] | None = None
    flat: dict[Term, list[Term]] = {}
    while True:
        made = without_repetition([part for term in terms for part in flat.get(term, [term])])
        whole = _text(made, ends)
        if len(whole) > room(domain):
            made = compact(made)
            whole = _text(made, ends)
        lookups = sum(cost for term, cost in costs.items() if term not in flat)
        found = split(domain, made, ends(made), most=LOOKUP_LIMIT - lookups, taken=taken)
        if found is not None:
            break
        if options is None:
            options = await _options(facts, costs)
        if not options:
            return Fitted(whole, {}, lookups, obstacle=_obstacle(facts, costs, flat, len(whole)))
        term, addresses = options.pop(0)
        flat[term] = addresses
    text = _text(found.terms, ends)
    if found.helpers and not await same_verdicts(domain, whole, {domain: text, **found.helpers}):
        return Fitted(
            whole, {}, lookups, obstacle="The record is too long, and no split of it gives the same verdicts."
        )
    unread = [term for term in terms if term not in flat and await _cost(facts, term) is None]
    notes = (_stale(facts, flat),) if flat else ()
    return Fitted(text, found.helpers, None if unread else lookups + len(found.helpers), notes)


def _text(terms: Sequence[Term], ends: Callable[[Sequence[Term]], list[str]]) -> str:
    return " ".join((VERSION, *(term.text for term in terms), *ends(terms)))


async def _uncovered(facts: Facts, terms: Sequence[Term]) -> list[Term]:
    """The terms without includes that another one leads to already, where order does not matter."""
    if not only_passing(terms):
        return list(terms)
    domain = facts.subject.domain
    kept = list(terms)
    for term in terms:
        target = static_target(term.domain, domain, domain) if term.kind == "include" and term in kept else None
        try:
            node = await tree(facts, target) if target else None
        except CannotTell:
            continue
        below = {branch.target for branch in passing(node)} if node else set()
        kept = [
            t for t in kept if t.kind != "include" or static_target(t.domain, domain, domain) not in below or t is term
        ]
    return kept


# ---------------------------------------------------------------------- what a term costs


async def _costs(facts: Facts, terms: Sequence[Term]) -> dict[Term, int]:
    """The look-ups of each term; 1 where what it includes cannot be read."""
    found = await asyncio.gather(*(_cost(facts, term) for term in terms))
    return {term: 1 if cost is None else cost for term, cost in zip(terms, found, strict=True)}


async def _cost(facts: Facts, term: Term) -> int | None:
    """Look-ups of one term, through its includes; None where they cannot be read."""
    if term.kind not in QUERYING:
        return 0
    if term.kind not in ("include", "redirect"):
        return 1
    target = static_target(term.domain, facts.subject.domain, facts.subject.domain)
    try:
        node = await tree(facts, target) if target is not None else None
    except CannotTell:
        return None
    return 1 + node.lookups if node else None


# ---------------------------------------------------------------------- addresses in place of names


async def _options(facts: Facts, costs: dict[Term, int]) -> list[tuple[Term, list[Term]]]:
    """Terms that addresses can stand for, first what saves most look-ups for each address."""
    querying = [term for term, cost in costs.items() if cost]
    found = await asyncio.gather(*(_flattened(facts, term) for term in querying))
    options = [(term, addresses) for term, addresses in zip(querying, found, strict=True) if addresses]
    return sorted(options, key=lambda option: -costs[option[0]] / len(option[1]))


async def _flattened(facts: Facts, term: Term) -> list[Term]:
    """The networks behind a term as terms of their own; empty where they are not all known."""
    domain = facts.subject.domain
    target = static_target(term.domain, domain, domain)
    try:
        if term.kind in ("include", "redirect") and target is not None:
            node = await tree(facts, target)
            if node is None or any(
                b.trouble in (Trouble.DYNAMIC, Trouble.UNREAD) for n in node.walk() for b in n.branches
            ):
                return []
            networks = list((await coverage(facts, target)).networks)
        elif isinstance(term, Directive) and term.mechanism in ("a", "mx"):
            hosts = await term_hosts(facts, term, domain)
            networks = list(networks_of(term, hosts.addresses)) if hosts else []
        else:
            return []
    except CannotTell:
        return []
    prefix = term.qualifier if isinstance(term, Directive) and term.qualifier != "+" else ""
    return [read_term(prefix + network_term(network)) for network in dict.fromkeys(networks)]


# ---------------------------------------------------------------------- what to tell


def _stale(facts: Facts, flat: Iterable[Term]) -> str:
    """The warning that comes with addresses in place of includes."""
    names = ", ".join(term.text for term in flat)
    return (
        f"(The addresses stand for {names} and go stale when the service moves its servers: compare them every month."
        f" Better: {_own_name(facts, flat)}; then its include can leave this record.)"
    )


def _own_name(facts: Facts, terms: Iterable[Term]) -> str:
    """Which of the services can send with a return path below the domain, and at which name."""
    services = [service for term in terms if term.domain for service in by_spf(term.domain.text)]
    movable = [service for service in services if service.bounce in ("subdomain", "optional")]
    if not movable:
        return f"let a service send from a subdomain of its own, such as news.{facts.subject.domain}"
    return " or ".join(_move(facts, service) for service in dict.fromkeys(movable))


def _move(facts: Facts, service: Provider) -> str:
    label = service.names[0] if service.names else "bounce"
    return f"let {service.name} send with the return path {label}.{facts.subject.domain} (a setting of its own)"


def _obstacle(facts: Facts, costs: dict[Term, int], flat: Iterable[Term], size: int) -> str:
    """Why no record holds all of it, and what can be done."""
    flat = list(flat)
    fixed = {term: cost for term, cost in costs.items() if cost and term not in flat}
    needed = sum(fixed.values())
    if needed > LOOKUP_LIMIT:
        why = f"{needed} look-ups are left that no addresses can stand for ({', '.join(t.text for t in fixed)})"
        why += f"; {LOOKUP_LIMIT} are allowed"
    else:
        why = f"it has {size} bytes; one record may have {room(facts.subject.domain)}, and with {needed} look-ups taken"
        why += f" only {LOOKUP_LIMIT - needed} more can be included"
    services = dict.fromkeys(s.name for term in costs if term.domain for s in by_spf(term.domain.text))
    unused = f" ({', '.join(services)})" if services else ""
    return (
        f"No SPF record can hold all of it: {why}. First take out what no longer sends for you{unused}; then"
        f" {_own_name(facts, costs)}, or send bulk mail from a subdomain that has an SPF record of its own."
    )

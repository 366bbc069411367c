"""Terms of one SPF record put together: each once, no network inside another, networks side by side as one."""

from __future__ import annotations

from collections.abc import Iterable

from checks.mail.spf.grammar import VERSION, Directive, IPNetwork, Term, network_term, parse
from checks.mail.spf.networks import Coverage, Grant, outermost


def canonical(term: Term) -> str:
    """The term as text that is the same for all ways to write it."""
    if isinstance(term, Directive) and term.network is not None:
        return term.qualifier.removeprefix("+") + network_term(term.network)
    return term.text.lower().removeprefix("+").removesuffix(".")


def without_repetition(terms: list[Term]) -> list[Term]:
    """Each term once, networks inside others left out, a redirect last."""
    once = list({canonical(term): term for term in reversed(terms)}.values())[::-1]
    needed = outermost(_networks(once))
    # Where a term keeps somebody out, the order counts, and a network inside another is not idle.
    kept = [t for t in once if _network(t) in needed or _network(t) is None] if only_passing(once) else once
    redirects = [term for term in kept if term.kind == "redirect"]
    rest = [term for term in kept if term.kind != "redirect"]
    if len(redirects) < 2:
        return rest + redirects
    # Only one redirect may stand in a record; as includes they let the same hosts send.
    return rest + [read_term(f"include:{term.domain.text}") for term in redirects if term.domain]


def _network(term: Term) -> IPNetwork | None:
    return term.network if isinstance(term, Directive) else None


def _networks(terms: Iterable[Term]) -> list[IPNetwork]:
    return [network for term in terms if (network := _network(term)) is not None]


def only_passing(terms: Iterable[Term]) -> bool:
    """Whether no term keeps anybody out, so that their order says nothing."""
    return all(term.result == "pass" for term in terms if isinstance(term, Directive))


def compact(terms: list[Term]) -> list[Term]:
    """The same with networks that lie side by side joined, where order does not matter."""
    networks = _networks(terms)
    joined = Coverage(Grant(network, True) for network in networks).networks
    if not only_passing(terms) or len(joined) == len(networks):
        return terms
    first = next(place for place, term in enumerate(terms) if _network(term) is not None)
    rest = [term for term in terms[first:] if _network(term) is None]
    return [*terms[:first], *(read_term(network_term(network)) for network in joined), *rest]


def read_term(text: str) -> Term:
    """One term that is known to be right."""
    return parse(f"{VERSION} {text}").terms[0]

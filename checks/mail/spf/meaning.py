"""What each term of a domain's SPF record authorises, in words for the person who owns it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.providers import by_mx, by_spf
from checks.mail.spf.grammar import Directive, Term
from checks.mail.spf.reach import term_hosts
from checks.mail.spf.tree import Node, tree

_ELSE = {
    "pass": "lets everybody send",
    "neutral": "says nothing of everybody else",
    "softfail": "marks everybody else as suspicious",
    "fail": "tells receivers to refuse everybody else",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One term of the record."""

    term: str
    who: str
    """Whom it authorises, or what it does."""
    lookups: int
    """What it costs at worst, through its includes."""


@fact
async def meanings(facts: Facts, domain: str) -> tuple[Meaning, ...]:
    """Explain the terms of the one record of `domain` that are ever tried; none without one. Raises CannotTell."""
    root = await tree(facts, domain)
    if root is None:
        return ()
    return tuple(await asyncio.gather(*(_meaning(facts, root, term) for term in root.record.followed)))


async def _meaning(facts: Facts, node: Node, term: Term) -> Meaning:
    if term.kind in ("include", "redirect"):
        branch = node.branch(term)
        services = " or ".join(service.name for service in by_spf(branch.target))
        below = 1 + (branch.node.lookups if branch.node else 0)
        who = branch.trouble.value if branch.trouble else services or f"whoever {branch.target} lists"
        return Meaning(term.text, who, below)
    if not isinstance(term, Directive):
        return Meaning(term.text, "nobody", 0)
    if term.mechanism == "all":
        return Meaning(term.text, _ELSE[term.result], 0)
    said = "" if term.result == "pass" else f"gives {term.result}, not pass, to "
    if term.network is not None:
        count = term.network.num_addresses
        return Meaning(
            term.text,
            f"{said}{count if count < 2**32 else f'2^{128 - term.network.prefixlen}'} address{'es' * (count > 1)}",
            0,
        )
    return Meaning(term.text, said + await _hosts(facts, node, term), 1)


async def _hosts(facts: Facts, node: Node, term: Directive) -> str:
    if term.mechanism == "ptr":
        return "hosts whose reverse DNS name is the domain's"
    try:
        found = await term_hosts(facts, term, node.domain)
    except CannotTell as problem:
        return f"not known: {problem.reason}"
    if found is None or term.mechanism == "exists":
        return "whom a look-up for each message names"
    if found.void:
        return "nobody: the look-up comes back empty"
    services = dict.fromkeys(service.name for host in found.exchangers if (service := by_mx(host)))
    whose = "own servers" if facts.subject.under(found.target) else f"servers of {found.target}"
    return f"{', '.join(services) or whose} ({', '.join(found.addresses[:4])}{', ...' * (len(found.addresses) > 4)})"

"""Where a CNAME leads: the whole chain of a name, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from checks.dns.addresses import addresses
from checks.dns.standing import told
from checks.errors import CannotTell, DnsFailed
from checks.facts import Facts, fact
from checks.network import Link
from checks.network.dns import text_of

MAX_STEPS = 8
"""A longer chain is followed no further: some resolvers give up as early (RFC 1034 s5.2.2 asks for care)."""


class End(Enum):
    """How a chain of CNAMEs ends."""

    ADDRESS = "it leads to an address"
    MISSING = "its end does not exist"
    EMPTY = "its end has no address"
    LOOP = "it goes round in a circle"
    LONG = f"it is longer than {MAX_STEPS} steps"


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that is a CNAME."""

    name: str
    links: tuple[Link, ...]
    end: End
    evidence: tuple[str, ...]

    @property
    def target(self) -> str:
        """The last name of the chain."""
        return self.links[-1].target

    @property
    def path(self) -> str:
        """The chain in a line: "www.example.com -> shop.example.net"."""
        return " -> ".join((self.name, *(link.target for link in self.links)))

    @property
    def broken(self) -> bool:
        return self.end is not End.ADDRESS


@fact
async def alias(facts: Facts, name: str) -> Alias | None:
    """Follow the CNAMEs of `name` to their end; None where it is no CNAME.

    Raises NotApplicable where the domain as a whole cannot be looked up, CannotTell, Offline.
    """
    links: list[Link] = []
    here = name
    while True:
        try:
            found = await addresses(facts, here)
        except DnsFailed as problem:
            if not links:
                await told(facts, name)
            raise CannotTell(f"the end of the chain of {name} gives no answer: {problem.reason}") from problem
        steps = found.chain
        if not steps and not found.told and (step := await _cname_at(facts, here)):
            # Resolvers refuse a chain that is too long or circular as a whole, but give it step by step.
            steps = (step,)
        links += steps
        if links and links[-1].target in {link.owner for link in links}:
            return Alias(name, tuple(links), End.LOOP, found.evidence)
        if len(links) > MAX_STEPS:
            return Alias(name, tuple(links), End.LONG, found.evidence)
        if found.all:
            return Alias(name, tuple(links), End.ADDRESS, found.evidence) if links else None
        if steps:
            here = links[-1].target
        elif found.told:
            end = End.MISSING if found.missing else End.EMPTY
            return Alias(name, tuple(links), end, found.evidence) if links else None
        else:
            if not links:
                await told(facts, name)
            raise CannotTell(f"the end of the chain of {name} gives no answer: {'; '.join(found.evidence)}")


async def _cname_at(facts: Facts, name: str) -> Link | None:
    answer = await facts.network.resolve(name, "CNAME")
    if not answer.records:
        return None
    return Link(name, text_of(answer.records[0].target), answer.ttl or 0)  # type: ignore[attr-defined]


@fact
async def exists_for_mail(facts: Facts, name: str) -> bool:
    """Whether a name without address still has a use: it names mail exchangers. Raises DnsFailed, Offline."""
    answer = await facts.network.resolve(name, "MX")
    return any(text_of(record.exchange) != "." for record in answer.records)  # type: ignore[attr-defined]

"""The address records of a name, as the resolvers see them: what nearly every other fact begins with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import DnsFailed
from checks.facts import Facts, fact
from checks.network import Answer, Link
from checks.network.dns import unanswered

KINDS = ("A", "AAAA")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The address records of one name, CNAMEs followed, as the resolvers see them."""

    name: str
    a: Answer
    aaaa: Answer

    @property
    def v4(self) -> tuple[str, ...]:
        return self.a.texts

    @property
    def v6(self) -> tuple[str, ...]:
        return self.aaaa.texts

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.v4, *self.v6)

    @property
    def chain(self) -> tuple[Link, ...]:
        """The CNAME steps, from the answer that shows more of them."""
        return max(self.a.chain, self.aaaa.chain, key=len)

    @property
    def missing(self) -> bool:
        """Whether the name itself does not exist (NXDOMAIN, and not for the target of a CNAME)."""
        return self.a.nxdomain and self.aaaa.nxdomain and not self.chain

    @property
    def told(self) -> bool:
        """Whether this says for sure which addresses there are, or that there are none."""
        return bool(self.all) or all(answer.ok or answer.nxdomain for answer in (self.a, self.aaaa))

    @property
    def evidence(self) -> tuple[str, str]:
        return (self.a.describe(), self.aaaa.describe())


@fact
async def addresses(facts: Facts, name: str) -> Addresses:
    """A and AAAA of a name, both at once. SERVFAIL is an answer. Raises DnsFailed, Offline.

    Some servers keep silent on AAAA: where one kind brings addresses, silence on the other is SERVFAIL.
    """
    found = await asyncio.gather(*(facts.network.resolve(name, kind) for kind in KINDS), return_exceptions=True)
    known = any(isinstance(one, Answer) and one.records for one in found)
    answers = []
    for kind, one in zip(KINDS, found, strict=True):
        if isinstance(one, Answer):
            answers.append(one)
        elif isinstance(one, DnsFailed) and known:
            answers.append(unanswered(name, kind, one))
        else:
            raise one
    a, aaaa = answers
    return Addresses(name, a, aaaa)


def same_answer(one: Addresses, other: Addresses) -> bool:
    """Whether two names lead to one place: the same CNAME target, or an address in common."""
    if one.chain or other.chain:
        return bool(one.chain and other.chain and one.chain[0].target == other.chain[0].target)
    return bool(set(one.all) & set(other.all))

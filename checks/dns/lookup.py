"""What the resolvers say of names: the facts that every other room builds on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import NetworkError
from checks.facts import Facts, fact
from checks.network import Answer


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
    def missing(self) -> bool:
        """Whether the name does not exist at all (NXDOMAIN)."""
        return self.a.nxdomain and self.aaaa.nxdomain

    @property
    def evidence(self) -> tuple[str, str]:
        return (self.a.describe(), self.aaaa.describe())


@fact
async def addresses(facts: Facts, name: str) -> Addresses:
    """A and AAAA of a name, both at once. Raises DnsFailed, Offline."""
    a, aaaa = await asyncio.gather(facts.network.resolve(name, "A"), facts.network.resolve(name, "AAAA"))
    return Addresses(name, a, aaaa)


async def public_names(facts: Facts) -> tuple[str, ...]:
    """The apex, www and every declared subdomain (catalogue: "public name")."""
    subject = facts.subject
    return tuple(dict.fromkeys((subject.domain, subject.www, *subject.subdomains)))


MAIL_LABELS = frozenset(
    "mail smtp imap pop pop3 mx mx1 mx2 autodiscover autoconfig mta-sts send bounce bounces".split()
)
"""First labels of names that exist for mail; such a name is a web name only where it also serves https."""


@fact
async def public_web_names(facts: Facts) -> tuple[str, ...]:
    """Public names with an address, those that exist for mail alone aside (catalogue: "public web name").

    A name whose address cannot be asked for stays in, so that its checks say why they cannot tell.
    """
    names = await public_names(facts)
    found = await asyncio.gather(*(addresses(facts, name) for name in names), return_exceptions=True)
    kept = []
    for name, result in zip(names, found, strict=True):
        if isinstance(result, BaseException) and not isinstance(result, NetworkError):
            raise result
        for_mail = name != facts.subject.domain and name.split(".", 1)[0] in MAIL_LABELS
        if not for_mail and (isinstance(result, NetworkError) or result.all):
            kept.append(name)
    return tuple(kept)

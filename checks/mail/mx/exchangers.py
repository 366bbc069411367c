"""Who receives mail for the domain: its MX records, and where they lead (RFC 5321 s5, RFC 7505)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.dns.special import why_not_public
from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.asking import ask, tried
from checks.network import Answer, is_address

INNER = ("private", "loopback", "link-local", "site-local", "no host's")
"""How the reasons of addresses begin that only a host's own network reaches, or nobody."""


@dataclass(frozen=True, slots=True)
class Exchanger:
    """One MX host. The null MX is "."."""

    host: str
    preference: int
    addresses: tuple[str, ...] = ()
    alias: str = ""
    """Where the host leads if it is a CNAME, which it may not be."""
    problem: CannotTell | None = None
    """Why its addresses could not be asked for."""
    hidden: str = ""
    """Why the public reaches none of its addresses ("private (RFC 1918)"); empty where it does, or in a laboratory."""

    @property
    def is_null(self) -> bool:
        return self.host == "."

    @property
    def is_address(self) -> bool:
        """Whether an IP address stands where a name must, in the brackets of an address literal or bare."""
        return is_address(self.host.strip("[]").removeprefix("ipv6:"))

    @property
    def can_be_tried(self) -> bool:
        """Whether a sender would connect to it."""
        return bool(self.addresses) and not self.hidden

    @property
    def describe(self) -> str:
        """One line of evidence."""
        via = f" -> {self.alias}" if self.alias else ""
        where = ", ".join(self.addresses) or (self.problem.reason if self.problem else "no address")
        where += f", {self.hidden}" if self.hidden else ""
        return f"MX {self.preference} {self.host}" + ("" if self.is_null or self.is_address else f"{via}: {where}")


@dataclass(frozen=True, slots=True)
class Exchangers:
    """All MX hosts of the domain, the most preferred first, each once."""

    answer: Answer
    every: tuple[Exchanger, ...]

    @property
    def real(self) -> tuple[Exchanger, ...]:
        """Those that are no null MX."""
        return tuple(mx for mx in self.every if not mx.is_null)

    @property
    def has_null(self) -> bool:
        return any(mx.is_null for mx in self.every)

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(mx.describe for mx in self.every) or (self.answer.describe(),)


@fact
async def exchangers(facts: Facts) -> Exchangers:
    """Ask for the MX records and for every host's addresses. Raises DnsFailed, Offline."""
    answer = await ask(facts, facts.subject.domain, "MX")
    preferences: dict[str, int] = {}
    for record in sorted(answer.records, key=lambda record: record.preference):  # type: ignore[attr-defined]
        host = record.exchange.to_text(omit_final_dot=True).lower()  # type: ignore[attr-defined]
        preferences.setdefault(host or ".", record.preference)  # type: ignore[attr-defined]
    found = await asyncio.gather(*(_exchanger(facts, host, number) for host, number in preferences.items()))
    return Exchangers(answer, tuple(found))


async def _exchanger(facts: Facts, host: str, preference: int) -> Exchanger:
    bare = Exchanger(host, preference)
    if bare.is_null or bare.is_address:
        return bare
    found = await asyncio.gather(tried(facts, host, "A"), tried(facts, host, "AAAA"))
    answers = [answer for answer in found if isinstance(answer, Answer)]
    problems = [answer for answer in found if isinstance(answer, CannotTell)]
    addresses = tuple(text for answer in answers for text in answer.texts)
    # Who gives a resolver of his own tests a laboratory, whose addresses are what they like; of one name all know it.
    laboratory = facts.network.own_resolver and host != "localhost"
    reasons = [] if laboratory else [why_not_public(address) for address in addresses]
    hidden = [why for why in reasons if why.startswith(INNER)]
    return Exchanger(
        host,
        preference,
        addresses,
        alias=next((answer.chain[-1].target for answer in answers if answer.chain), ""),
        problem=problems[0] if problems and not addresses else None,
        hidden=hidden[0] if hidden and len(hidden) == len(addresses) else "",
    )


async def exchanger_hosts(facts: Facts) -> list[str]:
    """The MX hosts as targets of checks, the null MX aside."""
    return [mx.host for mx in (await exchangers(facts)).real]

"""Who receives mail for the domain: its MX records, and where they lead (RFC 5321 s5, RFC 7505)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.asking import ask, tried
from checks.network import Answer, is_address


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

    @property
    def is_null(self) -> bool:
        return self.host == "."

    @property
    def is_address(self) -> bool:
        """Whether an IP address stands where a name must."""
        return is_address(self.host)

    @property
    def can_be_tried(self) -> bool:
        """Whether a sender would connect to it."""
        return bool(self.addresses)

    @property
    def describe(self) -> str:
        """One line of evidence."""
        via = f" -> {self.alias}" if self.alias else ""
        where = ", ".join(self.addresses) or (self.problem.reason if self.problem else "no address")
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
    if host == "." or is_address(host):
        return Exchanger(host, preference)
    found = await asyncio.gather(tried(facts, host, "A"), tried(facts, host, "AAAA"))
    answers = [answer for answer in found if isinstance(answer, Answer)]
    problems = [answer for answer in found if isinstance(answer, CannotTell)]
    addresses = tuple(text for answer in answers for text in answer.texts)
    return Exchanger(
        host,
        preference,
        addresses,
        alias=next((answer.chain[-1].target for answer in answers if answer.chain), ""),
        problem=problems[0] if problems and not addresses else None,
    )


async def exchanger_hosts(facts: Facts) -> list[str]:
    """The MX hosts as targets of checks, the null MX aside."""
    return [mx.host for mx in (await exchangers(facts)).real]

"""DNS questions as the mail checks ask them: no answer and a server's failure are both "could not tell"."""

from __future__ import annotations

import asyncio

from checks.errors import CannotTell, DnsFailed
from checks.facts import Facts
from checks.network import Answer


async def ask(facts: Facts, name: str, rdtype: str) -> Answer:
    """Ask the resolvers; the answer is NOERROR or NXDOMAIN. Raises DnsFailed, Offline."""
    answer = await facts.network.resolve(name, rdtype)
    if not (answer.ok or answer.nxdomain):
        raise DnsFailed(f"the question for {name} {rdtype} is answered with {answer.rcode} by {answer.server}")
    return answer


async def texts(facts: Facts, name: str) -> tuple[str, ...]:
    """The TXT records of a name, each joined from its strings. Raises DnsFailed, Offline."""
    return (await ask(facts, name, "TXT")).texts


async def tried(facts: Facts, name: str, rdtype: str) -> Answer | CannotTell:
    """The answer, or why there is none, for those to whom the question is not all. Raises Offline."""
    try:
        return await ask(facts, name, rdtype)
    except CannotTell as problem:
        return problem


async def uses_no_mail(facts: Facts) -> bool:
    """Whether the domain says that it neither sends (v=spf1 -all) nor receives (null MX, or none). Raises Offline."""
    domain = facts.subject.domain
    mx, txt = await asyncio.gather(tried(facts, domain, "MX"), tried(facts, domain, "TXT"))
    if not isinstance(mx, Answer):
        return False
    receives = any(record.exchange.to_text() != "." for record in mx.records)  # type: ignore[attr-defined]
    terms = [text.lower().split() for text in txt.texts] if isinstance(txt, Answer) else []
    return not receives and [found for found in terms if found[:1] == ["v=spf1"]] == [["v=spf1", "-all"]]

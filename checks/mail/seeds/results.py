"""What DNS adds to a received message: our own word on its signatures, and whose results speak for the author."""

from __future__ import annotations

import asyncio

from checks.facts import Facts
from checks.mail.auth_results import MethodResult
from checks.mail.dkim.verify import verify
from checks.mail.dmarc.tree import aligned, policy_in_force
from checks.mail.message import Message
from checks.mail.seeds.receivers import receiver_results

MODES = {"spf": "aspf", "dkim": "adkim"}
"""The tag of DMARC that says how strictly a method's domain must match."""


async def own_word(facts: Facts, raw: bytes) -> list[str]:
    """Our own word on the signatures, a line each."""
    outcomes = await verify(raw, facts.network)
    return [f"verified again here: {outcome.describe}" for outcome in outcomes] or [
        "the message carries no DKIM signature"
    ]


async def speaking_results(facts: Facts, message: Message, author: str, mailbox: str) -> frozenset[MethodResult]:
    """The receiver's results whose domains are aligned with the author's. Raises CannotTell, Offline."""
    results = [r for r in receiver_results(message, mailbox).results if r.method in MODES and r.domain]
    force = await policy_in_force(facts, author) if results else None

    async def speaks(result: MethodResult) -> bool:
        strict = force is not None and force.record.strict(MODES[result.method])
        return await aligned(facts, result.domain, author, strict=strict)

    answers = await asyncio.gather(*(speaks(result) for result in results))
    return frozenset(result for result, yes in zip(results, answers, strict=True) if yes)

"""The checks of seed deliveries."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped
from checks.mail.auth_results import MethodResult
from checks.mail.dkim.verify import verify
from checks.mail.dmarc.tree import aligned, policy_in_force
from checks.mail.message import Message, address_domain, parse_message
from checks.mail.seeds.delivery import Delivery, delivery
from checks.mail.seeds.judge import judge, judge_pasted, receiver_results, recipient

NO_SEED = "no seed mailbox is declared"
MODES = {"spf": "aspf", "dkim": "adkim"}
"""The tag of DMARC that says how strictly a method's domain must match."""
LOST = "the message did not arrive; mail.seed-lost tells"


async def seed_addresses(facts: Facts) -> list[str]:
    """The declared seed mailboxes as targets of checks."""
    return [seed.address for seed in facts.subject.mail.seeds]


async def _delivery(facts: Facts, address: str) -> Delivery:
    return await delivery(facts, next(seed for seed in facts.subject.mail.seeds if seed.address == address))


@check(
    "mail.seed-lost",
    title="A test mail did not arrive",
    when="a seed message did not arrive within its deadline (10 minutes unless set)",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.5", "A3"),
    source="roadmap",
    cost="Replies and password resets vanish without a trace.",
    each=seed_addresses,
    nothing=NO_SEED,
)
async def seed_lost(facts: Facts, address: str) -> Verdict:
    told = await _delivery(facts, address)
    if told.found is not None:
        return passed(address, f"the message arrived after {told.seconds:.0f} s", evidence=[told.describe])
    minutes = facts.subject.mail.deadline_minutes
    return failed(
        address,
        f"the message did not arrive within {minutes:g} minutes",
        evidence=[told.describe],
        fix="Look into the sending service's log for a bounce or a block, mend what the checks of SPF, DKIM and DMARC"
        " report, and send the test again.",
    )


@check(
    "mail.seed-spam",
    title="A test mail landed in spam",
    when="a seed message arrived in a spam or junk folder",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.5", "A3"),
    source="roadmap",
    cost="Leads never see your replies, and customers never see their password resets.",
    each=seed_addresses,
    nothing=NO_SEED,
)
async def seed_spam(facts: Facts, address: str) -> Verdict:
    told = await _delivery(facts, address)
    if told.found is None:
        return skipped(address, LOST)
    if told.found.where != "spam":
        where = "the inbox" if told.found.where == "inbox" else told.found.folder
        return passed(address, f"the message arrived in {where}", evidence=[told.describe])
    return failed(
        address,
        f"the message arrived in the spam folder ({told.found.folder})",
        evidence=[told.describe],
        fix="Mend what the checks of SPF, DKIM and DMARC report first; then mark the message as not spam, send from an"
        " address that has written before, and test again.",
    )


@check(
    "mail.seed-auth",
    title="A receiver does not trust your mail",
    when="the receiver's Authentication-Results of a seed message show spf, dkim or dmarc other than pass, or no"
    " alignment with the From domain",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.5", "A3"),
    source="RFC 8601",
    cost="Mail that is not proven to be yours is sorted out, today or with the next change of a filter.",
    each=seed_addresses,
    nothing=NO_SEED,
)
async def seed_auth(facts: Facts, address: str) -> Verdict:
    told = await _delivery(facts, address)
    if told.found is None:
        return skipped(address, LOST)
    message = parse_message(told.found.raw)
    author = message.from_domain or address_domain(facts.subject.mail.from_address)
    ours, speaking = await asyncio.gather(_verified(facts, told.found.raw), _speaking(facts, message, author, address))
    return judge(message, author, address, mailbox=address, aligned=speaking.__contains__, more=ours)


async def judge_pasted_message(facts: Facts, text: str) -> Verdict:
    """The verdict of mail.seed-auth on a message, or its headers, that a person pasted, with DNS asked.

    Raises CannotTell, Offline.
    """
    message = parse_message(text.lstrip().encode())
    author = message.from_domain or address_domain(facts.subject.mail.from_address)
    ours = await _verified(facts, text.lstrip().encode()) if message.body.strip() else []
    speaking = await _speaking(facts, message, author, recipient(message))
    return judge_pasted(text, author, aligned=speaking.__contains__, more=tuple(ours))


async def _verified(facts: Facts, raw: bytes) -> list[str]:
    """Our own word on the signatures, a line each."""
    outcomes = await verify(raw, facts.network)
    return [f"verified again here: {outcome.describe}" for outcome in outcomes] or [
        "the message carries no DKIM signature"
    ]


async def _speaking(facts: Facts, message: Message, author: str, mailbox: str) -> frozenset[MethodResult]:
    """The receiver's results whose domains are aligned with the author's. Raises CannotTell, Offline."""
    results = [r for r in receiver_results(message, mailbox).results if r.method in MODES and r.domain]
    force = await policy_in_force(facts, author) if results else None

    async def speaks(result: MethodResult) -> bool:
        strict = force is not None and force.record.strict(MODES[result.method])
        return await aligned(facts, result.domain, author, strict=strict)

    answers = await asyncio.gather(*(speaks(result) for result in results))
    return frozenset(result for result, yes in zip(results, answers, strict=True) if yes)

"""The checks of seed deliveries."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.errors import NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped
from checks.mail.message import address_domain, parse_message
from checks.mail.seeds.by_hand import SPAM_FIX, arrived, placed, trusted
from checks.mail.seeds.delivery import Delivery, delivery
from checks.mail.seeds.judge import judge
from checks.mail.seeds.results import own_word, speaking_results
from checks.subject import ReadByHand

NO_SEED = "no seed mailbox is declared"
LOST = "the message did not arrive; mail.seed-lost tells"


async def seed_addresses(facts: Facts) -> list[str]:
    """The mailboxes as targets of checks: the declared seeds, and those that a person read."""
    plan = facts.subject.mail
    return [seed.address for seed in plan.seeds] + [told.mailbox for told in plan.by_hand]


async def _told(facts: Facts, address: str) -> Delivery | ReadByHand:
    """The delivery to a mailbox; where none can be made, what a person read there."""
    plan = facts.subject.mail
    by_hand = next((told for told in plan.by_hand if told.mailbox == address), None)
    seed = next((seed for seed in plan.seeds if seed.address == address), None)
    try:
        if seed is not None:
            return await delivery(facts, seed)
    except NotApplicable:
        if by_hand is None:
            raise
    assert by_hand is not None  # noqa: S101 - every target is a seed or was read by hand
    return by_hand


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
    told = await _told(facts, address)
    if isinstance(told, ReadByHand):
        return arrived(told)
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
    told = await _told(facts, address)
    if isinstance(told, ReadByHand):
        return placed(told)
    if told.found is None:
        return skipped(address, LOST)
    if told.found.where != "spam":
        where = "the inbox" if told.found.where == "inbox" else told.found.folder
        return passed(address, f"the message arrived in {where}", evidence=[told.describe])
    return failed(
        address,
        f"the message arrived in the spam folder ({told.found.folder})",
        evidence=[told.describe],
        fix=SPAM_FIX,
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
    told = await _told(facts, address)
    if isinstance(told, ReadByHand):
        return trusted(told)
    if told.found is None:
        return skipped(address, LOST)
    message = parse_message(told.found.raw)
    author = message.from_domain or address_domain(facts.subject.mail.from_address)
    ours, speaking = await asyncio.gather(
        own_word(facts, told.found.raw), speaking_results(facts, message, author, address)
    )
    return judge(message, author, address, mailbox=address, aligned=speaking.__contains__, more=ours)

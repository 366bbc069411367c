"""The way without credentials: what a pasted message comes to, and what the seed checks say of it."""

from __future__ import annotations

import codecs
import re

from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Status, Verdict, failed, passed, skipped, timestamp
from checks.mail.message import Message, address_domain, parse_message
from checks.mail.seeds.copied import put_right
from checks.mail.seeds.judge import judge
from checks.mail.seeds.receivers import receiver_results, recipient
from checks.mail.seeds.results import own_word, speaking_results
from checks.subject import ReadByHand

SPAM_FIX = (
    "Mend what the checks of SPF, DKIM and DMARC report first; then mark the message as not spam, send from an"
    " address that has written before, and test again."
)
"""What to do about a message in the spam folder, however it was found there."""

HEADER_ALONE = "the header alone was given: DKIM not verified here"
COPIED = "the text was put right after it was copied from a page: DKIM not verified here"
_NAME = re.compile(r"[^\s&;<>]+")
"""What a From domain cannot hold shows that the text is not as it was sent."""


async def read_by_hand(facts: Facts, raw: bytes, *, where: str = "") -> ReadByHand:
    """Judge a received message, or its header alone; nothing of it is kept but what it comes to.

    Args:
        raw: as it was pasted or saved; with the body our own verification of DKIM is possible too.
        where: "inbox", "spam", "other", or empty where nobody said in which folder it lay.

    Raises CannotTell where it is no such message, or one of somebody else; Offline.
    """
    sent = raw.removeprefix(codecs.BOM_UTF8).lstrip()
    message = parse_message(sent)
    as_sent = _is_received(message)
    if not as_sent:
        message = parse_message(put_right(raw))
    author = _author(facts, message)
    mailbox = recipient(message)
    if not as_sent:
        ours = [COPIED]
    elif message.body.strip():
        ours = await own_word(facts, sent)
    else:
        ours = [HEADER_ALONE]
    speaking = await speaking_results(facts, message, author, mailbox)
    target = _target(facts, message)
    verdict = judge(message, author, target, mailbox=mailbox, aligned=speaking.__contains__, more=ours)
    return ReadByHand(
        mailbox=target,
        at=timestamp(),
        where=where,
        status=str(verdict.status),
        summary=verdict.summary,
        evidence=verdict.evidence,
        fix=verdict.fix,
    )


def _is_received(message: Message) -> bool:
    """Whether it can be read as the header of a received message."""
    stamped = message.all("received") or message.all("authentication-results")
    return bool(stamped) and _NAME.fullmatch(message.from_domain) is not None


def _author(facts: Facts, message: Message) -> str:
    """The From domain, which must be the site's or a declared one. Raises CannotTell."""
    if not message.all("from") or not (message.all("received") or message.all("authentication-results")):
        raise CannotTell(
            "this is not the header of a received message: choose 'show original' or 'view source' in the mailbox and"
            " copy all of it, from the first line on"
        )
    author = message.from_domain
    subject = facts.subject
    streams = (stream.from_domain for stream in subject.mail.streams)
    declared = {address_domain(subject.mail.from_address), *streams} - {""}
    if not author or not (subject.under(author) or author in declared):
        raise CannotTell(f"this message is from {author or 'nobody who can be told'} and not from {subject.domain}")
    return author


def _target(facts: Facts, message: Message) -> str:
    """The seed that the message reached; a stranger's mailbox is named by its domain alone."""
    address = recipient(message).strip().strip("<>").lower()
    seed = next((seed.address for seed in facts.subject.mail.seeds if seed.address.lower() == address), "")
    domain = address_domain(address) if "@" in address else ""
    return seed or f"a mailbox at {domain or receiver_results(message, address).server or 'an unnamed receiver'}"


# ---------------------------------------------------------------------- what the checks say of it


def arrived(told: ReadByHand) -> Verdict:
    """mail.seed-lost: who can paste a message has got it."""
    return passed(told.mailbox, "a message arrived", evidence=[_by_hand(told)])


def placed(told: ReadByHand) -> Verdict:
    """mail.seed-spam."""
    if told.where == "spam":
        return failed(
            told.mailbox, "the message lay in the spam folder, a person says", evidence=[_by_hand(told)], fix=SPAM_FIX
        )
    if told.where:
        place = "the inbox" if told.where == "inbox" else "another folder than inbox and spam"
        return passed(told.mailbox, f"the message lay in {place}, a person says", evidence=[_by_hand(told)])
    return skipped(told.mailbox, "where the message lay is not known: nobody said it", evidence=[_by_hand(told)])


def trusted(told: ReadByHand) -> Verdict:
    """mail.seed-auth."""
    seen = (_by_hand(told), *told.evidence)
    return Verdict(Status(told.status), told.mailbox, told.summary, seen, told.fix)


def _by_hand(told: ReadByHand) -> str:
    return f"by hand: pasted {told.at}; folder: {told.where or 'not told'}"

"""Sends one message to a seed mailbox and finds it again."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass

from checks.errors import NetworkError, NotApplicable
from checks.facts import Facts, fact
from checks.mail.seeds.mailbox import Found, Mailbox, Within
from checks.mail.seeds.sending import need_a_server, send
from checks.subject import Seed

LOOKS: tuple[float, ...] = (1.0, 2.0, 3.0, 5.0)
"""Seconds between two looks into the mailbox; the last one goes on."""
BREAKS = 3
"""Broken connections in a row after which the mailbox is given up."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one seed message; `found` is None where it did not arrive in time."""

    seed: Seed
    found: Found | None
    seconds: float
    """From the hand-over to our server until it was seen, or until we gave up."""
    sent: str
    """What our server said when it took the message."""

    @property
    def describe(self) -> str:
        """One line of evidence."""
        if self.found is None:
            return f"sent ({self.sent}); not in {self.seed.address} after {self.seconds:.0f} s"
        tab = f", tab {self.found.tab}" if self.found.tab else ""
        return f"sent ({self.sent}); in {self.found.folder}{tab} of {self.seed.address} after {self.seconds:.0f} s"


@fact
async def delivery(facts: Facts, seed: Seed) -> Delivery:
    """Send one message to the seed and look for it until the deadline.

    Raises NotApplicable (no consent, nothing to send with), CannotTell and its kin (a login that fails ...).
    """
    plan = facts.subject.mail
    if not facts.subject.consent.seeds:
        raise NotApplicable(
            f"without consent no mail is sent; it would send one message from {plan.from_address or 'your address'} to"
            f" {seed.address} and look for it there"
        )
    need_a_server(facts)
    mailbox = Mailbox(facts, seed)
    nonce = f"lr{secrets.token_hex(10)}"
    try:
        # A message that nobody can look for is not worth sending.
        await mailbox.open()
        sent = await send(facts, seed.address, nonce)
        started = time.monotonic()
        found = await look(mailbox, nonce, started + plan.deadline_minutes * 60)
        seconds = time.monotonic() - started
    except BaseException:
        await mailbox.close(polite=False)
        raise
    await mailbox.close()
    return Delivery(seed, found, seconds, sent)


async def look(mailbox: Mailbox, nonce: str, ends: float, within: Within = "SUBJECT") -> Found | None:
    """Look again and again until the message is there or the time (of time.monotonic) is over.

    Raises as `Mailbox.find`.
    """
    breaks = looks = 0
    while True:
        try:
            found = await mailbox.find(nonce, within)
            breaks = 0
        except NetworkError:
            breaks += 1
            if breaks == BREAKS:
                raise
            await mailbox.close(polite=False)
            found = None
        left = ends - time.monotonic()
        # A last look that broke off does not say that the message is not there.
        if found is not None or (left <= 0 and not breaks):
            return found
        await asyncio.sleep(min(LOOKS[min(looks, len(LOOKS) - 1)], max(left, 0.0)))
        looks += 1

"""One consented test event for the error tracker: sent once a run, and shared by whoever looks for it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from checks.facts import Facts, fact
from checks.finding import timestamp
from checks.ops.errors.code import digest
from checks.ops.errors.envelope import Dsn, TrialEvent
from checks.ops.errors.handing import hand_over


@dataclass(frozen=True, slots=True)
class SentEvent:
    """A test event that was handed over, or refused."""

    dsn: Dsn
    event: TrialEvent
    refusal: str
    """Why the tracker did not take it; empty where it did."""
    at: str
    """UTC, RFC 3339."""
    salt: str
    code_digest: str
    """What may be kept of the event's code."""

    @property
    def line(self) -> str:
        """One line of evidence, without the code."""
        return f"event {self.event.id} sent to {self.dsn.endpoint}"


@fact
async def sent_event(facts: Facts, dsn: Dsn) -> SentEvent:
    """Send one event. Raises NetworkError where it is not known whether it was taken."""
    event, salt = TrialEvent.new(), secrets.token_hex(16)
    refusal = await hand_over(facts.network, dsn, event)
    return SentEvent(dsn, event, refusal, timestamp(), salt, await asyncio.to_thread(digest, event.code, salt))

"""Whether an error that production reports is really kept: sent as a test, and read back."""

from __future__ import annotations

import asyncio
import time

from checks.catalogue import check
from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped
from checks.ops.errors.envelope import TrialEvent, parse_dsn
from checks.ops.errors.handing import hand_over
from checks.ops.errors.read_back import Reader, reader
from checks.secret import Secret

READ_BACK_SECONDS = 120.0
POLL_SECONDS = 3.0
"""Between two looks, once the first ones came to nothing."""
_FIX_DSN = "Copy the DSN anew from the tracker's project settings, set it in production and under [monitor.errors] dsn."


@check(
    "errors.lost",
    title="Errors are sent and not kept",
    when="a test event sent to the tracker was refused, or did not show through its API within 2 minutes",
    status="fail",
    triage="now",
    risk="downtime",
    item=("A6",),
    source="Sentry envelope protocol",
    cost="The error tracker stays silent and looks healthy while your customers meet errors.",
)
async def lost(facts: Facts, domain: str) -> Verdict:
    plan = facts.subject.monitor.errors
    if not plan.dsn:
        raise NotApplicable("no DSN was given to send a test event to; add [monitor.errors] dsn")
    if not facts.subject.consent.errors:
        raise NotApplicable("a test event is sent only where the owner agreed to it: consent errors")
    dsn = parse_dsn(plan.dsn)
    if dsn is None:
        return failed(
            domain,
            "the DSN is none, so that no event arrives",
            evidence=["a DSN reads https://KEY@HOST/PROJECT"],
            fix=_FIX_DSN,
        )
    event = TrialEvent.new()
    refusal = await hand_over(facts.network, dsn, event)
    sent = f"event {event.id} ({event.nonce}) sent to {dsn.endpoint}"
    if refusal:
        fix = f"{_FIX_DSN} Look at the project's quota and rate limits too." if "429" in refusal else _FIX_DSN
        return failed(dsn.host, f"the tracker does not take a test event: {refusal}", evidence=[sent, refusal], fix=fix)
    token = _token(facts)
    if token is None:
        return skipped(
            dsn.host,
            f"sent, and the answer alone proves nothing: look for {event.nonce} in the tracker's dashboard, or put its "
            "API token into the vault as sentry",
            evidence=[sent],
        )
    try:
        kept, seconds = await _read_back(reader(facts, dsn, token), event)
    except NotApplicable as problem:
        return skipped(
            dsn.host, f"{problem.reason}. Until then look for {event.nonce} in the dashboard", evidence=[sent]
        )
    if kept is None:
        return failed(
            dsn.host,
            f"the test event did not show within {READ_BACK_SECONDS:.0f} seconds, though the tracker had taken it",
            evidence=[sent, "the answer was a success, and the API does not know the event"],
            fix="Look at the project's filters, quota and the tracker's worker; then at whether the DSN's key is still "
            f"active. {_FIX_DSN}",
        )
    return passed(
        dsn.host,
        f"the test event showed after {seconds:.1f} seconds{_scrubbing(event, kept)}",
        evidence=[sent, *(f"kept as it was sent: the made-up {what}" for what in event.unmasked(kept))],
    )


def _scrubbing(event: TrialEvent, kept: str) -> str:
    unmasked = event.unmasked(kept)
    if not unmasked:
        return "; the made-up card, key and mail address in it were masked"
    return f"; its made-up {', '.join(unmasked)} were kept unmasked: turn data scrubbing on"


def _token(facts: Facts) -> Secret | None:
    """The API token, by any of the names that the vault may have it under."""
    names = ("errors", facts.subject.monitor.errors.tracker, "sentry")
    return next((secret for name in names if (secret := facts.secrets.get(name))), None)


async def _read_back(api: Reader, event: TrialEvent) -> tuple[str | None, float]:
    """The event as the tracker kept it, or None, and seconds. Raises CannotTell where the API could not be read."""
    began = time.monotonic()
    pause, problem = 0.2, None
    while True:
        try:
            kept, problem = await api.find(event), None
        except NetworkError as broken:
            # One broken look is no proof of anything; the last one counts.
            kept, problem = None, broken
        seconds = time.monotonic() - began
        if kept is not None:
            return kept, seconds
        if seconds + pause > READ_BACK_SECONDS:
            if problem is not None:
                raise CannotTell(f"the tracker's API could not be read: {problem.reason}") from problem
            await api.confirm()
            return None, seconds
        await asyncio.sleep(pause)
        pause = min(POLL_SECONDS, pause * 2)

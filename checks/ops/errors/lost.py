"""Whether an error that production reports is really kept: sent as a test, and read back or seen by a person."""

from __future__ import annotations

import asyncio
import time

from checks.catalogue import check
from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, noted, passed, skipped
from checks.ops.errors.envelope import TrialEvent, parse_dsn
from checks.ops.errors.read_back import Reader, reader
from checks.ops.errors.trial import SentEvent, sent_event
from checks.secret import Secret
from checks.subject import SeenEvent

READ_BACK_SECONDS = 120.0
POLL_SECONDS = 3.0
"""Between two looks, once the first ones came to nothing."""
_FIX_DSN = "Copy the DSN anew from the tracker's project settings, set it in production and under [monitor.errors] dsn."
_FIX_LOST = (
    "Look at the project's filters, quota and the tracker's worker; then at whether the DSN's key is still active. "
    f"{_FIX_DSN}"
)
_FIX_SCRUB = (
    "Turn data scrubbing on in the tracker's project (Sentry: Security & Privacy), and in the SDK: "
    "send_default_pii=False and a before_send that masks what your customers type."
)


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
async def lost(facts: Facts, domain: str) -> list[Verdict]:
    plan = facts.subject.monitor.errors
    if not plan.dsn:
        raise NotApplicable("no DSN was given to send a test event to; add [monitor.errors] dsn")
    if not facts.subject.consent.errors:
        raise NotApplicable("a test event is sent only where the owner agreed to it: consent errors")
    dsn = parse_dsn(plan.dsn)
    if dsn is None:
        evidence = ["a DSN reads https://KEY@HOST/PROJECT"]
        return [failed(domain, "the DSN is none, so that no event arrives", evidence=evidence, fix=_FIX_DSN)]
    sent = await sent_event(facts, dsn)
    if sent.refusal:
        told = f"the tracker does not take a test event: {sent.refusal}"
        fix = f"{_FIX_DSN} Look at the project's quota and rate limits too." if "429" in sent.refusal else _FIX_DSN
        return [failed(dsn.host, told, evidence=[sent.line, sent.refusal], fix=fix)]
    token = _token(facts)
    if token is None:
        return _by_person(facts, sent, "the answer alone proves nothing")
    try:
        kept, seconds = await _read_back(reader(facts, dsn, token), sent.event)
    except NotApplicable as problem:
        return _by_person(facts, sent, problem.reason)
    if kept is None:
        evidence = [sent.line, "the answer was a success, and the API does not know the event"]
        told = f"the test event did not show within {READ_BACK_SECONDS:.0f} seconds, though the tracker had taken it"
        return [failed(dsn.host, told, evidence=evidence, fix=_FIX_LOST)]
    shown = passed(dsn.host, f"the test event showed after {seconds:.1f} seconds", evidence=[sent.line])
    return [shown, scrubbing(dsn.host, sent.event.unmasked(kept))]


def scrubbing(host: str, unmasked: list[str]) -> Verdict:
    """Whether the tracker masks what customers would not want in it.

    Args:
        unmasked: which of the made-up data could be read in the event that was kept.
    """
    target = f"{host} (scrubbing)"
    if not unmasked:
        return passed(target, "the made-up card number, key and mail address in the test event were masked")
    what = ", ".join(unmasked)
    return noted(
        target,
        f"the tracker keeps {what} unmasked: a customer's would stand in it too",
        evidence=[f"kept as it was sent: the made-up {what}" for what in unmasked],
        fix=_FIX_SCRUB,
    )


def _by_person(facts: Facts, sent: SentEvent, reason: str) -> list[Verdict]:
    """What a person said of an earlier event; else what one is asked to do."""
    said = next((row for row in facts.subject.monitor.errors.seen if row.endpoint == sent.dsn.endpoint), None)
    if said is not None and said.word:
        return by_word(sent.dsn.host, said, [f"{sent.line} just now"])
    ask = (
        f"sent at {sent.at[11:16]} UTC, and {reason}: open the tracker's dashboard, find the issue LaunchCheck, and "
        "type the code behind launch-check- into Launch Ready (Verify all, e); or put its API token into the vault "
        "as sentry"
    )
    return [skipped(sent.dsn.host, ask, evidence=[sent.line])]


def by_word(host: str, said: SeenEvent, evidence: list[str]) -> list[Verdict]:
    """What a person's word about a test event comes to."""
    seen = [f"{said.by} at {said.at}, of the event sent at {said.sent}", *evidence]
    if said.word != "read":
        told = f"the test event is not in the tracker, says {said.by}, though it was taken"
        return [failed(host, told, evidence=seen, fix=_FIX_LOST)]
    shown = passed(host, f"the test event showed in the dashboard: {said.by} gave its code back", evidence=seen)
    if said.unmasked is None:
        return [shown]
    return [shown, scrubbing(host, [what for what, _ in TrialEvent.new().bait] if said.unmasked else [])]


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

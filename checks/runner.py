"""Runs checks: all at once, findings as they are known, and every exception becomes a finding here only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
from contextlib import aclosing

from checks.catalogue import Check, catalogue
from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.finding import FIX_LIMIT, Finding, Verdict, errored, safe_evidence, skipped, timestamp
from checks.network import Network
from checks.secret import Secret
from checks.store import Store
from checks.subject import Subject
from checks.text import harmless, one_line

log = logging.getLogger(__name__)


def finding_of(check: Check, verdict: Verdict) -> Finding:
    """Complete a verdict with the catalogue's words, every text made harmless."""
    cost = verdict.cost if verdict.cost is not None else check.cost
    return Finding(
        check=check.id,
        status=verdict.status,
        triage=verdict.triage or check.triage,
        risk=check.risk,
        target=one_line(verdict.target, limit=300),
        summary=one_line(verdict.summary, limit=400),
        cost=harmless(cost) if verdict.status.is_problem else "",
        evidence=safe_evidence(verdict.evidence),
        fix=harmless(verdict.fix, limit=FIX_LIMIT),
        observed=timestamp(),
        unchecked=verdict.unchecked,
    )


def selected(only: Collection[str] | None = None) -> list[Check]:
    """The checks whose family or id is in `only`; all of them where it is None."""
    return [c for c in catalogue().values() if only is None or c.family in only or c.id in only]


async def run(
    subject: Subject,
    network: Network,
    *,
    only: Collection[str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
    store: Store | None = None,
    at_end: Callable[[Facts], None] = lambda facts: None,
) -> AsyncGenerator[Finding, None]:
    """Yield the findings of one audit, each as soon as it is known.

    Every selected check yields at least one finding. Closing the iterator (or cancelling its consumer)
    stops all that still runs before it returns.

    Args:
        only: families ("dns") or whole ids ("dns.www-missing"); None runs all.
        secrets: credentials of this run, by purpose.
        store: keeps what makes the next run faster.
        at_end: called with what was found out, once all checks have ended or were stopped.
    """
    facts = Facts(subject, network, secrets=secrets, store=store)
    queue: asyncio.Queue[Finding | None] = asyncio.Queue()
    work = asyncio.create_task(_run_all(selected(only), facts, queue))
    try:
        while (finding := await queue.get()) is not None:
            yield finding
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        at_end(facts)
        await facts.aclose()


async def collect(
    subject: Subject,
    network: Network,
    *,
    only: Collection[str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
) -> list[Finding]:
    """The findings of a whole run, in the order in which they became known."""
    async with aclosing(run(subject, network, only=only, secrets=secrets)) as findings:
        return [finding async for finding in findings]


async def _run_all(checks: Iterable[Check], facts: Facts, queue: asyncio.Queue[Finding | None]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for check in checks:
                group.create_task(_run_check(check, facts, queue))
    finally:
        queue.put_nowait(None)


async def _run_check(check: Check, facts: Facts, queue: asyncio.Queue[Finding | None]) -> None:
    domain = facts.subject.domain
    try:
        targets = list(dict.fromkeys(await check.targets(facts)))
    except Exception as problem:
        queue.put_nowait(finding_of(check, _untold(check, domain, problem)))
        return
    if not targets:
        queue.put_nowait(finding_of(check, skipped(domain, check.nothing)))
        return
    async with asyncio.TaskGroup() as group:
        for target in targets:
            group.create_task(_run_target(check, facts, target, queue))


async def _run_target(check: Check, facts: Facts, target: str, queue: asyncio.Queue[Finding | None]) -> None:
    try:
        told = await check.look(facts, target)
        verdicts = [told] if isinstance(told, Verdict) else list(told)
        if not verdicts:
            reason = "the check came to no result; this is a fault of Launch Ready"
            verdicts = [errored(target, reason, unchecked=True)]
    except Exception as problem:
        verdicts = [_untold(check, target, problem)]
    for verdict in verdicts:
        queue.put_nowait(finding_of(check, verdict))


def _untold(check: Check, target: str, problem: Exception) -> Verdict:
    if isinstance(problem, NotApplicable):
        return skipped(target, problem.reason)
    if isinstance(problem, CannotTell):
        again = "Run this check again in a minute."
        return errored(target, f"could not check: {problem.reason}", fix=again, unchecked=True)
    log.error("check %s failed on its own account: %s", check.id, type(problem).__name__)
    log.debug("details of the failure of %s", check.id, exc_info=problem)
    # The exception's own text may quote what it worked on, so only its kind is shown.
    return errored(
        target,
        f"a fault in Launch Ready kept this check from its work ({type(problem).__name__})",
        fix="Run it again; if it stays, report this with the check's id.",
        unchecked=True,
    )

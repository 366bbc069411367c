"""One run of the checks into a sprint: findings are kept as they come, and a run that is stopped keeps them too."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from launchready_tui.garbage import loading

if TYPE_CHECKING:
    from checks.facts import Facts
    from checks.finding import Finding, Verdict
    from checks.network import Network
    from checks.secret import Secret
    from checks.subject import Subject
    from launchready_tui.audit import Audit
    from launchready_tui.sprint import Sprint


@cache
def load_checks() -> None:
    """Import every check and what it stands on: half a second of work the first time, so do it in a thread."""
    with loading():
        importlib.import_module("launchready_tui.audit")
        importlib.import_module("checks.runner")
        importlib.import_module("checks.catalogue").catalogue()


async def check(
    sprint: Sprint,
    make_network: Callable[[], Network],
    *,
    only: Collection[str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
    subject: Subject | None = None,
    told: Callable[[Finding], None] = lambda finding: None,
) -> Audit:
    """Run checks and record what they find. Cancelling it closes the run as stopped.

    Args:
        only: families or ids; None is all.
        subject: a part of the sprint's own; what it leaves out stays as it was seen before. None is all of it.
        told: called with each finding once it is recorded.

    Raises BadName where the session declares a name that cannot be one, ReadOnly where it cannot be written.
    """
    whole = subject is None
    subject = subject or sprint.subject()
    sprint.begin_run(only)
    result: Audit | None = None

    def keep(finding: Finding) -> None:
        sprint.record(finding)
        told(finding)

    try:
        await asyncio.to_thread(load_checks)
        from launchready_tui.audit import audit

        async with make_network() as network:
            result = await audit(subject, network, only=only, secrets=secrets, on_finding=keep)
            sprint.keep_survey(result.survey)
            return result
    finally:
        sprint.end_run(complete=whole and result is not None, counters=result.counters if result else None)


@asynccontextmanager
async def facts_of(
    sprint: Sprint, make_network: Callable[[], Network], *, secrets: Mapping[str, Secret] | None = None
) -> AsyncGenerator[Facts]:
    """Facts of the sprint's subject on a network of their own, for a look beside the runs."""
    await asyncio.to_thread(load_checks)
    from checks.facts import Facts

    async with make_network() as network:
        facts = Facts(sprint.subject(), network, secrets=secrets or {})
        try:
            yield facts
        finally:
            await facts.aclose()


def record_verdict(sprint: Sprint, check: str, verdict: Verdict) -> None:
    """Put into the sprint now what every later run of a check will tell again. The checks must be loaded."""
    from checks.catalogue import catalogue
    from checks.runner import finding_of

    sprint.record(finding_of(catalogue()[check], verdict))

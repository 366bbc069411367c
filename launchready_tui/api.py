"""Launch Ready for scripts and notebooks: the same audit, sprint and handover without a screen.

from launchready_tui import api

findings = api.audit_now("example.com")             # in a script
findings = await api.audit("example.com")           # in a notebook or a coroutine
with api.Sprint.open(path) as sprint:
    await api.audit_sprint(sprint, only={"dns"})
    page = api.handover(sprint.session, "html")
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from checks.finding import Finding
from checks.secret import Secret
from checks.subject import ReadByHand, Subject
from launchready_tui.handover import Format, render
from launchready_tui.ranking import ranked, risk_list
from launchready_tui.session.model import Session
from launchready_tui.session.store import load
from launchready_tui.sprint import Sprint
from launchready_tui.subject import subject_of

__all__ = [
    "Sprint",
    "Subject",
    "audit",
    "audit_now",
    "audit_sprint",
    "handover",
    "load",
    "ranked",
    "read_by_hand",
    "risk_list",
    "subject_of",
]


async def audit(
    site: str | Subject,
    *,
    only: Collection[str] | None = None,
    nameservers: Sequence[str] = (),
    connect_to: Sequence[str] = (),
    ca_file: str | None = None,
    secrets: Mapping[str, Secret] | None = None,
    **network: Any,
) -> list[Finding]:
    """Run the live checks and return their findings, the risk list first.

    Raises checks.subject.BadName for a domain that cannot be one.

    Args:
        site: a domain, or a subject with all that is declared of it.
        only: families ("dns") or ids of checks; None is all.
        nameservers, connect_to, ca_file: a laboratory or staging site, as on the command line.
        network: further options of `checks.network.Network`.
    """
    from checks.network import Network
    from checks.runner import collect

    subject = Subject.of(site) if isinstance(site, str) else site
    async with Network(nameservers=nameservers, connect_to=connect_to, ca_file=ca_file, **network) as seam:
        return ranked(await collect(subject, seam, only=only, secrets=secrets))


def audit_now(site: str | Subject, **options: Any) -> list[Finding]:
    """`audit` without await: also where an event loop already runs, as in a notebook. Waits for its end."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, audit(site, **options)).result()


async def read_by_hand(site: str | Subject, message: bytes, *, where: str = "", **network: Any) -> ReadByHand:
    """Judge a message that arrived in a mailbox: its source as it was saved, or its header alone.

    The verdict rests on what the receiver itself wrote into it; a whole message's DKIM signatures are verified too.
    Raises checks.errors.CannotTell where it is no such message, or one of somebody else.

    Args:
        where: "inbox", "spam", "other", or empty where that is not known.
        network: options of `checks.network.Network`.
    """
    from checks.facts import Facts
    from checks.mail.seeds.by_hand import read_by_hand as judge
    from checks.network import Network

    async with Network(**network) as seam:
        facts = Facts(Subject.of(site) if isinstance(site, str) else site, seam)
        try:
            return await judge(facts, message, where=where)
        finally:
            await facts.aclose()


async def audit_sprint(sprint: Sprint, *, only: Collection[str] | None = None, **options: Any) -> list[Finding]:
    """`audit` of an open sprint's site; the run is recorded in it."""
    sprint.begin_run(only)
    complete = False
    try:
        findings = await audit(sprint.subject(), only=only, **options)
        for finding in findings:
            sprint.record(finding)
        complete = True
    finally:
        sprint.end_run(complete=complete)
    return findings


def handover(of: Session | Path, format: Format = "md") -> bytes:  # noqa: A002 - the option's own word
    """The handover of a session, or of a session file, as the content of a file."""
    return render(load(of).session if isinstance(of, Path) else of, format)

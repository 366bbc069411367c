"""The catalogue's secret checks: what the working tree shows, and what only the history holds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path

from checks.catalogue import check
from checks.errors import NotApplicable
from checks.facts import Facts, fact
from checks.finding import Triage, Verdict, errored, failed, noted, passed, warned
from checks.repo.secrets.exposure import Exposure, Report
from checks.repo.secrets.scan import Options, scan

_PURGE = (
    "Rotating comes first: whoever has a copy of the repository keeps the old value. Then purge it from the history "
    "with `git filter-repo --replace-text FILE` (one line VALUE==>REMOVED a secret), push with --force and clone anew."
)


@fact
async def secret_scan(facts: Facts) -> Report:
    """The scan of the declared repository, in a thread beside the event loop. Stops when nobody waits for it."""
    repo = facts.subject.deploy.repo
    if repo is None:
        raise NotApplicable("no repository was declared ([deploy] repo)")
    stop = threading.Event()
    options = Options(store=facts.store, stop=stop)
    try:
        return await asyncio.to_thread(scan, Path(repo), options)
    except asyncio.CancelledError:
        stop.set()
        raise


def _evidence(exposure: Exposure) -> list[str]:
    lines = [f"{exposure.title}: {exposure.masked}", exposure.standing, f"rule {exposure.rule}"]
    if exposure.commit:
        lines.append(f"first in commit {exposure.commit}, authored {exposure.date}")
    if exposure.layer:
        lines.append(f"inside {exposure.layer}")
    return [*lines, f"fingerprint {exposure.fingerprint}"]


def _incomplete(report: Report, target: str) -> list[Verdict]:
    elsewhere = [noted(target, each) for each in report.outside]
    if not report.gaps:
        return elsewhere
    return [
        *elsewhere,
        errored(
            target,
            "the scan is incomplete, so secrets may have been missed",
            evidence=report.gaps,
            fix="Scan a full clone: git fetch --unshallow, or git clone without --depth and --filter.",
        ),
    ]


@check(
    "secrets.in-tree",
    title="A secret lies in the code",
    when="a file of the working tree holds a live-looking secret",
    status="fail",
    triage="now",
    risk="data",
    item=("B10", "S4.3", "A5"),
    source="CWE-798",
    cost="Whoever can read the code can use the account behind the key: its data, its money, its name.",
)
async def in_tree(facts: Facts, _domain: str) -> list[Verdict]:
    report = await secret_scan(facts)
    target = str(facts.subject.deploy.repo)
    shown = [each for each in report.exposures if each.where == "tree"]
    verdicts = [_in_tree(each) for each in shown]
    if not verdicts:
        verdicts = [passed(target, f"no secret in {report.files:,} files of the working tree")]
    return verdicts


def _in_tree(exposure: Exposure) -> Verdict:
    evidence = _evidence(exposure)
    fix = f"Rotate it: {exposure.rotate}. Keep the new one in the platform's variables."
    if exposure.ignored:
        return noted(
            exposure.place,
            f"{exposure.title} in a file that git ignores",
            evidence=evidence,
            fix="Nothing to do if it was never shared; it is on this machine only.",
        )
    if exposure.commit:
        fix = f"{fix} {_PURGE}"
    if exposure.status == "warn":
        return warned(
            exposure.place,
            f"{exposure.title} in the code; it looks like a test account's or a sample",
            evidence=evidence,
            fix=fix,
            triage=Triage.LATER,
        )
    return failed(exposure.place, f"{exposure.title} in the code", evidence=evidence, fix=fix)


@check(
    "secrets.in-history",
    title="A secret is still in the repository's history",
    when="any object reachable from any ref, the stash or the reflog holds a live-looking secret that the working tree "
    "no longer shows",
    status="fail",
    triage="now",
    risk="data",
    item=("B10", "S4.3", "A5"),
    source="CWE-798",
    cost="A deleted key is still a leaked key: every clone of the repository holds it.",
)
async def in_history(facts: Facts, _domain: str) -> list[Verdict]:
    report = await secret_scan(facts)
    target = str(facts.subject.deploy.repo)
    if not report.history:
        raise NotApplicable("the declared folder is no git repository, so there is no history")
    verdicts = [_in_history(each) for each in _past(report.exposures)]
    verdicts += _incomplete(report, target)
    return verdicts or [passed(target, "no secret in the whole history that the files do not show")]


def _past(exposures: Iterable[Exposure]) -> list[Exposure]:
    """One exposure a secret: the earliest."""
    first: dict[str, Exposure] = {}
    for each in exposures:
        if each.where != "tree" and not each.in_tree:
            known = first.get(each.fingerprint)
            if known is None or (not known.reachable, known.date or "9") > (not each.reachable, each.date or "9"):
                first[each.fingerprint] = each
    return list(first.values())


def _in_history(exposure: Exposure) -> Verdict:
    at = f"{exposure.place} in {exposure.commit[:12] or exposure.blob[:12]}"
    evidence = _evidence(exposure)
    fix = f"Rotate it: {exposure.rotate}. {_PURGE}"
    if not exposure.reachable:
        return noted(at, f"{exposure.title} in an object that nothing leads to any more", evidence=evidence, fix=fix)
    if exposure.status == "warn":
        return warned(
            at,
            f"{exposure.title} in the history; it looks like a test account's or a sample",
            evidence=evidence,
            fix=fix,
            triage=Triage.LATER,
        )
    return failed(at, f"{exposure.title} in the history", evidence=evidence, fix=fix)

"""What the watch measured, judged: down now, uptime, one region apart, and what no monitor will cover."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from checks.catalogue import check
from checks.errors import NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, passed, warned
from checks.ops.regions import is_apart, typical_seconds
from checks.subject import MonitorPlan, Watched

TARGET = 0.999
NO_WATCH = "no watch has run yet, so nothing was measured; `launchready watch FILE` starts one"


async def watched_urls(facts: Facts) -> list[str]:
    """The URLs that a watch has taken samples of."""
    return [row.url for row in facts.subject.monitor.watched if row.taken]


async def watched_from_regions(facts: Facts) -> list[str]:
    """The URLs that were probed from several regions."""
    return [row.url for row in facts.subject.monitor.watched if row.regions]


def _row(facts: Facts, url: str) -> Watched:
    return next(row for row in facts.subject.monitor.watched if row.url == url)


def share_observed(taken: int, failed: int) -> str:
    """The uptime in honest words, rounded down: "99.93 % observed, 2 failures of 2,880"."""
    whole, part = divmod(10_000 * (taken - failed) // taken, 100)
    return f"{whole}.{part:02} % observed, {failed:,} failure{'' if failed == 1 else 's'} of {taken:,}"


def observed(row: Watched) -> str:
    return share_observed(row.taken, row.failed)


@check(
    "watch.down",
    title="The site is down right now",
    when="a probe of the running watch fails (no answer, wrong status, wrong text) and its one immediate retry "
    "fails too",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S6.1", "A4"),
    source="roadmap",
    cost="Nobody can sign up, buy or write to you until it is back.",
    each=watched_urls,
    nothing=NO_WATCH,
)
async def down(facts: Facts, url: str) -> Verdict:
    row = _row(facts, url)
    if row.last_ok is None:
        return errored(url, "the watch has not said yet how its last probe ended")
    if row.last_ok:
        return passed(url, "the last probe was answered as expected", evidence=[f"last seen {row.until}"])
    return failed(
        url,
        f"the last probe and its retry failed: {row.last_reason or 'no answer'}",
        evidence=[f"{row.until}: {row.last_reason or 'no answer'}", observed(row)],
        fix=f"Open {url} yourself; if it fails, look at the platform's status page and go back to the last release.",
    )


@check(
    "watch.uptime",
    title="The site was down too often",
    when="the measured uptime of a watched URL is below 99.9 % over the window watched",
    status="fail",
    triage="now",
    risk="downtime",
    item=("T1", "A4"),
    source="roadmap",
    cost="In launch week, every such minute meets somebody who was told to look.",
    each=watched_urls,
    nothing=NO_WATCH,
)
async def uptime(facts: Facts, url: str) -> Verdict:
    row = _row(facts, url)
    seen = [
        observed(row),
        f"from {row.since} to {row.until}",
        f"{row.missed:,} of {row.scheduled:,} probes were missed",
    ]
    if (row.taken - row.failed) / row.taken >= TARGET:
        return passed(url, observed(row), evidence=seen)
    return failed(
        url,
        f"{observed(row)}, where 99.9 % is the target",
        evidence=seen,
        fix="Look at the incidents of the watch, find what they have in common (a release, a cron job, an hour), mend "
        "that, and watch for another 48 hours.",
    )


@check(
    "watch.region",
    title="The site fails or crawls in one part of the world",
    when="a watched URL fails, or is over three times slower than the median of the regions, from one region of the "
    "distributed probe network",
    status="warn",
    triage="now",
    risk="onboarding",
    item=("A4",),
    source="roadmap",
    cost="Customers of that region see an error or leave before the page is there.",
    each=watched_from_regions,
    nothing="no region has probed a URL of this site yet",
)
async def region(facts: Facts, url: str) -> Verdict:
    rows = [sample for sample in _row(facts, url).regions if sample.ok is not None]
    if not rows:
        return errored(url, "no region came to a measurement")
    seen = [
        f"{sample.region}: {'failed, ' + sample.reason if not sample.ok else f'{sample.seconds or 0:.2f} s'}"
        for sample in rows
    ]
    typical = typical_seconds(rows)
    apart = [sample.region for sample in rows if is_apart(sample, typical)]
    if not apart:
        return passed(url, f"{len(rows)} regions reach it alike", evidence=seen)
    return warned(
        url,
        f"{', '.join(apart)} {'is' if len(apart) == 1 else 'are'} apart from the other regions",
        evidence=seen,
        fix="Put the edge network in front of this address in every region, and look there for a block by country.",
    )


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return parts.netloc.lower(), parts.path.rstrip("/") or "/"


def uncovered_urls(named: Iterable[str], plan: MonitorPlan) -> list[str]:
    """The named URLs that no probe of the lasting monitor covers; scheme and a last slash do not matter."""
    covered = {_place(url) for url in plan.probes}
    return [url for url in dict.fromkeys(named) if _place(url) not in covered]


@check(
    "watch.uncovered",
    title="Nobody will notice when a key page breaks",
    when="a homepage, form endpoint, login or critical API that the user named has no probe in the monitor that will "
    "go on after the sprint",
    status="fail",
    triage="now",
    risk="downtime",
    item=("S6.1", "B11"),
    source="roadmap",
    cost="It can be down for hours, and the first word of it comes from a prospect.",
)
async def uncovered(facts: Facts, domain: str) -> list[Verdict]:
    plan = facts.subject.monitor
    named = [route.url for route in (*plan.urls, *facts.subject.routes)]
    named += [form.page for form in facts.subject.forms]
    if not named:
        raise NotApplicable("no page, form or API to watch was named; add them under [monitor] urls")
    missing = uncovered_urls(named, plan)
    if not missing:
        return [passed(domain, f"the monitor covers all {len(set(named))} named addresses", evidence=plan.probes)]
    return [
        failed(
            url,
            f"no lasting monitor probes {url}",
            evidence=[f"probes of the monitor: {', '.join(plan.probes) or 'none'}"],
            fix=f"Add {url} to the monitor that stays after the sprint, and write it under [monitor] probes.",
        )
        for url in missing
    ]

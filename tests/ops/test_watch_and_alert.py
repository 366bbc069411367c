"""The measures of the watch and of the drills, judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks.finding import Finding, timestamp
from checks.network import Network
from checks.runner import collect
from checks.subject import Drill, FormPlan, MonitorPlan, RegionSample, Route, Subject, Watched

URL = "https://example.com/"


async def judge(check: str, **plan: Any) -> list[Finding]:
    subject = replace(Subject.of("example.com"), monitor=MonitorPlan(**plan))
    async with Network(offline=True) as network:
        return await collect(subject, network, only=[check])


@pytest.mark.parametrize(("last_ok", "status"), [(True, "pass"), (False, "fail"), (None, "error")])
async def test_down(last_ok: bool | None, status: str) -> None:
    row = Watched(URL, taken=10, failed=1, last_ok=last_ok, last_reason="status 503")
    assert [f.status for f in await judge("watch.down", watched=(row,))] == [status]


@pytest.mark.parametrize(("failed", "status"), [(0, "pass"), (2, "pass"), (3, "fail")])
async def test_48_hours_allow_two_failures(failed: int, status: str) -> None:
    row = Watched(URL, scheduled=2880, taken=2880, failed=failed)
    finding = (await judge("watch.uptime", watched=(row,)))[0]
    assert finding.status == status
    words = {0: "100.00 %", 2: "99.93 %", 3: "99.89 %"}[failed]
    assert f"{words} observed, {failed} failures of 2,880" in finding.summary


@pytest.mark.parametrize(
    ("samples", "status"),
    [
        ([("a", True, 0.1), ("b", True, 0.1), ("c", True, 0.12)], "pass"),
        ([("a", True, 0.1), ("b", True, 0.1), ("c", True, 0.31)], "warn"),
        ([("a", True, 0.1), ("b", False, None)], "warn"),
        ([("a", None, None)], "error"),
    ],
)
async def test_regions(samples: list[tuple[str, bool | None, float | None]], status: str) -> None:
    row = Watched(URL, regions=tuple(RegionSample(name, ok, seconds) for name, ok, seconds in samples))
    assert [f.status for f in await judge("watch.region", watched=(row,))] == [status]


async def test_what_was_named_must_be_covered() -> None:
    urls = (Route(URL), Route("https://example.com/api/"))
    covered = await judge("watch.uncovered", urls=urls, probes=("https://example.com", "https://example.com/api"))
    assert [f.status for f in covered] == ["pass"]
    missing = await judge("watch.uncovered", urls=urls, probes=(URL,))
    assert [(f.status, f.target) for f in missing] == [("fail", "https://example.com/api/")]


async def test_the_page_of_a_form_must_be_covered() -> None:
    subject = replace(Subject.of("example.com"), forms=(FormPlan("https://example.com/contact"),))
    async with Network(offline=True) as network:
        found = await collect(subject, network, only=["watch.uncovered"])
    assert [(f.status, f.target) for f in found] == [("fail", "https://example.com/contact")]


@pytest.mark.parametrize(
    "check", ["watch.down", "watch.uptime", "watch.region", "watch.uncovered", "alert.undelivered", "alert.unread"]
)
async def test_nothing_measured_is_skipped(check: str) -> None:
    assert [f.status for f in await judge(check)] == ["skipped"]


@pytest.mark.parametrize(
    ("drill", "delivered", "read"),
    [
        (Drill("sms", "1", "2", "3", 60.0), "pass", "pass"),
        (Drill("sms", "1", "2", "3", 901.0), "pass", "fail"),
        (Drill("sms", "1", "2"), "pass", "fail"),
        (Drill("sms", "1", error="404"), "fail", "skipped"),
        (Drill("sms", "1"), "error", "skipped"),
        (Drill("sms", "1", "2", "3"), "pass", "error"),
    ],
)
async def test_drills(drill: Drill, delivered: str, read: str) -> None:
    assert [f.status for f in await judge("alert.undelivered", drills=(drill,))] == [delivered]
    assert [f.status for f in await judge("alert.unread", drills=(drill,))] == [read]


@pytest.mark.parametrize(("minutes", "status"), [(1, "skipped"), (14, "skipped"), (16, "fail")])
async def test_a_drill_has_its_15_minutes(minutes: int, status: str) -> None:
    taken = timestamp(datetime.now(UTC) - timedelta(minutes=minutes))
    assert [f.status for f in await judge("alert.unread", drills=(Drill("sms", taken, taken),))] == [status]


async def test_a_clock_that_was_set_back_makes_nobody_wait_longer() -> None:
    taken = timestamp(datetime.now(UTC) + timedelta(days=2))
    (found,) = await judge("alert.unread", drills=(Drill("sms", taken, taken),))
    assert (found.status, "for 15 more minutes" in found.summary) == ("skipped", True)

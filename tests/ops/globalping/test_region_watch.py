"""Rounds of measurements from other regions: their pace, their probes, the retry, and what is kept of them."""

from __future__ import annotations

import asyncio
import itertools
import math
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.network import Network
from checks.ops.globalping import Globalping, Limits, Measured, Seen
from checks.runner import collect
from checks.subject import MonitorPlan, Route, Subject
from launchready_tui.lab.world import World
from launchready_tui.session.model import Session, Site, Watch
from launchready_tui.sprint import Sprint
from launchready_tui.watch.keeping import Keeper
from launchready_tui.watch.probe import Outcome
from launchready_tui.watch.region_keeping import RegionKeeper
from launchready_tui.watch.regions import RegionSeen, RegionWatch, region_watch, together, why_not
from launchready_tui.watch.samples import Samples
from launchready_tui.watch.schedule import Sample
from tests.ops.globalping.fake import TIMINGS, FakeGlobalping, failed, finished, publish
from tests.ops.test_watch_schedule import TurnedClock

HOME, HEALTH = Route("https://example.com/"), Route("https://example.com/health")
REGIONS = ("aws-eu-central-1", "aws-us-east-1")


@pytest.fixture
async def service(world: World) -> FakeGlobalping:
    made = FakeGlobalping(polls=0)
    await publish(world, made)
    return made


class Rounds:
    """A watch of regions under a turned clock, and all that it reported."""

    def __init__(
        self, world: World, routes: tuple[Route, ...] = (HOME, HEALTH), regions: tuple[str, ...] = REGIONS
    ) -> None:
        self.clock = TurnedClock()
        self.client = Globalping(world.network, clock=self.clock)
        self.seen: list[RegionSeen] = []
        self.told: list[str] = []
        self.make: Callable[..., RegionWatch] = lambda **options: RegionWatch(
            routes, regions, self.client, self.seen.append, self.told.append, clock=self.clock, **options
        )

    @property
    def verdicts(self) -> list[bool | None]:
        return [one.seen.ok for one in self.seen]


async def test_each_region_looks_at_each_address_and_keeps_its_probe(world: World, service: FakeGlobalping) -> None:
    rounds = Rounds(world)
    await rounds.make(length=180).run()
    assert len(rounds.seen) == 2 * 2 * 3
    assert rounds.verdicts == [True] * 12
    probes = {region: {one.seen.probe for one in rounds.seen if one.region == region} for region in REGIONS}
    assert [len(found) for found in probes.values()] == [1, 1]
    assert len(set.union(*probes.values())) == 2
    assert sum(isinstance(sent["locations"], list) for sent in service.posted) == 2
    assert rounds.clock.seconds == pytest.approx(180, abs=5)


class Counting(Globalping):
    """Answers at once, and remembers when it was asked."""

    def __init__(self, clock: TurnedClock, hourly: int) -> None:
        super().__init__(Network, clock=clock)
        self.limits, self.asked = Limits(limit=hourly), list[float]()

    async def measure(self, route: Route, region: str, *, earlier: str = "") -> Measured:
        self.asked.append(self._clock.elapsed())
        return Measured("m1", Seen(True, 200), picked=False)


@pytest.mark.parametrize(
    ("urls", "regions", "hourly", "pace"),
    [
        (2, 2, 250, 60),
        (2, 3, 250, 88),
        (2, 4, 500, 60),
        (2, 3, 500, 60),
        (1, 1, 250, 60),
        (5, 4, 250, 300),
        (30, 10, 250, 4320),
    ],
)
async def test_the_pace_keeps_within_the_free_tests(urls: int, regions: int, hourly: int, pace: float) -> None:
    clock, seen = TurnedClock(), list[RegionSeen]()
    client = Counting(clock, hourly)
    watch = RegionWatch(
        [Route(f"https://example.com/{number}") for number in range(urls)], [f"place-{n}" for n in range(regions)],
        client, seen.append, lambda words: None, clock=clock, length=4 * 3600,
    )  # fmt: skip
    assert watch.pace == pace
    await watch.run()
    assert len(seen) == urls * regions * math.ceil(4 * 3600 / pace)
    if urls * regions <= hourly:
        assert max(sum(began <= at < began + 3600 for at in client.asked) for began in client.asked) <= hourly


async def test_where_the_limit_is_reached_it_waits_and_goes_on(world: World, service: FakeGlobalping) -> None:
    service.consumed = 247
    rounds = Rounds(world, (HOME,))
    tell = rounds.told.append

    def told(words: str) -> None:
        tell(words)
        service.consumed = 0  # the window is over by the time that it asks again

    watch = rounds.make(length=2400)
    watch._tell = told
    await watch.run()
    assert ["limit is reached" in words for words in rounds.told] == [True]
    assert None not in rounds.verdicts
    assert len(rounds.seen) > 15
    # While it waited, nothing was asked.
    moments = [one.at for one in rounds.seen]
    assert max(later - earlier for earlier, later in itertools.pairwise(moments)) >= timedelta(minutes=30)


async def test_a_failure_is_measured_once_more_at_once(world: World, service: FakeGlobalping) -> None:
    answers = iter([finished(503), finished(), finished(503), finished(503), finished(503), finished()])
    service.result = lambda magic, asked: next(answers)
    rounds = Rounds(world, (HOME,), REGIONS[:1])
    await rounds.make(length=240).run()
    # 503 then 200 is up; 503 twice is down; a third 503 costs no second test; 200 is up again.
    assert rounds.verdicts == [True, False, False, True]


async def test_a_probe_that_is_gone_is_replaced_at_once(world: World, service: FakeGlobalping) -> None:
    rounds = Rounds(world, (HOME,), REGIONS[:1])
    watch = rounds.make(length=60)
    await watch.run()
    service.offline.add(1)
    await watch.run()
    assert rounds.verdicts == [True, True]
    assert [one.seen.probe for one in rounds.seen] == ["City 1, DE, Amazon.com", "City 2, DE, Amazon.com"]


async def test_no_measurement_says_nothing_about_the_site(world: World, service: FakeGlobalping) -> None:
    service.result = lambda magic, asked: failed("rejected", "internal")
    service.nowhere = frozenset({"Atlantis"})
    rounds = Rounds(world, (HOME,), (REGIONS[0], "Atlantis"))
    await rounds.make(length=60).run()
    assert {one.region: one.seen.ok for one in rounds.seen} == {REGIONS[0]: None, "Atlantis": None}
    assert all(one.seen.reason for one in rounds.seen)


async def test_without_the_service_the_watch_goes_on(world: World) -> None:
    rounds = Rounds(world, (HOME,), REGIONS[:1])
    await rounds.make(length=120).run()
    assert rounds.verdicts == [None, None]
    assert "globalping.io" in rounds.seen[0].seen.reason


async def test_a_fault_of_ours_ends_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*words: Any, **options: Any) -> Any:
        raise RuntimeError

    rounds = Rounds(world, (HOME,), REGIONS[:1])
    monkeypatch.setattr(rounds.client, "measure", broken)
    await rounds.make(length=60).run()
    assert rounds.seen[0].seen.reason == "the measurement broke off (RuntimeError)"


@pytest.mark.parametrize(
    ("route", "why"),
    [
        (HOME, ""),
        (Route("https://app.example.com/", "HEAD"), ""),
        (Route("https://example.net/"), ""),
        (Route("https://example.com/api", "POST"), "sends no POST"),
        (Route("https://status.vendor.com/"), "not an address of this site"),
        (Route("https://notexample.com/"), "not an address of this site"),
    ],
)
async def test_only_the_sites_own_addresses_that_can_be_sent(world: World, route: Route, why: str) -> None:
    subject = Subject.of("example.com", variants=["example.net"], monitor=MonitorPlan(regions=REGIONS))
    assert why in why_not(route, subject)
    assert bool(why) is bool(why_not(route, subject))


async def test_what_is_not_the_sites_own_is_not_sent(world: World, service: FakeGlobalping) -> None:
    subject = Subject.of("example.com", monitor=MonitorPlan(regions=REGIONS[:1]))
    routes = [HOME, Route("https://vendor.com/"), Route("https://example.com/api", "POST")]
    seen: list[RegionSeen] = []
    watch = await region_watch(routes, subject, world.network, seen.append, seen.append, clock=TurnedClock(), length=60)  # type: ignore[arg-type]
    await watch.run()
    assert [sent["target"] for sent in service.posted] == ["example.com"]
    assert [one.url for one in seen] == [HOME.url]


# ---------------------------------------------------------------- what is kept


class Kept:
    """A keeper of regions over a sprint in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self.clock, self.words = TurnedClock(), list[str]()
        self.sprint = Sprint.in_memory(Session(site=Site(domain="example.com")))
        self.samples = Samples(path)
        self.keeper = Keeper(self.samples, self.sprint, self.words.append, self.clock.elapsed)
        self.regions = RegionKeeper(self.keeper, REGIONS, self.clock)

    def took(self, region: str, result: bool | None, seconds: float = 0.1, reason: str = "") -> None:
        from checks.network import Phases

        seen = Seen(result, 200 if result else None, reason, Phases(total=seconds), "Frankfurt, DE, Amazon.com")
        self.regions.took(RegionSeen(HOME.url, region, self.clock.now(), seen))

    @property
    def rows(self) -> list[dict[str, Any]]:
        self.regions.save(HOME.url)
        return self.sprint.session.watch[0].regions


async def test_the_table_of_regions_is_in_the_session_and_judged() -> None:
    kept = Kept()
    for seconds in (0.1, 0.2, 0.3):
        kept.took(REGIONS[0], True, seconds)
        kept.took(REGIONS[1], True, 4 * seconds)
    kept.took(REGIONS[1], None, reason="the probe has gone offline")
    first, second = kept.rows
    assert (first["region"], first["ok"], first["seconds"], first["p95"]) == (REGIONS[0], True, 0.2, 0.3)
    assert (second["taken"], second["failed"], second["unmeasured"], second["ok"]) == (3, 0, 1, True)
    assert "offline" not in second["reason"]
    async with Network(offline=True) as network:
        finding = (await collect(kept.sprint.subject(), network, only=["watch.region"]))[0]
    assert (finding.status, finding.target) == ("warn", HOME.url)
    assert REGIONS[1] in finding.summary


async def test_a_region_that_fails_is_a_failure_until_it_is_back() -> None:
    kept = Kept()
    kept.took(REGIONS[0], True)
    kept.took(REGIONS[1], False, reason="status 503")
    assert [(row["ok"], row["reason"]) for row in kept.rows] == [(True, ""), (False, "status 503")]
    kept.took(REGIONS[1], True)
    assert [(row["ok"], row["failed"]) for row in kept.rows] == [(True, 0), (True, 1)]


async def test_after_an_hour_without_a_measurement_nothing_is_claimed() -> None:
    kept = Kept()
    kept.took(REGIONS[0], True)
    kept.clock.seconds += 3601
    kept.took(REGIONS[0], None, reason="the limit is reached")
    row = kept.rows[0]
    assert "ok" not in row
    assert "seconds" not in row
    assert row["reason"] == "the limit is reached"
    async with Network(offline=True) as network:
        assert [f.status for f in await collect(kept.sprint.subject(), network, only=["watch.region"])] == ["error"]


async def test_probes_of_this_machine_and_of_regions_leave_each_other_alone(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "site.watch.sqlite")
    kept.took(REGIONS[0], True)
    kept.keeper.took(Sample(HOME.url, 0, kept.clock.now(), Outcome(True, 200)))
    kept.took(REGIONS[1], False, reason="status 503")
    kept.keeper.save([HOME.url])
    row = kept.sprint.session.watch[0]
    assert isinstance(row, Watch)
    assert (row.taken, row.failed, [r["ok"] for r in row.regions]) == (1, 0, [True, False])
    kept.samples.close()
    with sqlite3.connect(tmp_path / "site.watch.sqlite") as db:
        assert db.execute("SELECT count(*) FROM region").fetchone() == (2,)
    db.close()


async def test_a_full_disk_costs_no_measurement(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "site.watch.sqlite")
    pages = kept.samples._db.execute("PRAGMA page_count").fetchone()[0]
    kept.samples._db.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(50):
        kept.took(REGIONS[0], False, reason="x" * 500)
    assert kept.rows[0]["failed"] == 50
    kept.samples._db.execute("PRAGMA max_page_count = 100000")
    kept.took(REGIONS[0], False)
    assert kept.rows[0]["failed"] == 51
    kept.samples.close()
    with sqlite3.connect(tmp_path / "site.watch.sqlite") as db:
        assert db.execute("SELECT count(*) FROM region").fetchone() == (51,)
    db.close()


async def test_works_side_by_side_end_together() -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def breaks() -> None:
        raise OSError

    with pytest.raises(OSError):
        await together(waits(), breaks())
    assert ended.is_set()


def test_the_timings_of_the_fake_are_as_published() -> None:
    assert set(TIMINGS) == {"total", "dns", "tcp", "tls", "firstByte", "download"}

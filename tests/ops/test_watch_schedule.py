"""The schedule and its figures, under a clock that the test turns."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.network import Phases
from checks.subject import Route
from launchready_tui.session.model import Session, Site
from launchready_tui.sprint import Sprint
from launchready_tui.watch.keeping import Keeper
from launchready_tui.watch.probe import Outcome, Prober
from launchready_tui.watch.samples import Samples
from launchready_tui.watch.schedule import AT_ONCE, Schedule

URL = "https://example.com/"
BEGAN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GOOD = Outcome(True, 200, seconds=Phases(total=0.1))
BAD = Outcome(False, 503, "status 503", 2)


class TurnedClock:
    """A clock that sleeping turns. `asleep` maps a second of the watch to how long the machine then sleeps."""

    def __init__(self, asleep: dict[float, float] | None = None) -> None:
        self.seconds, self.slept, self.set_by = 0.0, 0.0, 0.0
        self._asleep = dict(asleep or {})

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds + self.set_by)

    def elapsed(self) -> float:
        return self.seconds

    def awake(self) -> float:
        return self.seconds - self.slept

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for at in [at for at in self._asleep if at <= self.seconds]:
            slept = self._asleep.pop(at)
            self.seconds += slept
            self.slept += slept
        for _ in range(4):  # the probes that were started
            await asyncio.sleep(0)


class Watch:
    """A watch of one address under a turned clock."""

    def __init__(self, clock: TurnedClock, path: Path | None = None) -> None:
        self.clock, self.words = clock, list[str]()
        self.sprint = Sprint.in_memory(Session(site=Site(domain="example.com")))
        self.samples = Samples(path)
        self.keeper = Keeper(self.samples, self.sprint, self.words.append, clock.elapsed)

    def schedule(self, prober: Prober, length: float, interval: float = 60.0) -> Schedule:
        return Schedule(
            [Route(URL)], prober, self.keeper.took, self.keeper.missed,
            interval=interval, length=length, clock=self.clock,
        )  # fmt: skip

    async def run(self, prober: Prober, length: float, interval: float = 60.0) -> None:
        await self.schedule(prober, length, interval).run()
        self.keeper.save([URL])


async def test_48_hours(tmp_path: Path) -> None:
    clock = TurnedClock({10 * 3600.0: 3600.0})
    watch = Watch(clock, tmp_path / "site.watch.sqlite")
    taken = 0

    async def prober(route: Route) -> Outcome:
        nonlocal taken
        taken += 1
        if taken == 300:
            clock.set_by = -7200.0  # somebody sets the clock back; nothing is missed by that
        return BAD if taken in (1000, 1001, 2000) else Outcome(True, 200, seconds=Phases(total=taken / 1000))

    await watch.run(prober, 48 * 3600)
    row = watch.sprint.session.watch[0]
    assert (row.scheduled, row.taken, row.missed, row.failed) == (2880, taken, 2880 - taken, 3)
    assert row.missed in (59, 60)
    good = sorted(n / 1000 for n in range(1, taken + 1) if n not in (1000, 1001, 2000))
    assert (row.p50, row.p95, row.p99) == tuple(good[-(-p * len(good) // 100) - 1] for p in (50, 95, 99))
    assert (row.last_ok, [bool(i["end"]) for i in row.incidents]) == (True, [True, True])
    begin, end = (datetime.fromisoformat(row.incidents[0][name]) for name in ("begin", "end"))
    assert end - begin == timedelta(minutes=2)


async def test_a_failure_in_which_the_machine_fell_asleep_is_missed() -> None:
    clock = TurnedClock()
    watch = Watch(clock)

    async def prober(route: Route) -> Outcome:
        clock.seconds += 600
        clock.slept += 600
        return BAD

    await watch.run(prober, 60)
    row = watch.sprint.session.watch[0]
    assert (row.taken, row.missed, row.failed) == (0, 1, 0)


async def test_this_machine_without_a_network_is_neither_up_nor_down() -> None:
    watch = Watch(TurnedClock())
    outcomes = iter([GOOD, Outcome(None, reason="offline"), GOOD])

    async def prober(route: Route) -> Outcome:
        return next(outcomes)

    await watch.run(prober, 180)
    row = watch.sprint.session.watch[0]
    assert (row.scheduled, row.taken, row.missed, row.failed) == (3, 2, 1, 0)


async def test_a_fault_of_ours_ends_nothing() -> None:
    watch = Watch(TurnedClock())

    async def prober(route: Route) -> Outcome:
        raise RuntimeError

    await watch.run(prober, 180)
    assert watch.samples.figures(URL).missed == 3
    assert "RuntimeError" in watch.words[0]


async def test_probes_that_never_end_do_not_pile_up() -> None:
    watch, enough = Watch(TurnedClock()), asyncio.Event()
    kept = watch.keeper.missed

    def missed(url: str, at: datetime, slots: int, reason: str) -> None:
        kept(url, at, slots, reason)
        if len(watch.words) == 5:
            enough.set()

    watch.keeper.missed = missed  # type: ignore[method-assign]

    async def prober(route: Route) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    running = asyncio.create_task(watch.schedule(prober, 60.0 * (AT_ONCE + 5)).run())
    await enough.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert watch.samples.figures(URL).taken == 0


@pytest.mark.parametrize(
    ("seconds", "interval", "probes"), [(1.0, 60, 1), (60.0, 60, 1), (61.0, 60, 2), (180.0, 60, 3), (1.1, 0.1, 11)]
)
async def test_how_many_probes_are_due(seconds: float, interval: float, probes: int) -> None:
    watch = Watch(TurnedClock())

    async def prober(route: Route) -> Outcome:
        return GOOD

    await watch.run(prober, seconds, interval)
    figures = watch.samples.figures(URL)
    assert (figures.taken, figures.missed) == (probes, 0)
    assert watch.clock.seconds == pytest.approx(seconds)


async def test_a_full_disk_costs_no_sample(tmp_path: Path) -> None:
    path = tmp_path / "site.watch.sqlite"
    watch = Watch(TurnedClock(), path)
    pages = watch.samples._db.execute("PRAGMA page_count").fetchone()[0]
    watch.samples._db.execute(f"PRAGMA max_page_count = {pages}")

    async def prober(route: Route) -> Outcome:
        return Outcome(True, 200, "x" * 500, seconds=Phases(total=0.2))

    await watch.run(prober, 60 * 50)
    assert watch.samples.figures(URL).taken == 50
    assert [word for word in watch.words if "full" in word] == watch.words
    watch.samples._db.execute("PRAGMA max_page_count = 100000")
    await watch.run(prober, 60)
    assert watch.samples.figures(URL).taken == 51
    assert "again" in watch.words[-1]
    watch.samples.close()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM sample").fetchone() == (51,)
    db.close()


async def test_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    async def prober(route: Route) -> Outcome:
        return GOOD

    path = tmp_path / "site.watch.sqlite"
    for _ in range(2):
        watch = Watch(TurnedClock(), path)
        await watch.run(prober, 120)
        assert watch.samples.figures(URL, run=watch.samples.run).taken == 2
    assert watch.samples.figures(URL).taken == 4


async def test_where_no_file_can_be_made_the_watch_goes_on(tmp_path: Path) -> None:
    async def prober(route: Route) -> Outcome:
        return GOOD

    watch = Watch(TurnedClock(), tmp_path / "no folder" / "site.watch.sqlite")
    await watch.run(prober, 120)
    assert watch.samples.figures(URL).taken == 2
    assert len(watch.words) == 1


def resident() -> int:
    """Pages of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
async def test_memory_is_flat(tmp_path: Path) -> None:
    watch = Watch(TurnedClock(), tmp_path / "site.watch.sqlite")
    # Figures are read at the end alone: to read them 100,000 times takes long.
    watch.keeper = Keeper(watch.samples, None, watch.words.append, watch.clock.elapsed)
    taken, held = 0, dict[int, int]()

    async def prober(route: Route) -> Outcome:
        nonlocal taken
        taken += 1
        if taken in (1_000, 100_000):
            held[taken] = resident()
        return BAD if taken % 10 == 0 else GOOD

    await watch.run(prober, 100_000, interval=1)
    assert held[100_000] <= held[1_000] * 1.1
    figures = watch.samples.figures(URL)
    assert (figures.taken, figures.failed, figures.missed) == (100_000, 10_000, 0)

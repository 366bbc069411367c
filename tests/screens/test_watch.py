"""The watch: figures in honest words, the regions below, and what is said where nothing is watched."""

from __future__ import annotations

import pytest

from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.lab.web_server import page as lab_page
from launchready_tui.lab.world import World
from launchready_tui.session.model import Watch
from launchready_tui.sprint import Sprint
from screens.watch import sparkline, uptime, watch_row
from screens.widgets.fields import Field
from screens.widgets.regions import regions_text
from tests.ops.globalping.fake import FakeGlobalping, finished, publish
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)


def watched(**figures: object) -> Watch:
    given: dict[str, object] = {
        "url": "https://example.com/",
        "scheduled": 2880,
        "taken": 2880,
        "failed": 2,
        "p95": 0.212,
        "last_ok": True,
        "incidents": [{"begin": "2026-11-20T09:00:00Z", "end": "2026-11-20T09:02:00Z", "reason": "no answer"}],
        "regions": [
            {"region": "Frankfurt", "ok": True, "seconds": 0.05},
            {"region": "Tokyo", "ok": False, "reason": "timeout"},
        ],
    }
    return Watch(**(given | figures))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("taken", "failed", "told"),
    [
        (2880, 2, "✓ 99.93 % observed, 2 of 2,880"),
        (2880, 3, "✗ 99.89 % observed, 3 of 2,880"),
        (1000, 1, "✓ 99.90 % observed, 1 of 1,000"),
        (1_000_000, 1, "✓ 99.99 % observed, 1 of 1,000,000"),
        (10, 0, "✓ 100.00 % observed, 0 of 10"),
        (10, 10, "✗ 0.00 % observed, 10 of 10"),
        (0, 0, "no probe yet"),
    ],
)
def test_uptime_is_rounded_down_and_says_of_how_many(taken: int, failed: int, told: str) -> None:
    assert uptime(watched(taken=taken, failed=failed)).plain == told


@pytest.mark.parametrize(("p95", "sign"), [(0.299, "✓"), (0.3, "!"), (1.5, "!")])
def test_the_response_time_stands_against_its_target(p95: float, sign: str) -> None:
    told = f"{sign} {p95 * 1000:,.0f}"
    assert f"{told} of 300 ms" in watch_row(watched(p95=p95), (), 150).plain
    assert f"{told} ms" in watch_row(watched(p95=p95), (), 76).plain


@pytest.mark.parametrize(("ok", "word"), [(True, "✓ up"), (False, "✗ down"), (None, "· new")])
def test_the_state_is_a_word_and_a_sign(ok: bool | None, word: str) -> None:
    assert watch_row(watched(last_ok=ok), (), 76).plain.startswith(word)


def test_a_narrow_row_cuts_nothing() -> None:
    assert "…" not in watch_row(watched(taken=43_200, failed=30), (0.1,) * 60, 75).plain


@pytest.mark.parametrize("width", [76, 116, 150, 200])
def test_a_row_fits_its_screen(width: int) -> None:
    assert max(line.cell_length for line in watch_row(watched(), (0.1,) * 60, width).split("\n")) <= width


def test_a_failure_in_the_last_hour_is_a_cross_and_the_slowest_the_highest() -> None:
    assert sparkline((0.1, None, 0.2), 20).plain == "▅✗█"
    assert len(sparkline((0.1,) * 60, 20).plain) == 20
    assert sparkline((), 20).plain == ""
    assert sparkline((0.0, 0.0), 20).plain == "▁▁"


def test_missed_probes_are_neither_up_nor_down() -> None:
    text = regions_text(watched(missed=30), 74).plain
    assert "30 of 2,880 probes were missed: neither up nor down" in text
    assert "✓ Frankfurt" in text
    assert "✗ Tokyo" in text


def test_a_region_that_is_apart_is_marked() -> None:
    rows = [{"region": f"place {n}", "ok": True, "seconds": s, "taken": 60, "failed": 0, "probe": "Frankfurt, DE"}
            for n, s in enumerate((0.1, 0.12, 0.5))]  # fmt: skip
    text = regions_text(watched(regions=[*rows, {"region": "place 3", "reason": "no probe is there"}]), 110).plain
    assert "✓ place 0" in text
    assert "! place 2" in text
    assert "over 3 times slower; Frankfurt, DE" in text
    assert "? place 3" in text
    assert "500 ms" in text
    assert "0 of 60" in text


@pytest.mark.parametrize("width", [70, 74, 114])
def test_the_regions_fit_their_screen(width: int) -> None:
    row = {"region": "x" * 50, "ok": False, "seconds": 12.5, "taken": 2880, "failed": 1440, "reason": "y " * 50}
    assert max(line.cell_length for line in regions_text(watched(regions=[row]), width).split("\n")) <= width


async def test_what_is_not_sent_from_elsewhere_is_said(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.edit("monitor", urls=[{"url": "/api/order", "method": "POST"}], regions=["aws-eu-central-1"])
    sprint.put(watched(url="https://example.com/api/order", regions=[]))
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "Globalping sends no POST" in words(pilot))
        assert "regions: measured while the watch runs" in words(pilot)


async def test_r_chooses_regions(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "r chooses regions" in words(pilot))
        await pilot.press("r")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Form")
        assert "results are public" in words(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: len(sprint.session.monitor.regions) == 3)
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "WatchScreen")
        await pilot.press("r")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Form")
        pilot.app.screen.query_one("#line-regions", Field).value = "-"
        await pilot.press("enter")
        await until(pilot, lambda: sprint.session.monitor.regions == [])


async def test_regions_measure_while_the_watch_runs(open_app: OpenApp, sprint: Sprint, world: World) -> None:
    world.zone("example.com", {"@": ["A 93.184.215.14"]})
    await world.web("93.184.215.14", lambda request: lab_page("fine"), world.authority.issue("example.com"))
    await publish(world, FakeGlobalping(result=lambda magic, asked: finished(503 if "us" in magic else 200)))
    sprint.edit("monitor", urls=["https://example.com/"], regions=["aws-eu-central-1", "aws-us-east-1"])
    options = NetworkOptions(tuple(world.nameservers), tuple(world.connect_to), world.ca_file)
    async with open_app(sprint, network=options) as pilot:
        await pilot.press("w", "w")
        await until(pilot, lambda: "✗ aws-us-east-1" in words(pilot) and "✓ aws-eu-central-1" in words(pilot))
        await until(pilot, lambda: "of 250 tests left this hour" in words(pilot))
        assert "status 503" in words(pilot)
        assert "✓ up" in words(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "○ not probing" in words(pilot))
    assert {row["region"]: row["ok"] for row in sprint.session.watch[0].regions} == {
        "aws-eu-central-1": True,
        "aws-us-east-1": False,
    }


@pytest.mark.parametrize("size", SIZES)
async def test_rows_and_regions(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    sprint.put(watched())
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "99.93 % observed, 2 of 2,880" in words(pilot))
        for word in ("✓ up", "✓ 212 ms", "p95 under 300 ms", "✓ Frankfurt", "✗ Tokyo"):
            assert word in words(pilot)


async def test_an_address_that_was_only_named_is_listed(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.edit("monitor", urls=["https://example.com/health"])
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "example.com/health" in words(pilot))
        assert "no probe yet" in words(pilot)


async def test_without_an_address_it_says_how_to_add_one(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "No address is watched yet: a adds one." in words(pilot))


async def test_w_starts_and_stops_the_probes(open_app: OpenApp, sprint: Sprint, world: World) -> None:
    world.zone("example.com", {"@": ["A 93.184.215.14"]})
    await world.web("93.184.215.14", lambda request: lab_page("fine"), world.authority.issue("example.com"))
    sprint.edit("monitor", urls=["https://example.com/"])
    options = NetworkOptions(tuple(world.nameservers), tuple(world.connect_to), world.ca_file)
    async with open_app(sprint, network=options) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "○ not probing" in words(pilot))
        await pilot.press("w")
        await until(pilot, lambda: "● probing" in words(pilot) and "✓ up" in words(pilot))
        await pilot.press("w")
        await until(pilot, lambda: "○ not probing" in words(pilot))
    assert [(row.taken, row.failed) for row in sprint.session.watch] == [(1, 0)]


async def test_leaving_stops_the_probes_and_keeps_their_figures(
    open_app: OpenApp, sprint: Sprint, world: World
) -> None:
    sprint.edit("monitor", urls=["https://example.com/"])
    world.zone("example.com", {"@": ["A 93.184.215.14"]})
    options = NetworkOptions(tuple(world.nameservers), tuple(world.connect_to), world.ca_file)
    async with open_app(sprint, network=options) as pilot:
        await pilot.press("w", "w")
        await until(pilot, lambda: "✗ down" in words(pilot))
    assert [(row.taken, row.failed) for row in sprint.session.watch] == [(1, 1)]


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    region = {"region": text, "ok": False, "reason": text}
    incident = {"begin": text, "end": text, "reason": text}
    sprint.put(
        watched(
            url=f"https://example.com/{text}", last_ok=False, last_reason=text, regions=[region], incidents=[incident]
        )
    )
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "✗ down" in words(pilot))
        assert_harmless(pilot)

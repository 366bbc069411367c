"""Before and after: what a run changed, what the sprint changed, and that a check that could not look mends nothing."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList

from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.session.model import Run, StatusChange
from launchready_tui.sprint import Sprint
from screens.compare import changes_text, together
from tests.core.make import finding
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)


def change(was: str, now: str, check: str = "dns.www-missing") -> StatusChange:
    return StatusChange(check=check, target="www.example.com", was=was, now=now)


def run(number: int, *changes: StatusChange) -> Run:
    return Run(number=number, started="2026-11-24T09:00:00Z", before=list(changes))


def test_the_runs_together_tell_the_first_status_against_the_last() -> None:
    told = together([run(1, change("", "fail")), run(2, change("fail", "error")), run(3, change("error", "pass"))])
    assert [(row.was, row.now) for row in told] == [("fail", "pass")]


def test_what_came_and_went_is_no_change() -> None:
    assert together([run(1, change("", "pass")), run(2, change("pass", "fail")), run(3, change("fail", "pass"))]) == []


def test_what_appears_after_the_first_look_is_a_new_problem() -> None:
    first, later = run(1, change("", "pass", "dns.takeover")), run(2, change("", "fail"))
    first.complete = True
    assert [(row.was, row.now) for row in together([first, later])] == [("", "fail")]
    first.only = ["spf"]
    assert together([first, later]) == [], "the first run did not look for it"
    first.only, first.complete = [], False
    assert together([first, later]) == [], "the first run was stopped before it"


@pytest.mark.parametrize(
    ("was", "now", "heading"),
    [
        ("fail", "pass", "Mended"),
        ("warn", "info", "Mended"),
        ("fail", "", "Mended"),
        ("pass", "fail", "New problems"),
        ("", "warn", "New problems"),
        ("fail", "error", "Other changes"),
        ("fail", "skipped", "Other changes"),
        ("fail", "warn", "Other changes"),
    ],
)
def test_only_what_was_seen_to_be_right_is_mended(was: str, now: str, heading: str) -> None:
    text = changes_text([change(was, now)], 60).plain
    assert text.startswith(f"{heading} · 1")
    assert "www.example.com" in text


@pytest.mark.parametrize("size", SIZES)
async def test_each_run_shows_what_it_changed(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    sprint.begin_run(["dns.www-missing"])
    sprint.record(finding("dns.www-missing", "www.example.com", "pass", summary="it has one"))
    sprint.end_run()
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: "Mended · 1" in words(pilot), "the whole sprint's changes")
        await pilot.press("down")
        await until(pilot, lambda: "Run 2" in words(pilot))
        assert "Mended · 1" in words(pilot)
        await pilot.press("down")
        await until(pilot, lambda: "New problems · 3" in words(pilot), "the first run's findings")
        await pilot.press("escape")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")


async def test_a_run_that_ends_while_it_is_open_is_added(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: "Run 1" in words(pilot))
        sprint.begin_run(["dns.takeover"])
        sprint.end_run(complete=False)
        await until(pilot, lambda: "Run 2 (stopped)" in words(pilot))
        assert pilot.app.screen.query_one("#runs", OptionList).highlighted == 0


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    sprint.begin_run([text])
    sprint.record(finding("dns.www-missing", f"{text} www", "warn"))
    sprint.end_run()
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("b")
        await until(pilot, lambda: "Run 2" in words(pilot))
        await pilot.press("down")
        await until(pilot, lambda: "New problems · 1" in words(pilot))
        assert_harmless(pilot)

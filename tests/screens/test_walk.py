"""A walk through every screen, by keyboard and by mouse, at the design size and on a wide terminal."""

from __future__ import annotations

import pytest

from launchready_tui.handover import render
from launchready_tui.handover.words import moment
from launchready_tui.plan import plan
from launchready_tui.sprint import Sprint
from screens.block import BlockScreen
from screens.widgets.detail import StepDetail
from screens.widgets.hour_line import HourLine
from screens.widgets.risks import RiskList
from screens.widgets.steps import StepList
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.waiting import seen, until, words

BESIDE = {
    "m": "MailScreen",
    "w": "WatchScreen",
    "d": "DrillScreen",
    "b": "CompareScreen",
    "h": "HandoverScreen",
    "v": "VaultScreen",
    "question_mark": "HelpScreen",
    "f1": "HelpScreen",
}


@pytest.mark.parametrize("size", SIZES)
async def test_every_block_shows_all_its_steps(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    async with open_app(sprint, size=size) as pilot:
        for number, block in enumerate(plan().blocks, 1):
            await pilot.press(str(number))
            steps = pilot.app.screen.query_one(StepList)
            listed = [option.id for option in steps.options if option.id]
            assert listed == [step.id for step in block.steps]
            assert block.title in words(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_glance(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    """Whose site, is it saved, which hour, what must be fixed now: all there without a key."""
    async with open_app(sprint, size=size) as pilot:
        await until(pilot, lambda: "saved" in words(pilot))
        text = words(pilot)
        for word in ("example.com", "saved", "hour 0:00", "1 Audit", "5 Handover", "Must fix now · 2"):
            assert word in text
        assert "Can wait 30 days · 1" in text
        assert "www.example.com has no" in text


@pytest.mark.parametrize("key", BESIDE)
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_opens_and_closes(
    open_app: OpenApp, sprint: Sprint, key: str, size: tuple[int, int]
) -> None:
    async with open_app(sprint, size=size) as pilot:
        await pilot.press(key)
        await until(pilot, lambda: type(pilot.app.screen).__name__ == BESIDE[key])
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, BlockScreen))


async def test_moving_among_steps_changes_the_detail(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        await pilot.press("2")
        steps = pilot.app.screen.query_one(StepList)
        steps.highlighted = steps.get_option_index("S2.2")
        await pilot.pause()
        detail = words(pilot)
        assert "cost" in detail
        assert "Visitors leave." in detail
        assert "Publish a record." in detail
        assert pilot.app.screen.query_one(StepDetail)


async def test_a_finding_opens_by_enter_and_walks_by_arrows(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        pilot.app.screen.query_one(RiskList).focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "FindingScreen")
        assert "files can be taken over" in words(pilot)
        assert "1 of 3" in words(pilot)
        await pilot.press("right")
        assert "www.example.com has no address" in words(pilot)
        for label in ("What it costs", "How to mend it", "What was seen", "Why we ask"):
            assert label in words(pilot)
        await pilot.press("left", "left")
        assert "3 of 3" in words(pilot)


async def test_the_mouse_reaches_blocks_steps_and_problems(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        await pilot.click(HourLine, offset=(34, 0))
        await pilot.pause()
        assert pilot.app.screen.block == "H3"  # type: ignore[attr-defined]
        await pilot.click(StepList, offset=(12, 3))
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "MarkStep")
        await pilot.click("#leave")
        await until(pilot, lambda: isinstance(pilot.app.screen, BlockScreen))
        await pilot.click(RiskList, offset=(10, 2))
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "FindingScreen")


async def test_a_block_is_opened_when_it_is_first_entered_and_ticked_when_it_is_closed(
    open_app: OpenApp, sprint: Sprint
) -> None:
    for step in plan().block("H3").steps:
        sprint.mark(step.id, "not-applicable")
    async with open_app(sprint) as pilot:
        assert set(sprint.session.sprint.blocks) == {"H1"}
        await pilot.press("3")
        await until(pilot, lambda: "✓" in seen(pilot).splitlines()[1], "a tick on the line of hours")
        times = sprint.session.sprint.blocks
        assert set(times) == {"H1", "H3"} and times["H3"].opened and times["H3"].closed
        await pilot.press("1", "3")
        assert sprint.session.sprint.blocks["H3"].opened == times["H3"].opened
    assert (
        f"opened {moment(times['H3'].opened)}; closed {moment(times['H3'].closed)}"
        in render(sprint.session, "md").decode()
    )


async def test_the_cursor_of_a_block_is_kept(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        await pilot.press("2", "down", "down")
        before = pilot.app.screen.query_one(StepList).current
        await pilot.press("4", "2")
        after = pilot.app.screen.query_one(StepList).current
        assert before is not None
        assert after is not None
        assert before.step.id == after.step.id


async def test_home_lists_the_sprints_and_opens_one(open_app: OpenApp, sprint: Sprint, shelf: object) -> None:
    path = sprint.path
    assert path is not None
    sprint.close()
    shelf.remember(path)  # type: ignore[attr-defined]
    async with open_app() as pilot:
        await until(pilot, lambda: "example.com" in words(pilot))
        assert "Harbor Tea" in words(pilot)
        assert "2 now" in words(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BlockScreen))
        await pilot.press("escape")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HomeScreen")


async def test_help_explains_keys_and_words(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, size=(120, 60)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HelpScreen")
        assert "Run all checks of the sprint" in words(pilot)
        await pilot.press("slash", *"dkim")
        await until(pilot, lambda: "A signature on every mail you send" in words(pilot))
        assert "registrar" not in words(pilot)


async def test_a_small_terminal_scrolls_and_says_what_it_needs(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, size=(60, 16)) as pilot:
        assert "needs 80x24" in words(pilot)
        assert pilot.app.screen.max_scroll_y > 0
        assert pilot.app.screen.max_scroll_x > 0


async def test_everything_is_in_the_palette(open_app: OpenApp, sprint: Sprint) -> None:
    from screens.commands import LaunchCommands

    async with open_app(sprint) as pilot:
        provider = LaunchCommands(pilot.app.screen)
        titles = [str(hit.display) async for hit in provider.discover()]
        for word in ("Run all (R)", "Mark (space)", "Triage (t)", "Copy fix (c)", "Consent (k)", "Show: Vault"):
            assert any(title.startswith(word) for title in titles), word
        assert not any(title.startswith("Fix a fault") for title in titles)
        assert [hit async for hit in provider.search("handover")]

"""What is drawn when: a part a frame, and nothing that nobody sees."""

from __future__ import annotations

from textual.app import App
from textual.widgets import OptionList

from launchready_tui.sprint import Sprint
from screens import deeds
from screens.block import BlockScreen
from screens.home import HomeScreen
from screens.turns import Turns
from tests.core.make import finding
from tests.screens.conftest import OpenApp
from tests.screens.waiting import until, words


async def test_each_part_has_its_own_frame_and_is_drawn_once_however_often_asked() -> None:
    app: App[None] = App()
    drawn: list[str] = []
    turns = Turns(app, lambda: True, lambda: drawn.append("lines"), lambda: drawn.append("list"))
    async with app.run_test() as pilot:
        for _ in range(3):
            turns.ask()
        assert drawn == ["lines"], "the rest waits for the next frame"
        await until(pilot, lambda: len(drawn) >= 3)
        assert drawn == ["lines", "list", "lines"], "asked for anew while the first was drawn already"
        turns.ask()
        await until(pilot, lambda: len(drawn) == 5)
        assert drawn[3:] in (["lines", "list"], ["list", "lines"])


async def test_nothing_is_drawn_once_the_owner_cannot_be() -> None:
    app: App[None] = App()
    drawn: list[str] = []
    ready = True
    turns = Turns(app, lambda: ready, lambda: drawn.append("lines"), lambda: drawn.append("list"))
    async with app.run_test() as pilot:
        turns.ask()
        ready = False
        await until(pilot, lambda: not turns._waiting)
        assert drawn == ["lines"]
        turns.ask()
        assert drawn == ["lines"]


async def test_a_change_draws_nothing_below_an_opaque_screen(open_app: OpenApp, sprint: Sprint) -> None:
    """Textual draws the whole screen on top for each line that changes below it."""
    async with open_app(sprint) as pilot:
        home = next(screen for screen in pilot.app.screen_stack if isinstance(screen, HomeScreen))
        listed = list(home.query_one(OptionList).options)
        sprint.record(finding("tls.expired", "example.com", summary="the certificate has expired"))
        await until(pilot, lambda: "Must fix now · 3" in words(pilot))
        assert home.query_one(OptionList).options == listed


async def test_a_screen_below_a_dialog_goes_on(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        block = pilot.app.screen
        assert isinstance(block, BlockScreen) and block.step is not None
        deeds.note_step(block.app, block.step)
        await until(pilot, lambda: pilot.app.screen.is_modal)
        assert block.is_seen
        sprint.record(finding("tls.expired", "example.com", summary="the certificate has expired"))
        await until(pilot, lambda: any("expired" in str(option.prompt) for option in block.query_one("#risks").options))

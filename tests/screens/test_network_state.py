"""What the first line says of the network, and whose network a sprint is checked in."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import route
from launchready_tui import fieldwork
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.shelf import Shelf
from launchready_tui.sprint import Sprint
from tests.screens.conftest import OpenApp
from tests.screens.waiting import until, words


@pytest.mark.parametrize(("way_out", "word"), [(True, "online?"), (False, "offline")])
async def test_the_network_is_told_before_anything_was_sent(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch, way_out: bool, word: str
) -> None:
    monkeypatch.setattr(fieldwork, "has_route", lambda: way_out)
    async with open_app(sprint) as pilot:
        assert f" {word} hour" in words(pilot)


async def test_mapped_places_need_no_way_out(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fieldwork, "has_route", lambda: False)
    async with open_app(sprint, network=NetworkOptions(nameservers=("127.0.0.1:53",))) as pilot:
        assert "online?" in words(pilot)


def test_an_address_that_leads_nowhere_is_no_route(monkeypatch: pytest.MonkeyPatch) -> None:
    # The system refuses to connect to broadcast without being told to: as good as no route, in any environment.
    monkeypatch.setattr(route, "ANYWHERE", ((route.socket.AF_INET, "255.255.255.255"),))
    assert not route.has_route()
    monkeypatch.setattr(route, "ANYWHERE", ((route.socket.AF_INET, "127.0.0.1"),))
    assert route.has_route()


async def test_the_lab_answers_for_no_sprint_but_its_own(
    open_app: OpenApp, sprint: Sprint, shelf: Shelf, tmp_path: Path
) -> None:
    assert sprint.path is not None
    sprint.close()
    shelf.remember(sprint.path)
    async with open_app(demo=True, demo_folder=tmp_path / "demo") as pilot:
        app = pilot.app
        await until(pilot, lambda: "harbor-tea.example" in words(pilot) and " lab " in words(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Must" not in words(pilot) and "example.com" in words(pilot))
        assert app.fieldwork.lab is None  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "hour" in words(pilot) and "Must fix now · 2" in words(pilot))
        assert " lab " not in words(pilot)

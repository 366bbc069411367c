"""Opening, starting and putting away sprints; what is damaged, held or not there is told and harms nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.network import Network
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.detect import Detected, detect
from launchready_tui.fieldwork import Fieldwork
from launchready_tui.lab.world import World
from launchready_tui.session.store import load
from launchready_tui.shelf import Shelf
from launchready_tui.sprint import Sprint
from tests.screens.conftest import OpenApp
from tests.screens.waiting import until, words


async def test_a_damaged_file_offers_its_backup(open_app: OpenApp, sprint: Sprint) -> None:
    path = sprint.path
    assert path is not None
    sprint.edit("site", platform="vercel")
    sprint.close()
    path.write_text("schema = 1\n[site\n", "utf-8")
    async with open_app(path=path) as pilot:
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        assert "line 2" in words(pilot)
        await pilot.click("#accept")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")
        assert "example.com" in words(pilot)
    assert path.with_name(f"{path.name}.damaged").read_text("utf-8") == "schema = 1\n[site\n"


async def test_a_file_that_another_holds_can_be_looked_at(open_app: OpenApp, sprint: Sprint) -> None:
    assert sprint.path is not None
    async with open_app(path=sprint.path) as pilot:
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        assert "is open for writing by" in words(pilot)
        await pilot.click("#accept")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")
        await until(pilot, lambda: "read-only" in words(pilot))


async def test_a_file_that_is_not_there_is_told(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(path=tmp_path / "none.launch.toml") as pilot:
        await until(pilot, lambda: "There is no file" in words(pilot))


async def test_offline_everything_is_there_and_runs_say_so_at_once(open_app: OpenApp, sprint: Sprint) -> None:
    before = [(row.check, row.status, row.observed) for row in sprint.session.finding]
    async with open_app(sprint, network=NetworkOptions(offline=True)) as pilot:
        assert "offline" in words(pilot)
        assert "www.example.com has no" in words(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "live checks need the network" in words(pilot))
        await until(pilot, lambda: not pilot.app.fieldwork.running)  # type: ignore[attr-defined]
        await pilot.press("m")
        await until(pilot, lambda: "The table needs the network" in words(pilot))
        await pilot.press("escape", "space", "enter")
        await until(pilot, lambda: bool(sprint.session.step))
    after = {(row.check, row.status, row.observed) for row in sprint.session.finding}
    assert set(before) <= after


async def test_the_handover_is_exported_offline(open_app: OpenApp, sprint: Sprint, tmp_path: Path) -> None:
    async with open_app(sprint, size=(100, 40), network=NetworkOptions(offline=True)) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: bool(pilot.app.screen.query("#section-sign-off")))
        for suffix, presses in (("md", []), ("html", ["down"]), ("pdf", ["down", "down"])):
            await pilot.press("e", *presses, "enter")
            await until(pilot, lambda: type(pilot.app.screen).__name__ == "SaveTo")
            path = tmp_path / f"handover.{suffix}"
            pilot.app.screen.query_one("#path").value = str(path)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, path.exists)
        assert "NO-GO" in (tmp_path / "handover.md").read_text("utf-8")
        assert (tmp_path / "handover.pdf").read_bytes().startswith(b"%PDF")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def detect(self: Fieldwork, domain: str) -> Detected:
        return Detected("https://www.example.com/", (f"app.{domain}",), ("SendGrid", "Google Workspace"))

    monkeypatch.setattr(Fieldwork, "detect", detect)


@pytest.mark.usefixtures("found")
async def test_a_new_sprint_asks_one_thing_at_a_time(open_app: OpenApp, shelf: Shelf) -> None:
    async with open_app() as pilot:
        await pilot.press("n")
        await until(pilot, lambda: "Which domain?" in words(pilot))
        assert "May this site be tested?" not in words(pilot)
        await pilot.press("enter")
        assert "Which domain?" in words(pilot), "the domain is needed"
        await pilot.press(*"https://www.Example.com/shop", "enter")
        await until(pilot, lambda: "Which address" in words(pilot) and "https://www.example.com/" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "app.example.com" in words(pilot))
        await pilot.press("enter", "enter", *"Mara", "enter", *"Harbor Tea", "enter")
        await until(pilot, lambda: "May this site be tested?" in words(pilot))
        box = pilot.app.screen.query_one("#new-permission")
        assert box.value is False, "the permission is never preset"  # type: ignore[attr-defined]
        assert "[ ] The owner of this site agreed" in words(pilot)
        await pilot.click("#new-on")
        await until(pilot, lambda: "only with the owner's permission" in words(pilot))
        assert type(pilot.app.screen).__name__ == "NewSprintScreen"
        box.focus()
        await pilot.press("space")
        await pilot.click("#new-on")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")
    session = load(shelf.folder / "example.com.launch.toml").session
    assert session.site.domain == "example.com"
    assert session.site.canonical == "https://www.example.com/"
    assert session.site.subdomains == ["app.example.com"]
    assert session.mail.senders == ["SendGrid", "Google Workspace"]
    assert (session.sprint.consultant, session.sprint.client) == ("Mara", "Harbor Tea")
    assert session.sprint.started


@pytest.mark.usefixtures("found")
async def test_only_domain_and_permission_are_needed_and_a_wrong_answer_is_told_at_its_question(
    open_app: OpenApp, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def detect(self: Fieldwork, domain: str) -> Detected:
        return Detected(offline=True)

    monkeypatch.setattr(Fieldwork, "detect", detect)
    async with open_app(new="example.com") as pilot:
        # The domain of the command line is answered already.
        await until(pilot, lambda: "2 of 7" in words(pilot) and "domain example.com" in words(pilot))
        await pilot.press(*"not a url", "enter")
        await until(pilot, lambda: "✗" in words(pilot))
        assert "2 of 7" in words(pilot)
        await pilot.press("ctrl+u", "enter")
        await until(pilot, lambda: "3 of 7" in words(pilot))
        await pilot.press(*"help, no_way!", "enter")
        await until(pilot, lambda: "✗ 'no_way!" in words(pilot))
        await pilot.press("ctrl+u", "enter", "enter", "enter", "enter")
        await until(pilot, lambda: "May this site be tested?" in words(pilot))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "✗ A sprint starts only with" in words(pilot))
        await pilot.press("space", "ctrl+r")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")
        assert pilot.app.screen.block == "H1"  # type: ignore[attr-defined]
    session = load(shelf.folder / "example.com.launch.toml").session
    assert (session.site.domain, session.site.canonical, session.site.subdomains) == ("example.com", "", [])
    assert (session.mail.senders, session.sprint.consultant, session.sprint.client) == ([], "", "")


@pytest.mark.usefixtures("found")
async def test_what_was_typed_wins_over_what_was_found(open_app: OpenApp, shelf: Shelf) -> None:
    async with open_app() as pilot:
        await pilot.press("n", *"example.com", "enter")
        await until(pilot, lambda: "https://www.example.com/" in words(pilot))
        await pilot.press("ctrl+u", *"https://example.com", "enter", "escape")
        await until(pilot, lambda: "Which address" in words(pilot))
        assert pilot.app.screen.query_one("#new-answer").value == "https://example.com"  # type: ignore[attr-defined]
        await pilot.press("escape", "escape")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HomeScreen")
    assert not list(shelf.folder.glob("*.toml"))


def test_the_shelf_remembers_puts_away_and_duplicates(shelf: Shelf, sprint: Sprint) -> None:
    path = sprint.path
    assert path is not None
    sprint.close()
    assert shelf.summaries() == []
    shelf.remember(path)
    (line,) = shelf.summaries()
    assert (line.domain, line.client, line.blockers, line.problem) == ("example.com", "Harbor Tea", 2, "")
    copy = shelf.duplicate(path)
    session = load(copy).session
    assert (session.site.domain, session.finding, session.step) == ("example.com", [], [])
    assert not session.consent.by
    assert {other.path for other in shelf.summaries()} == {path.resolve(), copy.resolve()}
    shelf.put_away(path)
    assert [other.path for other in shelf.summaries()] == [copy.resolve()]
    assert path.exists(), "nothing is deleted"
    shelf.remember(path)
    assert len(shelf.summaries()) == 2


def test_a_shelf_without_a_disk_is_empty(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    shelf = Shelf(blocked / "folder", tmp_path / "nowhere")
    assert shelf.summaries() == []
    shelf.remember(tmp_path / "x.launch.toml")
    assert shelf.summaries() == []


def test_a_damaged_file_is_a_line_with_its_reason(shelf: Shelf) -> None:
    shelf.folder.mkdir(parents=True)
    (shelf.folder / "bad.launch.toml").write_text("schema = [", "utf-8")
    (line,) = shelf.summaries()
    assert line.name == "bad.launch.toml"
    assert "damaged" in line.problem


async def test_detect_suggests_only_what_answered(world: World) -> None:
    world.zone("example.com", {"@": ["A 203.0.113.10", "NS ns1.example.com."], "ns1": ["A 203.0.113.53"]})
    async with world.network(dns_timeout=0.3) as network:
        found = await detect("example.com", network)
    assert (found.canonical, found.offline) == ("", False)


async def test_detect_offline(world: World) -> None:
    async with Network(offline=True) as network:
        assert (await detect("example.com", network)).offline

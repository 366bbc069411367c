"""The handover on screen: the document, what stands in its way, and its export in three forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.sprint import Sprint
from screens.widgets.fields import Field
from tests.core.make import finding
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)
BEGINS = {"md": b"# ", "html": b"<!", "pdf": b"%PDF"}


async def show(pilot: Pilot[None]) -> None:
    await pilot.press("h")
    await until(pilot, lambda: bool(pilot.app.screen.query(".section")) and "in the way" in words(pilot))


async def ask_for_export(pilot: Pilot[None], form: str, path: Path) -> None:
    await pilot.press("e")
    await until(pilot, lambda: type(pilot.app.screen).__name__ == "Choose")
    await pilot.press(*["down"] * list(BEGINS).index(form), "enter")
    await until(pilot, lambda: type(pilot.app.screen).__name__ == "SaveTo")
    pilot.app.screen.query_one("#path", Field).value = str(path)
    await pilot.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_the_document_and_what_stands_in_its_way(
    open_app: OpenApp, sprint: Sprint, size: tuple[int, int]
) -> None:
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await show(pilot)
        for word in ("Launch handover: example.com", "NO-GO", "What stands in the way", "▲", "Harbor Tea"):
            assert word in words(pilot)


async def test_enter_on_a_problem_in_the_way_opens_it(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        missing = pilot.app.screen.query_one("#missing")
        missing.focus()
        await pilot.press("home", "enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "FindingScreen")


async def test_u_puts_it_together_again(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        sections = len(pilot.app.screen.query(".section"))
        sprint.edit("sprint", client="Another Tea")
        await pilot.press("u")
        await until(pilot, lambda: "Another Tea" in words(pilot))
        await until(pilot, lambda: len(pilot.app.screen.query(".section")) == sections)


@pytest.mark.parametrize("form", BEGINS)
async def test_it_is_exported_in_each_form(open_app: OpenApp, sprint: Sprint, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"handover.{form}"
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        await ask_for_export(pilot, form, path)
        await until(pilot, lambda: f"Written: {path.name}" in words(pilot))
        assert path.read_bytes().startswith(BEGINS[form])


async def test_an_existing_file_is_replaced_only_at_the_second_enter(
    open_app: OpenApp, sprint: Sprint, tmp_path: Path
) -> None:
    path = tmp_path / "handover.md"
    path.write_text("mine")
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        await ask_for_export(pilot, "md", path)
        await until(pilot, lambda: "This file exists." in words(pilot))
        assert path.read_text() == "mine"
        await pilot.press("enter")
        await until(pilot, lambda: "Written: handover.md" in words(pilot))


async def test_a_file_that_cannot_be_written_is_told(open_app: OpenApp, sprint: Sprint, tmp_path: Path) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        await ask_for_export(pilot, "md", tmp_path / ("long" * 100))
        await until(pilot, lambda: any("File name too long" in notice.message for notice in pilot.app._notifications))


async def test_a_private_note_is_not_in_it(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.note_finding("dns.www-missing", "www.example.com", "the owner is slow")
    async with open_app(sprint, network=OFFLINE, size=(120, 400)) as pilot:
        await show(pilot)
        assert "the owner is slow" not in words(pilot)


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    sprint.edit("sprint", client=f"client {text}")
    sprint.begin_run(["dns.www-missing"])
    sprint.record(finding("dns.www-missing", f"www {text}", summary=text, evidence=(text,), fix=text))
    sprint.end_run()
    async with open_app(sprint, network=OFFLINE, size=(80, 60)) as pilot:
        await show(pilot)
        assert_harmless(pilot)


@pytest.mark.parametrize("lasting", [True, False])
async def test_a_monitor_is_written_and_counts_only_where_it_goes_on(
    open_app: OpenApp, sprint: Sprint, tmp_path: Path, lasting: bool
) -> None:
    folder = tmp_path / "monitor"
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        await pilot.press("m")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Choose")
        await pilot.press("enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "SaveInto")
        pilot.app.screen.query_one("#path", Field).value = str(folder)
        await pilot.press("enter")
        await until(pilot, lambda: "go on after the" in words(pilot))
        assert (folder / "prometheus.yml").exists()
        await pilot.press(*(["tab"] if lasting else []), "enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HandoverScreen")
        await until(pilot, lambda: bool(sprint.session.monitor.probes) is lasting)


async def test_a_folder_with_files_is_taken_at_the_second_enter(
    open_app: OpenApp, sprint: Sprint, tmp_path: Path
) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot)
        await pilot.press("m", "enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "SaveInto")
        field = pilot.app.screen.query_one("#path", Field)
        for name, told in (("", "Type the name"), ("no/such", "does not exist"), ("file", "That is a file")):
            (tmp_path / "file").touch()
            field.value = str(tmp_path / name) if name else ""
            await pilot.press("enter")
            await until(pilot, lambda told=told: told in words(pilot))
        field.value = str(tmp_path)
        await pilot.press("enter")
        await until(pilot, lambda: "It exists" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "blackbox.yml").exists())

"""What a person puts on record by keyboard alone: marks, notes, triage, consent, what is written down."""

from __future__ import annotations

from pathlib import Path

from launchready_tui.sprint import Sprint
from screens.widgets.risks import RiskList
from tests.core.make import finding
from tests.screens.conftest import OpenApp
from tests.screens.waiting import until, words


def mark_of(sprint: Sprint, step: str) -> str:
    return next((row.state for row in sprint.session.step if row.id == step), "open")


async def test_a_step_is_marked_with_name_and_note(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        await pilot.press("space", "tab", "tab", *"seen on the call", "enter")
        await until(pilot, lambda: mark_of(sprint, "S1.1") == "done")
        row = sprint.session.step[0]
        assert (row.by, row.note) == ("Mara", "seen on the call")
        assert row.at
        assert "done, says Mara" in words(pilot)


async def test_not_here_needs_a_reason_and_a_name(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.session.sprint.consultant = ""
    async with open_app(sprint) as pilot:
        await pilot.press("space", "down", "down", "enter")
        await pilot.pause()
        assert mark_of(sprint, "S1.1") == "open"
        await pilot.press(*"Jo", "enter")
        await pilot.pause()
        assert mark_of(sprint, "S1.1") == "open"
        await pilot.press(*"no forms", "enter")
        await until(pilot, lambda: mark_of(sprint, "S1.1") == "not-applicable")


async def test_notes_are_kept_apart(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        await pilot.press("n", *"for all", "tab", *"for me", "ctrl+s")
        await until(pilot, lambda: bool(sprint.session.step))
        row = sprint.session.step[0]
        assert (row.note, row.private_note) == ("for all", "for me")
        assert "for me" in words(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "for me" not in words(pilot))
        assert "for all" in words(pilot)
        await pilot.press("n")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "WriteNote")
        assert "for me" not in words(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")
        assert sprint.session.step[0].private_note == "for me", "what was not shown stays as it was"


async def test_triage_needs_a_reason_and_moves_the_problem(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        pilot.app.screen.query_one(RiskList).focus()
        await pilot.press("down", "t", "down", "enter", "enter")
        await pilot.pause()
        row = sprint.finding("dns.takeover", "files.example.com")
        assert row is not None
        assert row.triage == "now", "without a reason nothing changes"
        await pilot.press(*"parked on purpose", "enter")
        await until(pilot, lambda: sprint.finding("dns.takeover", "files.example.com").triage == "later")  # type: ignore[union-attr]
        assert row.triage_reason == "parked on purpose"
        pilot.app.screen.query_one("#steps").focus()
        await until(pilot, lambda: "Can wait 30 days · 2" in words(pilot))


async def test_consent_is_kept_with_who_and_when(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, size=(100, 40)) as pilot:
        await pilot.press("k", "tab", "space")
        await pilot.press(*["tab"] * 6, *"Ann", "enter")
        await until(pilot, lambda: sprint.session.consent.rate_limit)
        consent = sprint.session.consent
        assert (consent.by, consent.forms, bool(consent.at)) == ("Ann", False, True)


async def test_a_contact_is_written_down(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, size=(100, 40)) as pilot:
        await pilot.press("i", "enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Form")
        await pilot.press(*"Ann", "enter", *"hosting", "enter", *"+49 30 1", "enter", "enter")
        await until(pilot, lambda: bool(sprint.session.contact))
        row = sprint.session.contact[0]
        assert (row.name, row.role, row.reach) == ("Ann", "hosting", "+49 30 1")


async def test_what_is_for_reading_only_says_so(open_app: OpenApp, sprint: Sprint) -> None:
    path = sprint.path
    assert path is not None
    sprint.close()
    looked_at = Sprint.open(path, read_only=True)
    async with open_app(looked_at) as pilot:
        await pilot.press("space", "enter")
        await until(pilot, lambda: "reading only" in words(pilot))
        assert not looked_at.session.step
        await pilot.press("R")
        await until(pilot, lambda: not pilot.app.fieldwork.running)  # type: ignore[attr-defined]


async def test_the_risk_list_does_not_jump_while_a_person_moves_in_it(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        risks = pilot.app.screen.query_one(RiskList)
        risks.focus()
        await pilot.press("down", "down")
        before = risks.current
        order = risks.order
        sprint.begin_run(["dns.name-missing"])
        sprint.record(finding("dns.name-missing", "example.com", risk="downtime", summary="the domain is gone"))
        await until(pilot, lambda: "+1 new" in words(pilot))
        assert risks.order == order
        assert risks.current == before
        pilot.app.screen.query_one("#steps").focus()
        await until(pilot, lambda: risks.order[0] == ("dns.name-missing", "example.com"))
        assert risks.current == before, "the cursor stays on its problem"


async def test_a_mended_problem_is_marked_where_it_stands(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint) as pilot:
        risks = pilot.app.screen.query_one(RiskList)
        risks.focus()
        sprint.begin_run(["dns.takeover"])
        sprint.record(finding("dns.takeover", "files.example.com", "pass", summary="gone"))
        sprint.end_run()
        await until(pilot, lambda: "✓ files can be taken over" in words(pilot))
        pilot.app.screen.query_one("#steps").focus()
        await until(pilot, lambda: "files can be taken over" not in words(pilot))


async def test_a_fix_is_copied_and_saved(open_app: OpenApp, sprint: Sprint, tmp_path: Path) -> None:
    async with open_app(sprint) as pilot:
        pilot.app.screen.query_one(RiskList).focus()
        await pilot.press("down", "c")
        await until(pilot, lambda: pilot.app.clipboard == "Publish a record.")
        await until(pilot, lambda: "clipboard" in words(pilot))
        await pilot.press("S")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "SaveTo")
        field = pilot.app.screen.query_one("#path")
        field.value = str(tmp_path / "fix.txt")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, (tmp_path / "fix.txt").exists)
        assert (tmp_path / "fix.txt").read_text() == "Publish a record.\n"
        await pilot.press("S")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "SaveTo")
        pilot.app.screen.query_one("#path").value = str(tmp_path / "fix.txt")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "This file exists" in words(pilot))

"""Verify all on screen: the table, what is known of a line, a person's word, and the way to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.ops.errors.code import digest
from checks.web.forms import submission
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.session.model import Form, TrackerEvent, Verified
from launchready_tui.shelf import Shelf
from launchready_tui.sprint import Sprint
from screens.verify import detail_text, verified_row
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.test_live import demo
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)
HOME = "https://example.com/"
NONCE = "lrabcdefghijklmn"


def line(**what: object) -> Verified:
    given: dict[str, object] = {
        "what": "API",
        "target": "https://example.com/api/health",
        "expected": "200 with 'ok'",
        "seen": "answers 503",
        "state": "fail",
        "seconds": 0.083,
        "at": "2026-11-24T09:00:00Z",
    }
    return Verified(**(given | what))  # type: ignore[arg-type]


def form(**what: object) -> Form:
    given: dict[str, object] = {
        "target": HOME,
        "page": HOME,
        "method": "post",
        "action": "https://example.com/send",
        "sends_to": "the site itself",
        "fields": ["name*", "mail*"],
        "csrf": "csrf_token",
        "traps": ["website"],
        "tested": True,
        "nonce": NONCE,
    }
    return Form(**(given | what))  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [76, 116, 130, 200])
def test_a_line_has_all_columns_and_fits(width: int) -> None:
    row = verified_row(line(), width)
    for word in ("✗ fail", "API", "example.com/api/health", "answers 503", "aim: 200 with 'ok'", "83 ms"):
        assert word in row.plain
    assert max(piece.cell_length for piece in row.split("\n")) <= width
    assert verified_row(line(seconds=None), width) and "1.5 s" in verified_row(line(seconds=1.5), width).plain


def test_a_form_is_told_with_all_that_it_has() -> None:
    told = detail_text(line(what="form"), form(destination="person"), 74, asks=True).plain
    for word in (
        "POST https://example.com/send (the site itself)",
        "name*, mail*",
        "csrf_token",
        "website",
        NONCE,
        "a tells",
    ):
        assert word in " ".join(told.split())
    by_hand = detail_text(line(what="form"), form(by_hand="a captcha guards it"), 74).plain
    assert f"[launch-check] {NONCE}" in " ".join(by_hand.split())


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_is_there_offline(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    sprint.keep_verified([line(), line(what="form", target=HOME, state="pass", seen="it arrived")])
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await pilot.press("4", "y")
        await until(pilot, lambda: "answers 503" in words(pilot))
        assert "✓ 1 pass" in words(pilot) and "✗ 1 fail" in words(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "Offline" in words(pilot))
        assert len(sprint.session.verified) == 2


async def test_a_person_says_that_it_arrived(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.put(form(destination="person", sent="2026-11-24T09:00:00Z", answer="accepted"))
    sprint.keep_verified([line(), line(what="form", target=HOME, state="skipped", seen="a person must confirm")])
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("y")
        await until(pilot, lambda: "answers 503" in words(pilot))
        assert "arrived?" not in words(pilot)
        await pilot.press("down")
        await until(pilot, lambda: "arrived?" in words(pilot))
        await pilot.press("a")
        await until(pilot, lambda: "Did the test arrive?" in words(pilot))
        assert NONCE in words(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "Did the test arrive?" not in words(pilot))
        assert sprint.session.form[0].word == "", "it may be on its way"
        await pilot.press("a")
        await until(pilot, lambda: "Did the test arrive?" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: bool(sprint.session.form[0].word))
        found = sprint.finding("form.silent", HOME)
        assert found is not None and found.status == "pass" and "says Mara" in found.summary


async def test_a_form_by_hand_shows_what_to_type_and_takes_no_for_an_answer(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.put(form(by_hand="a captcha guards it"))
    sprint.keep_verified([line(what="form", target=HOME, state="skipped", seen="a person has to send this form")])
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("y")
        await until(pilot, lambda: NONCE in words(pilot) and "I sent it" in words(pilot))
        await pilot.press("g")
        await until(pilot, lambda: "Did the test arrive?" in words(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: sprint.session.form[0].word == "no")
        found = sprint.finding("form.silent", HOME)
        assert found is not None and found.status == "fail"


async def test_the_code_of_an_error_event_is_asked_for_and_never_shown(open_app: OpenApp, sprint: Sprint) -> None:
    code = "ABC234"
    sprint.edit("monitor", errors={"dsn": f"https://{'ab' * 16}@errors.example.com/7"})
    sprint.put(
        TrackerEvent(
            endpoint="https://errors.example.com/api/7/envelope/",
            sent="2026-11-24T09:00:00Z",
            event_id="ab" * 16,
            salt="salt",
            code_digest=digest(code, "salt"),
        )
    )
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("y")
        await until(pilot, lambda: "error code" in words(pilot))
        await pilot.press("e")
        await until(pilot, lambda: "Which code stands" in words(pilot))
        assert code not in words(pilot)
        await pilot.press(*"ZZZ999", "enter")
        await until(pilot, lambda: "4 more tries" in words(pilot))
        await pilot.press("e")
        await until(pilot, lambda: "Which code stands" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "tick that the event is not there" in words(pilot))
        await pilot.press(*code.lower(), "enter")
        await until(pilot, lambda: sprint.session.event[0].word == "read")
        await until(pilot, lambda: sprint.finding("errors.lost", "errors.example.com") is not None)


async def test_the_palette_leads_here(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("ctrl+p", *"verify all")
        await until(pilot, lambda: "Show: Verify all" in words(pilot) or "Verify all (y)" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "VerifyScreen")
        await until(pilot, lambda: "Nothing was verified yet" in words(pilot))


async def test_the_demo_is_verified_and_a_form_is_mended(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "PATIENCE", (0.0, 0.0))
    async with demo(shelf, tmp_path) as pilot:
        session = pilot.app.sprint.session  # type: ignore[attr-defined]
        lab = pilot.app.fieldwork.lab  # type: ignore[attr-defined]
        await lab.mend("form.insecure")
        await pilot.press("4", "y", "r")
        await until(pilot, lambda: any(row.what == "form" for row in session.verified))
        (row,) = [row for row in session.verified if row.what == "form"]
        assert row.state == "fail" and "nothing arrived" in row.seen
        await lab.mend("form.silent")
        await pilot.press("r")
        await until(pilot, lambda: any(row.what == "form" and row.state == "pass" for row in session.verified))
        assert "arrived at hooks.dns-lab.example" in next(r.seen for r in session.verified if r.what == "form")


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    sprint.put(form(target=text, page=text, action=text, sends_to=text, fields=[text], csrf=text, traps=[text]))
    sprint.keep_verified([line(what="form", target=text, expected=text, seen=text)])
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("y")
        await until(pilot, lambda: "✗ fail" in words(pilot))
        assert_harmless(pilot)

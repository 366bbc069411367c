"""The alert drill as it is played: in the demo's lab with its phones, and the windows around it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from launchready_tui.alerts.codes import ALPHABET, LENGTH
from launchready_tui.alerts.standing import CLOSED
from launchready_tui.app import LaunchReady
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.session.model import Alert
from launchready_tui.sprint import Sprint
from screens.drill import target_line
from screens.drilling import firing_words, next_drill
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.test_live import demo
from tests.screens.test_private import Ring, made_up, ring
from tests.screens.waiting import seen, until, words

__all__ = ["ring"]
OFFLINE = NetworkOptions(offline=True)


def app_of(pilot: Pilot[None]) -> LaunchReady:
    return cast(LaunchReady, pilot.app)


def on_screen(pilot: Pilot[None], name: str) -> bool:
    return type(pilot.app.screen).__name__ == name


def told(pilot: Pilot[None]) -> str:
    """What the app has said in passing."""
    return " ".join(notification.message for notification in pilot.app._notifications)


async def code_of_the_phone(pilot: Pilot[None]) -> str:
    """Look at the phone, as the player does, and read the newest code."""
    await pilot.press("escape", "o")
    await until(pilot, lambda: on_screen(pilot, "LookAtPhone") and "TEST ALERT" in words(pilot))
    [code, *_] = re.findall(rf"now: ?([{ALPHABET}]{{{LENGTH}}})", words(pilot))
    await pilot.press("escape")
    await until(pilot, lambda: on_screen(pilot, "DrillScreen"))
    return str(code)


@pytest.mark.parametrize("size", SIZES)
async def test_the_drill_is_played_in_the_demo(
    shelf: object, tmp_path: Path, ring: Ring, size: tuple[int, int]
) -> None:
    async with demo(shelf, tmp_path, size) as pilot:  # type: ignore[arg-type]
        session = app_of(pilot).sprint.session
        await pilot.press("d")
        await until(pilot, lambda: "Founder's phone" in words(pilot))
        assert "Next: one in business hours, announced (f)." in words(pilot)
        await pilot.press("f")
        await until(pilot, lambda: "Has the owner agreed" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: on_screen(pilot, "Confirm"))
        assert session.consent.alerts and session.consent.alerts["by"] == "Harbor Tea"  # type: ignore[index]
        assert session.consent.errors is False, "nobody was asked for test errors"
        assert session.alert == []
        await pilot.click("#accept")
        await until(pilot, lambda: bool(session.alert) and bool(session.alert[0].accepted))
        await until(pilot, lambda: "buzzes" in told(pilot) and pilot.app.focused is not None)
        await until(pilot, lambda: getattr(pilot.app.focused, "id", "") == "drill-code")
        code = await code_of_the_phone(pilot)
        assert code not in seen(pilot)
        await pilot.press("c", *"AAAAAA", "enter")
        await until(pilot, lambda: "4 tries are" in told(pilot))
        await pilot.press(*code.lower(), "enter")
        await until(pilot, lambda: "read after" in told(pilot))
        pilot.app.clear_notifications()
        assert session.alert[0].outcome == "read"
        await until(pilot, lambda: "✓ read" in words(pilot) and "1 of 1 in time" in words(pilot))
        await until(pilot, lambda: "Next: one that nobody was told of (u)." in words(pilot))
        found = app_of(pilot).sprint.finding("alert.unread", "#harbor-ops")
        assert found is not None and found.status == "pass"
        await pilot.press("escape", "down", "u")
        await until(pilot, lambda: "Founder's phone?" in words(pilot))
        assert "Tell nobody." in words(pilot)
        await pilot.click("#accept")
        await until(pilot, lambda: len(session.alert) == 2 and bool(session.alert[1].accepted))
        assert session.alert[1].destination == "Founder's phone"
        assert not session.alert[1].announced
        assert session.alert[1].receipt.startswith("SM")
        assert "the app open until" in words(pilot)
        code_left = app_of(pilot).fieldwork.lab.phone.shown[-1].text.rpartition(" ")[2]  # type: ignore[union-attr]
    text = next(tmp_path.glob("*.launch.toml")).read_text()
    # What waited for its code when the app was left can be judged no more.
    assert CLOSED in text
    assert code not in text and code_left not in text
    assert ring.kept == {}, "the lab's credentials are for this run only"


async def test_without_the_owners_word_nothing_is_sent(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.edit("monitor", destinations=[{"name": "ops", "kind": "slack"}])
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "ops" in words(pilot))
        await pilot.press("f")
        await until(pilot, lambda: "Has the owner agreed" in words(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: on_screen(pilot, "DrillScreen"))
        assert not sprint.session.consent.alerts
        assert sprint.session.alert == []


async def test_without_its_credential_it_says_which_key_sets_it(open_app: OpenApp, sprint: Sprint, ring: Ring) -> None:
    sprint.edit("monitor", destinations=[{"name": "ops", "kind": "slack"}])
    sprint.edit("consent", alerts=True)
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "ops" in words(pilot))
        await pilot.press("f")
        await until(pilot, lambda: on_screen(pilot, "Confirm"))
        await pilot.click("#accept")
        await until(pilot, lambda: "no credential slack" in told(pilot))
        assert sprint.session.alert == []
        await pilot.press("s")
        await until(pilot, lambda: on_screen(pilot, "SetCredential"))
        value = made_up()
        await pilot.press(*value, "enter")
        await until(pilot, lambda: value in ring.kept.values())


@pytest.mark.parametrize("size", SIZES)
async def test_a_destination_is_added_and_taken_off(
    open_app: OpenApp, sprint: Sprint, ring: Ring, size: tuple[int, int]
) -> None:
    value = made_up()
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "Nobody is named" in words(pilot))
        await pilot.press("a")
        await until(pilot, lambda: "SMS (Twilio)" in words(pilot) and "Other (Apprise)" in words(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Number to alert" in words(pilot))
        await pilot.press(*"Ada", "enter", *"+1 555 010 0123", "enter", *"+15550100999", "enter")
        await until(pilot, lambda: on_screen(pilot, "SetCredential"))
        assert "SID:TOKEN" in words(pilot)
        await pilot.press(*value, "enter")
        await until(pilot, lambda: on_screen(pilot, "DrillScreen") and "+15550100123" in words(pilot))
        assert sprint.session.monitor.destinations == [
            {"name": "Ada", "kind": "sms", "vault": "twilio", "to": "+15550100123", "from": "+15550100999"}
        ]
        assert value in ring.kept.values()
        await pilot.press("x")
        await until(pilot, lambda: "No longer alert Ada?" in words(pilot))
        await pilot.click("#accept")
        await until(pilot, lambda: "Nobody is named" in words(pilot))
        assert sprint.session.monitor.destinations == []
    assert sprint.path is not None
    assert value not in sprint.path.read_text()


async def test_mail_shares_the_declared_server(open_app: OpenApp, sprint: Sprint, ring: Ring) -> None:
    sprint.edit("mail", smtp_host="smtp.example.com", from_address="ops@example.com")
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d", "a")
        await until(pilot, lambda: "SMS (Twilio)" in words(pilot))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "Mail address to alert" in words(pilot))
        assert "smtp.example.com" in words(pilot)
        await pilot.press(*"Ada", "enter", *"ada@example.org", "enter", "enter", "enter", "enter")
        await until(pilot, lambda: on_screen(pilot, "DrillScreen") and "ada@example.org" in words(pilot))
        assert sprint.session.mail.smtp_host == "smtp.example.com"
        assert ring.kept == {}, "no user name, no password"


async def test_what_cannot_be_added_is_told(open_app: OpenApp, sprint: Sprint, ring: Ring) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d", "a")
        await until(pilot, lambda: "SMS (Twilio)" in words(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Number to alert" in words(pilot))
        await pilot.press(*"Ada", "enter", *"0170", "enter", *"me", "enter")
        await until(pilot, lambda: "'0170' is no number" in told(pilot))
        assert sprint.session.monitor.destinations == []


async def test_another_monitors_alert_is_recorded_by_hand(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d", "h")
        await until(pilot, lambda: "Which monitor sent it" in words(pilot))
        await pilot.press(*"Ada", "enter", *"UptimeRobot", "enter", *"2026-11-20 09:00", "enter")
        await pilot.press(*"2026-11-20 09:07", "enter")
        await until(pilot, lambda: "sent by UptimeRobot" in words(pilot))
        assert "✓ read" in words(pilot)
        await until(pilot, lambda: sprint.finding("alert.unread", "Ada") is not None)
        [alert] = sprint.session.alert
        assert (alert.seconds, alert.outcome) == (420.0, "read")


async def test_a_code_of_an_earlier_run_of_the_app_cannot_be_judged(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.put(Alert(destination="ops", fired="2026-11-24T09:00:00Z", accepted="2026-11-24T09:00:01Z"))
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "? not known" in words(pilot))
        await pilot.press("c", *"ABCDEF", "enter")
        await until(pilot, lambda: "cannot be judged any more" in told(pilot))
        assert sprint.session.alert[0].outcome == "unknown"


async def test_the_tracker_asks_for_a_consent_of_its_own(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.edit("monitor", errors={"dsn": f"https://{'1f' * 16}@errors.example.com/7", "tracker": "glitchtip"})
    sprint.edit("consent", alerts=True)
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "Error tracker (glitchtip)" in words(pilot) and "5 test errors" in words(pilot))
        await pilot.press("f")
        await until(pilot, lambda: "Has the owner agreed that test errors" in words(pilot))
        await pilot.press(*"Ada", "enter")
        await until(pilot, lambda: "Send 5 test errors to the tracker?" in words(pilot))
        await pilot.click("#accept")
        await until(pilot, lambda: bool(sprint.session.alert) and sprint.session.alert[0].outcome == "unknown")
        assert "offline" in sprint.session.alert[0].note


async def test_the_phone_is_there_in_the_demo_alone(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "by hand" in seen(pilot).splitlines()[-1])
        assert "phone" not in seen(pilot).splitlines()[-1]
        await pilot.press("o")
        await pilot.pause()
        assert on_screen(pilot, "DrillScreen")


def test_what_to_fire_next() -> None:
    def alert(outcome: str, announced: bool = True, **more: str) -> Alert:
        return Alert(destination="a", outcome=outcome, announced=announced, **more)  # type: ignore[arg-type]

    assert "announced (f)" in next_drill([])
    assert "announced (f)" in next_drill([alert("unread"), alert("read", sent_by="UptimeRobot")])
    assert "app open" in next_drill([alert("read"), alert("")])
    assert "(u)" in next_drill([alert("read")])
    assert next_drill([alert("read"), alert("late", announced=False)]) == ""


def test_the_target_counts_the_last_drill_of_each() -> None:
    rows = [Alert(destination="a", outcome="unread"), Alert(destination="a", outcome="read"),
            Alert(destination="b", outcome="late"), Alert(destination="c")]  # fmt: skip
    assert "✗ 1 of 2 in time." in target_line(rows).plain
    assert "✓ 1 of 1 in time." in target_line(rows[:2]).plain


@pytest.mark.parametrize(
    ("time", "told"), [("2026-11-24T10:00", False), ("2026-11-24T20:00", True), ("2026-11-22T10:00", True)]
)
def test_it_says_where_it_is_no_business_hour(time: str, told: bool) -> None:
    from datetime import datetime

    from launchready_tui.alerts.destinations import Destination

    _, text = firing_words(Destination("a", "slack"), announced=True, waiting=True, now=datetime.fromisoformat(time))
    assert ("outside business hours" in text.plain) is told
    assert "ends as unread" in text.plain

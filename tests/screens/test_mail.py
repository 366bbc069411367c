"""The mail screen: the table with a word and a sign in every cell, the trees, and the record to copy."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from checks.mail.services import Mark, Service, right, unknown, wrong
from launchready_tui.app import LaunchReady
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.mail_view import Branch, MailView, RecordView
from launchready_tui.sprint import Sprint
from screens.widgets.mail_text import services_text
from tests.core.make import finding
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)
PUBLISH = 'example.com TXT "v=spf1 include:_spf.example.net -all"'


def service(name: str = "Example Mail", *, spf: Mark | None = None) -> Service:
    return Service(
        name, "mailbox", (), spf or right("included"), right("key"), unknown("no path seen"), right("aligned")
    )


def view(text: str = "", *, publish: str = PUBLISH, services: tuple[Service, ...] | None = None) -> MailView:
    branches = (Branch(0, f"include:_spf.example.net {text}", "1 look-up"), Branch(1, "ip4:192.0.2.0/24", text, False))
    return MailView(
        where="at your DNS host",
        services=(service(f"Example Mail {text}"),) if services is None else services,
        spf=RecordView("SPF", f"v=spf1 include:_spf.example.net ~all {text}", branches, publish=publish),
        dkim=RecordView("DKIM", "", (), problem=f"no answer {text}"),
        dmarc=RecordView("DMARC", "", (), advice="No policy is in force"),
    )


async def show(pilot: Pilot[None], seen: MailView | None) -> None:
    app = pilot.app
    assert isinstance(app, LaunchReady)
    app.fieldwork.mail_view = seen
    await pilot.press("m")
    await until(pilot, lambda: type(app.screen).__name__ == "MailScreen")


def test_every_mark_has_a_sign_and_a_word_and_a_wrong_one_its_reason() -> None:
    text = services_text(view(services=(service(spf=wrong("not included")),)), 76).plain
    for cell in ("✗ wrong", "✓ right", "? unknown", "not included"):
        assert cell in text
    assert max(map(len, text.splitlines())) <= 76


def test_no_service_is_said() -> None:
    assert "No service was recognised." in services_text(view(services=()), 76).plain


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_and_the_trees(open_app: OpenApp, sprint: Sprint, size: tuple[int, int]) -> None:
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        await show(pilot, view())
        await until(pilot, lambda: "Example Mail" in words(pilot))
        text = words(pilot)
        for word in (
            "✓ right",
            "? unknown",
            "└ include:_spf.example.net",
            "✗ ip4:192.0.2.0/24",
            "? no answer",
            "not published",
        ):
            assert word in text


async def test_offline_says_so_and_shows_what_the_checks_found(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.begin_run(["spf.missing"])
    sprint.record(finding("spf.missing", "example.com", summary="nobody may send", fix="Publish SPF."))
    sprint.end_run()
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot, None)
        await until(pilot, lambda: "Offline: the table needs the network." in words(pilot))
        assert "What the checks found · 1" in words(pilot)
        assert "nobody may send" in words(pilot)


async def test_c_copies_the_one_record_to_publish(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        copied: list[str] = []
        monkeypatch.setattr(pilot.app, "copy", lambda text, what: copied.append(text))
        await show(pilot, view())
        await pilot.press("c")
        await until(pilot, lambda: copied == [PUBLISH])


async def test_c_asks_which_of_several_records(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    sprint.begin_run(["dmarc.missing"])
    sprint.record(finding("dmarc.missing", "example.com", summary="no policy", fix="Publish DMARC."))
    sprint.end_run()
    async with open_app(sprint, network=OFFLINE) as pilot:
        copied: list[str] = []
        monkeypatch.setattr(pilot.app, "copy", lambda text, what: copied.append(text))
        await show(pilot, view())
        await pilot.press("c")
        await until(pilot, lambda: "Which record?" in words(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: copied == ["Publish DMARC."])


async def test_c_says_that_there_is_nothing_to_change(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot, view(publish=""))
        await pilot.press("c")
        await until(pilot, lambda: "There is no record to change." in words(pilot))


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot, view(text))
        await until(pilot, lambda: "Example Mail" in words(pilot))
        assert_harmless(pilot)

"""The mail screen: the table with a word and a sign in every cell, the trees, and the record to copy."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from launchready_tui.app import LaunchReady
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.session.mail_seen import BranchSeen, MailSeen, MarkSeen, RecordSeen, RuleSeen, ServiceSeen
from launchready_tui.session.store import load
from launchready_tui.sprint import Sprint
from screens import taking
from screens.widgets.mail_text import rules_text, services_text
from tests.core.make import finding
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)
PUBLISH = 'example.com TXT "v=spf1 include:_spf.example.net -all"'


def right(why: str) -> MarkSeen:
    return MarkSeen(state="right", why=why)


def service(name: str = "Example Mail", *, spf: MarkSeen | None = None) -> ServiceSeen:
    return ServiceSeen(
        name=name,
        kind="mailbox",
        evidence=[f"MX mx.{name}"],
        spf=spf or right("included"),
        dkim=right("key"),
        return_path=MarkSeen(why="no path seen"),
        dmarc=right("aligned"),
    )


def view(text: str = "", *, publish: str = PUBLISH, services: list[ServiceSeen] | None = None) -> MailSeen:
    branches = [
        BranchSeen(text=f"include:_spf.example.net {text}", note="1 look-up"),
        BranchSeen(depth=1, text="ip4:192.0.2.0/24", note=text, good=False),
    ]
    return MailSeen(
        at="2026-01-02T03:04:05Z",
        where=f"At Example DNS {text} (your DNS host)",
        services=[service(f"Example Mail {text}")] if services is None else services,
        records=[
            RecordSeen(
                title="SPF", record=f"v=spf1 include:_spf.example.net ~all {text}", branches=branches, publish=publish
            ),
            RecordSeen(title="DKIM", problem=f"no answer {text}"),
            RecordSeen(title="DMARC", advice="No policy is in force"),
        ],
        rules=[
            RuleSeen(receiver="Google", rule="SPF or DKIM passes", state="right"),
            RuleSeen(receiver="Google", rule="a DMARC record", bulk_only=True, state="wrong", why=f"none {text}"),
            RuleSeen(receiver="Yahoo", rule="spam complaints stay under 0.3 %"),
        ],
    )


async def show(pilot: Pilot[None], seen: MailSeen | None) -> None:
    app = pilot.app
    assert isinstance(app, LaunchReady)
    app.fieldwork.mail_seen = seen
    await pilot.press("m")
    await until(pilot, lambda: type(app.screen).__name__ == "MailScreen")


def test_every_mark_has_a_sign_and_a_word_and_a_wrong_one_its_reason() -> None:
    text = services_text(view(services=[service(spf=MarkSeen(state="wrong", why="not included"))]), 76).plain
    for cell in ("✗ wrong", "✓ right", "? unknown", "not included", "seen    MX mx.Example"):
        assert cell in text
    assert max(map(len, text.splitlines())) <= 76


def test_no_service_is_said() -> None:
    assert "No service was recognised." in services_text(view(services=[]), 76).plain


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


@pytest.mark.parametrize("width", [76, 116])
def test_each_rule_says_whether_it_holds_and_whom_it_binds(width: int) -> None:
    lines = rules_text(view().rules, width).plain.splitlines()
    told = [" ".join(line.split()) for line in lines]
    assert "Google required ✓ holds SPF or DKIM passes" in told
    assert "only bulk ✗ does not a DMARC record" in told
    assert "Yahoo required ? not visible spam complaints stay under 0.3 %" in told
    assert any("none" in line for line in told)
    assert max(map(len, lines)) <= width


async def test_what_was_seen_last_is_there_offline_and_says_when(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.edit("mail", seen=view())
    async with open_app(sprint, size=(120, 40), network=OFFLINE) as pilot:
        await show(pilot, None)
        await until(pilot, lambda: "Example Mail" in words(pilot))
        text = words(pilot)
        assert "Offline. This was seen 2 Jan" in text
        assert "At Example DNS (your DNS host): " in text
        assert "✗ ip4:192.0.2.0/24" in text
    sprint.flush_now()
    assert sprint.path is not None
    assert load(sprint.path).session.mail.seen == view()


async def test_offline_says_so_and_shows_what_the_checks_found(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.begin_run(["spf.missing"])
    sprint.record(finding("spf.missing", "example.com", summary="nobody may send", fix="Publish SPF."))
    sprint.end_run()
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot, None)
        await until(pilot, lambda: "Offline. The table needs the network" in words(pilot))
        assert "What the checks found · 1" in words(pilot)
        assert "nobody may send" in words(pilot)


async def test_c_copies_the_one_record_to_publish(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        copied: list[str] = []
        monkeypatch.setattr(taking, "copy", lambda app, text, what: copied.append(text))
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
        monkeypatch.setattr(taking, "copy", lambda app, text, what: copied.append(text))
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


async def test_what_the_clipboard_does_not_take_is_saved(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        saved: list[str] = []
        monkeypatch.setattr(taking, "save", lambda app, text, suggestion: saved.append(text))
        await show(pilot, view())
        await pilot.press("S")
        await until(pilot, lambda: saved == [f"{PUBLISH}\n"])


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, text: str) -> None:
    async with open_app(sprint, network=OFFLINE) as pilot:
        await show(pilot, view(text))
        await until(pilot, lambda: "Example Mail" in words(pilot))
        assert_harmless(pilot)

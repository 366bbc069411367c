"""A received mail pasted into the app, and the sign-in to an Outlook mailbox: both as a person does them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList

from checks.mail.seeds import oauth
from launchready_tui.app import LaunchReady
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World
from launchready_tui.sprint import Sprint
from launchready_tui.vault import Vault
from screens.widgets.fields import Field
from screens.widgets.pasted import PasteField
from tests.core.test_vault import InMemory
from tests.mail.signing import record, rsa_key, sign, zone_txt
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until
from tests.screens.waiting import words as all_words

MESSAGE = (
    "Received: from a.example by mx.inbox.example with ESMTPS id 1; Tue, 1 Jan 2030 00:00:00 +0000\r\n"
    "Authentication-Results: mx.inbox.example; dkim=pass header.d=example.com;"
    " spf=pass smtp.mailfrom=example.com; dmarc=pass header.from=example.com\r\n"
    "From: Shop <hello@example.com>\r\nTo: ann@inbox.example\r\nSubject: the plan\r\n\r\nHello\tyou\r\n"
)
TARGET = "a mailbox at inbox.example"
OUTLOOK = "seed@outlook.com"
TOKEN = "rt-" + "of-a-test"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World() as made:
        made.zone("example.com", {"@": ["A 192.0.2.1"], "_dmarc": [zone_txt("v=DMARC1; p=none")]})
        yield made


def lives_in(world: World) -> NetworkOptions:
    return NetworkOptions(
        nameservers=tuple(world.nameservers), connect_to=tuple(world.connect_to), ca_file=world.ca_file
    )


async def on_mail(pilot: Pilot[None]) -> LaunchReady:
    assert isinstance(pilot.app, LaunchReady)
    await pilot.press("m")
    await showing(pilot, "MailScreen")
    return pilot.app


def words(pilot: Pilot[None]) -> str:
    """The text on the screen without the frames of windows, which stand within a wrapped sentence."""
    return " ".join(all_words(pilot).replace("│", " ").split())


async def showing(pilot: Pilot[None], screen: str) -> None:
    await until(pilot, lambda: type(pilot.app.screen).__name__ == screen, screen)


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.screen.query_one(PasteField).post_message(events.Paste(text))
    await until(pilot, lambda: bool(pilot.app.screen.query_one(PasteField).text))


def choose(pilot: Pilot[None], place: int) -> None:
    pilot.app.screen.query_one("#where", OptionList).highlighted = place


@pytest.mark.parametrize("size", SIZES)
async def test_a_pasted_mail_is_judged_kept_and_shown(
    open_app: OpenApp, sprint: Sprint, world: World, size: tuple[int, int]
) -> None:
    key = rsa_key(1024)
    world.zone("_domainkey.example.com", {"s1": [zone_txt(record(key))]})
    async with open_app(sprint, size=size, network=lives_in(world)) as pilot:
        await on_mail(pilot)
        await pilot.press("b")
        await showing(pilot, "PasteMessage")
        await paste(pilot, sign(MESSAGE, key, c="simple/simple").decode())
        assert "DKIM-Signature: v=1;" in words(pilot)
        choose(pilot, 2)
        await pilot.press("ctrl+s")
        await showing(pilot, "Judged")
        told = words(pilot)
        assert "delivered in the spam folder" in told
        assert "✓ pass" in told and "spf=pass" in told
        # A tab in the body shows that nothing on the way changed what was signed.
        assert "verified again here: dkim=pass" in told
        await pilot.press("enter")
        await until(pilot, lambda: "Test mails in mailboxes of your own" in words(pilot) or size[1] < 40)
        row = sprint.finding("mail.seed-spam", TARGET)
        assert row is not None and row.status == "fail"
        kept = sprint.session.mail.by_hand
        assert [(entry.mailbox, entry.where, entry.status) for entry in kept] == [(TARGET, "spam", "pass")]
    sprint.flush_now()
    assert sprint.path is not None
    file = sprint.path.read_text("utf-8")
    for secret in ("the plan", "Hello", "ann@", "b=", "Received: from"):
        assert secret not in file


async def test_a_mail_in_a_file(open_app: OpenApp, sprint: Sprint, world: World, tmp_path: Path) -> None:
    saved = tmp_path / "mail.eml"
    saved.write_bytes(MESSAGE.encode())
    async with open_app(sprint, network=lives_in(world)) as pilot:
        await on_mail(pilot)
        await pilot.press("b")
        await showing(pilot, "PasteMessage")
        pilot.app.screen.query_one("#file", Field).value = str(saved)
        await pilot.press("ctrl+s")
        await showing(pilot, "Judged")
        assert "delivered not known" in words(pilot)
        assert "no DKIM signature" in words(pilot)
        row = sprint.finding("mail.seed-spam", TARGET)
        assert row is not None and row.status == "skipped"


async def test_typed_lines_are_taken_where_a_terminal_tells_no_paste(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=NetworkOptions(offline=True)) as pilot:
        await on_mail(pilot)
        await pilot.press("b")
        await showing(pilot, "PasteMessage")
        await pilot.press(*"From: a", "enter", *"p", "enter")
        field = pilot.app.screen.query_one(PasteField)
        await until(pilot, lambda: field.text == "From: a\np\n")
        await pilot.press("ctrl+u")
        await until(pilot, lambda: field.text == "")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Paste the message, or name a file" in words(pilot))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("hello there", "not the header of a received message"),
        (MESSAGE.replace("hello@example.com", "me@gmail.com"), "is from gmail.com and not"),
    ],
)
async def test_what_cannot_be_judged_says_why_and_is_not_kept(
    open_app: OpenApp, sprint: Sprint, world: World, text: str, word: str
) -> None:
    async with open_app(sprint, network=lives_in(world)) as pilot:
        await on_mail(pilot)
        await pilot.press("b")
        await showing(pilot, "PasteMessage")
        await paste(pilot, text)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: word in words(pilot))
        assert sprint.session.mail.by_hand == []


async def test_offline_says_so(open_app: OpenApp, sprint: Sprint) -> None:
    async with open_app(sprint, network=NetworkOptions(offline=True)) as pilot:
        await on_mail(pilot)
        await pilot.press("b")
        await showing(pilot, "PasteMessage")
        await paste(pilot, MESSAGE)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "offline" in words(pilot).lower() and "Judging" in words(pilot))
        assert sprint.session.mail.by_hand == []


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_text_stays_text(open_app: OpenApp, sprint: Sprint, world: World, text: str) -> None:
    async with open_app(sprint, network=lives_in(world)) as pilot:
        await on_mail(pilot)
        await pilot.press("b")
        await showing(pilot, "PasteMessage")
        await paste(pilot, f"{text}\n{text}")
        assert_harmless(pilot)
        pilot.app.screen.query_one(PasteField).action_clear()
        await paste(pilot, MESSAGE.replace("spf=pass", f'spf=pass reason="{text}"').replace("ann@", f"{text}@"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: type(pilot.app.screen).__name__ != "PasteMessage")
        await pilot.pause()
        assert_harmless(pilot)


# ---------------------------------------------------------------------- Outlook


class SignInService:
    """Answers as RFC 8628 says; `then` is what the person does, once asked."""

    def __init__(self) -> None:
        self.agreed = False
        self.then: dict[str, object] = {"access_token": "at", "refresh_token": TOKEN, "expires_in": 3600}
        self.asked: list[dict[str, list[str]]] = []

    def __call__(self, request: Request) -> Reply:
        form = parse_qs(request.body.decode())
        self.asked.append(form)
        said: dict[str, object] = self.then if self.agreed else {"error": "authorization_pending"}
        if request.path.endswith("devicecode"):
            said = {
                "device_code": "dc-" + "secret",
                "user_code": "WDJB-MJHT",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 900,
                "interval": 0.01,
            }
        return Reply(
            400 if "error" in said else 200, (("content-type", "application/json"),), json.dumps(said).encode()
        )


@pytest.fixture
async def service(world: World) -> SignInService:
    made = SignInService()
    world.zone("microsoftonline.com", {"login": ["A 203.0.113.3"]})
    await world.web("203.0.113.3", made, world.authority.issue("login.microsoftonline.com"))
    return made


async def begin(pilot: Pilot[None], ring: Any = None) -> Vault:
    app = await on_mail(pilot)
    vault = Vault("example.com", backend=ring or InMemory())
    app.fieldwork._vault = vault
    await pilot.press("o")
    await showing(pilot, "Form")
    for name, value in (("address", OUTLOOK), ("client", "app-id"), ("tenant", "consumers")):
        app.screen.query_one(f"#line-{name}", Field).value = value
    app.screen.query(Field).last().focus()
    await pilot.press("enter")
    await showing(pilot, "SignIn")
    return vault


def code_is_shown(pilot: Pilot[None]) -> Callable[[], bool]:
    return lambda: "WDJB-MJHT" in words(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_code_is_shown_and_the_grant_kept(
    open_app: OpenApp, sprint: Sprint, world: World, service: SignInService, size: tuple[int, int]
) -> None:
    async with open_app(sprint, size=size, network=lives_in(world)) as pilot:
        vault = await begin(pilot)
        await until(pilot, code_is_shown(pilot))
        assert "https://microsoft.com/devicelogin" in words(pilot)
        assert "Waiting until that is done" in words(pilot)
        assert "dc-secret" not in words(pilot)
        await until(pilot, lambda: len(service.asked) > 2, "it asks again while the person is at it")
        service.agreed = True
        await showing(pilot, "MailScreen")
        await until(pilot, lambda: "Signed in. The grant is kept in the keyring" in words(pilot))
        kept = await vault.get(OUTLOOK)
        grant = oauth.grant_of(kept) if kept else None
        assert grant is not None and grant.refresh_token.reveal() == TOKEN
        assert (grant.client_id, grant.tenant) == ("app-id", "consumers")
    assert sprint.session.mail.oauth_client_id == "app-id"
    assert sprint.session.mail.seeds == [{"address": OUTLOOK, "provider": "outlook"}]
    sprint.flush_now()
    assert sprint.path is not None
    assert TOKEN not in sprint.path.read_text("utf-8")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"error": "authorization_declined"}, "(authorization_declined)"),
        ({"error": "expired_token"}, "(expired_token)"),
    ],
)
async def test_a_refusal_is_told_where_the_code_stood(
    open_app: OpenApp, sprint: Sprint, world: World, service: SignInService, said: dict[str, object], word: str
) -> None:
    service.agreed, service.then = True, said
    async with open_app(sprint, network=lives_in(world)) as pilot:
        vault = await begin(pilot)
        await until(pilot, lambda: word in words(pilot))
        assert "? not signed in" in words(pilot)
        await pilot.press("escape")
        await showing(pilot, "MailScreen")
        assert await vault.get(OUTLOOK) is None


async def test_the_wait_can_be_stopped(open_app: OpenApp, sprint: Sprint, world: World, service: SignInService) -> None:
    async with open_app(sprint, network=lives_in(world)) as pilot:
        vault = await begin(pilot)
        await until(pilot, code_is_shown(pilot))
        await pilot.press("escape")
        await showing(pilot, "MailScreen")
        await until(pilot, lambda: not [w for w in pilot.app.workers if w.group == "sign-in" and not w.is_finished])
        service.agreed = True
        assert await vault.get(OUTLOOK) is None


async def test_without_a_keyring_it_is_kept_for_this_run(
    open_app: OpenApp, sprint: Sprint, world: World, service: SignInService
) -> None:
    from keyring.backends import fail

    async with open_app(sprint, network=lives_in(world)) as pilot:
        vault = await begin(pilot, fail.Keyring())  # type: ignore[no-untyped-call]
        await until(pilot, code_is_shown(pilot))
        service.agreed = True
        await showing(pilot, "MailScreen")
        await until(pilot, lambda: "for this run only" in words(pilot))
        assert [entry.purpose for entry in vault.entries_of_this_run()] == [OUTLOOK]


@pytest.mark.parametrize(
    ("address", "client", "word"),
    [("nobody", "app-id", "Name the mailbox by its address"), (OUTLOOK, "", "Without a client id")],
)
async def test_what_is_missing_is_said(open_app: OpenApp, sprint: Sprint, address: str, client: str, word: str) -> None:
    async with open_app(sprint, network=NetworkOptions(offline=True)) as pilot:
        app = await on_mail(pilot)
        await pilot.press("o")
        await showing(pilot, "Form")
        app.screen.query_one("#line-address", Field).value = address
        app.screen.query_one("#line-client", Field).value = client
        app.screen.query(Field).last().focus()
        await pilot.press("enter")
        await until(pilot, lambda: word in words(pilot))
        assert sprint.session.mail.seeds == []

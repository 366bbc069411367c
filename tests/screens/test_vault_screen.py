"""The vault: names and purposes only; no key, picture, copy or notice ever gives a value away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from textual.pilot import Pilot
from textual.widgets import Checkbox

from checks.secret import Secret
from launchready_tui.app import LaunchReady
from launchready_tui.commands.network_options import NetworkOptions
from launchready_tui.sprint import Sprint
from launchready_tui.vault import Vault
from screens.vault import VaultScreen
from screens.widgets.fields import Field
from tests.core.test_vault import InMemory
from tests.screens.conftest import SIZES, OpenApp
from tests.screens.hostile import ATTACKS, assert_harmless
from tests.screens.waiting import until, words

OFFLINE = NetworkOptions(offline=True)
VALUE = "value-" + "of-a-test"


@pytest.fixture
def ring() -> InMemory:
    return InMemory()


@asynccontextmanager
async def opened(
    open_app: OpenApp, sprint: Sprint, ring: KeyringBackend, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], Vault]]:
    async with open_app(sprint, size=size, network=OFFLINE) as pilot:
        assert isinstance(pilot.app, LaunchReady)
        vault = Vault("example.com", backend=ring)
        pilot.app.fieldwork._vault = vault  # the machine's own keyring is no business of a test
        await pilot.press("v")
        await until(pilot, lambda: "cloudflare" in words(pilot))
        yield pilot, vault


async def dialog(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: type(pilot.app.screen).__name__ == "SetCredential")


@pytest.mark.parametrize("size", SIZES)
async def test_each_credential_has_one_line(
    open_app: OpenApp, sprint: Sprint, ring: InMemory, size: tuple[int, int]
) -> None:
    await Vault("example.com", backend=ring).set("smtp", Secret(VALUE))
    async with opened(open_app, sprint, ring, size) as (pilot, _):
        text = words(pilot)
        assert "smtp ✓ keyring Password of your own mail server" in text
        assert "slack · not set" in text
        listed = pilot.app.screen.query_one("#vault-list")
        assert listed.virtual_size.height == len(pilot.app.screen._entries)  # type: ignore[attr-defined]
        assert VALUE not in text


async def test_a_value_is_typed_blind_kept_and_never_shown(open_app: OpenApp, sprint: Sprint, ring: InMemory) -> None:
    async with opened(open_app, sprint, ring) as (pilot, vault):
        await pilot.press("home", "enter")
        await dialog(pilot)
        await pilot.press(*VALUE)
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x")
        assert f"{len(VALUE)} characters" in words(pilot)
        assert VALUE not in words(pilot)
        assert VALUE not in pilot.app.clipboard
        await pilot.press("enter")
        await until(pilot, lambda: len(ring.kept) == 2, "the value and the list of names")
        await until(pilot, lambda: "✓ keyring" in words(pilot))
        assert VALUE not in words(pilot)
        entry = (await vault.entries())[0]
        kept = await vault.get(entry.purpose)
        assert kept is not None
        assert kept.reveal() == VALUE


async def test_test_reads_it_and_delete_asks_first(open_app: OpenApp, sprint: Sprint, ring: InMemory) -> None:
    await Vault("example.com", backend=ring).set("cloudflare", Secret(VALUE))
    async with opened(open_app, sprint, ring) as (pilot, vault):
        await pilot.press("home", "t")
        await until(pilot, lambda: "It is there and can be read: cloudflare" in words(pilot))
        await pilot.press("d")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, VaultScreen))
        assert await vault.entries()
        await pilot.press("d")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        await pilot.click("#accept")
        await until(pilot, lambda: "Forgotten." in words(pilot))
        assert not await vault.entries()


async def test_without_a_keyring_it_is_for_this_run_only(open_app: OpenApp, sprint: Sprint) -> None:
    async with opened(open_app, sprint, fail.Keyring()) as (pilot, vault):
        assert "This machine has no keyring" in words(pilot)
        assert "for this run only" in words(pilot)
        await pilot.press("home", "enter")
        await dialog(pilot)
        assert pilot.app.screen.query_one("#this-run", Checkbox).value
        await pilot.press(*VALUE, "enter")
        await until(pilot, lambda: "✓ this run" in words(pilot))
        assert [entry.kept for entry in vault.entries_of_this_run()] == ["this run"]


async def test_presenter_mode_hides_the_names(open_app: OpenApp, sprint: Sprint, ring: InMemory) -> None:
    await Vault("example.com", backend=ring).set("mara@example.com", Secret(VALUE))
    async with opened(open_app, sprint, ring) as (pilot, _):
        assert "mara@example.com" in words(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "Names are hidden in presenter mode" in words(pilot))
        assert "mara@example.com" not in words(pilot)
        await pilot.press("enter", "d", "t")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VaultScreen)


async def test_no_picture_is_offered_where_secrets_are(open_app: OpenApp, sprint: Sprint, ring: InMemory) -> None:
    async with opened(open_app, sprint, ring) as (pilot, _):
        app = pilot.app
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert "Screenshot" not in offered
        await pilot.press("enter")
        await dialog(pilot)
        assert "Screenshot" not in [command.title for command in app.get_system_commands(app.screen)]
        await pilot.press("escape", "escape")
        await until(pilot, lambda: type(app.screen).__name__ == "BlockScreen")
        assert "Screenshot" in [command.title for command in app.get_system_commands(app.screen)]


async def test_a_name_that_cannot_be_kept_is_refused(open_app: OpenApp, sprint: Sprint, ring: InMemory) -> None:
    async with opened(open_app, sprint, ring) as (pilot, _):
        await pilot.press("a")
        await dialog(pilot)
        pilot.app.screen.query_one("#purpose", Field).value = "two words"
        await pilot.press("enter", *VALUE, "enter")
        refusal = "'two words' cannot be the name of a credential."
        await until(pilot, lambda: any(refusal in notice.message for notice in pilot.app._notifications))
        assert not ring.kept
        assert VALUE not in words(pilot)


@pytest.mark.parametrize("text", ATTACKS)
async def test_hostile_names_of_another_program_stay_text(
    open_app: OpenApp, sprint: Sprint, ring: InMemory, text: str
) -> None:
    import json

    ring.set_password("launchready/example.com", "launchready", json.dumps([text]))
    async with opened(open_app, sprint, ring) as (pilot, _):
        assert_harmless(pilot)

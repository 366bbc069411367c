"""What must not be seen: secrets ever, private things in presenter mode, local variables in a crash."""

from __future__ import annotations

import pytest
from keyring.backend import KeyringBackend

from launchready_tui.sprint import Sprint
from launchready_tui.vault import Vault
from screens.widgets.fields import BlindField
from tests.core.make import finding
from tests.screens.conftest import OpenApp
from tests.screens.waiting import until, words


def made_up() -> str:
    """A credential that is none."""
    return "".join(chr(ord("a") + number) for number in range(20))


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr("keyring.get_keyring", lambda: made)
    return made


async def test_a_credential_is_typed_blind_tested_and_forgotten(open_app: OpenApp, sprint: Sprint, ring: Ring) -> None:
    value = made_up()
    async with open_app(sprint) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: "cloudflare" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: bool(pilot.app.screen.query(BlindField)))
        for place, letter in enumerate(value, 1):
            await pilot.press(letter)
            assert value[:place] not in words(pilot) or place < 4
        assert "20 characters" in words(pilot)
        assert value not in pilot.app.export_screenshot()
        await pilot.press("ctrl+c", "ctrl+a", "ctrl+c", "ctrl+x")
        assert value not in pilot.app.clipboard
        await pilot.press("enter")
        await until(pilot, lambda: "✓ keyring" in words(pilot))
        assert value in ring.kept.values()
        assert value not in repr([vars(widget) for widget in pilot.app.screen.query("*")])
        await pilot.press("t")
        await until(pilot, lambda: "can be read" in words(pilot))
        assert value not in words(pilot)
        await pilot.press("d")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Confirm")
        await pilot.click("#accept")
        await until(pilot, lambda: value not in ring.kept.values())
    assert sprint.path is not None
    assert value.encode() not in sprint.path.read_bytes()


async def test_without_a_keyring_there_is_this_run(
    open_app: OpenApp, sprint: Sprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.backends.fail import Keyring

    monkeypatch.setattr("keyring.get_keyring", Keyring)
    async with open_app(sprint) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: "no keyring" in words(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: bool(pilot.app.screen.query(BlindField)))
        await pilot.press(*made_up(), "enter")
        await until(pilot, lambda: "✓ this run" in words(pilot))
        vault: Vault = await pilot.app.fieldwork.vault()  # type: ignore[attr-defined]
        secret = await vault.get("cloudflare")
        assert secret is not None
        assert secret.reveal() == made_up()


async def test_no_screenshot_is_offered_at_the_vault(open_app: OpenApp, sprint: Sprint, ring: Ring) -> None:
    async with open_app(sprint) as pilot:
        app = pilot.app
        assert "Screenshot" in [command.title for command in app.get_system_commands(app.screen)]
        await pilot.press("v")
        await until(pilot, lambda: "cloudflare" in words(pilot))
        assert "Screenshot" not in [command.title for command in app.get_system_commands(app.screen)]
        await pilot.press("enter")
        await until(pilot, lambda: bool(pilot.app.screen.query(BlindField)))
        assert "Screenshot" not in [command.title for command in app.get_system_commands(app.screen)]


async def test_presenter_mode_hides_names_in_the_vault_and_clients_at_home(
    open_app: OpenApp, sprint: Sprint, shelf: object, ring: Ring
) -> None:
    path = sprint.path
    assert path is not None
    sprint.close()
    shelf.remember(path)  # type: ignore[attr-defined]
    async with open_app() as pilot:
        await until(pilot, lambda: "Harbor Tea" in words(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "hidden" in words(pilot))
        assert "Harbor Tea" not in words(pilot)
        assert str(path.parent) not in words(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "BlockScreen")
        assert "presenter" in words(pilot)
        await pilot.press("v")
        await until(pilot, lambda: "Names are hidden" in words(pilot))
        assert "cloudflare" not in words(pilot)
        await pilot.press("enter", "t", "d")
        await pilot.pause()
        assert "cloudflare" not in words(pilot)


async def test_presenter_mode_hides_local_folders(open_app: OpenApp, sprint: Sprint) -> None:
    sprint.edit("deploy", repo="/srv/clients/harbor/shop")
    sprint.record(
        finding("secrets.in-tree", "/srv/clients/harbor/shop/.env:3", summary="a key in /srv/clients/harbor/shop/.env")
    )
    async with open_app(sprint, size=(120, 40)) as pilot:
        await until(pilot, lambda: "/srv/clients/harbor" in words(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "/srv/clients" not in words(pilot))
        pilot.app.open_finding([("secrets.in-tree", "/srv/clients/harbor/shop/.env:3")])  # type: ignore[attr-defined]
        await until(pilot, lambda: ".../.env:3" in words(pilot))
        assert "/srv/clients" not in words(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "/srv/clients" in words(pilot))


async def test_a_crash_shows_no_local_variables(
    open_app: OpenApp, sprint: Sprint, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = made_up()

    def fail() -> None:
        token = hidden
        raise RuntimeError(len(token))

    with pytest.raises(RuntimeError):
        async with open_app(sprint) as pilot:
            pilot.app.call_later(fail)
            await pilot.pause()
            await pilot.pause()
    told = capsys.readouterr()
    assert "RuntimeError" in told.err + told.out
    assert hidden not in told.err + told.out

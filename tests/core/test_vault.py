"""The vault with a keyring in memory: what is kept, what is told when it cannot be, and that no value leaks."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from checks.secret import Secret
from launchready_tui.cli import main
from launchready_tui.vault import BadPurpose, LockedVault, NoKeyring, NotKept, NoVault, Vault, VaultError

VALUE = "value-" + "of-a-test"


class InMemory(KeyringBackend):
    """A keyring that keeps things in a dict, and fails as it is told to."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.problem: Exception | None = None
        self.garbles = False

    def _maybe_fail(self) -> None:
        if self.problem:
            raise self.problem

    def get_password(self, service: str, username: str) -> str | None:
        self._maybe_fail()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._maybe_fail()
        self.kept[service, username] = password[:1] if self.garbles else password

    def delete_password(self, service: str, username: str) -> None:
        self._maybe_fail()
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not there")
        del self.kept[service, username]


@pytest.fixture
def ring() -> InMemory:
    return InMemory()


@pytest.fixture
def vault(ring: InMemory) -> Vault:
    return Vault("Example.com", backend=ring)


@pytest.fixture
def system_ring(ring: InMemory) -> Iterator[InMemory]:
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


async def test_a_credential_is_kept_listed_tested_and_deleted(vault: Vault, ring: InMemory) -> None:
    entry = await vault.set("smtp", Secret(VALUE))
    assert (entry.name, entry.kept) == ("launchready/example.com/smtp", "keyring") and entry.what
    assert ring.kept["launchready/example.com/smtp", "launchready"] == VALUE
    assert ring.kept["launchready/example.com", "launchready"] == '["smtp"]'
    assert await vault.get("smtp") == Secret(VALUE)
    await vault.set("a@gmail.com", Secret("x"))
    assert [entry.purpose for entry in await vault.entries()] == ["a@gmail.com", "smtp"]
    assert await vault.test("launchready/example.com/smtp") == entry
    await vault.delete("smtp")
    assert await vault.get("smtp") is None
    assert [entry.purpose for entry in await vault.entries()] == ["a@gmail.com"]
    for ask in (vault.test, vault.delete):
        with pytest.raises(NotKept, match=r"no credential launchready/example\.com/smtp"):
            await ask("smtp")


async def test_domains_are_kept_apart(vault: Vault, ring: InMemory) -> None:
    await vault.set("smtp", Secret(VALUE))
    assert await Vault("other.example", backend=ring).entries() == []


async def test_all_are_revealed_by_purpose_for_a_run(vault: Vault, ring: InMemory) -> None:
    await vault.set("smtp", Secret(VALUE))
    await vault.set("slack", Secret("hook"), this_run_only=True)
    assert await vault.reveal_all() == {"smtp": Secret(VALUE), "slack": Secret("hook")}
    ring.problem = keyring.errors.KeyringLocked("locked")
    assert await vault.reveal_all() == {"slack": Secret("hook")}


async def test_for_this_run_only_touches_no_keyring(vault: Vault, ring: InMemory) -> None:
    ring.problem = keyring.errors.NoKeyringError("none")
    entry = await vault.set("smtp", Secret(VALUE), this_run_only=True)
    assert entry.kept == "this run" and await vault.get("smtp") == Secret(VALUE)
    assert vault.entries_of_this_run() == [entry]
    await vault.delete("smtp")
    assert vault.entries_of_this_run() == []


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (keyring.errors.NoKeyringError("none"), NoKeyring),
        (keyring.errors.KeyringLocked("locked"), LockedVault),
        (keyring.errors.InitError("dismissed"), LockedVault),
        (keyring.errors.PasswordSetError(VALUE), NoVault),
        (RuntimeError(VALUE), NoVault),
    ],
)
async def test_every_way_to_fail_has_clear_words_and_a_way_on(
    vault: Vault, ring: InMemory, problem: Exception, told: type[VaultError]
) -> None:
    ring.problem = problem
    with pytest.raises(told) as caught:
        await vault.set("smtp", Secret(VALUE))
    assert "this run only" in caught.value.way_on
    assert VALUE not in str(caught.value)
    assert caught.value.__context__ is None and caught.value.__cause__ is None
    with pytest.raises(told):
        await vault.entries()


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring()])
async def test_a_keyring_that_keeps_nothing_is_none(backend: KeyringBackend) -> None:
    with pytest.raises(NoKeyring, match="no keyring"):
        await Vault("example.com", backend=backend).set("smtp", Secret(VALUE))


async def test_a_value_that_comes_back_otherwise_is_told(vault: Vault, ring: InMemory) -> None:
    ring.garbles = True
    with pytest.raises(NoVault, match="did not give the value back"):
        await vault.set("smtp", Secret(VALUE))


async def test_values_that_nobody_can_keep_are_refused(vault: Vault) -> None:
    for value, words in (("", "empty"), ("a\ud800", "no text")):
        with pytest.raises(BadPurpose, match=words):
            await vault.set("smtp", Secret(value))


async def test_windows_takes_only_so_much(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InMemory, "__module__", "keyring.backends.Windows")
    await vault.set("smtp", Secret("x" * 1280))
    with pytest.raises(BadPurpose, match="too long") as caught:
        await vault.set("smtp", Secret("\U0001f600" * 641))
    assert "this run only" in caught.value.way_on


@pytest.mark.parametrize("name", ["", "a b", "../x", "launchready/other.example/smtp", "é"])
def test_names_are_plain(vault: Vault, name: str) -> None:
    with pytest.raises(BadPurpose):
        vault.name(name)
    with pytest.raises(BadPurpose):
        Vault("not a domain")


async def test_a_list_of_names_that_somebody_spoilt_is_an_empty_one(vault: Vault, ring: InMemory) -> None:
    for spoilt in ("{", '{"a": 1}', "[1]"):
        ring.kept["launchready/example.com", "launchready"] = spoilt
        assert await vault.entries() == []


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_the_command_line(
    system_ring: InMemory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "x.launch.toml"
    file.write_text('[site]\ndomain = "example.com"\n')
    typed(monkeypatch, f"{VALUE}\n")
    assert main(["vault", "set", "example.com", "smtp"]) == 0
    assert system_ring.kept["launchready/example.com/smtp", "launchready"] == VALUE
    assert main(["vault", "test", str(file), "smtp"]) == 0
    assert main(["vault", "list", str(file)]) == 0
    assert main(["vault", "delete", "example.com", "smtp"]) == 0
    out, err = capsys.readouterr()
    assert "launchready/example.com/smtp" in out and VALUE not in out + err
    assert main(["vault", "list", "example.com"]) == 0
    assert main(["vault", "delete", "example.com", "smtp"]) == 2
    assert main(["vault", "set", "example.com"]) == 2
    assert main(["vault", "list", str(tmp_path / "gone.toml")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "no credentials are kept" in err and "There is no credential" in err and "name the" in err


def test_a_value_is_typed_unseen(system_ring: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: VALUE)
    assert main(["vault", "set", "example.com", "smtp"]) == 0
    assert system_ring.kept["launchready/example.com/smtp", "launchready"] == VALUE

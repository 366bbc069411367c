"""Credentials: kept in the operating system's keyring by name, or in memory for this run only.

An entry is named `launchready/<domain>/<purpose>`. Which purposes there are is kept in an entry of its own, names
only, since keyrings cannot list. The keyring is imported when it is first needed, and every call to it runs in a
thread: on a desktop it may ask the user and wait.

VaultError
├── BadPurpose    the name or the value cannot be kept anywhere
├── NotKept       there is no such entry
└── NoVault       nothing can be kept on this machine at the moment; "for this run only" still works
    ├── NoKeyring     there is none
    └── LockedVault   it is locked, and nobody unlocked it
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from checks.secret import Secret
from checks.subject import BadName, host_name

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

PREFIX = "launchready"
USER = "launchready"
"""Keyrings want a user name beside the service's; the entry's name says it all."""

WINDOWS_UNITS = 1280
"""What Windows' credential store takes of one value, in UTF-16 units."""

PURPOSES: dict[str, str] = {
    "cloudflare": "Cloudflare API token: reads the zone's settings, and changes DNS records where you ask for it",
    "smtp": "Password of your own mail server, for test mails",
    "slack": "Slack webhook address, for test alerts",
    "twilio": "Twilio account and token, for test alerts by SMS",
    "ntfy": "ntfy topic or token, for test alerts",
    "globalping": "Globalping token, for more probes from several regions",
    "sentry": "API token of the error tracker, to read a test event back",
    "ai": "Key of the product's own AI endpoint",
}
"""Purposes that the app knows, with what each is for. Others are as good; seed mailboxes use their address."""


class VaultError(Exception):
    """The reason, in a sentence; `way_on` says what to do instead. Neither ever holds a value."""

    def __init__(self, reason: str, way_on: str = "") -> None:
        super().__init__(f"{reason} {way_on}".strip())
        self.reason = reason
        self.way_on = way_on


class BadPurpose(VaultError):
    """The name or the value cannot be kept anywhere."""


class NotKept(VaultError):
    """There is no such entry."""


class NoVault(VaultError):
    """Nothing can be kept on this machine at the moment."""


class NoKeyring(NoVault):
    """This machine has no keyring."""


class LockedVault(NoVault):
    """The keyring is locked."""


_THIS_RUN = "You can still use the credential for this run only: it is then kept in memory and forgotten at the end."


@dataclass(frozen=True, slots=True)
class Entry:
    """A credential's name, never its value."""

    purpose: str
    name: str
    kept: Literal["keyring", "this run"]
    what: str = ""
    """What it is for, where that is known."""


class Vault:
    """The credentials of one domain.

    Args:
        backend: a keyring to use in place of the system's, for tests.

    Raises BadPurpose where the domain is none.
    """

    def __init__(self, domain: str, *, backend: KeyringBackend | None = None) -> None:
        try:
            self.domain = host_name(domain)
        except BadName as problem:
            raise BadPurpose(str(problem)) from None
        self._backend = backend
        self._this_run: dict[str, Secret] = {}
        self._changing = asyncio.Lock()

    def name(self, purpose: str) -> str:
        """The name of an entry; a whole name is its own. Raises BadPurpose."""
        purpose = purpose.strip().removeprefix(f"{PREFIX}/{self.domain}/")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@+:-]{0,99}", purpose):
            raise BadPurpose(
                f"{purpose!r} cannot be the name of a credential.",
                "Use letters, digits and . _ @ + : - such as: cloudflare",
            )
        return f"{PREFIX}/{self.domain}/{purpose}"

    async def set(self, purpose: str, value: Secret, *, this_run_only: bool = False) -> Entry:
        """Keep a credential, and read it back to be sure. Raises VaultError."""
        name = self.name(purpose)
        _refuse_unfit(value)
        short = self._short(name)
        if this_run_only:
            self._this_run[short] = value
            return self._entry(short)
        async with self._changing:
            await self._in_thread(lambda ring: _store(ring, name, value))
            await self._note(await self._noted() | {short})
        self._this_run.pop(short, None)
        return self._entry(short)

    async def renew(self, purpose: str, value: Secret) -> None:
        """Keep a newer value of a credential where the old one is kept. Raises VaultError."""
        await self.set(purpose, value, this_run_only=self._short(self.name(purpose)) in self._this_run)

    async def get(self, purpose: str) -> Secret | None:
        """A credential, or None where there is none. Raises VaultError."""
        name = self.name(purpose)
        if (secret := self._this_run.get(self._short(name))) is not None:
            return secret
        value: str | None = await self._in_thread(lambda ring: ring.get_password(name, USER))
        return None if value is None else Secret(value)

    async def test(self, purpose: str) -> Entry:
        """Read a credential without showing or sending it. Raises NotKept where there is none, VaultError."""
        if not await self.get(purpose):
            raise NotKept(f"There is no credential {self.name(purpose)}.")
        return self._entry(self._short(self.name(purpose)))

    async def delete(self, purpose: str) -> None:
        """Forget a credential. Raises NotKept where there is none, VaultError."""
        name = self.name(purpose)
        short = self._short(name)
        if self._this_run.pop(short, None) is not None:
            return
        async with self._changing:
            there = await self._in_thread(lambda ring: _drop(ring, name))
            noted = await self._noted()
            if short in noted:
                await self._note(noted - {short})
        if not there:
            raise NotKept(f"There is no credential {name}.")

    async def entries(self) -> list[Entry]:
        """The credentials that are kept, by name. Raises VaultError where the keyring cannot be read."""
        return [self._entry(short) for short in sorted(await self._noted() | self._this_run.keys())]

    def entries_of_this_run(self) -> list[Entry]:
        """The credentials that are in memory only: all that there is without a keyring."""
        return [self._entry(short) for short in sorted(self._this_run)]

    async def reveal_all(self) -> dict[str, Secret]:
        """Every credential by purpose, for one run of the checks; those of this run alone without a keyring."""
        kept: dict[str, Secret] = {}
        with contextlib.suppress(NoVault):
            for short in await self._noted():
                secret = await self.get(short)
                if secret is not None:
                    kept[short] = secret
        return kept | self._this_run

    async def place(self) -> str:
        """The name of the keyring in use. Raises NoKeyring."""
        return await self._in_thread(lambda ring: str(ring.name))

    def _short(self, name: str) -> str:
        return name.removeprefix(f"{PREFIX}/{self.domain}/")

    def _entry(self, short: str) -> Entry:
        kept: Literal["keyring", "this run"] = "this run" if short in self._this_run else "keyring"
        return Entry(short, f"{PREFIX}/{self.domain}/{short}", kept, PURPOSES.get(short, ""))

    async def _noted(self) -> frozenset[str]:
        """The purposes in the list of names."""
        text = await self._in_thread(lambda ring: ring.get_password(f"{PREFIX}/{self.domain}", USER))
        try:
            listed = json.loads(text or "[]")
        except ValueError:
            listed = []
        entries = listed if isinstance(listed, list) else []
        return frozenset(entry for entry in entries if isinstance(entry, str))

    async def _note(self, purposes: Collection[str]) -> None:
        listed = json.dumps(sorted(purposes))
        await self._in_thread(lambda ring: ring.set_password(f"{PREFIX}/{self.domain}", USER, listed))

    async def _in_thread(self, work: Callable[[Any], T]) -> T:
        return await asyncio.to_thread(_guarded, self._backend, work)


def _guarded(backend: KeyringBackend | None, work: Callable[[Any], T]) -> T:
    """Do the work with the keyring, and say in our own words what went wrong."""
    import keyring.errors

    try:
        return work(_usable(backend or keyring.get_keyring()))
    except VaultError:
        raise
    except keyring.errors.NoKeyringError:
        problem: VaultError = _no_keyring()
    except keyring.errors.KeyringLocked:
        problem = LockedVault("The keyring is locked.", f"Unlock it (log in to the desktop) and try again. {_THIS_RUN}")
    except keyring.errors.InitError:
        problem = LockedVault("The keyring could not be opened.", f"Set one up or unlock it. {_THIS_RUN}")
    except Exception as other:  # a keyring is a plug-in of the system: it can raise anything
        problem = NoVault(f"The keyring failed ({type(other).__name__}).", _THIS_RUN)
    # Raised outside the handler, so that no chained exception carries the value along.
    raise problem


def _usable(ring: Any) -> Any:
    from keyring.backends import fail, null

    if isinstance(ring, fail.Keyring | null.Keyring):
        raise _no_keyring()
    return ring


def _no_keyring() -> NoKeyring:
    return NoKeyring(
        "This machine has no keyring to keep credentials in.",
        f"On Linux, install gnome-keyring or KeePassXC and log in to a desktop. {_THIS_RUN}",
    )


def _refuse_unfit(value: Secret) -> None:
    """Refuse a value that no keyring keeps. Says nothing of it but what is wrong."""
    text = value.reveal()
    if not text:
        raise BadPurpose("The value is empty.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadPurpose("The value holds characters that are no text.", "Copy it once more, as plain text.")


def _store(ring: Any, name: str, value: Secret) -> None:
    text = value.reveal()
    if (
        type(ring).__module__.startswith("keyring.backends.Windows")
        and len(text.encode("utf-16-le")) // 2 > WINDOWS_UNITS
    ):
        raise BadPurpose(
            f"The value is too long for Windows' credential store, which takes {WINDOWS_UNITS} characters.",
            f"Use a shorter token. {_THIS_RUN}",
        )
    ring.set_password(name, USER, text)
    if ring.get_password(name, USER) != text:
        raise NoVault("The keyring did not give the value back as it was.", _THIS_RUN)


def _drop(ring: Any, name: str) -> bool:
    """Delete an entry; False where there is none."""
    import keyring.errors

    if ring.get_password(name, USER) is None:
        return False
    try:
        ring.delete_password(name, USER)
    except keyring.errors.PasswordDeleteError:
        return False
    return True

"""A seed mailbox: how to get into it, and where in it a message lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts
from checks.mail.message import address_domain
from checks.mail.seeds.imap import Folder, Imap, in_order, quoted
from checks.mail.seeds.oauth import access
from checks.secret import Secret
from checks.subject import Seed

Where = Literal["inbox", "spam", "other"]
Within = Literal["SUBJECT", "TEXT"]
"""What of a message is searched, in IMAP's words: TEXT is its headers and body."""

_HOSTS = {
    "gmail": "imap.gmail.com",
    "outlook": "outlook.office365.com",
    "icloud": "imap.mail.me.com",
    "yahoo": "imap.mail.yahoo.com",
    "aol": "imap.aol.com",
    "fastmail": "imap.fastmail.com",
}
DOMAINS = {
    "gmail": frozenset({"gmail.com", "googlemail.com"}),
    "outlook": frozenset({"outlook.com", "hotmail.com", "live.com", "msn.com", "windowslive.com"}),
    "icloud": frozenset({"icloud.com", "me.com", "mac.com"}),
    "yahoo": frozenset({"yahoo.com", "ymail.com", "rocketmail.com", "myyahoo.com"}),
    "aol": frozenset({"aol.com"}),
    "fastmail": frozenset({"fastmail.com", "fastmail.fm"}),
}
"""Of each service the domains that its mailboxes bear."""
_IN_A_COUNTRY = {"outlook": "outlook", "hotmail": "outlook", "live": "outlook", "yahoo": "yahoo"}
"""Services by the first label of domains such as "hotmail.co.uk" and "yahoo.de"."""
_ANOTHER_COMPANY = "yahoo.co.jp"
_COUNTRY = re.compile(r"(?:com?\.)?[a-z]{2}")
_GMAIL_TABS = ("promotions", "updates", "social", "forums")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a message lies, and the message as received."""

    where: Where
    folder: str
    raw: bytes
    tab: str = ""
    """Gmail's tab, where it is not the first."""


class Mailbox:
    """One seed mailbox; the session is opened when needed and again after a break.

    Raises NotApplicable where its server or its credential is not known.
    """

    def __init__(self, facts: Facts, seed: Seed) -> None:
        self._facts = facts
        self._network = facts.network
        self._address = seed.address
        self._port = seed.imap_port
        self._purpose, self._credential = credential_of(facts, seed)
        self._host = seed.imap_host or _HOSTS.get(provider_of(seed), "")
        if not self._host:
            raise NotApplicable(f"the IMAP server of {seed.address} is not declared")
        self._session: Imap | None = None
        self._places: list[tuple[Folder, Where]] = []

    async def open(self) -> None:
        """Log in and learn the folders. Raises CannotTell and its kin, Offline."""
        token = await access(self._facts, self._purpose)
        if token is None and self._host == _HOSTS["outlook"]:
            raise CannotTell(f"Microsoft takes no passwords over IMAP: sign in to {self._address} on the mail screen")
        session = self._session = await Imap.open(self._network, self._host, self._port)
        if token is not None:
            await session.log_in_with_token(self._address, token)
        else:
            await session.log_in(self._address, self._credential)
        self._places = in_order(await session.folders())

    async def find(self, nonce: str, within: Within = "SUBJECT") -> Found | None:
        """Look for the message that holds `nonce`; None where it is in no folder. Raises as `open`."""
        if self._session is None:
            await self.open()
        session = self._session
        assert session is not None  # noqa: S101 - open() set it, or raised
        for folder, where in self._places:
            try:
                uids = await session.search(folder.name, within, quoted(nonce))
            except CannotTell as problem:
                # A folder of others that may be seen and not opened says nothing of the rest.
                if where != "other" or isinstance(problem, NetworkError):
                    raise
                continue
            if uids:
                raw = await session.fetch(uids[-1])
                return Found(where, folder.shown, raw, await self._tab(session, nonce) if where == "inbox" else "")
        return None

    async def close(self, *, polite: bool = True) -> None:
        """Log out, or with `polite` false just drop the connection. The mailbox can be opened again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close(polite=polite)

    async def _tab(self, session: Imap, nonce: str) -> str:
        if "X-GM-EXT-1" in session.capabilities:
            for name in _GMAIL_TABS:
                if await session.search("INBOX", "X-GM-RAW", quoted(f"category:{name} subject:{nonce}")):
                    return name
        return ""


def provider_of(seed: Seed) -> str:
    """ "gmail", "outlook", "icloud" ... or empty: as declared, else by the address."""
    return seed.provider or service_of(address_domain(seed.address))


def service_of(domain: str) -> str:
    """The mailbox service whose addresses bear a domain; empty where none is known."""
    label, _, rest = domain.partition(".")
    if label in _IN_A_COUNTRY and _COUNTRY.fullmatch(rest) and domain != _ANOTHER_COMPANY:
        return _IN_A_COUNTRY[label]
    return next((name for name, domains in DOMAINS.items() if domain in domains), "")


def credential_of(facts: Facts, seed: Seed) -> tuple[str, Secret]:
    """The vault's entry for a seed, with its name: the one that it names, else its address's. Raises NotApplicable."""
    for name in (seed.vault.rpartition("/")[2], seed.address):
        if name and (secret := facts.secrets.get(name)):
            return name, secret
    raise NotApplicable(
        f"the vault has no entry {seed.vault or seed.address} for this mailbox; without one, send yourself a mail and"
        " paste its headers on the mail screen"
    )

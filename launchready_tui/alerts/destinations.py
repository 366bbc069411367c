"""Who is alerted, and by which service: the session's destinations, read into one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from checks.text import one_line

if TYPE_CHECKING:
    from launchready_tui.session.model import Session


class Line(NamedTuple):
    """Something of a destination that is no secret and stands in the session."""

    field: str
    """ "to", "from" or "api" of the destination; "mail-X" is the field X of [mail], which all mail shares."""
    label: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A service that hands alerts over."""

    id: str
    title: str
    secret: str
    """What the vault must hold, as a person is asked for it; empty where there is nothing to hold."""
    purpose: str
    """Name of the vault entry."""
    lines: tuple[Line, ...] = ()
    shared: bool = False
    """Whether all destinations of this kind use one credential: the account's."""
    needed: bool = True
    """Whether nothing can be sent without the credential."""
    tells: bool = False
    """Whether it can be asked later what became of a message that it took."""


KINDS = {
    kind.id: kind
    for kind in (
        Kind("slack", "Slack", "The webhook's address, https://hooks.slack.com/services/...", "slack"),
        Kind(
            "sms",
            "SMS (Twilio)",
            "Twilio's account SID and auth token, as SID:TOKEN",
            "twilio",
            (Line("to", "Number to alert, as +49170..."), Line("from", "Twilio number to send from, as +1...")),
            shared=True,
            tells=True,
        ),
        Kind(
            "mail",
            "Mail",
            "Password of your mail server's account",
            "smtp",
            (
                Line("to", "Mail address to alert"),
                Line("mail-smtp_host", "Your mail server"),
                Line("mail-smtp_user", "User name there (empty: none)"),
                Line("mail-from_address", "Sender address"),
            ),
            shared=True,
            needed=False,
        ),
        Kind("ntfy", "ntfy", "The topic, or its https:// address; a blank and an access token if it needs one", "ntfy"),
        Kind(
            "apprise",
            "Other (Apprise)",
            "The service's Apprise address, such as discord://... or tgram://...",
            "apprise",
        ),
    )
}
"""By the word that the session uses."""
TRACKER = "tracker"
"""The kind of the error tracker, whose own alert is tried by test errors."""
_ALSO = {"twilio": "sms", "email": "mail", "smtp": "mail", "e-mail": "mail", "other": "apprise"}


@dataclass(frozen=True, slots=True)
class Destination:
    """One destination. Nothing in it is secret."""

    name: str
    kind: str = ""
    """A key of `KINDS`, `TRACKER`, or empty: then the app cannot send to it."""
    vault: str = ""
    """Purpose of its credential."""
    to: str = ""
    sender: str = ""
    api: str = ""
    """Base address of the service where it is another than the usual."""

    @property
    def title(self) -> str:
        """The service in words."""
        if self.kind == TRACKER:
            return "the tracker's own alert"
        return KINDS[self.kind].title if self.kind else "recorded by hand"


def destinations(session: Session) -> list[Destination]:
    """Everybody who is alerted, each name once, then the error tracker where its DSN is known."""
    found = [destination for entry in session.monitor.destinations if (destination := read(entry)) is not None]
    tracker = tracker_of(session)
    every = [*found, *([tracker] if tracker else [])]
    return list({destination.name: destination for destination in reversed(every)}.values())[::-1]


def read(entry: str | Mapping[str, Any]) -> Destination | None:
    """One entry of [monitor] destinations; None where it names nobody. A bare mail address is alerted by mail."""
    row: Mapping[str, Any] = {"name": entry} if isinstance(entry, str) else entry

    def word(key: str) -> str:
        return str(row.get(key) or "").strip()

    name = one_line(word("name") or word("kind"))
    if not name:
        return None
    kind = word("kind").lower()
    kind = _ALSO.get(kind, kind)
    to = word("to") or word("address")
    if not kind and "@" in name and " " not in name:
        kind, to = "mail", to or name
    if kind not in KINDS:
        return Destination(name)
    vault = word("vault")
    purpose = vault.split("/", 2)[-1] if vault.startswith("launchready/") else vault
    return Destination(name, kind, purpose or KINDS[kind].purpose, to, word("from"), word("api"))


def tracker_of(session: Session) -> Destination | None:
    """The error tracker as a destination; None where no DSN is known."""
    errors = session.monitor.errors
    dsn = errors if isinstance(errors, str) and "://" in errors else ""
    tracker = ""
    if isinstance(errors, Mapping):
        dsn, tracker = str(errors.get("dsn") or ""), str(errors.get("tracker") or "")
    if not dsn:
        return None
    return Destination(f"Error tracker ({one_line(tracker)})" if tracker else "Error tracker", TRACKER)


def find(session: Session, name: str) -> Destination | None:
    return next((row for row in destinations(session) if row.name == name), None)


def free_purpose(kind: Kind, taken: Iterable[Destination]) -> str:
    """The name of the vault entry for a new destination of a kind."""
    used = {row.vault for row in taken}
    if kind.shared or kind.purpose not in used:
        return kind.purpose
    number = 2
    while f"{kind.purpose}-{number}" in used:
        number += 1
    return f"{kind.purpose}-{number}"

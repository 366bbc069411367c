"""A test event for an error tracker, by DSN and Sentry's envelope protocol (develop.sentry.dev): no SDK needed."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from checks.finding import timestamp
from checks.ops.errors.code import new_code

CLIENT = "launchready/1"


@dataclass(frozen=True, slots=True)
class Dsn:
    """{PROTOCOL}://{KEY}@{HOST}{PATH}/{PROJECT}; the key is public by design."""

    text: str
    key: str
    host: str
    """Without its port."""
    base: str
    """{PROTOCOL}://{HOST}{PATH}, without a slash at its end."""
    project: str

    @property
    def endpoint(self) -> str:
        """Where envelopes go."""
        return f"{self.base}/api/{self.project}/envelope/"


def parse_dsn(text: str) -> Dsn | None:
    """Read a DSN; None where it is none. An old one's secret key (KEY:SECRET) is not used."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    path, _, project = parts.path.rstrip("/").rpartition("/")
    if parts.scheme not in ("http", "https") or not parts.username or not parts.hostname or not project:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    base = f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}"
    return Dsn(text.strip(), parts.username, parts.hostname, base, project)


class Event(Protocol):
    """What can be sent to a tracker."""

    @property
    def id(self) -> str:
        """32 hex digits."""
        ...

    def payload(self) -> dict[str, Any]:
        """The event itself."""
        ...


def envelope(event: Event, dsn: Dsn) -> bytes:
    """A request's body: a header, an item's header and the item, a line each."""
    payload = json.dumps(event.payload()).encode()
    head = json.dumps({"event_id": event.id, "dsn": dsn.text, "sent_at": timestamp()}).encode()
    item = json.dumps({"type": "event", "content_type": "application/json", "length": len(payload)}).encode()
    return b"\n".join((head, item, payload, b""))


def headers(dsn: Dsn) -> dict[str, str]:
    """What goes with an envelope."""
    auth = f"Sentry sentry_version=7, sentry_key={dsn.key}, sentry_client={CLIENT}"
    return {"content-type": "application/x-sentry-envelope", "x-sentry-auth": auth}


@dataclass(frozen=True, slots=True)
class TrialEvent:
    """An error that is marked as a test, and holds made-up data that a tracker ought to mask."""

    id: str
    """32 hex digits."""
    nonce: str
    """What it is found by; never shown, since whoever tells its code has read the event itself."""
    code: str
    """The end of the nonce."""
    bait: tuple[tuple[str, str], ...]
    """Pairs of (what it is, made-up value)."""

    @classmethod
    def new(cls) -> TrialEvent:
        bait = (
            # The number that every payment service's manual uses for tests.
            ("card number", "4111" + "1111" * 3),
            ("API key", f"launchcheck{secrets.token_hex(12)}"),
            ("mail address", f"launch-check-{secrets.token_hex(4)}@example.com"),
        )
        code = new_code()
        return cls(secrets.token_hex(16), f"launch-check-{code}", code, bait)

    def payload(self) -> dict[str, Any]:
        """The event itself."""
        card, key, mail = (value for _, value in self.bait)
        return {
            "event_id": self.id,
            "timestamp": timestamp(),
            "platform": "other",
            "level": "error",
            "logger": "launch-check",
            "environment": "launch-check",
            # All tests are one issue, however many there are.
            "fingerprint": ["launch-check"],
            "exception": {"values": [{"type": "LaunchCheck", "value": f"A test of error tracking: {self.nonce}"}]},
            "tags": {"launch_check": self.nonce},
            "extra": {"card_number": card, "api_key": key, "contact": mail},
        }

    def unmasked(self, shown: str) -> list[str]:
        """Which of the made-up data stand in what the tracker kept."""
        return [what for what, value in self.bait if value in shown]

"""What a scan tells: never the value of a secret, only a masked form and a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace


def masked(value: bytes) -> str:
    """Enough of a secret to recognise it, too little to use it: four characters and two, or none of a short one."""
    text = value.decode("latin-1")
    shown = 0 if len(text) < 16 else 4
    return f"{text[:shown]}***{text[len(text) - 2 :] if shown else ''}"


def fingerprint(key: bytes, value: bytes) -> str:
    """HMAC-SHA-256 of the value, shortened: the same secret has the same one, and only the key's holder can tell."""
    return hmac.new(key, value, hashlib.sha256).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Match:
    """A credential within one text, with its value: it never leaves the process that found it."""

    rule: int
    """Index in `rules()`."""
    begin: int
    """Where the rule's match begins, with the name that the secret is assigned to."""
    start: int
    end: int
    """Where the secret stands in the text; for something decoded, where its encoded form stands."""
    value: bytes
    status: str
    """"fail" or "warn"."""
    public: bool
    layer: str = ""
    """"base64", "utf-16", "zip" ...; empty where it stands there in the clear."""
    allowed: bool = False
    """The line bears a comment that allows it."""

    def shifted(self, by: int) -> Match:
        """The same match where it stands `by` bytes further on."""
        return replace(self, begin=self.begin + by, start=self.start + by, end=self.end + by)

    def __repr__(self) -> str:
        return f"Match(rule={self.rule}, start={self.start}, value={masked(self.value)!r})"


@dataclass(frozen=True, slots=True)
class Hit:
    """A credential in a text, safe to show and to keep."""

    rule: str
    title: str
    masked: str
    line: int
    offset: int
    status: str
    """"fail" for a live-looking one, "warn" for a test account's."""
    public: bool
    """Made to be seen by everybody, such as a publishable key."""
    rotate: str
    layer: str = ""
    fingerprint: str = ""
    allowed: bool = False

"""Codes that prove that a person read an alert: short, used once, and known here by a keyed hash alone."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Hashable
from dataclasses import dataclass

from checks.secret import Secret

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1, I and L: they are mixed up when a code is read out. 31 signs, so six of them are 29.7 bits."""
LENGTH = 6
TRIES = 5
"""Wrong codes after which a code is no longer taken."""


class NotACode(ValueError):
    """What was typed has not the form of a code; the message says which form that is. It counts as no try."""


@dataclass(slots=True)
class _Kept:
    hash: bytes
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a typed code came to."""

    channel: Hashable | None
    """Whose code it was; None where it was nobody's."""
    spent: tuple[Hashable, ...] = ()
    """Channels whose code is no longer taken: this was one wrong try too many."""
    tries_left: int = TRIES


class Codes:
    """The codes that wait to be typed, one a channel. They live as long as this object does, and nowhere else."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._kept: dict[Hashable, _Kept] = {}

    def issue(self, channel: Hashable) -> Secret:
        """A new code for a channel; the one before is no longer taken."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        self._kept[channel] = _Kept(self._hash(code))
        return Secret(code)

    def drop(self, channel: Hashable) -> None:
        """Forget a channel's code."""
        self._kept.pop(channel, None)

    def take(self, typed: str) -> Taken:
        """Take a code as a person types it: in any case, with spaces or hyphens. Raises NotACode."""
        given = self._hash(normal(typed))
        # All are compared, each in the same time whatever was typed.
        hits = [channel for channel, kept in self._kept.items() if hmac.compare_digest(kept.hash, given)]
        if hits:
            del self._kept[hits[0]]
            return Taken(hits[0])
        for kept in self._kept.values():
            kept.tries += 1
        spent = tuple(channel for channel, kept in self._kept.items() if kept.tries >= TRIES)
        for channel in spent:
            del self._kept[channel]
        return Taken(None, spent, min((TRIES - kept.tries for kept in self._kept.values()), default=0))

    def __contains__(self, channel: Hashable) -> bool:
        return channel in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def _hash(self, code: str) -> bytes:
        return hmac.digest(self._key, code.encode(), "sha256")


def normal(typed: str) -> str:
    """A typed code in its one form. Raises NotACode."""
    code = "".join(typed.replace("-", " ").split()).upper()
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise NotACode(f"A code has {LENGTH} letters and digits, never 0, O, 1, I or L.")
    return code

"""The code that a test event carries: whoever types it has read the event itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for another: 31, so that six of them are 29.7 bits."""
LENGTH = 6
_COST = {"n": 2**14, "r": 8, "p": 1}
"""Of scrypt (RFC 7914): to try all codes against one digest takes a year."""


def new_code() -> str:
    """A code of its own for each event."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest(code: str, salt: str) -> str:
    """What may be kept of a code, in hex: it tells whether a code is the one, and not what it is.

    Takes some 50 ms.
    """
    plain = "".join(character for character in code.upper() if character in ALPHABET)
    return hashlib.scrypt(plain.encode(), salt=salt.encode(), dklen=32, **_COST).hex()


def is_the_one(code: str, salt: str, kept: str) -> bool:
    """Whether a typed code is the one of a digest; spaces, hyphens and case do not matter."""
    return bool(kept) and hmac.compare_digest(digest(code, salt), kept)

"""Secrets in text, in a working tree and in the whole history of a repository."""

from __future__ import annotations

import os

from checks.repo.secrets.hit import Hit, Match, fingerprint, masked
from checks.repo.secrets.rule import rules
from checks.store import Store

__all__ = ["Hit", "find_in_text"]

_KEY = os.urandom(32)
"""Fingerprints that are not asked to outlive the process."""


def find_in_text(
    text: str | bytes, *, public: bool = False, key: bytes = _KEY, store: Store | None = None
) -> list[Hit]:
    """Return the credentials in `text`, in order, without their values.

    Args:
        public: also return what is made to be seen by everybody, such as publishable keys.
        key: for the fingerprints; the same key gives the same secret the same fingerprint.
        store: keeps the compiled rules for the next process.
    """
    from checks.repo.secrets.finder import shared  # takes a while, which not everybody needs who imports this

    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    hits = [hit_of(match, data, key) for match in shared(store).find(data)]
    return [hit for hit in hits if public or not hit.public]


def hit_of(match: Match, data: bytes, key: bytes) -> Hit:
    """Take the value out of a match."""
    rule = rules()[match.rule]
    return Hit(
        rule=rule.id,
        title=rule.name,
        masked=masked(match.value),
        line=data.count(b"\n", 0, match.start) + 1,
        offset=match.start,
        status=match.status,
        public=match.public,
        rotate=rule.rotate,
        layer=match.layer,
        fingerprint=fingerprint(key, match.value),
        allowed=match.allowed,
    )

"""What the answer to a foreign origin allows its scripts (Fetch standard, "CORS check")."""

from __future__ import annotations

from enum import StrEnum

from checks.network import Headers


class Sharing(StrEnum):
    """What a script of the asking origin may read."""

    NOTHING = "nothing"
    PUBLIC = "public"
    """The answer that anybody gets."""
    PRIVATE = "private"
    """The answer that the visitor gets, signed in."""
    REFUSED = "refused"
    """Asked to share the visitor's own answer with everybody (*), which browsers refuse."""


def sharing(headers: Headers, origin: str) -> Sharing:
    """Judge an answer to a request that named `origin`; the values are compared to the byte, as there."""
    allowed = headers.joined("access-control-allow-origin").strip(" \t")
    with_credentials = headers.joined("access-control-allow-credentials").strip(" \t") == "true"
    if allowed == "*":
        return Sharing.REFUSED if with_credentials else Sharing.PUBLIC
    if not allowed or allowed != origin:
        return Sharing.NOTHING
    return Sharing.PRIVATE if with_credentials else Sharing.PUBLIC

"""What Globalping's answers say of limits and credits, in their header fields."""

from __future__ import annotations

from dataclasses import dataclass

from checks.network import Headers

FREE_HOURLY, TOKEN_HOURLY = 250, 500
"""Tests an hour without a token (counted by address) and with one; one test is one result."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Tests of the present window. None is what was not said."""

    limit: int | None = None
    consumed: int | None = None
    remaining: int | None = None
    reset: int | None = None
    """Seconds until the window is over."""
    credits_remaining: int | None = None
    credits_consumed: int | None = None
    cost: int | None = None
    """Tests that the request counted for."""


def read_limits(headers: Headers) -> Limits:
    """Read X-RateLimit-*, X-Credits-* and X-Request-Cost; what is no number is None."""
    return Limits(
        limit=_number(headers, "x-ratelimit-limit"),
        consumed=_number(headers, "x-ratelimit-consumed"),
        remaining=_number(headers, "x-ratelimit-remaining"),
        reset=_number(headers, "x-ratelimit-reset"),
        credits_remaining=_number(headers, "x-credits-remaining"),
        credits_consumed=_number(headers, "x-credits-consumed"),
        cost=_number(headers, "x-request-cost"),
    )


def retry_after(headers: Headers) -> int | None:
    """Seconds of Retry-After (RFC 9110 s10.2.3); None where it is missing or a date."""
    return _number(headers, "retry-after")


def _number(headers: Headers, name: str) -> int | None:
    text = headers.get(name).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

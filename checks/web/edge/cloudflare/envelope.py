"""What comes back from Cloudflare's API: its envelope, taken apart, or why it says no, in plain words."""

from __future__ import annotations

import json
from typing import Any

from checks.errors import CannotTell
from checks.network import Response
from checks.text import one_line

Json = Any
"""Whatever json.loads gives: foreign, so that every use of it checks what it takes."""

_SAID = 300
"""Characters kept of the API's own words."""
_LONGEST_WAIT = 86_400
"""Seconds. What a Retry-After asks for beyond is no wait that anybody means."""
_INVALID = frozenset({1000, 6003, 6111})
"""Codes of a token that Cloudflare does not know, and of a value that has not the form of a token."""


class Refused(CannotTell):
    """The API says no.

    `codes` are Cloudflare's own numbers for why; `lacks` is the permission that the token would need, by Cloudflare's
    name, empty where the refusal is about something else.
    """

    def __init__(self, reason: str, *, status: int, codes: tuple[int, ...] = (), lacks: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.codes = codes
        self.lacks = lacks

    @property
    def of_the_token(self) -> bool:
        """Whether it is about the token: 5xx, a wrong path or too many calls say nothing of it."""
        return self.status in (400, 401, 403)


class Throttled(Refused):
    """Too many calls. `retry_after` is the wait in seconds that the API asks for; None where it does not say."""

    def __init__(self, retry_after: int | None) -> None:
        wait = f"in {retry_after} s" if retry_after is not None else "in five minutes"
        super().__init__(f"Cloudflare's API takes no more calls for now; try again {wait}", status=429)
        self.retry_after = retry_after


def read_envelope(answer: Response, what: str, *, needs: str = "") -> dict[str, Json]:
    """Return the envelope of an answer that is a success.

    Args:
        what: the call, for people: "GET /zones".
        needs: the permission that it takes, by Cloudflare's name.

    Raises Refused and Throttled for a no, CannotTell for what is no answer of the API at all.
    """
    if answer.status == 429:
        raise Throttled(_wait(answer.headers.get("retry-after")))
    if answer.truncated:
        raise CannotTell(
            f"Cloudflare's API answers {what} with more than {len(answer.body):,} bytes, which are not read"
        )
    try:
        envelope = json.loads(answer.body)
    except (ValueError, RecursionError):
        envelope = None
    if not isinstance(envelope, dict):
        raise CannotTell(
            f"Cloudflare's API answers {answer.status} to {what}, and no JSON: a proxy on the way, or trouble there"
        )
    if not answer.ok or envelope.get("success") is not True:
        raise _refusal(answer.status, what, envelope, needs)
    return envelope


def _refusal(status: int, what: str, envelope: dict[str, Json], needs: str) -> Refused:
    listed = envelope.get("errors")
    errors = [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
    codes = tuple(error["code"] for error in errors if isinstance(error.get("code"), int))
    said = one_line("; ".join(f"{e.get('code', '')} {e.get('message', '')}".strip() for e in errors), limit=_SAID)
    lacks, hint = _hint(status, codes, said.lower(), needs)
    reason = f"Cloudflare's API refuses {what} with {status}" + (f" ({said})" if said else "") + hint
    return Refused(reason, status=status, codes=codes, lacks=lacks)


def _hint(status: int, codes: tuple[int, ...], said: str, needs: str) -> tuple[str, str]:
    """The permission that is missing, and what to do."""
    if "from location" in said:
        return "", ": the token may be used from other addresses only; see its Client IP Address Filtering"
    if _INVALID.intersection(codes) or "invalid access token" in said:
        return "", ": this is no API token that Cloudflare knows, or it has ended (a Global API Key is none)"
    if status == 403 and needs:
        return needs, f": the token may not do this; give it the permission {needs}, for this zone"
    return "", ": the token is wrong, has ended, or may not do this" if status in (401, 403) else ""


def _wait(retry_after: str) -> int | None:
    """Seconds of a Retry-After; None where it is a date or no number that anybody means (RFC 9110 s10.2.3)."""
    if not (retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= len(str(_LONGEST_WAIT))):
        return None
    return int(retry_after)

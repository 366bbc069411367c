"""Reads a measurement of Globalping: pure, from text to what one probe saw.

`finished` means that the probe got some answer, and no more: a 503 is finished, and so is a certificate that does not
verify. `failed` is the site's failure unless the probe says that the fault is its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from checks.errors import CannotTell
from checks.network import Phases
from checks.ops.expected import mismatch
from checks.subject import Route
from checks.text import one_line

BODY_LIMIT = 10_000
"""Bytes of a body that come back at most."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe saw. `ok` is None where no measurement came about, which says nothing about the site."""

    ok: bool | None
    status: int | None = None
    reason: str = ""
    seconds: Phases = field(default_factory=Phases)
    probe: str = ""
    """Where it stands: "Frankfurt, DE, Amazon.com"."""
    gone: bool = False
    """Whether the probe is no longer there, so that another must be picked."""


def read_measurement(text: str, route: Route) -> Seen | None:
    """What the one probe of a measurement saw; None while it is under way. Raises CannotTell for what is no answer."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        raise CannotTell("Globalping's answer is no JSON") from None
    if not isinstance(answer, dict) or answer.get("status") not in ("in-progress", "finished"):
        raise CannotTell("Globalping's answer is no measurement")
    if answer["status"] == "in-progress":
        return None
    rows = answer.get("results")
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        raise CannotTell("Globalping's measurement has no result")
    return _seen(_table(rows[0], "result"), _place(_table(rows[0], "probe")), route)


def _seen(result: Mapping[str, Any], probe: str, route: Route) -> Seen:
    status = result.get("status")
    if status == "offline":
        return Seen(None, reason="the probe has gone offline", probe=probe, gone=True)
    if status == "failed":
        told = _first_line(result.get("rawOutput")) or "no answer"
        if result.get("failureSource") == "internal":
            return Seen(None, reason=f"the probe itself failed: {told}", probe=probe, gone=True)
        return Seen(False, reason=told, probe=probe, seconds=_phases(result))
    code = result.get("statusCode")
    if status != "finished" or not isinstance(code, int) or isinstance(code, bool):
        return Seen(None, reason="the probe did not say how it ended", probe=probe)
    wrong = _certificate(result, route) or mismatch(route, code, _body(result, route))
    return Seen(not wrong, code, wrong, _phases(result), probe)


def _certificate(result: Mapping[str, Any], route: Route) -> str:
    """What is wrong with the certificate; empty where it is trusted or there is none to look at."""
    if not route.url.startswith("https:"):
        return ""
    tls = result.get("tls")
    if isinstance(tls, dict) and tls.get("authorized") is True:
        return ""
    error = one_line(str(tls.get("error") or "no reason was given"), limit=80) if isinstance(tls, dict) else "none came"
    return f"the certificate is not trusted there: {error}"


def _body(result: Mapping[str, Any], route: Route) -> str | None:
    """The body, where all of it came back or what is looked for is in it."""
    body = result.get("rawBody")
    if route.method == "HEAD" or not isinstance(body, str):
        return None
    whole = result.get("truncated") is not True and len(body.encode(errors="replace")) < BODY_LIMIT
    return body if whole or route.contains in body else None


def _phases(result: Mapping[str, Any]) -> Phases:
    """Milliseconds, or null for what did not take place, as seconds."""
    timings = _table(result, "timings")

    def seconds(name: str) -> float:
        value = timings.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e7:
            return 0.0
        return value / 1000

    return Phases(seconds("dns"), seconds("tcp"), seconds("tls"), seconds("firstByte"), seconds("total"))


def _place(probe: Mapping[str, Any]) -> str:
    words = [probe.get(name) for name in ("city", "country", "network")]
    return one_line(", ".join(word for word in words if isinstance(word, str) and word), limit=80)


def _first_line(text: Any) -> str:
    return one_line(text.strip().partition("\n")[0], limit=160) if isinstance(text, str) else ""


def _table(row: Mapping[str, Any], name: Literal["result", "probe", "timings"]) -> Mapping[str, Any]:
    value = row.get(name)
    return value if isinstance(value, dict) else {}

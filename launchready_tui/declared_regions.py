"""Regions as the session has them: which addresses are measured there, and what was. Without the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from checks.ops.regions import METHODS
from checks.subject import RegionSample
from launchready_tui.session.model import Session


def why_not(method: str, host: str, names: tuple[str, ...], *, body: bool = False) -> str:
    """Why an address is not measured from other regions; empty where it is.

    Args:
        names: domains of the site: what is not below one of them is somebody else's.
    """
    if method not in METHODS or body:
        return f"Globalping sends no {method} with data: seen from this machine alone"
    if not any(host == name or host.endswith(f".{name}") for name in names if name):
        return "not an address of this site: only the site's own are measured from elsewhere"
    return ""


def why_not_measured(session: Session, url: str) -> str:
    """`why_not` for an address as the session's watch has it."""
    entry = next((row for row in session.monitor.urls if isinstance(row, Mapping) and _same(row, url)), {})
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    names = (session.site.domain, *session.site.variants)
    named = tuple(name.strip().rstrip(".").lower() for name in names)
    return why_not(str(entry.get("method", "GET")).upper(), host, named, body=bool(entry.get("body")))


def _same(row: Mapping[str, Any], url: str) -> bool:
    """Whether an entry stands for an address: whole, or by its path."""
    text = str(row.get("url", "")).strip()
    return text == url or (text.startswith("/") and urlsplit(url)._replace(scheme="", netloc="").geturl() == text)


def region_sample(row: Mapping[str, Any]) -> RegionSample:
    """A row of a watch's regions, which a person may have edited."""
    ok, seconds = row.get("ok"), row.get("seconds")
    return RegionSample(
        str(row.get("region", "")),
        ok if isinstance(ok, bool) else None,
        float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None,
        str(row.get("reason", "")),
    )

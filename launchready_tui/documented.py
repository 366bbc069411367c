"""Which parts of the sprint are written down in the session: the proof of what no check can see."""

from __future__ import annotations

from collections.abc import Callable

from launchready_tui.deployed import has_way_back
from launchready_tui.session.model import Session


def _has_run(session: Session) -> bool:
    return any(run.complete for run in session.run)


def _saw(session: Session, *families: str) -> bool:
    return any(row.family in families and row.standing in ("pass", "warn", "fail") for row in session.finding)


def _has_environments(session: Session) -> bool:
    return bool(session.deploy.environments or session.secret)


_PARTS: dict[str, tuple[str, Callable[[Session], bool]]] = {
    "risks": ("a whole run of the checks, for the risk list", _has_run),
    "records": ("the DNS map", lambda session: bool(session.record)),
    "redirects": ("the redirect rules", lambda session: bool(session.redirect)),
    "subdomains": ("the list of subdomains", lambda session: bool(session.subdomain or session.site.subdomains)),
    "tls": ("the TLS status", lambda session: _saw(session, "tls")),
    "edge": ("the edge settings", lambda session: _saw(session, "edge")),
    "environments": ("where environment variables live", _has_environments),
    "mail": ("the mail records", lambda session: _saw(session, "spf", "dkim", "dmarc")),
    "monitoring": (
        "what is monitored, and who is alerted",
        lambda session: bool(
            (session.monitor.urls or session.watch) and (session.monitor.destinations or session.alert)
        ),
    ),
    "drill": ("an alert that a person read", lambda session: any(a.acknowledged for a in session.alert)),
    "watch": ("figures of the watch", lambda session: any(row.taken for row in session.watch)),
    "deployment": ("the release steps and the way back", has_way_back),
    "secrets": ("the secrets inventory", lambda session: bool(session.secret)),
    "contacts": ("whom to call in the first week", lambda session: bool(session.contact)),
}

_EVERYTHING = ("records", "redirects", "subdomains", "tls", "edge", "environments", "monitoring", "deployment")
"""What item S7.2 wants documented."""

PARTS = (*_PARTS, "everything")


def missing(session: Session, part: str) -> list[str]:
    """What of a part is not written down yet, in words that complete "still missing: ...".

    Args:
        part: one of `PARTS`.
    """
    names = _EVERYTHING if part == "everything" else (part,)
    return [title for title, is_there in (_PARTS[name] for name in names) if not is_there(session)]

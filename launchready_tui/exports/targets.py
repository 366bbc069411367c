"""What a monitor that stays must probe, and whom it must tell: read from the session once, for every export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from checks.subject import Route, Subject
from checks.text import one_line
from launchready_tui.session.model import Session
from launchready_tui.subject import subject_of

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110 s9.2.1)."""
EXPECTED = (*range(200, 209), 226, *range(300, 309))
"""Statuses that count as an answer where none is named."""
_METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE")
_KEPT = "/%:@!$&'()*+,;=-._~"
"""Characters of a path that stay as they are (RFC 3986 s3.3); the rest is percent-encoded, as a browser does."""

Kind = Literal["slack", "mail", "sms", "ntfy", "other"]


@dataclass(frozen=True, slots=True)
class Target:
    """One address to probe."""

    name: str
    """Letters, digits and hyphens; unique in the plan."""
    label: str
    """For people, on one line: "POST example.com/api/signup"."""
    url: str
    """The address with everything percent-encoded that must be."""
    route: Route

    @property
    def statuses(self) -> list[int]:
        return list(EXPECTED) if self.route.status is None else [self.route.status]


@dataclass(frozen=True, slots=True)
class Plan:
    domain: str
    targets: tuple[Target, ...]
    left_out: tuple[str, ...]
    """What is not probed and why, a sentence each."""
    destinations: tuple[Destination, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Destination:
    """Who is alerted: by what, and where (a channel, an address); never a credential."""

    kind: Kind
    name: str


def plan(session: Session) -> Plan:
    """What to probe: the watched addresses, the homepage, declared routes, pages of forms. Raises BadName."""
    subject = subject_of(session)
    routes, left_out = _routes(subject)
    taken: dict[str, int] = {}
    targets = []
    for route in routes:
        name = _slug(route)
        taken[name] = count = taken.get(name, 0) + 1
        targets.append(Target(name if count == 1 else f"{name}-{count}", _label(route), encoded(route.url), route))
    return Plan(
        subject.domain,
        tuple(targets),
        tuple(left_out),
        tuple(map(_destination, session.monitor.destinations)),
        subject.monitor.regions,
    )


def covered(session: Session) -> list[str]:
    """The addresses of the plan as the session names them. Raises BadName."""
    return list(dict.fromkeys(target.route.url for target in plan(session).targets))


def _routes(subject: Subject) -> tuple[list[Route], list[str]]:
    """What is probed, each method and address once, and what is not."""
    declared = [*subject.monitor.urls, Route(subject.canonical or f"https://{subject.domain}/")]
    declared += [route for route in subject.routes if route.method in SAFE]
    declared += [Route(form.page) for form in subject.forms]
    usable: dict[tuple[str, str], Route] = {}
    left_out: list[str] = []
    for route in declared:
        if route.method in _METHODS:
            usable.setdefault((route.method, route.url), route)
        else:
            left_out.append(f"{_label(route)}: this is no method that a monitor sends.")
    left_out += [
        f"{_label(route)}: every probe would send it. Name it under [monitor] urls where it may be sent each minute."
        for route in subject.routes
        if route.method not in SAFE and (route.method, route.url) not in usable
    ]
    return list(usable.values()), left_out


def _label(route: Route) -> str:
    parts = urlsplit(route.url)
    place = one_line(f"{parts.netloc}{parts.path}", limit=120)
    return place if route.method == "GET" else f"{one_line(route.method, limit=20)} {place}"


def _slug(route: Route) -> str:
    words = re.findall(r"[a-z0-9]+", _label(route).lower())
    return "-".join(words)[:60].strip("-") or "site"


def encoded(url: str) -> str:
    """A URL in which only characters stand that may (RFC 3986): no quote, brace, backslash or space."""
    # A percent sign that begins no escape is itself to be escaped.
    parts = urlsplit(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", url))
    path, query = quote(parts.path, safe=_KEPT), quote(parts.query, safe=f"{_KEPT}?")
    return urlunsplit((parts.scheme, parts.netloc, path or "/", query, ""))


_KINDS: dict[str, Kind] = {"slack": "slack", "mail": "mail", "email": "mail", "smtp": "mail", "sms": "sms",
                           "twilio": "sms", "ntfy": "ntfy"}  # fmt: skip


def _destination(entry: str | Mapping[str, Any]) -> Destination:
    row = entry if isinstance(entry, Mapping) else {}
    kind = str(row.get("kind", ""))
    name = one_line(entry if isinstance(entry, str) else str(row.get("name") or kind), limit=100)
    return Destination(_KINDS.get(kind.strip().lower()) or _kind_of(name), name)


def _kind_of(name: str) -> Kind:
    """What a bare name or address stands for."""
    word = name.lower()
    if "slack" in word or word.startswith("#"):
        return "slack"
    if "ntfy" in word:
        return "ntfy"
    if re.fullmatch(r"[^\s@,<>]+@[^\s@,<>]+", word):
        return "mail"
    if any(part in word for part in ("sms", "twilio", "phone")) or re.fullmatch(r"\+[\d ()-]{6,}", word):
        return "sms"
    return "other"

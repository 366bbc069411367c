"""What a redirect is, and a whole chain of them: pure values over the answers that were seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from checks.errors import Untold
from checks.network import Response
from checks.web.html import parse
from checks.web.url import host, origin, resolve

MAX_REDIRECTS = 10
PERMANENT = frozenset({301, 308})
BY_HEADER = frozenset({301, 302, 303, 307, 308})
REFRESH_SECONDS = 10.0
"""A page that leads on within this time is a redirect; after a longer one it is a page that was read first."""
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})

By = Literal["", "header", "page"]
Outcome = Literal["ended", "loop", "too many", "failed"]

_REFRESH = re.compile(
    r"""\s*(?:(\d{1,9})(?:\.[\d.]*)?|\.[\d.]*)(?=[;,\s])\s*[;,]?\s*(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(\S.*))?""",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Hop:
    """One answer on the way. `target` is where it leads, empty at the end or where it leads to no web address."""

    response: Response
    target: str = ""
    by: By = ""
    """ "header": a status and Location; "page": the page itself sends the visitor on (refresh)."""

    @property
    def permanent(self) -> bool:
        return self.by == "header" and self.response.status in PERMANENT

    @property
    def downgrades(self) -> bool:
        return self.response.url.startswith("https:") and self.target.startswith("http:")

    def describe(self) -> str:
        if self.by == "page":
            return f"{self.response.describe()}, and the page itself leads on to {self.target}"
        return self.response.describe()


@dataclass(frozen=True, slots=True)
class Chain:
    """Every answer from `start` to where it ended."""

    start: str
    hops: tuple[Hop, ...]
    outcome: Outcome
    problem: Untold | None = None
    """Why the last step gave no answer, where `outcome` is "failed"."""

    @property
    def ended(self) -> bool:
        return self.outcome == "ended"

    @property
    def endless(self) -> bool:
        return self.outcome in ("loop", "too many")

    @property
    def redirects(self) -> tuple[Hop, ...]:
        return tuple(hop for hop in self.hops if hop.by)

    @property
    def last(self) -> Response:
        """The answer at the end of a chain that ended."""
        return self.hops[-1].response

    @property
    def url(self) -> str:
        """The last URL that was asked, or would have been next."""
        return (self.hops[-1].target or self.hops[-1].response.url) if self.hops else self.start

    @property
    def evidence(self) -> tuple[str, ...]:
        lines = [hop.describe() for hop in self.hops]
        if self.outcome == "loop":
            lines.append(f"{self.url} was asked before: this never ends")
        elif self.outcome == "too many":
            lines.append(f"and so on: more than {MAX_REDIRECTS} redirects")
        elif self.problem is not None:
            lines.append(f"{self.url}: {self.problem.reason}")
        return tuple(lines)

    def until(self, url: str) -> tuple[Hop, ...]:
        """The redirects up to the first arrival at `url`; all of them where it is never met."""
        redirects: list[Hop] = []
        for hop in self.hops:
            if hop.response.url == url:
                break
            if hop.by:
                redirects.append(hop)
        return tuple(redirects)


def parse_refresh(text: str) -> tuple[float, str] | None:
    """Seconds and URL of a refresh (HTML standard, "shared declarative refresh steps"); None where it names no URL."""
    match = _REFRESH.match(text)
    if match is None:
        return None
    target = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4]
    return (float(match[1] or 0), target.strip()) if target and target.strip() else None


def hop_of(response: Response) -> Hop:
    """Read where an answer leads: by Location, or by a refresh of the header or the page."""
    if response.status in BY_HEADER:
        # An empty Location is none, as in browsers; of several the first counts.
        location = next((value for value in response.headers.all("location") if value.strip()), "")
        return Hop(response, _web(resolve(as_sent(location), response.url)), "header") if location else Hop(response)
    refreshes, base = [(as_sent(text), response.url) for text in response.headers.all("refresh")], response.url
    if response.ok and response.media_type in HTML_TYPES and b"refresh" in response.body.lower():
        document = parse(response.text)
        base = document.base_url(response.url)
        refreshes += [(text, base) for text in document.http_equiv("refresh")]
    for text, relative_to in refreshes:
        refresh = parse_refresh(text)
        if refresh is None or refresh[0] > REFRESH_SECONDS:
            continue
        target = _web(resolve(refresh[1], relative_to))
        if target and target != response.url:
            return Hop(response, target, "page")
    return Hop(response)


def as_sent(field: str) -> str:
    """A header that names an address, read as browsers read it: UTF-8 where it is, else byte by byte."""
    octets = field.encode("latin-1", "replace")
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return "".join(chr(octet) if octet < 0x80 else f"%{octet:02X}" for octet in octets)


def _web(url: str) -> str:
    return url if url.startswith(("http://", "https://")) and host(url) else ""


def same_origin(one: str, other: str) -> bool:
    return origin(one) == origin(other)

"""The grammars that tell search engines to stay away: robots.txt (RFC 9309), X-Robots-Tag and robots meta."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_to_bytes

EVERYBODY = "*"
SEARCH_ENGINES = ("googlebot", "bingbot")
"""Crawlers whose own rules count beside those for everybody."""
LIMIT = 500 * 1024
"""Bytes of robots.txt that crawlers read at least (RFC 9309 s2.5)."""

_LINE = re.compile(r"[ \t]*([A-Za-z-]+)[ \t]*:[ \t]*([^#\r\n]*)")
_PRODUCT = re.compile(r"[A-Za-z_-]+|\*")
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_FORBIDDING = frozenset({"noindex", "none"})


@dataclass(frozen=True, slots=True)
class Rule:
    allow: bool
    path: str
    """Percent-encoded as compared (s2.2.2)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of each product token, in lower case; groups of one token joined (s2.2.1)."""

    groups: tuple[tuple[str, tuple[Rule, ...]], ...] = ()

    def rules_for(self, agent: str) -> tuple[Rule, ...]:
        """The rules that a crawler obeys: its own, else those for everybody, else none."""
        named = dict(self.groups)
        return named.get(agent.lower(), named.get(EVERYBODY, ()))

    def allows(self, agent: str, path: str) -> bool:
        """Whether `agent` may fetch `path`: the longest rule that matches decides, and of equals allow."""
        wanted = _comparable(path)
        matching = [rule for rule in self.rules_for(agent) if _matches(rule.path, wanted)]
        return not matching or max(matching, key=lambda rule: (len(rule.path), rule.allow)).allow

    @property
    def shuts_out_everything(self) -> bool:
        """Whether neither everybody nor a search engine by its own rules may fetch the homepage or any page."""
        return not any(
            self.allows(agent, path) for agent in (EVERYBODY, *SEARCH_ENGINES) for path in ("/", "/any/page")
        )


def parse_robots(text: str) -> Robots:
    """Read a robots.txt. Lines that are none are skipped; rules before any user-agent count for nobody."""
    groups: dict[str, list[Rule]] = {}
    agents: list[str] = []
    in_rules = False
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        match = _LINE.match(line)
        if match is None:
            continue
        key, value = match[1].lower(), match[2].strip()
        if key == "user-agent":
            agents = [] if in_rules else agents
            in_rules = False
            product = _PRODUCT.match(value)
            if product:
                agents.append(product[0].lower())
                groups.setdefault(product[0].lower(), [])
        elif key in ("allow", "disallow"):
            in_rules = True
            if value:
                for agent in agents:
                    groups[agent].append(Rule(key == "allow", _comparable(value)))
    return Robots(tuple((agent, tuple(rules)) for agent, rules in groups.items()))


def _comparable(path: str) -> str:
    """Octets beyond ASCII and reserved ones percent-encoded in one way, unreserved ones decoded (s2.2.2)."""
    pieces = re.split(r"(%[0-9a-fA-F]{2})", path)
    return "".join(_octet(p) if p.startswith("%") and len(p) == 3 else quote(p, safe=_KEPT) for p in pieces)


_KEPT = "/?&=:@!$'()*+,;~-._%[]"
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")


def _octet(encoded: str) -> str:
    decoded = unquote_to_bytes(encoded).decode("latin-1")
    return decoded if _UNRESERVED.fullmatch(decoded) else encoded.upper()


def _matches(pattern: str, path: str) -> bool:
    """Match from the start, with * for anything and a last $ for the end, in time linear in both together."""
    anchored = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not anchored or at == len(path)
    last = rest.pop() if anchored else ""
    for piece in rest:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not anchored or (path.endswith(last) and len(path) - len(last) >= at)


# -------------------------------------------------------------------- X-Robots-Tag and robots meta


def forbids_indexing(lines: Iterable[str], now: datetime) -> str:
    """The part of X-Robots-Tag lines (or robots meta contents) that keeps a page out of search; empty where none.

    A line may begin with the name of the crawler that it is for; the names of others are passed over.
    """
    for line in lines:
        agent = EVERYBODY
        for part in _parts(line):
            name, colon, rest = part.partition(":")
            key = name.strip().lower()
            if colon and key not in _VALUED:
                agent, key, rest = key, rest.partition(":")[0].strip().lower(), rest.partition(":")[2]
            if agent not in (EVERYBODY, "robots", *SEARCH_ENGINES):
                continue
            if key in _FORBIDDING or (key == "unavailable_after" and _is_past(rest, now)):
                return part.strip()
    return ""


def _parts(line: str) -> list[str]:
    """Cut at commas, save for those of a date behind unavailable_after."""
    parts: list[str] = []
    for part in line.split(","):
        in_date = bool(parts) and "unavailable_after" in parts[-1].lower() and re.match(r"\s*\d", part)
        if in_date:
            parts[-1] += "," + part
        else:
            parts.append(part)
    return parts


def _is_past(text: str, now: datetime) -> bool:
    text = text.strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime, _rfc850):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < now
    return False


def _rfc850(text: str) -> datetime:
    return datetime.strptime(text.removesuffix(" GMT").removesuffix(" UTC"), "%d %b %Y %H:%M:%S").replace(tzinfo=UTC)

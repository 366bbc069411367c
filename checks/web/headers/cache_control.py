"""What a shared cache may do with an answer: Cache-Control, Expires, Age and Vary (RFC 9111, RFC 9213)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checks.network import Headers

MOST_SECONDS = 2**31
"""A larger number means this one (RFC 9111 s1.2.2)."""

HEURISTIC = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})
"""Statuses that a cache may keep without being told how long (RFC 9110 s15.1)."""

# One element of the list; a quoted string that is never closed takes the rest.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+', re.DOTALL)
_DIRECTIVE = re.compile(
    r"""[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)|([^ \t;"]*)))?""", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class CacheControl:
    """The directives in their order, names in lower case; a value is None where none is given."""

    directives: tuple[tuple[str, str | None], ...] = ()

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.directives)

    def __bool__(self) -> bool:
        return bool(self.directives)

    def whole(self, name: str) -> bool:
        """Whether the directive stands there without a list of fields, which would limit it to these."""
        return any(key == name and not value for key, value in self.directives)

    def fields(self, name: str) -> frozenset[str]:
        """The header fields to which the directive is limited, in lower case; empty where it is not."""
        lists = (value.split(",") for key, value in self.directives if key == name and value)
        return frozenset(field.strip().lower() for fields in lists for field in fields)

    def seconds(self, name: str) -> int | None:
        """The first value of the directive; 0 for one that is no number, which is to be taken as stale (s4.2.1)."""
        for key, value in self.directives:
            if key == name:
                return delta_seconds(value or "") or 0
        return None


def parse_cache_control(text: str) -> CacheControl:
    """Read a Cache-Control field, or several joined by commas (s5.2). What is no directive is passed over."""
    return CacheControl(tuple(_directives(text)))


def _directives(text: str) -> Iterator[tuple[str, str | None]]:
    for element in _ELEMENT.findall(text):
        if match := _DIRECTIVE.match(element):
            quoted, token = match[2], match[3]
            yield match[1].lower(), _ESCAPED.sub(r"\1", quoted) if quoted is not None else token


def delta_seconds(text: str) -> int | None:
    """A number of seconds (s1.2.2); None where it is none."""
    if not _DIGITS.fullmatch(text):
        return None
    return MOST_SECONDS if len(text.lstrip("0")) > 10 else min(int(text), MOST_SECONDS)


def http_date(text: str) -> datetime | None:
    """A date in any of the three forms (RFC 9110 s5.6.7); None where it is none, "0" and "-1" among them."""
    try:
        date = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class SharedCaching:
    """What a shared cache may do with one answer."""

    storable: bool
    """Whether it may keep the answer at all (s3)."""
    public: bool
    """Whether `public` allows that outright."""
    lifetime: int | None
    """Seconds for which it is fresh, as the origin says; None where it does not say and a cache may guess."""
    checked: bool
    """Whether every use has to be checked with the origin first (no-cache, Vary: *)."""
    reason: str
    """Why: the part of the headers that decides."""
    withheld: frozenset[str] = frozenset()
    """Header fields, in lower case, that it must not give to another visitor (s5.2.2.4, s5.2.2.7)."""

    def keeps_for(self, seconds: int) -> bool:
        """Whether it may answer from store for `seconds` without asking the origin."""
        return self.storable and not self.checked and (self.lifetime or 0) >= seconds

    @property
    def hands_out_cookies(self) -> bool:
        """Whether the headers themselves allow storing, rather than merely not forbid it, cookies included."""
        return self.storable and (self.public or self.keeps_for(1)) and "set-cookie" not in self.withheld


def shared_caching(
    status: int, headers: Headers, *, authorized: bool = False, received: datetime | None = None
) -> SharedCaching:
    """Judge the answer to a GET as a shared cache has to (s3, s3.5, s4.2).

    Args:
        authorized: the request carried Authorization.
        received: when it came in, for answers without Date (default: now).
    """
    targeted = parse_cache_control(headers.joined("cdn-cache-control"))
    control = targeted or parse_cache_control(headers.joined("cache-control"))
    expires = "" if targeted else headers.get("expires")
    lifetime, source = _lifetime(control, expires, headers, received)
    checked = control.whole("no-cache") or "*" in (part.strip() for part in headers.joined("vary").split(","))
    forbidden = _forbidden(status, control, authorized=authorized, told="expires" in headers or lifetime is not None)
    return SharedCaching(
        storable=not forbidden,
        public="public" in control,
        lifetime=lifetime,
        checked=checked,
        reason=forbidden or ("every use is checked first" if checked else source),
        withheld=control.fields("private") | control.fields("no-cache"),
    )


def _forbidden(status: int, control: CacheControl, *, authorized: bool, told: bool) -> str:
    """Why a shared cache may not store it; empty where it may."""
    if "must-understand" in control:
        # s5.2.2.3: a cache that knows the status passes over no-store, one that does not must not store.
        if status not in HEURISTIC:
            return "must-understand"
    elif "no-store" in control:
        return "no-store"
    if control.whole("private"):
        return "private"
    if authorized and not ({"public", "s-maxage", "must-revalidate"} & {name for name, _ in control.directives}):
        return "the request was authorized"
    if not (told or "public" in control or status in HEURISTIC):
        return f"status {status} without a word on caching"
    return ""


def _lifetime(
    control: CacheControl, expires: str, headers: Headers, received: datetime | None
) -> tuple[int | None, str]:
    """Seconds of freshness and what says so (s4.2.1)."""
    for name in ("s-maxage", "max-age"):
        if (seconds := control.seconds(name)) is not None:
            return seconds, f"{name} {seconds} s"
    if not expires.strip():
        return None, "no word on how long"
    end, date = http_date(expires), http_date(headers.get("date")) or received or datetime.now(UTC)
    seconds = min(max(int((end - date).total_seconds()), 0), MOST_SECONDS) if end else 0
    return seconds, f"Expires {seconds} s after Date"


def cache_evidence(headers: Headers) -> str:
    """The fields that decide on caching, as sent, on one line."""
    names = ("cache-control", "cdn-cache-control", "expires", "age", "vary", "pragma")
    shown = [f"{name}: {value}" for name in names for value in headers.all(name)]
    return "; ".join(shown) or "no Cache-Control, no Expires"

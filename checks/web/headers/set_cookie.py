"""The grammar of Set-Cookie as browsers read it (RFC 6265bis s5.6), dates and prefixes included."""

from __future__ import annotations

import calendar
import re
import time
from dataclasses import dataclass

MAX_PAIR = 4096
"""Bytes of name and value together; a longer cookie is refused (s5.7)."""
MAX_ATTRIBUTE = 1024
"""Bytes of an attribute's value; a longer attribute is ignored (s5.6)."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DELIMITER = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)")
_DAY = re.compile(r"(\d{1,2})(?!\d)")
_YEAR = re.compile(r"(\d{2,4})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SAME_SITE = {"strict": "Strict", "lax": "Lax", "none": "None"}


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie as a browser would take it in."""

    name: str
    value: str
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    """ "Strict", "Lax", "None", or empty where it is not given or unknown."""
    domain: str | None = None
    """None where the cookie belongs to the host alone."""
    path: str | None = None
    """None where the request's own path counts."""
    max_age: int | None = None
    expires: float | None = None
    """Seconds since 1970."""
    partitioned: bool = False
    """Kept apart for each site in which it is embedded (CHIPS)."""

    def deletes(self, now: float | None = None) -> bool:
        """Whether it only takes an older cookie away. Max-Age goes before Expires."""
        if self.max_age is not None:
            return self.max_age <= 0
        return self.expires is not None and self.expires <= (time.time() if now is None else now)

    @property
    def broken_prefix(self) -> str:
        """Why a browser refuses the cookie for its prefix; empty where it does not (s5.7, names in any case)."""
        name = self.name.lower()
        if name.startswith("__host-"):
            missing = ["Secure"] if not self.secure else []
            missing += ["Path=/"] if self.path != "/" else []
            missing += ["no Domain"] if self.domain is not None else []
            return f"__Host- needs {', '.join(missing)}" if missing else ""
        if name.startswith("__secure-") and not self.secure:
            return "__Secure- needs Secure"
        return ""


@dataclass(frozen=True, slots=True)
class BadCookie:
    """A header line that browsers ignore, and why."""

    reason: str


def parse_set_cookie(line: str) -> Cookie | BadCookie:
    """Read one Set-Cookie header line (s5.6)."""
    if _CONTROL.search(line):
        return BadCookie("it holds a control character")
    pair, _, rest = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    name, value = name.strip(" \t"), value.strip(" \t")
    if not name and not value:
        return BadCookie("it has neither a name nor a value")
    if len(name.encode()) + len(value.encode()) > MAX_PAIR:
        return BadCookie(f"name and value are longer than {MAX_PAIR} bytes")
    if not name and value.lower().startswith(("__host-", "__secure-")):
        return BadCookie("a cookie without a name must not look like a prefix")
    return _with_attributes(name, value, rest)


def _with_attributes(name: str, value: str, rest: str) -> Cookie:
    """Of a repeated attribute the last counts (s5.7)."""
    secure = http_only = partitioned = False
    same_site = ""
    domain: str | None = None
    path: str | None = None
    max_age: int | None = None
    expires: float | None = None
    for attribute in rest.split(";"):
        key, _, given = attribute.partition("=")
        key, given = key.strip(" \t").lower(), given.strip(" \t")
        if len(given.encode()) > MAX_ATTRIBUTE:
            continue
        if key == "secure":
            secure = True
        elif key == "httponly":
            http_only = True
        elif key == "partitioned":
            partitioned = True
        elif key == "samesite":
            same_site = _SAME_SITE.get(given.lower(), "")
        elif key == "domain":
            domain = given.removeprefix(".").lower() or None
        elif key == "path":
            path = given if given.startswith("/") else None
        elif key == "max-age":
            max_age = _seconds(given, max_age)
        elif key == "expires":
            moment = parse_cookie_date(given)
            expires = expires if moment is None else moment
    return Cookie(name, value, secure, http_only, same_site, domain, path, max_age, expires, partitioned)


def _seconds(text: str, otherwise: int | None) -> int | None:
    if not re.fullmatch(r"-?[0-9]+", text):
        return otherwise
    # Longer than any life that a browser allows: the sign and the size class are all that counts.
    return int(text) if len(text) <= 12 else (-1 if text.startswith("-") else 10**11)


def parse_cookie_date(text: str) -> float | None:
    """Seconds since 1970 of a cookie's date in whatever order it comes (s5.1.1); None where it is none."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITER.split(text):
        if clock is None and (match := _TIME.match(token)):
            clock = int(match[1]), int(match[2]), int(match[3])
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(token)):
            year = int(match[1])
    if clock is None or day is None or month is None or year is None:
        return None
    year += 1900 if 70 <= year <= 99 else 2000 if 0 <= year <= 69 else 0
    hour, minute, second = clock
    if year < 1601 or hour > 23 or minute > 59 or second > 59:
        return None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return float(calendar.timegm((year, month, day, hour, minute, second)))

"""The grammar of Strict-Transport-Security (RFC 6797 s6.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# One directive: a token, and a value that is a token or a quoted string.
_DIRECTIVE = re.compile(
    r"""[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:=[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*"))?)?"""
    r"""[ \t]*(?:;|\Z)""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+")
MOST_SECONDS = 10**12
"""More than this is the same to every browser, and a number that is still handy."""


@dataclass(frozen=True, slots=True)
class TransportSecurity:
    """A header that browsers obey. `max_age` in seconds; 0 takes the protection back."""

    max_age: int
    include_subdomains: bool = False
    preload: bool = False


@dataclass(frozen=True, slots=True)
class BadTransportSecurity:
    """A header that browsers ignore, and why."""

    reason: str


def parse_hsts(text: str) -> TransportSecurity | BadTransportSecurity:
    """Read one header line. Unknown directives are ignored, as the RFC wants."""
    found: dict[str, str | None] = {}
    at = 0
    while at < len(text):
        match = _DIRECTIVE.match(text, at)
        if match is None:
            return BadTransportSecurity(f"it is not a list of directives from {text[at : at + 40]!r} on")
        at = match.end()
        if match[1] is None:
            continue
        name = match[1].lower()
        if name in found:
            return BadTransportSecurity(f"{name} stands there twice")
        value = match[2]
        found[name] = _ESCAPED.sub(r"\1", value[1:-1]) if value and value.startswith('"') else value
    age = found.get("max-age")
    if "max-age" not in found:
        return BadTransportSecurity("it has no max-age")
    if age is None or not _DIGITS.fullmatch(age):
        return BadTransportSecurity(f"max-age={age or ''} is not a number of seconds")
    seconds = MOST_SECONDS if len(age.lstrip("0")) > 12 else int(age)
    return TransportSecurity(seconds, "includesubdomains" in found, "preload" in found)

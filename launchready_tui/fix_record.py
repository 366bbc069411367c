"""Which DNS record a fix says to publish, read from its words: light enough to be asked while a screen is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_BY_RECORD = ("dns.www-missing", "spf.", "dmarc.", "tls-rpt.")
"""Checks, and families of them, whose fix may be one record to publish."""
_NAME = r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?"
_RECORD = re.compile(
    rf'(?<![\w.-])({_NAME}) (?:(TXT) ("(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*)|(CNAME) ({_NAME}))', re.IGNORECASE
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class FixRecord:
    """A DNS record to publish; the content of TXT is the text itself, without quotes."""

    type: Literal["CNAME", "TXT"]
    name: str
    content: str


def record_of(check: str, fix: str, domain: str) -> FixRecord | None:
    """The one record that a fix says to publish; None where it says anything else, or leaves something to fill in."""
    if not check.startswith(_BY_RECORD):
        return None
    found = [match for match in _RECORD.finditer(fix) if f".{match[1].lower()}".endswith(f".{domain}")]
    if len(found) != 1 or re.search(r"\b(?:delete|remove)\b", fix[: found[0].start()], re.IGNORECASE):
        return None
    name, text, target = found[0][1].lower(), found[0][3], found[0][5]
    if text is None:
        return FixRecord("CNAME", name, target.lower())
    content = "".join(re.sub(r"\\(.)", r"\1", string) for string in _STRING.findall(text))
    return None if "<" in content or "..." in content else FixRecord("TXT", name, content)

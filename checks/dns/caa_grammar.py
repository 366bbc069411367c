"""CAA records as typed values, and whom they let issue (RFC 8659): pure, never raises on any value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

CRITICAL = 128
KNOWN_TAGS = frozenset({"issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"})
"""Tags of IANA's registry; an unknown one that is critical forbids issuance (RFC 8659 s4.1)."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ISSUE = re.compile(rf"[ \t]*({_LABEL}(?:\.{_LABEL})*)?[ \t]*(?:;[\x20-\x7e\t]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Property:
    """One CAA record."""

    flags: int
    tag: str
    value: str

    @property
    def issuer(self) -> str:
        """Whom an issue property names, in lower case; empty where it names nobody or cannot be read (s4.2)."""
        match = _ISSUE.fullmatch(self.value)
        return (match[1] or "").lower() if match else ""

    def __str__(self) -> str:
        return f'{self.flags} {self.tag} "{self.value}"'


@dataclass(frozen=True, slots=True)
class Permission:
    """What a relevant record set says of issuance."""

    restricted: bool
    """Whether issuance is restricted at all."""
    issuers: frozenset[str] = frozenset()
    """Who may issue, where it is restricted."""
    unknown: str = ""
    """An unknown critical tag, which forbids issuance to everyone."""

    def allows(self, identities: Collection[str]) -> bool:
        """Whether an issuer of these CAA identities may issue."""
        if self.unknown:
            return False
        return not self.restricted or not self.issuers.isdisjoint(identities)

    @property
    def forbids_all(self) -> bool:
        return bool(self.unknown) or (self.restricted and not self.issuers)


def permission(records: Iterable[Property], *, wildcard: bool) -> Permission:
    """Read the relevant record set for a name, or for a wildcard under it (RFC 8659 s4.2, s4.3)."""
    properties = [Property(record.flags, record.tag.lower(), record.value) for record in records]
    unknown = next((p.tag for p in properties if p.flags & CRITICAL and p.tag not in KNOWN_TAGS), "")
    wild = [p for p in properties if p.tag == "issuewild"]
    deciding = wild if wildcard and wild else [p for p in properties if p.tag == "issue"]
    return Permission(bool(deciding), frozenset(p.issuer for p in deciding if p.issuer), unknown)

"""The Received fields of a message: which of them its receiver's own servers wrote (RFC 5321 s4.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks.dns.special import why_not_public
from checks.network import is_address

_BY = re.compile(r"\bby\s+([A-Za-z0-9][A-Za-z0-9._:-]*)", re.IGNORECASE)
_FROM = re.compile(r"\A\s*from\s", re.IGNORECASE)
_WITH_LMTP = re.compile(r"\bwith\s+U?LMTPS?A?\b", re.IGNORECASE)
_TO_HERE = re.compile(r"\sby\s", re.IGNORECASE)
_PEER = re.compile(r"\([^()\[\]]{0,300}\[(?:IPv6:)?([0-9A-Fa-f.:]{1,45})\]", re.IGNORECASE)
"""The address that the writing host itself saw, in the comment behind what its client called itself."""
_INNER_NAMES = (".internal", ".local", ".localdomain", ".lan", ".home.arpa")
_APPLE = ".me.com"
_MICROSOFT = (".outlook.com", ".office365.com", ".mx.microsoft")


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field."""

    by: str
    """The host that wrote it, in lower case; empty where it does not say."""
    local: bool
    """Whether it was handed over within one system: by LMTP, on one machine, or from nobody, as Gmail does."""
    private: bool = False
    """Whether it came from an address of a private network. A proxy before the receiver lends one to everybody."""


def read_hop(value: str) -> Hop:
    """Read the value of a Received field. Never raises."""
    match = _BY.search(value)
    by = match[1].lower().rstrip(".") if match else ""
    nameless = not _FROM.match(value) and (":" in by or is_address(by))
    peer = _PEER.search(_TO_HERE.split(value, maxsplit=1)[0]) if _FROM.match(value) else None
    network = why_not_public(peer[1]) if peer and is_address(peer[1]) else ""
    return Hop(
        by,
        local=nameless or _WITH_LMTP.search(value) is not None or network.startswith("loopback"),
        private=network.startswith("private"),
    )


def within(hops: Sequence[Hop]) -> int:
    """How many of the topmost hops are the receiver's: up to the one that took the message in from outside."""
    for place, hop in enumerate(hops):
        following = hops[place + 1] if place + 1 < len(hops) else None
        if following is None or not (
            hop.local or _one_system(hop.by, following.by) or (hop.private and _is_inner(following.by))
        ):
            return place + 1
    return 0


def _is_inner(host: str) -> bool:
    """Whether a host bears no name or address of the public Internet, so that it can only be one's own."""
    if is_address(host):
        return why_not_public(host).startswith("private")
    return "." not in host or host.endswith(_INNER_NAMES)


def _one_system(one: str, other: str) -> bool:
    if one.endswith(_MICROSOFT) and other.endswith(_MICROSOFT):
        return True
    # Apple's last host writes a name without a domain.
    if one and "." not in one and other.endswith(_APPLE):
        return True
    return one == other or related(one, other)


def related(one: str, other: str) -> bool:
    """Whether two host names lie below one another, or side by side below two labels."""
    if one.endswith(f".{other}") or other.endswith(f".{one}"):
        return "." in one and "." in other
    parent = one.partition(".")[2]
    return "." in parent and parent == other.partition(".")[2]

"""The DMARC record: its grammar by RFC 9989 s4.7 and s4.8, and how older receivers (RFC 7489) read it otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from checks.mail.message import address_domain
from checks.mail.taglist import TagList, parse_tags, split_list

POLICIES = ("none", "quarantine", "reject")
"""From the weakest to the strictest."""
OBSOLETE = ("pct", "rf", "ri")
"""Tags that RFC 9989 took out."""

_BEGINS = re.compile(r"v[ \t]*=[ \t]*DMARC1(?![A-Za-z0-9])")
_MEANT = re.compile(r"v ?= ?\"? ?dmarc|(?:^|;) ?\"? ?(?:s?p ?= ?(?:none|quarantine|reject)\b|ru[af] ?=)", re.IGNORECASE)
"""For text whose runs of white space are single spaces."""
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([!-~]+)")
_SIZE = re.compile(r"![0-9]+[kmgt]?\Z", re.IGNORECASE)
_ODD_NAME = re.compile(r"'[A-Za-z0-9._-]+' is no tag name")
"""What the tag list says of a name such as x-note, which receivers pass over like any tag that they do not know."""
_MAILBOX = re.compile(r"[^@\s]+@([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)")


@dataclass(frozen=True, slots=True)
class ReportUri:
    """Where reports go. `domain` is that of a mailto: address, else empty."""

    text: str
    scheme: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A TXT record that is meant as DMARC, as read."""

    text: str
    tags: TagList
    identified: bool
    """Whether v=DMARC1 stands first and to the letter; receivers pass over every other record."""
    problems: tuple[tuple[str, str], ...]
    """What makes it unusable as written: (tag or empty, a sentence)."""
    rua: tuple[ReportUri, ...] = ()
    ruf: tuple[ReportUri, ...] = ()

    def policy(self, tag: str) -> str:
        """The valid value of p, sp or np in lower case; empty where there is none."""
        value = (self.tags.get(tag) or "").lower()
        return value if value in POLICIES else ""

    def faulty(self, *names: str) -> bool:
        """Whether one of these tags is what is wrong."""
        return any(tag in names for tag, _ in self.problems)

    @property
    def applies(self) -> bool:
        """Whether a receiver by RFC 9989 s4.10.1 applies it, perhaps as p=none."""
        return self.identified and (self._sound or bool(self.rua))

    @property
    def _sound(self) -> bool:
        wrong = any(tag in self.tags and not self.policy(tag) for tag in ("sp", "np"))
        return bool(self.policy("p")) and not wrong

    def requested(self, *, below: bool = False, missing_name: bool = False) -> tuple[str, str]:
        """The policy asked for and the tag that asks, before t= is regarded.

        Args:
            below: for a subdomain of the record's domain.
            missing_name: for one that does not exist in DNS.
        """
        if not self._sound:
            return "none", "p"
        order = (("np",) if missing_name else ()) + ("sp",) if below else ()
        tag = next((tag for tag in order if self.policy(tag)), "p")
        return self.policy(tag), tag

    @property
    def test(self) -> bool:
        """t=y: what is asked for is applied one level lower."""
        return (self.tags.get("t") or "").lower() == "y"

    def lowered(self, policy: str) -> str:
        """The policy as applied: one level lower under t=y."""
        return POLICIES[max(POLICIES.index(policy) - 1, 0)] if self.test else policy

    @property
    def psd(self) -> str:
        """ "y", "n" or "u"."""
        value = (self.tags.get("psd") or "u").lower()
        return value if value in ("y", "n") else "u"

    def strict(self, tag: str) -> bool:
        """Whether adkim or aspf asks for the very same domain."""
        return (self.tags.get(tag) or "r").lower() == "s"

    @property
    def obsolete(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, value) for name, value in self.tags.tags if name in OBSOLETE)

    @property
    def percent(self) -> int | None:
        """pct= where it is a number from 0 to 99: the share of mail to which older receivers apply the policy."""
        value = self.tags.get("pct") or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 3 else None


def begins_dmarc(text: str) -> bool:
    """Whether a TXT record begins with v=DMARC1, to the letter (RFC 9989 s4.7)."""
    return _BEGINS.match(text) is not None


def meant_as_dmarc(text: str) -> bool:
    """Whether a TXT record at _dmarc is plainly meant as DMARC, however wrong."""
    return begins_dmarc(text) or _MEANT.search(" ".join(text.split())) is not None


def parse_record(text: str) -> DmarcRecord:
    """Read a record. Never raises; see `DmarcRecord.problems`. Unknown tags are passed over."""
    tags = parse_tags(text, empty_allowed=True)
    problems: list[tuple[str, str]] = [
        ("", error) for error in tags.errors if "more than once" not in error and not _ODD_NAME.fullmatch(error)
    ]
    problems += [(name, f"{name}= is given twice") for name in tags.repeated]
    identified = tags.first == "v" and tags.get("v") == "DMARC1" and text[:1] == "v"
    if not identified:
        problems.insert(0, ("v", _version_problem(text, tags)))
    for name in ("p", "sp", "np"):
        if name in tags and (tags.get(name) or "").lower() not in POLICIES:
            problems.append((name, f"{name}={_shown(tags, name)} is none of none, quarantine, reject"))
    for name in ("adkim", "aspf"):
        if name in tags and (tags.get(name) or "").lower() not in ("r", "s"):
            problems.append((name, f"{name}={_shown(tags, name)} is neither r nor s"))
    if "fo" in tags and not _is_fo(tags.get("fo") or ""):
        problems.append(("fo", f"fo={_shown(tags, 'fo')} is not one of 0 and 1, with d and s at most once each"))
    rua = _uris(tags, "rua", problems)
    ruf = _uris(tags, "ruf", problems)
    if "p" not in tags and "rua" not in tags:
        problems.append(("p", "it has neither p= nor rua="))
    return DmarcRecord(text, tags, identified, tuple(dict.fromkeys(problems)), rua, ruf)


def _version_problem(text: str, tags: TagList) -> str:
    if "v" not in tags:
        return "v=DMARC1 is missing"
    if text[:1] in " \t\"'":
        return "a space or a quotation mark stands before v=DMARC1"
    if tags.first != "v":
        return "v=DMARC1 is not the first tag"
    return f"v={_shown(tags, 'v')} is not DMARC1 to the letter"


def _shown(tags: TagList, name: str) -> str:
    return (tags.get(name) or "")[:60]


def _is_fo(value: str) -> bool:
    """RFC 9989 s4.8: 0 or 1 and not both, d and s each at most once, in any order."""
    parts = [part.lower() for part in split_list(value)]
    known = all(part in ("0", "1", "d", "s") for part in parts)
    return known and len(set(parts)) == len(parts) and not {"0", "1"} <= set(parts)


def _uris(tags: TagList, name: str, problems: list[tuple[str, str]]) -> tuple[ReportUri, ...]:
    """The valid URIs of rua or ruf; those that are none become problems."""
    value = tags.get(name)
    if value is None:
        return ()
    found = []
    for text in split_list(value, ","):
        uri = parse_report_uri(text)
        if uri:
            found.append(uri)
        else:
            hint = f" (mailto:{text} is meant?)" if _MAILBOX.fullmatch(text) else ""
            problems.append((name, f"{name}= holds {text[:80]!r}, which is no URI{hint}"))
    return tuple(found)


def repaired_uris(value: str) -> str:
    """The list of a rua or ruf with bare addresses made mailto: URIs and what is neither left out."""
    items = (text if parse_report_uri(text) else f"mailto:{text}" for text in split_list(value, ","))
    return ",".join(text for text in items if parse_report_uri(text))


def parse_report_uri(text: str) -> ReportUri | None:
    """Read one URI of rua or ruf; None for what is none. An obsolete size limit (!10m) is passed over."""
    bare = _SIZE.sub("", text)
    match = _URI.fullmatch(bare)
    if match is None:
        return None
    scheme = match[1].lower()
    if scheme != "mailto":
        return ReportUri(bare, scheme)
    address = unquote(match[2].partition("?")[0])
    return ReportUri(bare, scheme, address_domain(address)) if _MAILBOX.fullmatch(address) else None

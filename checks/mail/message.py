"""A mail message as bytes: its header fields as they stand, and its body (RFC 5322)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.international import a_labels
from checks.text import decoded

_BARE_BREAK = re.compile(rb"\r\n|\r|\n")
_ENVELOPE = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.-]+")
_FOLD = re.compile(r"\r\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: `raw` as it stands with its folds, without its last line break."""

    name: str
    """In lower case."""
    raw: bytes

    @property
    def value(self) -> str:
        """The text after the colon, unfolded."""
        return _FOLD.sub("", decoded(self.raw).partition(":")[2]).strip()


@dataclass(frozen=True, slots=True)
class Message:
    """Header fields, topmost first, and the body with CRLF line breaks."""

    fields: tuple[Field, ...]
    body: bytes

    def all(self, name: str) -> tuple[Field, ...]:
        wanted = name.lower()
        return tuple(field for field in self.fields if field.name == wanted)

    def get(self, name: str) -> str:
        """The value of the topmost field of this name; empty where there is none."""
        return next((field.value for field in self.all(name)), "")

    @property
    def from_domain(self) -> str:
        """The author's domain, in lower case; empty where From: names none or more than one."""
        found = {address_domain(address) for address in _addresses(self.get("from"))}
        return found.pop() if len(found) == 1 else ""


def _addresses(value: str) -> list[str]:
    """The addresses of a From or To value: names, quoted strings and comments left out.

    The library's own reader recurses into comments, which a hostile message can drive past every limit.
    """
    plain: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or depth):
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and depth and not quoted:
            depth -= 1
        elif not quoted and not depth:
            plain.append(character)
    parts = (part.partition("<")[2].partition(">")[0] if "<" in part else part for part in "".join(plain).split(","))
    return [part.strip() for part in parts if "@" in part]


def envelope_address(text: str) -> str:
    """The one address in "Name <address>" as an envelope takes it, its domain in A-labels; empty where it is none."""
    found = _addresses(text) if text.strip().isprintable() else []
    local, _, domain = found[0].rpartition("@") if len(found) == 1 else ("", "", "")
    try:
        address = f"{local}@{a_labels(domain)}"
    except UnicodeError:
        return ""
    return address if _ENVELOPE.fullmatch(address) else ""


def address_domain(address: str) -> str:
    """The domain of an address, or of a bare domain, in lower case without its last dot."""
    return address.strip().strip("<>").rpartition("@")[2].strip("[] ").rstrip(".").lower()


def parse_message(raw: bytes) -> Message:
    """Split a message into header fields and body. Line breaks become CRLF. Never raises.

    A first "From " line of a mailbox file is passed over; a line that is no field ends the header.
    """
    lines = _BARE_BREAK.sub(b"\r\n", raw).split(b"\r\n")
    fields: list[list[bytes]] = []
    at = 1 if lines[0].startswith(b"From ") else 0
    while at < len(lines) and lines[at]:
        line = lines[at]
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1].append(line)
        elif line.partition(b":")[0].strip() and b":" in line:
            fields.append([line])
        else:
            break
        at += 1
    begin = at + 1 if at < len(lines) and not lines[at] else at
    whole = (b"\r\n".join(parts) for parts in fields)
    return Message(
        tuple(Field(decoded(field.partition(b":")[0]).strip().lower(), field) for field in whole),
        b"\r\n".join(lines[begin:]),
    )

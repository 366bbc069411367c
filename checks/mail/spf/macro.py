"""Macro strings of SPF (RFC 7208 s7): read into pieces, and expanded with given values."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import dns.exception
import dns.name

LETTERS = frozenset("slodiphv")
"""Macro letters of a domain name."""
EXPLANATION_LETTERS = LETTERS | frozenset("crt")
DELIMITERS = frozenset(".-+,/_=")
NAME_LIMIT = 253
"""Characters of a domain name; a longer expansion loses labels on its left."""

_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_DIGITS = frozenset(string.digits)
_ALPHANUMERIC = frozenset(string.ascii_letters + string.digits)
_VISIBLE = frozenset(map(chr, range(0x21, 0x7F)))


class BadMacro(ValueError):
    """A text that is no macro string, or no domain made of one; the message says why."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One `%{...}`, or one of the escapes %%, %_ and %-."""

    letter: str
    """Lower case; what it stands for is the caller's affair. Of an escape the sign after the %."""
    keep: int | None = None
    """How many parts on the right are kept; None keeps all."""
    reverse: bool = False
    delimiters: str = "."
    escape: bool = False
    """Whether the letter was a capital: the value is then URL-escaped."""

    @property
    def is_escape(self) -> bool:
        return self.letter in _ESCAPES

    def expand(self, values: Mapping[str, str]) -> str:
        """What it stands for, given the values of the letters."""
        if self.is_escape:
            return _ESCAPES[self.letter]
        parts = re.split(f"[{re.escape(self.delimiters)}]", values[self.letter])
        if self.reverse:
            parts.reverse()
        text = ".".join(parts[-self.keep :] if self.keep is not None else parts)
        return quote(text, safe="") if self.escape else text


@dataclass(frozen=True, slots=True)
class MacroString:
    """A text in which macros stand for values of the message at hand."""

    text: str
    """As written."""
    pieces: tuple[str | Macro, ...]

    @property
    def letters(self) -> frozenset[str]:
        """What must be known to expand it."""
        return frozenset(p.letter for p in self.pieces if isinstance(p, Macro) and not p.is_escape)

    def expand(self, values: Mapping[str, str]) -> str:
        """The text with each macro replaced. `values` holds every one of `letters`."""
        return "".join(piece.expand(values) if isinstance(piece, Macro) else piece for piece in self.pieces)


def read_macros(text: str, *, letters: frozenset[str] = LETTERS, spaces: bool = False) -> MacroString:
    """Read a macro-string. Raises BadMacro.

    Args:
        letters: those that may stand in it.
        spaces: whether it may hold spaces, as an explanation's text may.
    """
    pieces: list[str | Macro] = []
    position = 0
    while position < len(text):
        percent = text.find("%", position)
        if percent < 0:
            percent = len(text)
        if percent > position:
            pieces.append(_literal(text[position:percent], spaces))
        if percent == len(text):
            break
        following = text[percent + 1 : percent + 2]
        if following in _ESCAPES:
            pieces.append(Macro(following))
            position = percent + 2
        elif following == "{":
            end = text.find("}", percent)
            if end < 0:
                raise BadMacro("a macro %{ is not closed with }")
            pieces.append(_macro(text[percent + 2 : end], letters))
            position = end + 1
        else:
            raise BadMacro("a % must be followed by {, %, _ or -")
    return MacroString(text, tuple(pieces))


def _literal(text: str, spaces: bool) -> str:
    for character in text:
        if character not in _VISIBLE and not (spaces and character == " "):
            raise BadMacro(f"it holds the character U+{ord(character):04X}, which is not allowed")
    return text


def _macro(body: str, letters: frozenset[str]) -> Macro:
    """Read what stands between %{ and }: a letter, digits, "r", delimiters."""
    letter = body[:1].lower()
    if letter not in letters:
        raise BadMacro(f"%{{{body[:20]}}} is no macro that may stand here")
    end = 1
    while end < len(body) and body[end] in _DIGITS:
        end += 1
    digits = body[1:end]
    reverse = body[end : end + 1] in ("r", "R")
    delimiters = body[end + 1 :] if reverse else body[end:]
    if not DELIMITERS.issuperset(delimiters):
        raise BadMacro(f"%{{{body[:20]}}} holds what is neither a digit, nor r, nor a delimiter")
    keep = None
    if digits:
        # No name has more parts than three digits can count; int() refuses texts of thousands of digits.
        digits = digits.lstrip("0")
        keep = int(digits) if len(digits) <= 3 and digits else 999
        if not digits:
            raise BadMacro(f"%{{{body[:20]}}} keeps no part at all: the number must not be zero")
    return Macro(letter, keep, reverse, "".join(sorted(set(delimiters))) or ".", body[0].isupper())


def read_domain(text: str) -> MacroString:
    """Read a domain-spec: a macro string that ends in a macro or in a top-level label. Raises BadMacro."""
    if not text:
        raise BadMacro("the domain is missing")
    spec = read_macros(text)
    last = spec.pieces[-1]
    if isinstance(last, Macro):
        return spec
    _, dot, top = last.removesuffix(".").rpartition(".")
    if not dot:
        raise BadMacro(f"{text} is no domain name of at least two labels")
    if not _is_top_label(top):
        raise BadMacro(f"{text} does not end in a top-level domain")
    if not spec.letters and dns_name(spec.expand({})) is None:
        raise BadMacro(f"{text} cannot be a domain name: it has an empty label, or one of more than 63 characters")
    return spec


def _is_top_label(label: str) -> bool:
    """Letters, digits and inner hyphens, and not digits alone."""
    return (
        bool(label)
        and _ALPHANUMERIC.issuperset(label.replace("-", ""))
        and label[0] != "-"
        and label[-1] != "-"
        and not _DIGITS.issuperset(label)
    )


def shortened(name: str) -> str:
    """A name of at most 253 characters: labels are dropped on the left until it fits (RFC 7208 s7.3)."""
    name = name.removesuffix(".")
    if len(name) <= NAME_LIMIT:
        return name
    dot = name.find(".", len(name) - NAME_LIMIT - 1)
    return name[dot + 1 :] if dot >= 0 else name


def dns_name(name: str) -> dns.name.Name | None:
    """The DNS name that a text stands for, every character other than the dot taken as it is; None if none can be."""
    try:
        return dns.name.Name((*(label.encode("ascii") for label in name.removesuffix(".").split(".")), b""))
    except (UnicodeEncodeError, dns.exception.DNSException):
        return None

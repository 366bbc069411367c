"""The grammar of structured header fields: dictionaries, with their items, inner lists and parameters (RFC 9651)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "decimal", "string", "token", "bytes", "boolean", "date", "display"]

_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_ITEM = re.compile(
    r"""(?P<decimal>-?[0-9]{1,12}\.[0-9]{1,3})(?![0-9.])"""
    r"""|(?P<integer>-?[0-9]{1,15})(?![0-9.])"""
    r"""|"(?P<string>(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)\""""
    r"""|(?P<token>[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*)"""
    r"""|:(?P<bytes>[A-Za-z0-9+/]*={0,2}):"""
    r"""|\?(?P<boolean>[01])"""
    r"""|@(?P<date>-?[0-9]{1,15})(?![0-9.])"""
    r"""|%"(?P<display>(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*)\""""
)
_KINDS: tuple[Kind, ...] = ("decimal", "integer", "string", "token", "bytes", "boolean", "date", "display")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Item:
    """A bare item with its parameters. `text` is as written, a string's escapes resolved."""

    kind: Kind
    text: str
    parameters: tuple[tuple[str, Item], ...] = ()


@dataclass(frozen=True, slots=True)
class InnerList:
    items: tuple[Item, ...]
    parameters: tuple[tuple[str, Item], ...] = ()


@dataclass(frozen=True, slots=True)
class Malformed:
    """A field that is ignored as a whole, and what it could not be read from on."""

    rest: str


Member = Item | InnerList
_TRUE = Item("boolean", "1")


class _Bad(Exception):
    """Raised and caught within this module; `at` is where reading stopped."""

    def __init__(self, at: int) -> None:
        self.at = at


def parse_dictionary(text: str) -> dict[str, Member] | Malformed:
    """Read a field's value, all its lines joined by commas (s4.2.2). Of a repeated key the last counts."""
    found: dict[str, Member] = {}
    at = _spaces(text, 0)
    try:
        while at < len(text):
            key, at = _key(text, at)
            member: Member
            if text.startswith("=", at):
                member, at = _inner_list(text, at + 1) if text.startswith("(", at + 1) else _item(text, at + 1)
            else:
                parameters, at = _parameters(text, at)
                member = Item(_TRUE.kind, _TRUE.text, parameters)
            found[key] = member
            at = _blanks(text, at)
            if at == len(text):
                break
            if text[at] != ",":
                raise _Bad(at)
            at = _blanks(text, at + 1)
            if at == len(text):
                # A comma with nothing behind it.
                raise _Bad(at - 1)
    except _Bad as bad:
        return Malformed(text[bad.at :][:60])
    return found


def _key(text: str, at: int) -> tuple[str, int]:
    match = _KEY.match(text, at)
    if match is None:
        raise _Bad(at)
    return match[0], match.end()


def _item(text: str, at: int) -> tuple[Item, int]:
    bare, at = _bare(text, at)
    parameters, at = _parameters(text, at)
    return Item(bare.kind, bare.text, parameters), at


def _bare(text: str, at: int) -> tuple[Item, int]:
    match = _ITEM.match(text, at)
    if match is None:
        raise _Bad(at)
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    written = match[kind]
    return Item(kind, _ESCAPED.sub(r"\1", written) if kind == "string" else written), match.end()


def _inner_list(text: str, at: int) -> tuple[InnerList, int]:
    items: list[Item] = []
    at = _spaces(text, at + 1)
    while not text.startswith(")", at):
        item, after = _item(text, at)
        items.append(item)
        at = _spaces(text, after)
        if at == after and not text.startswith(")", at):
            raise _Bad(at)
    parameters, at = _parameters(text, at + 1)
    return InnerList(tuple(items), parameters), at


def _parameters(text: str, at: int) -> tuple[tuple[tuple[str, Item], ...], int]:
    found: dict[str, Item] = {}
    while text.startswith(";", at):
        key, at = _key(text, _spaces(text, at + 1))
        found[key] = _TRUE
        if text.startswith("=", at):
            found[key], at = _bare(text, at + 1)
    return tuple(found.items()), at


def _spaces(text: str, at: int) -> int:
    while text.startswith(" ", at):
        at += 1
    return at


def _blanks(text: str, at: int) -> int:
    while text.startswith((" ", "\t"), at):
        at += 1
    return at

"""The grammar of Permissions-Policy (W3C Permissions Policy s5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.web.headers.structured import InnerList, Item, Malformed, parse_dictionary

EVERYBODY = "*"
SELF = "self"


def parse_permissions(lines: Iterable[str]) -> Mapping[str, tuple[str, ...]] | Malformed:
    """Return who may use each feature: "*", "self" and origins; an empty list shuts it for all.

    What is neither is left out of a list, as browsers do. Malformed where browsers ignore the whole header.
    """
    members = parse_dictionary(", ".join(line.strip(" \t") for line in lines if line.strip(" \t")))
    if isinstance(members, Malformed):
        return members
    return {feature: _allowed(member) for feature, member in members.items()}


def _allowed(member: Item | InnerList) -> tuple[str, ...]:
    items = member.items if isinstance(member, InnerList) else (member,)
    names = [_name(item) for item in items]
    return (EVERYBODY,) if EVERYBODY in names else tuple(dict.fromkeys(name for name in names if name))


def _name(item: Item) -> str:
    if item.kind == "string":
        return item.text
    return item.text if item.kind == "token" and item.text in (EVERYBODY, SELF) else ""

"""The "tag=value; tag=value" lists that DKIM, DMARC, MTA-STS, TLS-RPT and BIMI records are written in."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WHITE = " \t\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags in their order, white space around names and values removed, and what is wrong with the list."""

    tags: tuple[tuple[str, str], ...]
    errors: tuple[str, ...] = ()

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a tag; names are case-sensitive (RFC 6376 s3.2)."""
        return next((value for key, value in self.tags if key == name), default)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.tags)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Names that are given more than once."""
        return tuple(name for name, count in Counter(key for key, _ in self.tags).items() if count > 1)

    @property
    def first(self) -> str:
        """The name of the first tag; empty where there is none."""
        return self.tags[0][0] if self.tags else ""


def parse_tags(text: str, *, empty_allowed: bool = False) -> TagList:
    """Read a tag list (RFC 6376 s3.2); one semicolon may end it.

    Args:
        empty_allowed: pass over an empty tag (";;") instead of calling it an error.
    """
    parts = text.split(";")
    if not parts[-1].strip(WHITE):
        parts.pop()
    tags: list[tuple[str, str]] = []
    errors: list[str] = []
    seen: set[str] = set()
    for part in parts:
        bare = part.strip(WHITE)
        if not bare:
            if not empty_allowed:
                errors.append("two semicolons stand with nothing between them")
            continue
        name, equals, value = bare.partition("=")
        name = name.rstrip(WHITE)
        if not equals:
            errors.append(f"{bare[:60]!r} has no = sign")
        elif not _NAME.fullmatch(name):
            errors.append(f"{name[:60]!r} is no tag name")
        else:
            if name in seen:
                errors.append(f"{name}= is given more than once")
            seen.add(name)
            tags.append((name, value.strip(WHITE)))
    return TagList(tuple(tags), tuple(dict.fromkeys(errors)))


def split_list(value: str, separator: str = ":") -> tuple[str, ...]:
    """The items of a list in a tag's value, white space removed."""
    return tuple(item.strip(WHITE) for item in value.split(separator))


def without_white(value: str) -> str:
    """The value with all folding white space taken out, as base64 is read."""
    return "".join(value.split())


def base64_of(value: str) -> bytes | None:
    """The bytes of a base64string, whose padding may be left out (RFC 6376 s2.10); None for what is none."""
    bare = without_white(value)
    digits = bare[:-2] + bare[-2:].rstrip("=")
    if "=" in digits:
        return None
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def written(tags: Iterable[tuple[str, str]]) -> str:
    """A tag list as it is published."""
    return "; ".join(f"{name}={value}" for name, value in tags)

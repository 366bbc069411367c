"""The table of hosting platforms: how each is known, where its secrets live, how one releases and goes back."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Platform:
    """A hosting platform. `rollback` is empty where the platform itself knows none."""

    name: str
    files: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    """Files that others have too: they count where nothing else tells a platform."""
    runs: tuple[str, ...] = ()
    """What CI or a script of the project runs to deploy there."""
    may_run: tuple[str, ...] = ()
    """What is run for other ends as well; it counts as a hint does."""
    vendor: str = ""
    """The cloud whose front stands before many of its services: the site's answers show it, and not which."""
    aliases: tuple[str, ...] = ()
    cnames: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    secrets: str = ""
    rollback: str = ""
    keeps: str = ""
    """What going back does not bring back."""
    release: tuple[str, ...] = ()
    sure: bool = True
    """Whether the vendor's own pages say so."""


@functools.cache
def platforms() -> tuple[Platform, ...]:
    """The table of platforms."""
    data = tomllib.loads(resources.files(__package__ or "checks.repo").joinpath("platforms.toml").read_text("utf-8"))
    return tuple(_platform(row) for row in data["platform"])


def _platform(row: dict[str, Any]) -> Platform:
    typed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Platform(**typed)


def by_name(name: str) -> Platform | None:
    """The platform that a person named: by its name, another name of it, or whole words of either."""
    wanted = _words(name)
    if not wanted:
        return None
    known = [(platform, [_words(word) for word in (platform.name, *platform.aliases)]) for platform in platforms()]
    fits: tuple[Callable[[str], bool], ...] = (
        lambda words: words == wanted,
        lambda words: f" {words} " in f" {wanted} ",
        lambda words: f" {wanted} " in f" {words} ",
    )
    for fit in fits:
        if (told := next((platform for platform, names in known if any(map(fit, names))), None)) is not None:
            return told
    return None


def _words(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))


def by_cname(target: str) -> Platform | None:
    """The platform that a CNAME leads to; whole labels only."""
    return next((p for p in platforms() if any(fnmatchcase(f".{target}", f"*.{c}") for c in p.cnames)), None)


def by_headers(fields: Iterable[tuple[str, str]]) -> list[tuple[Platform, str]]:
    """The platforms that a response's header fields (names in lower case) show, each with the name that did."""
    given = list(fields)
    shown = []
    for platform in platforms():
        signs = [sign.partition(": ") for sign in platform.headers]
        told = (n for n, value in given for name, _, pattern in signs if n == name and re.search(pattern, value, re.I))
        if name := next(told, ""):
            shown.append((platform, name))
    return shown

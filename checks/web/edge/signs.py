"""Which edge networks answer for a host, and by what signs: address range, CNAME chain, headers of the answer."""

from __future__ import annotations

import fnmatch
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from checks.network import Headers
from checks.web.edge.ranges import edge_of_address


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason to say that an edge answers."""

    edge: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Marks:
    name: str
    cnames: tuple[str, ...]
    headers: Mapping[str, re.Pattern[str]]
    cookies: tuple[str, ...]

    def sets(self, cookie: str) -> bool:
        return any(fnmatch.fnmatchcase(cookie.lower(), wanted) for wanted in self.cookies)


@functools.lru_cache(maxsize=1)
def _tables() -> dict[str, tuple[_Marks, ...]]:
    data = tomllib.loads(files(__package__).joinpath("signs.toml").read_text("utf-8"))
    return {kind: tuple(_marks(row) for row in rows) for kind, rows in data.items()}


def _marks(row: Mapping[str, Any]) -> _Marks:
    headers = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in row.get("headers", {}).items()}
    cookies = tuple(cookie.lower() for cookie in row.get("cookies", ()))
    return _Marks(row["name"], tuple(row.get("cnames", ())), headers, cookies)


def signs_of_addresses(addresses: Iterable[str]) -> tuple[Sign, ...]:
    """Signs by published address ranges."""
    found = ((address, edge_of_address(address)) for address in addresses)
    return tuple(Sign(edge, f"{address} lies in the address ranges of {edge}") for address, edge in found if edge)


def signs_of_names(targets: Iterable[str]) -> tuple[Sign, ...]:
    """Signs by the names that a CNAME chain leads to."""
    return _name_signs("edge", targets)


def signs_of_headers(headers: Headers) -> tuple[Sign, ...]:
    """Signs by the headers and cookies of an answer, those aside that other hosting leaves too."""
    return _header_signs("edge", headers)


def other_hosting(targets: Iterable[str], headers: Headers | None) -> tuple[Sign, ...]:
    """Signs of hosting that is known and no edge (Heroku, Railway, Fly.io)."""
    return (*_name_signs("none", targets), *(_header_signs("none", headers) if headers else ()))


def set_by_edge(cookie: str) -> bool:
    """Whether an edge sets a cookie of this name by itself, after its cache."""
    return any(marks.sets(cookie) for marks in _tables()["edge"])


def edges(signs: Iterable[Sign]) -> tuple[str, ...]:
    """The edges that the signs name, each once."""
    return tuple(dict.fromkeys(sign.edge for sign in signs))


def _name_signs(kind: str, targets: Iterable[str]) -> tuple[Sign, ...]:
    return tuple(
        Sign(marks.name, f"its CNAME leads to {target}")
        for target in targets
        for marks in _tables()[kind]
        if any(_under(target, suffix) for suffix in marks.cnames)
    )


def _under(name: str, suffix: str) -> bool:
    """Whether `name` is `suffix` or lies below it; "*" stands for part of a label."""
    labels, wanted = name.lower().rstrip(".").split("."), suffix.split(".")
    last = labels[-len(wanted) :]
    return len(last) == len(wanted) and all(map(fnmatch.fnmatchcase, last, wanted))


def _header_signs(kind: str, headers: Headers) -> tuple[Sign, ...]:
    names = [line.partition("=")[0].strip() for line in headers.all("set-cookie")]
    signs: list[Sign] = []
    for marks in _tables()[kind]:
        for name, pattern in marks.headers.items():
            value = next((value for value in headers.all(name) if pattern.search(value)), None)
            if value is not None:
                signs.append(Sign(marks.name, f"header {name}: {value[:80]}"))
        signs += (Sign(marks.name, f"cookie {cookie}") for cookie in names if marks.sets(cookie))
    return tuple(signs)

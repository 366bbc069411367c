"""Hosts that no visitor reaches or should meet, and the URLs of a script that call them."""

from __future__ import annotations

import bisect
import functools
import ipaddress
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

from checks.web.javascript import string_spans

_PRIVATE = tuple(
    ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")
)
"""Networks of homes and offices. 169.254.0.0/16 is left out: cloud libraries carry its metadata address."""
_LOOPBACK = tuple(ipaddress.ip_network(net) for net in ("127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"))

_URL = re.compile(
    r"""(?:(?<!\\)["'`]|\\":\s?\\")"""
    r"""((?:(?:https?|wss?):)?(?:\\?/){2}(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(:\d{1,5})?((?:\\?/[^"'`\\\s<>]*)*))""",
    re.IGNORECASE,
)
# Words before an address that make it one of several, chosen by where the script runs, with the sign of the choice.
_CHOICE = re.compile(
    r"(?:hostname|location\.host|NODE_ENV|import\.meta\.env|isDev|__DEV__|development)\b.*(?:[?:]|&&|\|\||[!=]=|\))",
    re.IGNORECASE | re.DOTALL,
)
_CHOICE_WITHIN = 160
# A string that is never empty stands before: "https://api.example.com" || "http://localhost:3000".
_NEVER_REACHED = re.compile(r"""[^"'`\s]["'`]\s*(?:\|\||\?\?)\s*\Z""")


@dataclass(frozen=True, slots=True)
class DevHosts:
    machine: tuple[str, ...]
    tunnel: tuple[str, ...]
    preview: tuple[str, ...]
    preview_pattern: re.Pattern[str]
    library: frozenset[str]


@functools.cache
def dev_hosts() -> DevHosts:
    """The table beside this file, read once."""
    table = tomllib.loads(resources.files(__package__).joinpath("dev_hosts.toml").read_text("utf-8"))
    return DevHosts(
        tuple(table["machine"]),
        tuple(table["tunnel"]),
        tuple(table["preview"]),
        re.compile("|".join(f"(?:{pattern})" for pattern in table["preview_patterns"])),
        frozenset(table["library"]),
    )


def kind_of_host(name: str) -> str:
    """Say what kind of developer's host `name` is; empty where it is none."""
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        known = dev_hosts()
        name = name.lower().rstrip(".")
        if _below(name, known.machine):
            return "the developer's own machine"
        if _below(name, known.tunnel):
            return "a tunnel to a developer's machine"
        return "a preview host" if _below(name, known.preview) or known.preview_pattern.fullmatch(name) else ""
    if any(address in network for network in _LOOPBACK):
        return "the developer's own machine"
    return "a private address" if any(address in network for network in _PRIVATE) else ""


def _below(name: str, domains: tuple[str, ...]) -> bool:
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def dev_urls(script: str) -> tuple[tuple[str, str], ...]:
    """The URLs of developers' hosts that a script calls: (URL, host).

    Only a string that is such a URL from its beginning counts, so that comments and prose are passed over. What
    libraries carry as a default, a bare http://localhost, and one side of a choice by the place that the script
    runs at are no calls either.
    """
    found: list[tuple[int, str, str]] = []
    for match in _URL.finditer(script):
        name = match[2] or match[3]
        if not kind_of_host(name):
            continue
        url = match[1].replace("\\/", "/")
        is_own_machine = kind_of_host(name) == "the developer's own machine"
        bare = is_own_machine and not match[4] and match[5].replace("\\", "") in ("", "/")
        before = script[max(0, match.start() - _CHOICE_WITHIN) : match.start()]
        if bare or url.rstrip("/") in dev_hosts().library or _CHOICE.search(before) or _NEVER_REACHED.search(before):
            continue
        found.append((match.start(), url, name))
    if not found:
        return ()
    spans = string_spans(script)
    starts = [start for start, _ in spans]
    kept: dict[str, str] = {}
    for at, url, name in found:
        index = bisect.bisect_right(starts, at) - 1
        # A string begins right there, or the address is a value of JSON within one.
        if index >= 0 and (starts[index] == at or (script[at] == "\\" and at < spans[index][1])):
            kept.setdefault(url, name)
    return tuple(kept.items())

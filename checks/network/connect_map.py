"""Rules that send what would go to one place to another: curl's --connect-to, for TCP and UDP."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass


class BadRule(ValueError):
    """A line that is no HOST:PORT:HOST2:PORT2; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`host` and `port` to match (empty or None: any), `to_host` and `to_port` to go to (empty or None: kept)."""

    host: str
    port: int | None
    to_host: str
    to_port: int | None


_PART = r"(?:\[([^\]]*)\]|([^:\[\]]*))"
_RULE = re.compile(rf"{_PART}:(\d*):{_PART}:(\d*)")


def canonical_host(text: str) -> str:
    """A name in lower case without its last dot, or an IP address in its shortest form."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return text.lower().rstrip(".")


def parse_rule(line: str) -> Rule:
    """Read one HOST:PORT:HOST2:PORT2, IPv6 addresses in brackets. Raises BadRule."""
    match = _RULE.fullmatch(line.strip())
    if match is None:
        raise BadRule(f"{line.strip()!r} is not HOST:PORT:HOST2:PORT2 (IPv6 addresses in brackets)")
    host, port = match[1] or match[2] or "", match[3]
    to_host, to_port = match[4] or match[5] or "", match[6]
    for number in (port, to_port):
        if number and not 0 < int(number) < 65536:
            raise BadRule(f"{line.strip()!r}: {number} is not a port")
    return Rule(
        canonical_host(host), int(port) if port else None, canonical_host(to_host), int(to_port) if to_port else None
    )


def parse_map(text: str) -> list[Rule]:
    """Read a connect map: a rule a line, `#` starts a comment. Raises BadRule."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [parse_rule(line) for line in lines if line]


def _rule(rule: Rule | str) -> Rule:
    return rule if isinstance(rule, Rule) else parse_rule(rule)


class ConnectMap:
    """An ordered list of rules; the first that matches wins."""

    def __init__(self, rules: Iterable[Rule | str] = ()) -> None:
        self._rules = [_rule(rule) for rule in rules]

    def prefer(self, rule: Rule | str) -> None:
        """Put a rule before all others."""
        self._rules.insert(0, _rule(rule))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def target(self, names: Iterable[str], port: int) -> tuple[str, int] | None:
        """Where a connection known under any of `names` (a host name, an address) goes; None if unmapped."""
        known = {canonical_host(name) for name in names}
        for rule in self._rules:
            if (not rule.host or rule.host in known) and rule.port in (None, port):
                return rule.to_host, rule.to_port or port
        return None

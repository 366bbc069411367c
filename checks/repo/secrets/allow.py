"""What the owner of a repository allows: `.launchready-scan.toml` at its root.

key = "0f1e..."                      # makes fingerprints the same on every machine
fingerprints = ["...", "..."]

[[allow]]
rule = "generic-secret"              # "*" for every rule
paths = ["tests/**", "docs/*.md"]    # "**" stands for any number of folders
reason = "made-up values"
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.errors import CannotTell

NAME = ".launchready-scan.toml"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One rule that is allowed in some paths."""

    rule: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is not to be reported."""

    fingerprints: frozenset[str] = frozenset()
    exemptions: tuple[Exemption, ...] = ()
    key: bytes = b""
    """For the fingerprints; empty where the machine's own is used."""

    def covers(self, rule: str, path: str, fingerprint: str) -> bool:
        if fingerprint in self.fingerprints:
            return True
        return any(
            each.rule in ("*", rule) and any(_glob(pattern).fullmatch(path) for pattern in each.paths)
            for each in self.exemptions
        )


@functools.cache
def _glob(pattern: str) -> re.Pattern[str]:
    text = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return re.compile(text, re.DOTALL)


def read_allowed(root: Path) -> Allowed:
    """Read the file at the root of a tree. Raises CannotTell where it is there but cannot be understood."""
    try:
        raw = (root / NAME).read_bytes()
    except OSError:
        return Allowed()
    import tomllib  # only now: few repositories have one

    try:
        return _allowed(tomllib.loads(raw.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as problem:
        raise CannotTell(f"{NAME} cannot be understood: {problem}") from problem


def _allowed(table: dict[str, Any]) -> Allowed:
    unknown = table.keys() - {"key", "fingerprints", "allow"}
    if unknown:
        raise ValueError(f"it has no setting {min(unknown)!r}")
    exemptions = []
    for entry in table.get("allow", []):
        rule, paths = entry.get("rule", "*"), entry.get("paths", ["**"])
        if not isinstance(rule, str) or not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise ValueError("an [[allow]] has a rule (a name) and paths (a list of patterns)")
        if rule == "*" and "**" in paths:
            raise ValueError("an [[allow]] of every rule in every path would hide everything")
        exemptions.append(Exemption(rule, tuple(paths)))
    return Allowed(
        frozenset(map(str, table.get("fingerprints", []))), tuple(exemptions), bytes.fromhex(table.get("key", ""))
    )

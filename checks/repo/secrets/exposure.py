"""A secret as a scan reports it: where it stands, since when, and whether it is still there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from checks.repo.secrets.rule import Rule, count, rules

_QUIET = re.compile(
    r"(?i)(?:^|/)(?:tests?|__tests__|specs?|e2e|fixtures?|testdata|mocks?|docs?|examples?|samples?|node_modules|vendor|"
    r"third[_-]party|site-packages|bower_components|ansible_collections|molecule)/|[._-](?:test|spec|mock|example|sample)s?\.\w+$|\.(?:md|rst|adoc|lock)$"
)
"""Where a text that only resembles a secret is likely to be one that is made up."""

RULES: dict[str, Rule] = {}


def rule_of(name: str) -> Rule:
    if not RULES:
        RULES.update({rule.id: rule for rule in rules()})
    return RULES[name]


@dataclass(frozen=True, slots=True)
class Exposure:
    """One secret in one place. Nothing in it gives the value away."""

    rule: str
    title: str
    path: str
    """Of the file; "(commit message)", "(tag message)" or "(unnamed object)" for what is in none."""
    line: int
    commit: str
    """The first that brought it here; empty where it is not committed."""
    blob: str
    """Id of the object; empty for a file that is not committed."""
    date: str
    """Author date of that commit, RFC 3339."""
    masked: str
    status: str
    """"fail" for a live-looking secret, "warn" for a test account's or a doubtful one."""
    fingerprint: str
    where: str
    """"tree", "staged" or "history"."""
    in_tree: bool
    """The secret still stands somewhere in the working tree."""
    reachable: bool
    """A ref, the stash or the reflog leads to it; else this clone alone holds it."""
    ignored: bool
    """Git ignores the file: it lies on this machine only."""
    public: bool
    layer: str
    rotate: str

    @property
    def place(self) -> str:
        """Path and line."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def standing(self) -> str:
        """Where it stands now, in words."""
        if self.where == "staged":
            return "staged, about to be committed"
        if self.where == "history":
            reach = "in the history" if self.reachable else "in an object of this clone that nothing leads to"
            return f"{reach}, and still in the working tree" if self.in_tree else f"{reach}, no longer in a file"
        if self.ignored:
            return "in a file that git ignores: on this machine only"
        return "in the working tree and in the history" if self.commit else "in the working tree, not committed"

    def as_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "title": self.title,
            "path": self.path,
            "line": self.line,
            "commit": self.commit or None,
            "blob": self.blob or None,
            "date": self.date or None,
            "masked": self.masked,
            "status": self.status,
            "fingerprint": self.fingerprint,
            "where": self.where,
            "in_tree": self.in_tree,
            "reachable": self.reachable,
            "ignored": self.ignored,
            "layer": self.layer or None,
        }


def lowered(status: str, rule: Rule, path: str) -> str:
    """A secret of no known shape counts less where samples are usual."""
    return "warn" if status == "fail" and rule.rank == 0 and _QUIET.search(path) else status


@dataclass(slots=True)
class Report:
    """What a scan tells."""

    exposures: list[Exposure] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Why the scan is incomplete, one sentence each: what should have been looked at but could not be."""
    outside: list[str] = field(default_factory=list)
    """What is kept elsewhere and has to be scanned there, one sentence each: submodules, Git LFS."""
    allowed: int = 0
    """Secrets that are not reported since the owner allows them."""
    objects: int = 0
    files: int = 0
    bytes: int = 0
    history: bool = False
    """The folder is a repository and its history was looked at."""
    remembered: bool = False
    """The history is as it was at the last scan."""
    stopped: bool = False
    seconds: float = 0.0

    @property
    def counters(self) -> dict[str, Any]:
        return {
            "secrets": len({each.fingerprint for each in self.exposures}),
            "fail": sum(each.status == "fail" for each in self.exposures),
            "warn": sum(each.status == "warn" for each in self.exposures),
            "allowed": self.allowed,
            "objects": self.objects,
            "files": self.files,
            "bytes": self.bytes,
            "rules": count(),
            "seconds": round(self.seconds, 3),
        }

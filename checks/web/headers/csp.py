"""The grammar of Content-Security-Policy (CSP Level 3) and what a policy lets a script do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPACES = " \t\n\f\r"
_BETWEEN = re.compile(r"[ \t\n\f\r]+")
_NONCE = re.compile(r"'nonce-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_SCHEMES = frozenset({"https:", "http:", "data:", "blob:"})
_ANY_HOST = re.compile(r"(?:https?://)?\*(?::(?:\*|\d+))?(?:/.*)?", re.DOTALL)

NOT_IN_META = frozenset({"frame-ancestors", "report-uri", "sandbox"})
"""Directives that a meta element cannot give (CSP Level 3 s3.3)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: its directives in order, names in lower case; of a repeated one the first counts."""

    directives: tuple[tuple[str, tuple[str, ...]], ...]
    repeated: tuple[str, ...] = ()
    """Names of directives that are given again, without effect."""

    def get(self, name: str) -> tuple[str, ...] | None:
        """The source list of a directive; None where it is not given."""
        return next((values for key, values in self.directives if key == name), None)


def parse_policy(text: str) -> Policy:
    """Read one serialized policy (CSP Level 3 s2.2.1). Tokens beyond ASCII are skipped, as there."""
    directives: dict[str, tuple[str, ...]] = {}
    repeated: list[str] = []
    for token in text.split(";"):
        token = token.strip(_SPACES)
        if not token or not token.isascii():
            continue
        name, *values = _BETWEEN.split(token)
        name = name.lower()
        if name in directives:
            repeated.append(name)
        else:
            directives[name] = tuple(values)
    return Policy(tuple(directives.items()), tuple(dict.fromkeys(repeated)))


def parse_policies(lines: Iterable[str]) -> tuple[Policy, ...]:
    """Read header lines: each is a list of policies, parted by commas (s2.2.2). Empty policies are none."""
    policies = (parse_policy(text) for line in lines for text in line.split(","))
    return tuple(policy for policy in policies if policy.directives)


def parse_meta_policy(text: str) -> Policy:
    """Read the content of a meta element; what does not count there is left out."""
    policy = parse_policy(text)
    kept = tuple((name, values) for name, values in policy.directives if name not in NOT_IN_META)
    return Policy(kept, policy.repeated)


def script_openings(policy: Policy) -> tuple[str, ...]:
    """Return what lets foreign or injected script run under this policy; empty where it keeps script in.

    Nonces and hashes switch 'unsafe-inline' off; beside 'strict-dynamic', sources by host or scheme and
    'unsafe-inline' have no effect (s8.2).
    """
    sources = policy.get("script-src")
    directive = "script-src"
    if sources is None:
        sources, directive = policy.get("default-src"), "default-src"
    if sources is None:
        return ("neither script-src nor default-src",)
    lowered = [source.lower() for source in sources]
    dynamic = "'strict-dynamic'" in lowered
    strict = dynamic or any(_NONCE.fullmatch(source) or _HASH.fullmatch(source) for source in sources)
    openings = []
    for source in lowered:
        by_place = source in _SCHEMES or source.startswith("http://") or _ANY_HOST.fullmatch(source)
        if source == "'unsafe-eval'" or (by_place and not dynamic) or (source == "'unsafe-inline'" and not strict):
            openings.append(f"{directive} holds {source}")
    return tuple(dict.fromkeys(openings))


def frame_ancestors(policies: Iterable[Policy]) -> tuple[tuple[str, ...], ...]:
    """The source lists of every frame-ancestors among the policies of headers."""
    return tuple(values for policy in policies if (values := policy.get("frame-ancestors")) is not None)

"""The grammar of Content-Security-Policy (CSP Level 3) and what a policy lets a script do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPACES = " \t\n\f\r"
_BETWEEN = re.compile(r"[ \t\n\f\r]+")
_NONCE = re.compile(r"'nonce-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_SELF = "'self'"
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
    directive, sources = _script_sources(policy)
    if sources is None:
        return ("neither script-src nor default-src",)
    return tuple(f"{directive} holds {source}" for source in _letting_in(sources))


def tightened(policy: Policy) -> str:
    """The script-src that keeps script in and is otherwise the policy's own."""
    sources = _script_sources(policy)[1] or ()
    open_ones = frozenset(_letting_in(sources))
    kept = [source for source in sources if source.lower() not in open_ones]
    return f"script-src {' '.join(kept) or _SELF}"


def _script_sources(policy: Policy) -> tuple[str, tuple[str, ...] | None]:
    """The directive that decides on scripts, with its sources; None where there is none."""
    sources = policy.get("script-src")
    return ("script-src", sources) if sources is not None else ("default-src", policy.get("default-src"))


def _letting_in(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the sources, in lower case and each once, that let foreign or injected script run."""
    lowered = dict.fromkeys(source.lower() for source in sources)
    dynamic = "'strict-dynamic'" in lowered
    strict = dynamic or any(_NONCE.fullmatch(source) or _HASH.fullmatch(source) for source in sources)
    found = []
    for source in lowered:
        by_place = source in _SCHEMES or source.startswith("http://") or _ANY_HOST.fullmatch(source)
        if source == "'unsafe-eval'" or (by_place and not dynamic) or (source == "'unsafe-inline'" and not strict):
            found.append(source)
    return tuple(found)


def frame_ancestors(policies: Iterable[Policy]) -> tuple[tuple[str, ...], ...]:
    """The source lists of every frame-ancestors among the policies of headers."""
    return tuple(values for policy in policies if (values := policy.get("frame-ancestors")) is not None)

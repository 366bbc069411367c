"""The grammar of Content-Security-Policy (CSP Level 3) and what a policy lets a script do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPACES = " \t\n\f\r"
_BETWEEN = re.compile(r"[ \t\n\f\r]+")
_NONCE = re.compile(r"'nonce-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
_SELF, _NONE = "'self'", "'none'"
_FOR_ALL_SCRIPT = ("script-src", "default-src")
"""Of these the first that is given decides."""
_ELEMENTS, _HANDLERS = "script-src-elem", "script-src-attr"
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
    'unsafe-inline' have no effect (s8.2). Script elements and event handlers ask script-src-elem and script-src-attr
    first (s6.8); only script-src, else default-src, decides on all script, eval among it.
    """
    directives = _script_directives(policy)
    found = tuple(f"{name} holds {source}" for name, sources in directives for source in _letting_in(name, sources))
    has_one_for_all = any(name in _FOR_ALL_SCRIPT for name, _ in directives)
    return found if has_one_for_all else ("neither script-src nor default-src", *found)


def tightened(policy: Policy) -> str:
    """The directives on script that keep script in and are otherwise the policy's own."""
    directives = dict(_script_directives(policy))
    if not any(name in _FOR_ALL_SCRIPT for name in directives):
        directives = {"script-src": (_SELF,), **directives}
    written = []
    for name, sources in directives.items():
        open_ones = frozenset(_letting_in(name, sources))
        kept = [source for source in sources if source.lower() not in open_ones]
        own = "script-src" if name in _FOR_ALL_SCRIPT else name
        written.append(f"{own} {' '.join(kept) or (_NONE if name == _HANDLERS else _SELF)}")
    return "; ".join(written)


def _script_directives(policy: Policy) -> list[tuple[str, tuple[str, ...]]]:
    """The directives that decide on scripts, with their sources."""
    general = next((name for name in _FOR_ALL_SCRIPT if policy.get(name) is not None), "")
    named = ((name, policy.get(name)) for name in (general, _ELEMENTS, _HANDLERS))
    return [(name, sources) for name, sources in named if sources is not None]


def _letting_in(directive: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the sources, in lower case and each once, that let foreign or injected script run."""
    lowered = dict.fromkeys(source.lower() for source in sources)
    dynamic = "'strict-dynamic'" in lowered
    strict = dynamic or any(_NONCE.fullmatch(source) or _HASH.fullmatch(source) for source in sources)
    found = []
    for source in lowered:
        by_place = source in _SCHEMES or source.startswith("http://") or _ANY_HOST.fullmatch(source)
        opens_place = by_place and not dynamic and directive != _HANDLERS
        opens_eval = source == "'unsafe-eval'" and directive in _FOR_ALL_SCRIPT
        if opens_place or opens_eval or (source == "'unsafe-inline'" and not strict):
            found.append(source)
    return tuple(found)


def nonces(policies: Iterable[Policy]) -> frozenset[str]:
    """Every nonce that the policies name."""
    sources = (source for policy in policies for _, values in policy.directives for source in values)
    return frozenset(source for source in sources if _NONCE.fullmatch(source))


def frame_ancestors(policies: Iterable[Policy]) -> tuple[tuple[str, ...], ...]:
    """The source lists of every frame-ancestors among the policies of headers."""
    return tuple(values for policy in policies if (values := policy.get("frame-ancestors")) is not None)

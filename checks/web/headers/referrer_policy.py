"""The grammar of Referrer-Policy, of the header and of the meta element (Referrer Policy s4, HTML standard)."""

from __future__ import annotations

from collections.abc import Iterable

POLICIES = frozenset(
    {
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    }
)
LEAKY = frozenset({"unsafe-url", "origin", "origin-when-cross-origin", "no-referrer-when-downgrade"})
"""Policies under which the address of a page, or the site's name over plain http, is told to others."""
_LEGACY = {
    "never": "no-referrer",
    "default": "strict-origin-when-cross-origin",
    "always": "unsafe-url",
    "origin-when-crossorigin": "origin-when-cross-origin",
}


def header_policy(lines: Iterable[str]) -> str:
    """The last known token of all header lines; empty where there is none."""
    tokens = [token.strip(" \t").lower() for line in lines for token in line.split(",")]
    return next((token for token in reversed(tokens) if token in POLICIES), "")


def meta_policy(contents: Iterable[str]) -> str:
    """What the last meta element that names a known policy says; empty where none does."""
    named = [content.strip().lower() for content in contents]
    policies = [_LEGACY.get(name, name) for name in named]
    return next((policy for policy in reversed(policies) if policy in POLICIES), "")

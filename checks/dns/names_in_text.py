"""Names under a domain that a text mentions: a page, a policy, a record."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"[a-z0-9_.-]*\Z")
_LONGEST = 253


def names_under(domain: str, text: str) -> frozenset[str]:
    """Return every host name below `domain` that stands in `text`, in lower case; service names (_x) are left out."""
    text = text.lower()
    found = set()
    for match in re.finditer(rf"\.{re.escape(domain)}(?![\w-]|\.\w)", text, re.ASCII):
        before = _BEFORE.search(text, max(0, match.start() - _LONGEST), match.start())
        labels = before[0].split(".") if before else []
        # What comes before an empty label is another word: "see..www.example.com".
        while "" in labels:
            del labels[: labels.index("") + 1]
        name = ".".join((*labels, domain))
        if labels and len(name) <= _LONGEST and all(_is_host_label(label) for label in labels):
            found.add(name)
    return frozenset(found)


def _is_host_label(label: str) -> bool:
    return len(label) <= 63 and not label.startswith(("_", "-")) and not label.endswith("-")

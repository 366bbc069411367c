"""The grammar of the Link header (RFC 8288 s3), read into what the same link would be as an element of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.web.html import Element
from checks.web.url import resolve

TAG = "Link"
"""What such an element is called, to be told from those of the page."""

_LINK = re.compile(r"""<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]*))?)*)""")
_PARAMETER = re.compile(r"""([^\s=;,]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?""")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse_links(lines: Iterable[str], url: str) -> tuple[Element, ...]:
    """The links of the answer from `url`, their targets absolute. Those of other resources (anchor) are left out."""
    elements = (
        Element(TAG, {**_parameters(match[2]), "href": resolve(match[1], url)})
        for line in lines
        for match in _LINK.finditer(line)
    )
    return tuple(element for element in elements if "anchor" not in element.attributes)


def _parameters(text: str) -> dict[str, str]:
    """By name in lower case; of a repeated one the first counts (s3.3)."""
    found: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(text):
        found.setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) or token)
    return found

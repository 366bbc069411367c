"""Where an answer leads whoever has it shown: links, images and HTML in Markdown. No I/O, linear."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from checks.web.markup import StartTag, tokens

_FENCED = re.compile(r"(?:^|\n)[ ]{0,3}(```|~~~)[^\n]*\n.*?(?:\n[ ]{0,3}\1|\Z)", re.DOTALL)
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)[^\n]{1,2000}?(?<!`)\1(?!`)")
_INLINE = re.compile(r"(!?)\[[^\[\]]{0,1000}\]\(\s*<?([^\s<>()]{1,4000})")
_AROUND_IMAGE = re.compile(r"\)\]\(\s*<?([^\s<>()]{1,4000})")
_REFERENCE = re.compile(r"(?m)^[ ]{0,3}\[[^\[\]\n]{1,1000}\]:\s*<?([^\s<>]{1,4000})")
_AUTOLINK = re.compile(r"<((?:https?:|mailto:)[^\s<>]{1,4000})>", re.IGNORECASE)
_BARE = re.compile(r"(?:https?://|www\.)[^\s<>\"'`\])]{3,4000}", re.IGNORECASE)
_LOADED = frozenset("src srcset poster data background".split())
_FOLLOWED = frozenset("href action formaction cite ping xlink:href".split())
_LOADING_LINKS = frozenset("stylesheet icon preload prefetch dns-prefetch preconnect".split())
_CSS_URL = re.compile(r"""url\(\s*["']?([^\s"')]{1,4000})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Way:
    """One place that an answer leads to."""

    url: str
    what: str
    """ "an image", "a link", "HTML" or "an address"."""
    loads: bool
    """Whether showing the answer is enough to go there."""


def ways_out(text: str) -> Iterator[Way]:
    """Every address that an answer leads to when it is shown, each once; what stands in code leads nowhere."""
    shown = _CODE.sub(" ", _FENCED.sub("\n", text))
    told: set[str] = set()
    for way in chain(_of_markdown(shown), _of_html(shown)):
        told.add(way.url)
        yield way
    for match in _BARE.finditer(shown):
        url = match[0].rstrip(".,;:!?*_")
        if html.unescape(url) not in told:
            yield Way(url, "an address", False)


def _of_markdown(text: str) -> Iterator[Way]:
    for match in _INLINE.finditer(text):
        yield Way(html.unescape(match[2]), "an image" if match[1] else "a link", bool(match[1]))
    for match in _AROUND_IMAGE.finditer(text):
        yield Way(html.unescape(match[1]), "a link", False)
    # An image may be given by reference, so that the definition alone does not tell what it is.
    for match in _REFERENCE.finditer(text):
        yield Way(html.unescape(match[1]), "a link", False)
    for match in _AUTOLINK.finditer(text):
        yield Way(match[1], "a link", False)


def _of_html(text: str) -> Iterator[Way]:
    for token in tokens(text):
        if not isinstance(token, StartTag):
            continue
        for name, value in token.attributes.items():
            loads = name in _LOADED or (token.name == "link" and _loads(token.attributes.get("rel", "")))
            if name in _LOADED or name in _FOLLOWED:
                for url in value.split() if name == "srcset" else [value]:
                    yield Way(url.strip(","), "HTML", loads)
            elif name == "style":
                yield from (Way(match[1], "HTML", True) for match in _CSS_URL.finditer(value))


def _loads(rel: str) -> bool:
    return not _LOADING_LINKS.isdisjoint(rel.lower().split())


def leads_to(url: str, host: str) -> bool:
    """Whether an address is at a host or below it; a mail address counts by what stands after the @."""
    text = url.strip().replace("\\", "/")
    try:
        parts = urlsplit(text if "://" in text or text.startswith(("//", "mailto:")) else f"//{text}")
        there = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or ""
    except ValueError:
        return False
    there = there.lower().rstrip(".")
    return there == host or there.endswith(f".{host}")

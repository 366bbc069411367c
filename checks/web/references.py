"""What a page or a style sheet makes a browser load or send to: references, resolved, each with its kind."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from checks.web import link_header
from checks.web.html import Document, Element, parse
from checks.web.url import resolve

Kind = Literal["script", "style", "image", "font", "media", "frame", "object", "manifest", "form"]

FONT_ENDINGS = (".woff2", ".woff", ".ttf", ".otf", ".eot")

_LOADED_AS: dict[str, Kind] = {
    "script": "script",
    "style": "style",
    "image": "image",
    "font": "font",
    "audio": "media",
    "video": "media",
    "track": "media",
    "worker": "script",
}
_ATTRIBUTES: dict[str, tuple[tuple[str, Kind], ...]] = {
    "audio": (("src", "media"),),
    "video": (("src", "media"), ("poster", "image")),
    "source": (("src", "media"),),
    "track": (("src", "media"),),
    "embed": (("src", "object"),),
    "object": (("data", "object"),),
    "iframe": (("src", "frame"),),
    "frame": (("src", "frame"),),
    "img": (("src", "image"),),
    "image": (("href", "image"), ("xlink:href", "image")),
}
_BACKGROUND: tuple[tuple[str, Kind], ...] = (("background", "image"),)

_URL_OF_CSS = re.compile(
    r"""/\*.*?(?:\*/|\Z)"""
    r"""|@import\s+(?:"([^"\n]*)"|'([^'\n]*)')"""
    r"""|url\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|((?:\\[0-9a-f]{1,6}\s?|\\.|[^()"'\s\\])*))\s*\)""",
    re.IGNORECASE | re.DOTALL,
)
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*)")
_DESCRIPTORS = re.compile(r"(?:[^,(]+|\([^)]*\)?)*")


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing that the page loads or, for a form, sends to."""

    url: str
    """Absolute."""
    kind: Kind
    tag: str
    """The element that names it: "img", "link" ...; "style" for CSS, "Link" for the header."""
    written: str
    """As it stands there."""

    @property
    def place(self) -> str:
        return "the Link header" if self.tag == link_header.TAG else f"<{self.tag}>"


def references(document: Document, url: str, links: Iterable[Element] = ()) -> tuple[Reference, ...]:
    """Everything that the page at `url` loads by itself or submits to, each once, in the page's order by kind.

    What is loaded by the documents that it holds in srcdoc attributes is among it, and what the `links` of its Link
    header name.
    """
    base = document.base_url(url)
    within = (parse(frame.attributes["srcdoc"]) for frame in document.frames if "srcdoc" in frame.attributes)
    written = itertools.chain(_written(document), *map(_written, within), _written_by_links(links))
    found = (Reference(target, kind, tag, text) for text, kind, tag in written if (target := resolve(text, base)))
    return tuple({(reference.url, reference.kind): reference for reference in found}.values())


def style_references(css: str, url: str) -> tuple[Reference, ...]:
    """What the style sheet at `url` loads: other sheets, fonts and images."""
    found = (Reference(resolve(written, url), kind, "style", written) for written, kind in css_urls(css))
    return tuple({reference.url: reference for reference in found if reference.url}.values())


def srcset(text: str) -> tuple[str, ...]:
    """The URLs of a srcset attribute (HTML standard, "parse a srcset attribute")."""
    urls: list[str] = []
    at = 0
    while match := _CANDIDATE.match(text, at):
        written, at = match[1], match.end()
        bare = written.rstrip(",")
        urls.append(bare)
        if bare == written:
            descriptors = _DESCRIPTORS.match(text, at)
            at = descriptors.end() if descriptors else at
    return tuple(urls)


def css_urls(css: str) -> Iterator[tuple[str, Kind]]:
    """The URLs that CSS text loads, as written, comments aside."""
    for match in _URL_OF_CSS.finditer(css):
        imported = match[1] or match[2]
        written = _CSS_ESCAPE.sub(_unescaped, imported or match[3] or match[4] or match[5] or "")
        if not written or written.startswith(("#", "data:")):
            continue
        path = written.partition("?")[0].partition("#")[0].lower()
        before = css[max(0, match.start() - 16) : match.start()].rstrip().lower()
        if imported or before.endswith("@import"):
            yield written, "style"
        else:
            yield written, "font" if path.endswith(FONT_ENDINGS) else "image"


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        code = int(match[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return match[2]


def _written(document: Document) -> Iterator[tuple[str, Kind, str]]:
    for script in document.scripts:
        for attribute in ("src", "href", "xlink:href"):
            if script.get(attribute):
                yield script.get(attribute), "script", "script"
    yield from _written_by_links(document.links)
    for element in (*document.images, *document.media, *document.frames, *document.objects):
        for attribute, kind in _ATTRIBUTES.get(element.tag, _BACKGROUND):
            if element.get(attribute):
                yield element.get(attribute), kind, element.tag
        yield from ((u, "image", element.tag) for u in srcset(element.get("srcset")))
    for element in document.inputs:
        if element.get("type").lower() == "image" and element.get("src"):
            yield element.get("src"), "image", "input"
    for css in (*(style.text for style in document.styles), *document.style_attributes):
        yield from ((u, kind, "style") for u, kind in css_urls(css))
    for form in document.forms:
        if form.element.get("action"):
            yield form.element.get("action"), "form", "form"
        for control in form.fields:
            if control.get("formaction"):
                yield control.get("formaction"), "form", control.tag


def _written_by_links(links: Iterable[Element]) -> Iterator[tuple[str, Kind, str]]:
    for link in links:
        kind = _kind_of_link(link)
        if kind and link.get("href"):
            yield link.get("href"), kind, link.tag
        if kind == "image":
            yield from ((u, kind, link.tag) for u in srcset(link.get("imagesrcset")))


def _kind_of_link(link: Element) -> Kind | None:
    rel = link.words("rel")
    if "stylesheet" in rel:
        return None if "alternate" in rel else "style"
    if "modulepreload" in rel:
        return "script"
    if "preload" in rel:
        return _LOADED_AS.get(link.get("as").lower())
    if rel & {"icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon"}:
        return "image"
    return "manifest" if "manifest" in rel else None

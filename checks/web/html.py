"""An HTML page read once, tolerantly, into what the checks look at; never raises, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from checks.web.markup import RAW_TEXT, Comment, EndTag, StartTag, Text, tokens
from checks.web.url import resolve

FIELD_TAGS = frozenset({"input", "select", "textarea", "button"})
HEADINGS = frozenset({"h1", "h2"})
_ENCLOSING = HEADINGS | {"script", "style", "title"}
_SOURCES = {
    "a": "anchors",
    "area": "anchors",
    "audio": "media",
    "embed": "objects",
    "frame": "frames",
    "iframe": "frames",
    "image": "images",
    "img": "images",
    "input": "inputs",
    "link": "links",
    "meta": "metas",
    "object": "objects",
    "script": "scripts",
    "source": "media",
    "style": "styles",
    "track": "media",
    "video": "media",
}
MOST_ELEMENTS = 20_000
"""Elements that are kept of one page; the largest real pages have a few thousand of these kinds."""
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table td th tr ul title".split()
)
_KEPT = frozenset(_SOURCES) | FIELD_TAGS | _ENCLOSING | {"form"}
_BACKGROUNDS = frozenset({"body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"})
"""Elements whose background attribute is an image (HTML standard, "rendering")."""
_IN_HEAD = frozenset("html head base basefont bgsound link meta title style script noscript noframes template".split())
"""Start tags with which the head goes on; any other begins the body."""
_CALLING = re.compile(
    r"on[a-z]+|hx-(?:get|post|put|patch|delete)|(?:ws|sse)-connect|"
    r"data-(?:[a-z-]+-)?(?:src|srcset|url|uri|api|endpoint|action|host|server)"
)
"""Attributes that are script, or an address that a script of the page calls."""
_UNSEEN = frozenset({"script", "style", "noscript", "iframe", "noembed", "noframes"})


@dataclass(frozen=True, slots=True)
class Element:
    """A start tag with, for scripts, styles and headings, the text that it encloses."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""

    def get(self, name: str) -> str:
        """The attribute's value without white space around it; empty where it is missing."""
        return self.attributes.get(name, "").strip()

    def words(self, name: str) -> frozenset[str]:
        """The attribute's value as a set of words in lower case, as rel has it."""
        return frozenset(self.attributes.get(name, "").lower().split())


@dataclass(frozen=True, slots=True)
class Form:
    """A form with the fields that it submits, those that name it by their form attribute included."""

    element: Element
    fields: tuple[Element, ...] = ()

    @property
    def method(self) -> str:
        """ "get", "post" or "dialog"; what is missing or unknown is "get"."""
        method = self.element.get("method").lower()
        return method if method in ("post", "dialog") else "get"


@dataclass(frozen=True, slots=True)
class Document:
    """What one page holds. Content of noscript and of an inert template is left out, as a browser does."""

    title: str = ""
    base: str = ""
    """The href of the first base element, as written; empty where there is none."""
    text: str = ""
    """All text that can be seen, white space collapsed."""
    metas: tuple[Element, ...] = ()
    head_metas: tuple[Element, ...] = ()
    """Those of them that stand in the head."""
    links: tuple[Element, ...] = ()
    scripts: tuple[Element, ...] = ()
    styles: tuple[Element, ...] = ()
    images: tuple[Element, ...] = ()
    """img, image, and what has a background."""
    media: tuple[Element, ...] = ()
    """audio, video, source and track."""
    frames: tuple[Element, ...] = ()
    objects: tuple[Element, ...] = ()
    """object and embed."""
    anchors: tuple[Element, ...] = ()
    inputs: tuple[Element, ...] = ()
    headings: tuple[Element, ...] = ()
    forms: tuple[Form, ...] = ()
    style_attributes: tuple[str, ...] = ()
    calling_attributes: tuple[tuple[str, str], ...] = ()
    """Name and value of event handlers, and of attributes whose address a script calls; those with an address."""
    comments: tuple[str, ...] = ()

    def base_url(self, url: str) -> str:
        """What references of the page at `url` are relative to."""
        return (resolve(self.base, url) if self.base else "") or url

    def meta(self, name: str) -> tuple[str, ...]:
        """The content of every meta element of this name (lower case)."""
        return tuple(m.attributes.get("content", "") for m in self.metas if m.get("name").lower() == name)

    def http_equiv(self, name: str) -> tuple[str, ...]:
        """The content of every meta element that stands for this header (lower case)."""
        return _standing_for(name, self.metas)

    @property
    def policies(self) -> tuple[str, ...]:
        """Every Content-Security-Policy that the page gives itself; only the head can (CSP Level 3 s3.3)."""
        return _standing_for("content-security-policy", self.head_metas)


def _standing_for(header: str, metas: Iterable[Element]) -> tuple[str, ...]:
    return tuple(meta.attributes.get("content", "") for meta in metas if meta.get("http-equiv").lower() == header)


@dataclass(slots=True)
class _Reader:
    """Collects the document while the tokens pass by."""

    kept: dict[str, list[Element]] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    style_attributes: list[str] = field(default_factory=list)
    calling_attributes: list[tuple[str, str]] = field(default_factory=list)
    forms: list[tuple[Element, list[Element]]] = field(default_factory=list)
    strays: list[Element] = field(default_factory=list)
    """Fields that name their form by id, wherever they stand."""
    titles: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    in_body: bool = False
    open_form: list[Element] | None = None
    enclosing: list[tuple[StartTag, list[str]]] = field(default_factory=list)
    """The open elements whose text is wanted: a heading, and a script, style or title within it."""
    elements: int = 0
    inert: int = 0
    graphic: int = 0
    """Depth of svg, in which a title is not the page's."""

    def start(self, tag: StartTag) -> None:
        name, attributes = tag.name, tag.attributes
        if name == "template" and (self.inert or "shadowrootmode" not in attributes):
            self.inert += 1
        if self.inert:
            return
        self.in_body = self.in_body or name not in _IN_HEAD
        if name in _BLOCKS:
            self.pieces.append(" ")
        has_background = "background" in attributes and name in _BACKGROUNDS
        if name in _KEPT or has_background:
            # A page of nothing but tags must not take a hundred times its size.
            self.elements += 1
            if self.elements > MOST_ELEMENTS:
                return
        self.graphic += name == "svg"
        self.attributes(attributes)
        if name in HEADINGS:
            self.finish(None)
        if name in _ENCLOSING:
            self.enclosing.append((tag, []))
        elif name in _SOURCES:
            self.keep(_SOURCES[name], Element(name, attributes))
            if name == "meta" and not self.in_body:
                self.keep("head_metas", Element(name, attributes))
        elif has_background:
            self.keep("images", Element(name, attributes))
        elif name == "base" and "href" in attributes:
            self.bases.append(attributes["href"])
        elif name == "form" and self.open_form is None:
            self.open_form = []
            self.forms.append((Element(name, attributes), self.open_form))
        if name in FIELD_TAGS:
            self.field(Element(name, attributes))

    def attributes(self, attributes: Mapping[str, str]) -> None:
        """Keep what any element may say in its attributes."""
        if "style" in attributes and len(self.style_attributes) < MOST_ELEMENTS:
            self.style_attributes.append(attributes["style"])
        if len(self.calling_attributes) < MOST_ELEMENTS:
            with_address = ((key, value) for key, value in attributes.items() if "//" in value)
            self.calling_attributes += (pair for pair in with_address if _CALLING.fullmatch(pair[0]))

    def field(self, element: Element) -> None:
        if "form" in element.attributes:
            self.strays.append(element)
        elif self.open_form is not None:
            self.open_form.append(element)

    def keep(self, group: str, element: Element) -> None:
        self.kept.setdefault(group, []).append(element)

    def end(self, name: str) -> None:
        if name == "template":
            self.inert = max(0, self.inert - 1)
        if self.inert:
            return
        if name in _BLOCKS:
            self.pieces.append(" ")
        if name == "svg":
            self.graphic = max(0, self.graphic - 1)
        elif name == "form":
            self.open_form = None
        elif self.enclosing and self.enclosing[-1][0].name == name:
            self.finish(name)

    def finish(self, name: str | None) -> None:
        """Close the element whose text is being collected; None where a new one begins without an end."""
        while self.enclosing:
            tag, pieces = self.enclosing.pop()
            text = "".join(pieces)
            if tag.name == "title":
                if not self.graphic:
                    self.titles.append(" ".join(text.split()))
            elif tag.name in HEADINGS:
                self.keep("headings", Element(tag.name, tag.attributes, " ".join(text.split())))
            else:
                self.keep(f"{tag.name}s", Element(tag.name, tag.attributes, text))
            if tag.name == name:
                return

    def text(self, text: str, within: str) -> None:
        if self.inert:
            return
        self.in_body = self.in_body or (within not in RAW_TEXT and not text.isspace())
        if self.enclosing:
            self.enclosing[-1][1].append(text)
        if within not in _UNSEEN and within != "title":
            self.pieces.append(text)


def parse(text: str) -> Document:
    """Read a page. A page that is no HTML gives a document with little in it."""
    reader = _Reader()
    within = ""
    for token in tokens(text.removeprefix("\ufeff")):
        if isinstance(token, Text):
            reader.text(token.text, within)
        elif isinstance(token, StartTag):
            reader.start(token)
            within = token.name
        elif isinstance(token, EndTag):
            reader.end(token.name)
            within = ""
        elif isinstance(token, Comment) and not reader.inert:
            reader.comments.append(token.text)
    reader.finish(None)
    return Document(
        title=next(iter(reader.titles), ""),
        base=next(iter(reader.bases), ""),
        text=" ".join("".join(reader.pieces).split()),
        forms=_forms(reader),
        style_attributes=tuple(reader.style_attributes),
        calling_attributes=tuple(reader.calling_attributes),
        comments=tuple(reader.comments),
        **{group: tuple(elements) for group, elements in reader.kept.items()},
    )


def _forms(reader: _Reader) -> tuple[Form, ...]:
    by_id: dict[str, list[Element]] = {}
    for stray in reader.strays:
        by_id.setdefault(stray.get("form"), []).append(stray)
    # Of several forms with one id, the first is meant.
    return tuple(
        Form(element, (*fields, *by_id.pop(element.get("id"), ())))
        if element.get("id")
        else Form(element, tuple(fields))
        for element, fields in reader.forms
    )

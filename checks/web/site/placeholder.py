"""Whether the homepage is a real one: hosts' default pages, parking pages and "coming soon" are not."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.web.html import Document
from checks.web.pages import homepage
from checks.web.site.answers import the_canonical_page

_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


@dataclass(frozen=True, slots=True)
class Sign:
    """What one such page is known by; see placeholder.toml."""

    name: str
    title: tuple[str, ...]
    begins: tuple[str, ...]
    text: tuple[str, ...]
    script: tuple[str, ...]
    words: int

    def shown_by(self, title: str, text: str, script: str, words: int) -> bool:
        by_title = title in self.title or (bool(self.begins) and title.startswith(self.begins))
        if (self.title or self.begins) and not by_title:
            return False
        by_text = all(phrase in text for phrase in self.text) and all(phrase in script for phrase in self.script)
        return words <= self.words and by_text


@dataclass(frozen=True, slots=True)
class Signs:
    pages: tuple[Sign, ...]
    soon: tuple[str, ...]
    """Phrases of pages that promise a site, the longest first."""
    words: int
    beside: int
    few: int


@functools.cache
def signs() -> Signs:
    """The table beside this file, read once."""
    table = tomllib.loads(resources.files(__package__).joinpath("placeholder.toml").read_text("utf-8"))
    pages = tuple(
        Sign(
            page["name"],
            tuple(page.get("title", ())),
            tuple(page.get("begins", ())),
            tuple(page.get("text", ())),
            tuple(page.get("script", ())),
            page.get("words", table["words"]),
        )
        for page in table["page"]
    )
    soon = table["soon"]
    return Signs(
        pages, tuple(sorted(soon["phrases"], key=len, reverse=True)), soon["words"], soon["beside"], soon["few"]
    )


def placeholder(document: Document) -> str:
    """Return what kind of placeholder a page is, empty where it is a page of its own.

    A page that only mentions one of the phrases is none: it has more words, or says it elsewhere.
    """
    known = signs()
    title, text = _plain(document.title), _plain(document.text)
    script = " ".join(element.text for element in document.scripts)
    words = len(_WORD.findall(text))
    for sign in known.pages:
        if sign.shown_by(title, text, script, words):
            return sign.name
    headings = (title, *(_plain(heading.text) for heading in document.headings if heading.tag == "h1"))
    for phrase in known.soon:
        if words <= known.few and phrase in f"{title} {text}":
            return f"a page that says no more than {phrase!r}"
        if words <= known.words and any(_mostly(phrase, heading, known.beside) for heading in headings):
            return f"a page that says no more than {phrase!r}"
    return ""


def _mostly(phrase: str, heading: str, beside: int) -> bool:
    before, met, after = heading.partition(phrase)
    return bool(met) and len(_WORD.findall(f"{before} {after}")) <= beside


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTES).lower().split())


@check(
    "web.placeholder",
    title="There is no site yet, only a placeholder",
    when="the homepage is a host's default, parking or 'coming soon' page",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("S1.4",),
    source="roadmap",
    cost="Whoever comes finds nothing to read, sign up for or buy.",
    each=the_canonical_page,
)
async def placeholder_page(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    kind = placeholder(page.document)
    title = f"title: {page.document.title!r}"
    if not kind:
        return passed(url, "the homepage is a page of its own", evidence=[title])
    return failed(
        url,
        f"the homepage is {kind}",
        evidence=[title, f"text: {page.document.text[:200]!r}"],
        fix=f"Deploy the site to where {page.host} points, or point the DNS of {page.host} at where the site runs.",
    )

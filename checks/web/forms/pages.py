"""The pages whose forms are looked at."""

from __future__ import annotations

import asyncio

from checks.facts import Facts, fact
from checks.web.html import Document
from checks.web.pages import canonical, homepage, read, redirect_chain
from checks.web.redirects import HTML_TYPES, Chain
from checks.web.url import first_party, resolve

MAX_FRAMES = 5
"""Frames of the site's own that are read on each page."""


@fact
async def pages_with_forms(facts: Facts) -> tuple[tuple[str, Document], ...]:
    """The homepage, the pages of declared forms and the named routes, each read, those without a form left out.

    Frames of the site's own count as pages. Raises as `homepage`.
    """
    home, base = await homepage(facts), await canonical(facts)
    written = [plan.page for plan in facts.subject.forms]
    written += [route.url for route in facts.subject.routes if route.method.upper() in ("GET", "")]
    pages = {home.url: home.document}
    for url, document in await _read_all(facts, [resolve(text, base) for text in written]):
        pages.setdefault(url, document)
    framed = [
        url
        for page, document in pages.items()
        for url in [resolve(frame.get("src"), document.base_url(page)) for frame in document.frames][:MAX_FRAMES]
        if first_party(url, facts.subject, base)
    ]
    for url, document in await _read_all(facts, framed):
        pages.setdefault(url, document)
    return tuple((url, document) for url, document in pages.items() if document.forms)


async def _read_all(facts: Facts, written: list[str]) -> list[tuple[str, Document]]:
    """The pages among some addresses that answer well, at the end of their redirects."""
    urls = dict.fromkeys(url for url in written if url.startswith("http"))
    chains = await asyncio.gather(*(redirect_chain(facts, url) for url in urls))
    return [(chain.last.url, await read(chain.last)) for chain in chains if _is_page(chain)]


def _is_page(chain: Chain) -> bool:
    return chain.ended and chain.last.ok and chain.last.media_type in HTML_TYPES

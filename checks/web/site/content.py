"""Whether the homepage loads what visitors can load: nothing over http, nothing of a developer's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from checks.catalogue import check
from checks.errors import Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.web.edge.assets import sampled
from checks.web.headers.page import enforced
from checks.web.pages import (
    Page,
    canonical,
    first_party_assets,
    first_party_scripts,
    homepage,
    read,
    redirect_chain,
    style_sheets,
)
from checks.web.redirects import HTML_TYPES
from checks.web.references import style_references
from checks.web.site.answers import named_routes, the_canonical_page
from checks.web.site.dev_hosts import dev_urls, kind_of_host
from checks.web.url import first_party, host, resolve

_NOT_CODE = ("ld+json", "template", "html", "plain")
"""Types of script elements that hold data or text, which no browser runs or calls."""
_CONNECTING = frozenset({"preconnect", "prefetch", "prerender"})
"""Relations of links by which a browser goes to a host before the page needs it."""


@fact
async def _pages(facts: Facts) -> dict[str, Page]:
    """The homepage, by the canonical address, and the https pages of the named routes. Raises as `homepage`."""
    found = {await canonical(facts): await homepage(facts)}
    routes = [url for url, route in (await named_routes(facts)).items() if route.method == "GET"]
    for url, chain in zip(routes, await asyncio.gather(*(redirect_chain(facts, url) for url in routes)), strict=True):
        if chain.ended and chain.last.ok and chain.last.media_type in HTML_TYPES and chain.url.startswith("https:"):
            found.setdefault(url, Page(chain.url, chain.last, await read(chain.last), chain))
    return found


async def _page_urls(facts: Facts) -> tuple[str, ...]:
    try:
        return tuple(await _pages(facts))
    except Untold:
        # Why there is no homepage is told of its own address.
        return await the_canonical_page(facts)


@check(
    "web.mixed-content",
    title="The safe page loads unsafe parts",
    when="an https page loads a script, style, frame, image or form action over http",
    status="warn",
    triage="now",
    risk="data",
    item=("B02", "S3.2"),
    source="W3C Mixed Content",
    cost="Browsers block those parts or warn: the page looks broken, and what is sent there can be read by others.",
    each=_page_urls,
)
async def mixed_content(facts: Facts, url: str) -> Verdict:
    page = (await _pages(facts))[url]
    if not page.url.startswith("https:"):
        return skipped(url, "the homepage itself is not on https: web.http-open tells")
    unsafe = await _unsafe(facts, page, home=url == await canonical(facts))
    evidence = [f"{by}: {target}" for target, by in unsafe.items()]
    if not unsafe:
        return passed(url, f"everything on {page.url} is loaded over https")
    if any(policy.get("upgrade-insecure-requests") is not None for policies in enforced(page) for policy in policies):
        return passed(url, "upgrade-insecure-requests makes browsers load it all over https", evidence=evidence)
    first = next(iter(unsafe))
    return warned(
        url,
        f"{page.url} loads {len(unsafe)} part(s) over http",
        evidence=evidence,
        fix=f"Write https in their addresses, such as {first.replace('http:', 'https:', 1)}, also where one redirects.",
    )


async def _unsafe(facts: Facts, page: Page, *, home: bool) -> dict[str, str]:
    """What the page loads over http, each with what names it.

    The homepage's own files are looked into: what its style sheets load, and where they redirect to. Files of other
    sites are not asked for.
    """
    site, found = await canonical(facts), list(page.references)
    for sheet in await style_sheets(facts) if home else ():
        found += style_references(sheet.text, sheet.url)
    # What of the homepage leads to a developer's host is told as that (web.dev-url), and mended there.
    unsafe = {
        reference.url: f"{reference.kind} by {reference.place}"
        for reference in found
        if reference.url.startswith("http:")
        and not (home and kind_of_host(host(reference.url)) and not first_party(reference.url, facts.subject, site))
    }
    files = sampled(await first_party_assets(facts)) if home else ()
    chains = await asyncio.gather(*(redirect_chain(facts, file.url) for file in files))
    for file, chain in zip(files, chains, strict=True):
        for hop in chain.redirects:
            if hop.downgrades:
                unsafe.setdefault(hop.target, f"{file.kind} by {file.place}, by a redirect of {hop.response.url}")
    return unsafe


@check(
    "web.dev-url",
    title="The live site calls a developer's machine",
    when="the homepage or a first-party script calls or loads from localhost, a private address, a tunnel (ngrok and "
    "the like) or a preview host of a hosting platform that is not the site itself",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("S4.1", "S1.4"),
    source="roadmap",
    cost="It works for whoever built it and for nobody else: logins, forms and images fail for every visitor.",
    each=the_canonical_page,
)
async def dev_url(facts: Facts, url: str) -> Verdict:
    page, scripts, sheets, site = await asyncio.gather(
        homepage(facts), first_party_scripts(facts), style_sheets(facts), canonical(facts)
    )
    calls = [*_calls(page)]
    for sheet in sheets:
        calls += ((sheet.url, r.url, host(r.url)) for r in style_references(sheet.text, sheet.url))
    for script in scripts:
        found = await asyncio.to_thread(dev_urls, script.text)
        calls += ((script.url, called, name) for called, name in found)
    meant = [
        (where, called, kind)
        for where, called, name in calls
        if (kind := kind_of_host(name)) and not first_party(called, facts.subject, site)
    ]
    if not meant:
        return passed(url, "the homepage and its files call no developer's machine")
    where, called, kind = meant[0]
    return failed(
        url,
        f"{where} calls {called}: {kind}",
        evidence=[f"{where}: {called} ({kind})" for where, called, kind in meant],
        fix="Build again with the production address in its place (look at the environment variable that holds the "
        "API's or the site's URL), and deploy that build.",
    )


def _calls(page: Page) -> Iterator[tuple[str, str, str]]:
    """What the page itself loads or calls: where it says so, the URL and its host."""
    document = page.document
    for reference in page.references:
        yield f"{reference.place} of {page.url}", reference.url, host(reference.url)
    for link in document.links:
        if link.words("rel") & _CONNECTING and (target := resolve(link.get("href"), document.base_url(page.url))):
            yield f"<link> of {page.url}", target, host(target)
    for element in document.scripts:
        if not any(word in element.get("type").lower() for word in _NOT_CODE):
            yield from ((f"a script in {page.url}", called, name) for called, name in dev_urls(element.text))
    for key, value in document.calling_attributes:
        code = value if key.startswith("on") else f'"{value}"'
        yield from ((f"{key} in {page.url}", called, name) for called, name in dev_urls(code))

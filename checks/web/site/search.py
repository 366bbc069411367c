"""Whether search engines may show the homepage, and under which address."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.catalogue import check
from checks.errors import Untold
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.web.link_header import TAG
from checks.web.pages import Page, canonical, homepage, inconclusive, redirect_chain
from checks.web.site.answers import the_canonical_page
from checks.web.site.robots import EVERYBODY, LIMIT, SEARCH_ENGINES, forbids_indexing, parse_robots
from checks.web.url import host, origin, resolve

_ELEMENT, _HEADER = "the link element", "the Link header"


@check(
    "web.canonical-tag",
    title="The page tells search engines another address",
    when="the homepage's rel=canonical (element or Link header) names another host or scheme than the canonical "
    "address",
    status="warn",
    triage="later",
    risk="onboarding",
    item=("S2.5",),
    source="RFC 6596",
    cost="Search engines show, or look for, the wrong address.",
    each=the_canonical_page,
)
async def canonical_tag(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    named = _canonical_links(page)
    wanted = origin(await canonical(facts))
    evidence = [f"{where} names {target}" for where, target in named]
    wrong = [(where, target) for where, target in named if origin(target) != wanted]
    if not wrong:
        return passed(url, "the homepage names no other address as its own", evidence=evidence)
    right = {_ELEMENT: f'<link rel="canonical" href="{url}">', _HEADER: f'Link: <{url}>; rel="canonical"'}
    return warned(
        url,
        f"the homepage says that it belongs at {wrong[0][1]}, not at {wanted}",
        evidence=evidence,
        fix="; ".join(f"Name the canonical address in {where}: {right[where]}" for where in dict(wrong)),
    )


def _canonical_links(page: Page) -> list[tuple[str, str]]:
    """Every canonical address that the page names, with where it does."""
    base = page.document.base_url(page.url)
    found = [
        (_HEADER if link.tag == TAG else _ELEMENT, resolve(link.get("href"), base))
        for link in (*page.document.links, *page.header_links)
        if "canonical" in link.words("rel") and link.get("href")
    ]
    return [(where, target) for where, target in found if target.startswith("http")]


@check(
    "web.noindex",
    title="The live site hides from search engines",
    when="the live homepage forbids indexing (robots meta, X-Robots-Tag, or robots.txt that shuts out everything)",
    status="warn",
    triage="now",
    risk="onboarding",
    item=("S2.5",),
    source="RFC 9309",
    cost="Nobody finds the site by searching, however good it is.",
    each=the_canonical_page,
)
async def noindex(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    now = datetime.now(UTC)
    seen: dict[str, str] = {}
    """What forbids it, each with the way to undo it."""
    if said := forbids_indexing(page.response.headers.all("x-robots-tag"), now):
        seen[f"X-Robots-Tag: {said}"] = "Send the live homepage without this X-Robots-Tag header."
    for name in ("robots", *SEARCH_ENGINES):
        if said := forbids_indexing(page.document.meta(name), now):
            meta = f'<meta name="{name}" content="{said}">'
            seen[meta] = f"Take {meta} out of the live homepage."
    try:
        shut, evidence = await _by_robots_txt(facts, origin(page.url))
    except Untold as problem:
        if not seen:
            raise
        shut, evidence = {}, (problem.reason,)
    seen |= shut
    if not seen:
        return passed(url, "neither the homepage nor robots.txt forbids indexing", evidence=evidence)
    summary = "search engines are told not to show the homepage"
    return warned(url, summary, evidence=(*seen, *evidence), fix=" ".join(seen.values()))


async def _by_robots_txt(facts: Facts, site: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """What robots.txt forbids and how to undo it, empty where it forbids nothing; and what was seen of it."""
    chain = await redirect_chain(facts, f"{site}/robots.txt")
    if chain.problem is not None and (inconclusive(facts, chain.problem) or host(chain.url) == host(site)):
        raise chain.problem
    if not chain.ended or not chain.last.ok:
        if not chain.ended or chain.last.status < 500:
            return {}, chain.evidence
        # RFC 9309 s2.3.1.4: a crawler that cannot read it for a server error must stay away altogether.
        seen = f"{site}/robots.txt answers {chain.last.status}, which shuts every crawler out"
        return {seen: f"Make {site}/robots.txt answer 200, or 404 where there is none."}, chain.evidence
    robots = parse_robots(chain.last.body[:LIMIT].decode("utf-8", "replace"))
    if not robots.shuts_out_everything:
        return {}, chain.evidence
    rules = [f"{'Allow' if rule.allow else 'Disallow'}: {rule.path}" for rule in robots.rules_for(EVERYBODY)]
    seen = f"{site}/robots.txt says for everybody: {'; '.join(rules)}"
    return {seen: f"Take 'Disallow: /' for 'User-agent: *' out of {site}/robots.txt."}, chain.evidence

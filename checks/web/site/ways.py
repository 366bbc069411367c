"""Whether redirects end, are short, permanent and safe."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.web.pages import brand_chains, canonical, know_the_end, redirect_chain, variants
from checks.web.redirects import MAX_REDIRECTS, Chain, Hop, same_origin
from checks.web.url import origin, resolve

_LANGUAGE_PATH = re.compile(r"/[a-z]{2}(?:[-_][A-Za-z]{2,4})?/?")

MOST = 2
"""Redirects that a visitor may be led through."""


async def variant_urls(facts: Facts) -> tuple[str, ...]:
    return tuple(chain.start for chain in await variants(facts))


async def campaign_urls(facts: Facts) -> tuple[str, ...]:
    base = await canonical(facts)
    return tuple(dict.fromkeys(resolve(url, base) or url for url in facts.subject.campaign_urls))


async def every_start(facts: Facts) -> tuple[str, ...]:
    """The variants, the brand's other domains and the campaign URLs."""
    brand = [chain.start for chain in await brand_chains(facts)]
    return (*await variant_urls(facts), *brand, *await campaign_urls(facts))


@check(
    "web.redirect-loop",
    title="A redirect never ends",
    when="a variant or a campaign URL never ends: a URL repeats, or more than 10 hops",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("B03", "A1"),
    source="RFC 9110 s15.4",
    cost="Visitors see 'too many redirects' instead of the site.",
    each=every_start,
    nothing="neither the domain nor www has an address",
)
async def redirect_loop(facts: Facts, url: str) -> Verdict:
    chain = await redirect_chain(facts, url)
    if chain.endless:
        return failed(
            url,
            f"{url} is redirected round and round"
            if chain.outcome == "loop"
            else f"{url} is redirected more than {MAX_REDIRECTS} times",
            evidence=chain.evidence,
            fix="Let one rule alone decide where this address goes, in a single 301. Behind Cloudflare, a loop between "
            "http and https ends with the SSL mode Full (strict).",
        )
    await know_the_end(facts, chain)
    return passed(url, f"{url} comes to an end", evidence=chain.evidence)


@check(
    "web.redirect-chain",
    title="Visitors are sent through too many redirects",
    when="more than 2 redirects from any of the four variants to the canonical page",
    status="warn",
    triage="later",
    risk="onboarding",
    item=("B03", "S2.2"),
    source="roadmap",
    cost="Every extra redirect makes the first page slower, above all on phones.",
    each=variant_urls,
    nothing="neither the domain nor www has an address",
)
async def redirect_chain_length(facts: Facts, url: str) -> Verdict:
    chain = await redirect_chain(facts, url)
    if chain.endless:
        return skipped(url, "the redirects never end: web.redirect-loop tells", evidence=chain.evidence)
    await know_the_end(facts, chain)
    page = await canonical(facts)
    steps = [hop for hop in chain.until(page) if not _chooses_language(hop)]
    if len(steps) <= MOST:
        return passed(url, f"{len(steps)} redirects from {url}", evidence=chain.evidence)
    return warned(
        url,
        f"{url} goes through {len(steps)} redirects",
        evidence=chain.evidence,
        fix=f"Redirect {url} to {page} in one 301, or in two: first to https of the same host, then to {page}.",
    )


@check(
    "web.redirect-temporary",
    title="A redirect is only temporary",
    when="any hop of the chain from a variant to the canonical page, or of a campaign URL, is 302, 303 or 307, or is "
    "made by a page (meta refresh), not 301 or 308",
    status="warn",
    triage="later",
    risk="onboarding",
    item=("S2.3", "S2.D2"),
    source="RFC 9110 s15.4.2",
    cost="Search engines keep the old address and do not hand its ranking on.",
    each=every_start,
    nothing="neither the domain nor www has an address, and no campaign URL is named",
)
async def redirect_temporary(facts: Facts, url: str) -> Verdict:
    chain = await redirect_chain(facts, url)
    if chain.endless:
        return skipped(url, "the redirects never end: web.redirect-loop tells", evidence=chain.evidence)
    await know_the_end(facts, chain)
    is_campaign = url in await campaign_urls(facts)
    steps = chain.redirects if is_campaign else chain.until(await canonical(facts))
    temporary = [hop for hop in steps if not hop.permanent and not _chooses_language(hop)]
    if not temporary:
        return passed(url, f"every redirect of {url} is permanent", evidence=chain.evidence)
    hop = temporary[0]
    how = "by the page itself" if hop.by == "page" else f"with {hop.response.status}"
    return warned(
        url,
        f"{hop.response.url} is redirected {how}",
        evidence=chain.evidence,
        fix=f"Send 301 (or 308) with Location: {hop.target} from {hop.response.url}.",
    )


def _chooses_language(hop: Hop) -> bool:
    """Whether the visitor's language decides within one site, for which a temporary redirect is right."""
    asked = hop.response.url
    varies = "accept-language" in hop.response.headers.joined("vary").lower()
    is_home = asked.partition("?")[0] == f"{origin(asked)}/"
    leads_to_one = is_home and _LANGUAGE_PATH.fullmatch(hop.target.partition("?")[0].removeprefix(origin(hop.target)))
    return hop.by == "header" and same_origin(asked, hop.target) and bool(varies or leads_to_one)


@check(
    "web.redirect-downgrade",
    title="A redirect leads from https back to http",
    when="a hop of a redirect chain goes from https back to http",
    status="fail",
    triage="now",
    risk="data",
    item=("B02", "B03"),
    source="HTTP Observatory redirection",
    cost="Visitors who came safely are sent on without encryption, where cookies and forms can be read.",
)
async def redirect_downgrade(facts: Facts, domain: str) -> list[Verdict] | Verdict:
    starts = await every_start(facts)
    if not starts:
        return skipped(domain, "neither the domain nor www has an address: the dns checks tell")
    starts = tuple(dict.fromkeys((*starts, await canonical(facts))))
    chains = await asyncio.gather(*(redirect_chain(facts, url) for url in starts))
    hops = {hop.response.url: (hop, chain) for chain in chains for hop in chain.redirects if hop.downgrades}
    if not hops:
        for chain in chains:
            await know_the_end(facts, chain)
        return passed(domain, "no redirect leads from https to http", evidence=_ends(chains))
    return [
        failed(
            url,
            f"{url} is redirected to {hop.target}, without encryption",
            evidence=chain.evidence,
            fix=f"Let {url} redirect to {hop.target.replace('http:', 'https:', 1)}.",
        )
        for url, (hop, chain) in hops.items()
    ]


def _ends(chains: Iterable[Chain]) -> list[str]:
    return [f"{chain.start} ends at {chain.url}" for chain in chains]

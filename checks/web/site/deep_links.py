"""Whether links to inner pages and campaign links still lead where they should."""

from __future__ import annotations

import secrets

from checks.catalogue import check
from checks.facts import Facts, fact
from checks.finding import Verdict, errored, failed, passed, skipped, warned
from checks.web.pages import brand_chains, inconclusive, redirect_chain, turned_away
from checks.web.redirects import Hop, same_origin
from checks.web.site.ways import campaign_urls, variant_urls
from checks.web.url import host, origin


@fact
async def _probe(facts: Facts) -> tuple[str, str]:
    """A path and a query that no site knows: (path's last part, query's value)."""
    return f"launch-ready-{secrets.token_hex(4)}", secrets.token_hex(4)


async def _variant_and_brand_urls(facts: Facts) -> tuple[str, ...]:
    return (*await variant_urls(facts), *(chain.start for chain in await brand_chains(facts)))


@check(
    "web.redirect-drops-path",
    title="A redirect forgets which page was asked for",
    when="a redirect between variants loses the path or the query of the request (probed with a path and query of the "
    "app's own)",
    status="warn",
    triage="now",
    risk="onboarding",
    item=("S2.2", "S2.3"),
    source="roadmap",
    cost="Links to inner pages and tracked campaign links all land on the homepage.",
    each=_variant_and_brand_urls,
    nothing="neither the domain nor www has an address",
)
async def redirect_drops_path(facts: Facts, url: str) -> Verdict:
    straight = await redirect_chain(facts, url)
    if not straight.hops and straight.problem is not None and inconclusive(facts, straight.problem):
        raise straight.problem
    if not any(_between_variants(facts, hop) for hop in straight.redirects):
        return passed(url, f"{url} is not redirected to another variant", evidence=straight.evidence[:1])
    path, value = await _probe(facts)
    chain = await redirect_chain(facts, f"{url}{path}/page?launchready={value}")
    if not chain.hops and chain.problem is not None:
        raise chain.problem
    for hop in chain.redirects:
        if not _between_variants(facts, hop):
            continue
        before, _, query = hop.target.partition("?")
        lost = [what for what, kept in (("path", f"{path}/page" in before), ("query", value in query)) if not kept]
        if lost:
            return warned(
                url,
                f"the redirect of {origin(hop.response.url)} loses the {' and the '.join(lost)}",
                evidence=chain.evidence,
                fix=f"Redirect with path and query, such as {hop.response.url} -> {_kept(hop)} "
                "(nginx: return 301 https://HOST$request_uri;  Cloudflare: append the path, keep the query string).",
            )
    return passed(url, f"redirects of {url} keep path and query", evidence=chain.evidence)


def _between_variants(facts: Facts, hop: Hop) -> bool:
    names = (facts.subject.domain, facts.subject.www, *facts.subject.variants)
    places = (hop.response.url, hop.target)
    return all(host(place) in names for place in places) and not same_origin(*places)


def _kept(hop: Hop) -> str:
    asked = hop.response.url
    return origin(hop.target) + asked.removeprefix(origin(asked))


@check(
    "web.campaign-broken",
    title="A campaign link is dead",
    when="a campaign URL does not end at a page that answers 2xx",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("S2.3",),
    source="roadmap",
    cost="Paid clicks and printed links lead to an error.",
    each=campaign_urls,
    nothing="no campaign URL is named",
)
async def campaign_broken(facts: Facts, url: str) -> Verdict:
    chain = await redirect_chain(facts, url)
    if chain.outcome in ("loop", "too many"):
        return skipped(url, "the redirects never end: web.redirect-loop tells", evidence=chain.evidence)
    if chain.problem is not None and inconclusive(facts, chain.problem):
        raise chain.problem
    if chain.ended and chain.last.ok:
        return passed(url, f"{url} ends at {chain.last.url}", evidence=chain.evidence)
    if chain.ended and (reason := await turned_away(facts, chain.last.url)):
        return errored(url, reason, evidence=chain.evidence)
    end = f"an error ({chain.last.status})" if chain.ended else "no answer"
    return failed(
        url,
        f"{url} ends at {end}",
        evidence=chain.evidence,
        fix=f"Redirect {url} with one 301 to the page that it should show now.",
    )

"""Whether links to inner pages and campaign links still lead where they should."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from checks.catalogue import check
from checks.facts import Facts, fact
from checks.finding import Verdict, errored, failed, passed, skipped, warned
from checks.web.pages import brand_chains, canonical, inconclusive, know_the_end, redirect_chain, turned_away
from checks.web.redirects import Chain, Hop, same_origin
from checks.web.refusal import refusal
from checks.web.site.ways import campaign_urls, variant_urls
from checks.web.software import told
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
    names = await _variant_names(facts)
    moved = {origin(hop.response.url): origin(hop.target) for hop in straight.redirects if _between(names, hop)}
    if not moved:
        await know_the_end(facts, straight)
        return passed(url, f"{url} is not redirected to another variant", evidence=straight.evidence[:1])
    path, value = await _probe(facts)
    asked = f"/{path}/page?launchready={value}"
    chain = await redirect_chain(facts, f"{origin(url)}{asked}")
    if not chain.hops and chain.problem is not None:
        raise chain.problem
    hops = {origin(hop.response.url): hop for hop in chain.hops}
    for place, hop in ((place, hops[place]) for place in moved if place in hops):
        if not hop.by:
            return await _stayed(facts, url, hop, chain)
        before, _, query = hop.target.partition("?")
        lost = [what for what, kept in (("path", f"{path}/page" in before), ("query", value in query)) if not kept]
        said = f"the redirect of {place} loses the {' and the '.join(lost)}" if lost else ""
        if not _between(names, hop) and not same_origin(place, hop.target):
            # A target written without its last slash: the path runs into the name.
            said = f"the redirect of {place} leads to {hop.target or 'nowhere'} as soon as a path is asked for"
        if said:
            return warned(
                url,
                said,
                evidence=chain.evidence,
                fix=f"Redirect with path and query: {place}{asked} -> {moved[place]}{asked} "
                f"{told(hop.response, _keeping(moved[place]))}.",
            )
    return passed(url, f"redirects of {url} keep path and query", evidence=chain.evidence)


def _keeping(to: str) -> dict[str, str]:
    """How each server redirects all that it is asked for to the same at another origin."""
    return {
        "nginx": f"return 301 {to}$request_uri;",
        "Apache": f"Redirect permanent / {to}/",
        "Cloudflare": f'a dynamic redirect to concat("{to}", http.request.uri.path) that preserves the query string',
        "Caddy": f"redir {to}{{uri}} permanent",
        "IIS": f"HTTP Redirect to {to}$S$Q, exact destination, permanent",
        "Netlify": f"in the file _redirects: /* {to}/:splat 301!",
    }


async def _stayed(facts: Facts, url: str, hop: Hop, chain: Chain) -> Verdict:
    """What an address says that redirects its homepage and not the page of the probe."""
    if reason := await turned_away(facts, hop.response.url):
        return errored(url, reason, evidence=chain.evidence)
    return errored(
        url,
        f"{origin(hop.response.url)} redirects its homepage, and answers {hop.response.status} to a made-up page "
        "instead of redirecting it: whether links to inner pages get across cannot be told",
        evidence=chain.evidence,
    )


async def _variant_names(facts: Facts) -> tuple[str, ...]:
    """The hosts between which a redirect has to keep what it is asked for."""
    subject, site = facts.subject, host(await canonical(facts))
    own = (site,) if subject.canonical or subject.under(site) else ()
    return (subject.domain, subject.www, *subject.variants, *own)


def _between(names: Iterable[str], hop: Hop) -> bool:
    """Whether a redirect leads from one variant of the site's address to another."""
    places = (hop.response.url, hop.target)
    return all(host(place) in names for place in places) and not same_origin(*places)


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
    if chain.endless:
        return skipped(url, "the redirects never end: web.redirect-loop tells", evidence=chain.evidence)
    if chain.problem is not None and inconclusive(facts, chain.problem):
        raise chain.problem
    if chain.ended and chain.last.ok and not refusal(chain.last):
        return passed(url, f"{url} ends at {chain.last.url}", evidence=(*chain.evidence, *_parameters_lost(chain)))
    if chain.ended and (reason := await turned_away(facts, chain.last.url)):
        return errored(url, reason, evidence=chain.evidence)
    end = f"an error ({chain.last.status})" if chain.ended else "no answer"
    return failed(
        url,
        f"{url} ends at {end}",
        evidence=chain.evidence,
        fix=f"Redirect {url} with one 301 to the page that it should show now.",
    )


def _parameters_lost(chain: Chain) -> list[str]:
    """A note on what the campaign's reports will miss: parameters of its URL that do not arrive."""
    asked, arrived = (parse_qsl(urlsplit(url).query, keep_blank_values=True) for url in (chain.start, chain.url))
    lost = dict.fromkeys(name for name, value in asked if (name, value) not in arrived)
    return [f"note: {', '.join(lost)} of this address is lost on the way to {chain.url}"] if lost else []

"""edge.static-uncached and edge.private-cached: what a shared cache keeps though it should not, and the reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit

from checks.catalogue import check
from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.network import Response
from checks.web.edge.assets import Asset, assets
from checks.web.edge.front import front
from checks.web.edge.signs import set_by_edge
from checks.web.headers.cache_control import cache_evidence, shared_caching
from checks.web.headers.set_cookie import Cookie, parse_set_cookie
from checks.web.pages import canonical, redirect_chain, variants
from checks.web.redirects import Hop
from checks.web.refusal import refusal
from checks.web.site.answers import named_routes, the_canonical_page
from checks.web.software import told
from checks.web.url import first_party, resolve

HOUR = 3600
"""Seconds: what a static file should be kept for at least."""
_ASKED_TWICE = 2
"""Files that are asked for once more, to show whether the edge keeps them."""
_CACHE_STATUS = ("cf-cache-status", "x-cache", "x-cache-status", "x-vercel-cache", "cache-status", "x-nf-cache", "age")


@check(
    "edge.static-uncached",
    title="Static files are not cached",
    when="a first-party static asset of the homepage (css, js, font, image) has no Cache-Control or Expires that lets "
    "a shared cache keep it for at least one hour",
    status="warn",
    triage="later",
    risk="downtime",
    item=("B06", "S3.3"),
    source="RFC 9111",
    cost="Every visitor makes your server send the same files again, which slows pages and wears it down in a spike.",
    each=the_canonical_page,
)
async def static_uncached(facts: Facts, url: str) -> Verdict:
    found = await assets(facts)
    if not found.seen:
        return skipped(url, "the homepage uses no static file of the site's own")
    judged = [(a.response, shared_caching(a.response.status, a.response.headers)) for a in found.seen]
    uncached = [(answer, caching) for answer, caching in judged if not caching.keeps_for(HOUR)]
    shown = [f"{a.url}: {caching.reason} ({cache_evidence(a.headers)})" for a, caching in uncached or judged]
    evidence = [*shown, *await _asked_again(facts, found.seen), *found.unread]
    if not uncached:
        return passed(
            url, f"the {len(found.seen)} static files looked at may be cached for an hour or more", evidence=evidence
        )
    return warned(
        url,
        f"{len(uncached)} of {len(found.seen)} static files may not be cached for an hour",
        evidence=evidence,
        fix="Send with files whose name changes with their content: Cache-Control: public, max-age=31536000, "
        "immutable; with other static files: Cache-Control: public, max-age=86400 "
        f"{told(uncached[0][0], _KEEPING)}.",
    )


_STATIC = r"\.(css|js|woff2?|png|jpe?g|webp|svg)$"
_KEEPING = {
    "nginx": f'location ~* {_STATIC} {{ add_header Cache-Control "public, max-age=86400"; }}',
    "Apache": f'in <FilesMatch "{_STATIC}">: Header set Cache-Control "public, max-age=86400"',
    "Cloudflare": "Caching, Cache Rules: Edge TTL and Browser TTL of one day for these files",
    "Caddy": "@static path *.css *.js *.woff2 *.png *.jpg *.webp *.svg, "
    'and header @static Cache-Control "public, max-age=86400"',
}
"""How each server lets caches keep static files for a day."""


async def _asked_again(facts: Facts, seen: Iterable[Asset]) -> list[str]:
    """Evidence of what the edge does with a second request for the same file."""
    if not (await front(facts)).edges:
        return []
    lines = []
    for asset in list(seen)[:_ASKED_TWICE]:
        try:
            again = await facts.network.http("GET", asset.response.url)
        except NetworkError as problem:
            lines.append(f"{asset.response.url} asked again: {problem.reason}")
            continue
        first, tags = asset.response, (asset.response.headers.get("etag"), again.headers.get("etag"))
        lines.append(f"{first.url} asked twice: {_cache_status(first)}, then {_cache_status(again)}")
        if all(tags) and tags[0] != tags[1] and first.body == again.body:
            lines.append(f"note: {first.url} came with another ETag for the same content, so that it is sent anew")
    return lines


def _cache_status(response: Response) -> str:
    return (
        " ".join(f"{name}={response.headers.get(name)}" for name in _CACHE_STATUS if name in response.headers)
        or "no status"
    )


async def the_page_and_private_pages(facts: Facts) -> list[str]:
    """The canonical page, which stands for all answers seen, and each page that the user named as private."""
    page = await canonical(facts)
    return [page, *(resolve(path, page) or path for path in facts.subject.private_paths)]


@check(
    "edge.private-cached",
    title="A cache may keep what belongs to one visitor",
    when="a response that sets a cookie, or a page that the user named as private, allows a shared cache to store it "
    "(no Cache-Control at all included for a private page: caches guess)",
    status="fail",
    triage="now",
    risk="data",
    item=("B06", "S3.3"),
    source="RFC 9111 s3",
    cost="One customer may be shown another customer's page or be logged in as somebody else.",
    each=the_page_and_private_pages,
)
async def private_cached(facts: Facts, url: str) -> Verdict:
    page, *private = await the_page_and_private_pages(facts)
    if url in private:
        verdict = await _private_page_cached(facts, url)
        if url != page or verdict.status.is_problem:
            return verdict
    return await _cookies_cached(facts, url)


async def _private_page_cached(facts: Facts, url: str) -> Verdict:
    response = await _private_page(facts, url)
    if response.status in (404, 410):
        return skipped(url, f"there is no such page: it answers {response.status}")
    caching = shared_caching(response.status, response.headers)
    evidence = (response.describe(), cache_evidence(response.headers))
    if not caching.storable:
        return passed(url, f"no shared cache may store this page ({caching.reason})", evidence=evidence)
    return failed(
        url,
        "a shared cache may store this private page",
        evidence=evidence,
        fix=f"Send with {url} and with all that shows a visitor's own data: Cache-Control: private, no-store "
        f"{told(response, _keeping_out(response.url))}.",
    )


def _keeping_out(url: str) -> dict[str, str]:
    """How each server keeps caches from the page at `url`, where the application does not."""
    path = urlsplit(url).path
    return {
        "nginx": f'location {path} {{ add_header Cache-Control "private, no-store" always; }}',
        "Apache": f'in <Location "{path}">: Header always set Cache-Control "private, no-store"',
        "Cloudflare": f"Caching, Cache Rules: Bypass cache where the path starts with {path}",
        "Caddy": f'header {path}* Cache-Control "private, no-store"',
    }


async def _private_page(facts: Facts, url: str) -> Response:
    """The answer to judge: where a permanent redirect only moves the address, that of the page it moved to."""
    chain = await redirect_chain(facts, url)
    response = next((hop.response for hop in chain.hops if not _only_moves(hop)), None)
    if response is None:
        raise chain.problem or CannotTell(f"the redirects of {url} never end")
    if turned_away := refusal(response):
        raise CannotTell(turned_away)
    if response.status >= 500:
        raise CannotTell(response.describe())
    return response


def _only_moves(hop: Hop) -> bool:
    """Whether a redirect leads for good to the same page at another host, or with a slash more or less."""
    before, after = (urlsplit(url).path.rstrip("/") for url in (hop.response.url, hop.target))
    return hop.permanent and before == after


async def _cookies_cached(facts: Facts, url: str) -> Verdict:
    answers = await _answers_seen(facts, url)
    if not answers:
        raise NotApplicable(f"{url} gives no answer: web.unreachable tells")
    setting = [(answer, names) for answer in answers if (names := _cookies(answer))]
    if not setting:
        return passed(url, "none of the answers seen sets a cookie", evidence=(f"{len(answers)} answers looked at",))
    stored = [(a, names) for a, names in setting if shared_caching(a.status, a.headers).hands_out_cookies]
    evidence = [
        f"{a.describe()}: sets {', '.join(names)}; {cache_evidence(a.headers)}" for a, names in stored or setting
    ]
    if not stored:
        return passed(url, "no answer that sets a cookie may be stored by a shared cache", evidence=evidence)
    return failed(
        url,
        f"{stored[0][0].url} sets a cookie and lets a shared cache store it",
        evidence=evidence,
        fix="Send Cache-Control: private, no-store with every answer that sets a cookie, or set no cookie on what is "
        "meant to be cached.",
    )


async def _answers_seen(facts: Facts, url: str) -> list[Response]:
    """Every answer of the site itself: homepage, the four addresses, the named routes and the static files."""
    routes = [route.url for route in (await named_routes(facts)).values() if route.method == "GET"]
    chains = await asyncio.gather(*(redirect_chain(facts, page) for page in (url, *routes)))
    answers = [hop.response for chain in (*await variants(facts), *chains) for hop in chain.hops]
    try:
        answers += [asset.response for asset in (await assets(facts)).seen]
    except (CannotTell, NotApplicable):
        # A page that cannot be read has no files; the answers on the way to it can be judged all the same.
        pass
    site = await canonical(facts)
    return list({id(answer): answer for answer in answers if first_party(answer.url, facts.subject, site)}.values())


def _cookies(answer: Response) -> list[str]:
    """Names of the cookies that it sets; those aside that it deletes, and those that an edge adds after its cache."""
    cookies = [parse_set_cookie(line) for line in answer.headers.all("set-cookie")]
    return [c.name for c in cookies if isinstance(c, Cookie) and not c.deletes() and not set_by_edge(c.name)]

"""The pages of the site as they answer: each fetched once a run, with the way that led there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import CannotTell, ConnectFailed, DnsFailed, HttpFailed, NetworkError, NotApplicable, Untold
from checks.facts import Facts, fact
from checks.network import Response
from checks.web.cookie_jar import Jar
from checks.web.html import Document, Element, parse
from checks.web.link_header import parse_links
from checks.web.redirects import MAX_REDIRECTS, Chain, Hop, hop_of
from checks.web.references import Reference, references, style_references
from checks.web.refusal import BROWSER_AGENT, REFUSALS, refusal, refused_by
from checks.web.url import first_party, host, resolve
from checks.web.way import doubt_silence

MAX_SCRIPTS = 30
"""First-party scripts of the homepage that are read."""
MAX_STYLES = 8
_PARSED_AT_ONCE = 100_000
"""Characters of a page that are parsed on the event loop; a longer one goes to a thread."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that answered 2xx, read."""

    url: str
    """Where it was found, after all redirects."""
    response: Response
    document: Document
    chain: Chain

    @property
    def host(self) -> str:
        return host(self.url)

    @property
    def header_links(self) -> tuple[Element, ...]:
        """What its Link header names."""
        return parse_links(self.response.headers.all("link"), self.url)

    @property
    def references(self) -> tuple[Reference, ...]:
        """All that it loads or submits to."""
        return references(self.document, self.url, self.header_links)


@dataclass(frozen=True, slots=True)
class Script:
    """A first-party script of the homepage."""

    url: str
    response: Response

    @property
    def text(self) -> str:
        return self.response.text


async def fetch(facts: Facts, url: str, address: str | None = None) -> Response:
    """GET `url` (at `address`, where one is given), once a run; redirects are not followed.

    Raises ConnectFailed, TlsFailed, HttpFailed, DnsFailed, NoWay, Offline.
    """
    return await _fetched(facts, resolve(url) or url, address, "")


async def fetch_at(facts: Facts, url: str, address: str) -> Response:
    """What `address` answers for `url`: the ordinary answer where it came from there anyway. Raises as `fetch`."""
    try:
        ordinary = await fetch(facts, url)
        if ordinary.address == address:
            return ordinary
    except NetworkError:
        pass
    return await fetch(facts, url, address)


@fact
async def _fetched(facts: Facts, url: str, address: str | None, cookies: str) -> Response:
    headers = {"cookie": cookies} if cookies else {}
    try:
        return await facts.network.http("GET", url, address=address, headers=headers, whole=False)
    except ConnectFailed as problem:
        await doubt_silence(facts, problem)
        raise


@fact
async def redirect_chain(facts: Facts, url: str) -> Chain:
    """Follow `url` hop by hop, by headers and by pages that lead on. Raises Offline only.

    No cookie is sent, so that all checks share the answers. Where that never ends, the way is gone once more with the
    cookies that were set on it: a loop that only a visitor without cookies is caught in is none.
    """
    chain = await _followed(facts, url, None)
    if chain.endless and any("set-cookie" in hop.response.headers for hop in chain.hops):
        with_cookies = await _followed(facts, url, Jar())
        return chain if with_cookies.endless else with_cookies
    return chain


async def _followed(facts: Facts, url: str, jar: Jar | None) -> Chain:
    start = target = resolve(url) or url
    hops: list[Hop] = []
    asked: set[tuple[str, str]] = set()
    while True:
        cookies = jar.header(target) if jar else ""
        if (target, cookies) in asked:
            return Chain(start, tuple(hops), "loop")
        if len(hops) > MAX_REDIRECTS:
            return Chain(start, tuple(hops), "too many")
        asked.add((target, cookies))
        try:
            response = await _fetched(facts, target, None, cookies)
        except CannotTell as problem:
            return Chain(start, tuple(hops), "failed", await _cause(facts, host(target), problem))
        if jar:
            jar.take(response)
        hop = hop_of(response)
        hops.append(hop)
        if not hop.by:
            return Chain(start, tuple(hops), "ended")
        if not hop.target:
            said = response.headers.get("location")
            return Chain(start, tuple(hops), "failed", HttpFailed(f"{said!r} is not the address of a web page"))
        target = hop.target


async def _cause(facts: Facts, name: str, problem: CannotTell) -> Untold:
    """The reason for a failed exchange: no DNS answer, where a connect map let the name be tried all the same."""
    try:
        await facts.network.addresses(name)
    except DnsFailed as cause:
        return cause
    return problem


def inconclusive(facts: Facts, problem: Untold) -> bool:
    """Whether a failed exchange says nothing about the site: no DNS answer, no route from here, no time left.

    Headers that browsers read and this program does not are none of the site's visitors' trouble either.
    """
    if isinstance(problem, HttpFailed) and problem.malformed:
        return True
    if isinstance(problem, ConnectFailed):
        return problem.kind == "unreachable" and not facts.network.can_reach(problem.address, problem.port)
    return isinstance(problem, DnsFailed) or not isinstance(problem, NetworkError)


async def know_the_end(facts: Facts, chain: Chain) -> None:
    """Raise Untold where a chain says nothing: visitors may be led on from where this program was stopped.

    That is where its last step is `inconclusive`, or where it was turned away before it met the canonical page.
    """
    if chain.problem is not None and inconclusive(facts, chain.problem):
        raise chain.problem
    if chain.ended and chain.last.url != await canonical(facts):
        if reason := await turned_away(facts, chain.last.url):
            raise CannotTell(reason)


# -------------------------------------------------------------------- the site's own addresses


@fact
async def variants(facts: Facts) -> tuple[Chain, ...]:
    """The chains of http and https of apex and www; those whose name has no address are left out."""
    names = (facts.subject.domain, facts.subject.www)
    urls = [f"{scheme}://{name}/" for scheme in ("http", "https") for name in names]
    chains = await asyncio.gather(*(redirect_chain(facts, url) for url in urls))
    silent = [chain.start for chain in chains if not chain.hops]
    without = await asyncio.gather(*(has_no_address(facts, host(url)) for url in silent))
    nowhere = {url for url, is_without in zip(silent, without, strict=True) if is_without}
    return tuple(chain for chain in chains if chain.start not in nowhere)


@fact
async def brand_chains(facts: Facts) -> tuple[Chain, ...]:
    """The chains of the brand's other domains that have an address."""
    urls = [f"{scheme}://{name}/" for name in facts.subject.variants for scheme in ("http", "https")]
    chains = await asyncio.gather(*(redirect_chain(facts, url) for url in urls))
    lost = {name for name in facts.subject.variants if await has_no_address(facts, name)}
    return tuple(chain for chain in chains if chain.hops or host(chain.start) not in lost)


async def has_no_address(facts: Facts, name: str) -> bool:
    """Whether the DNS says that `name` has no address. False where it does not answer. Raises Offline."""
    try:
        return not await facts.network.addresses(name)
    except DnsFailed:
        return False


@fact
async def canonical(facts: Facts) -> str:
    """The address of the canonical page: as declared, else where the domain leads. Raises Offline.

    It is found by following https of the domain, then http, then the same of www. Where nothing answers, it is
    the last address that was tried of the first.
    """
    declared = facts.subject.canonical
    if declared:
        return resolve(declared if "://" in declared else f"https://{declared}") or declared
    apex, www = facts.subject.domain, facts.subject.www
    first = await redirect_chain(facts, f"https://{apex}/")
    if first.ended:
        return first.url
    others = await asyncio.gather(
        *(redirect_chain(facts, url) for url in (f"http://{apex}/", f"https://{www}/", f"http://{www}/"))
    )
    ended = [chain.url for chain in others if chain.ended]
    return next((url for url in ended if url.startswith("https:")), next(iter(ended), first.url))


@fact
async def homepage(facts: Facts) -> Page:
    """The canonical page after its redirects, read. For checks that look at what the page holds.

    Raises NotApplicable where it does not answer well, which web.unreachable, web.redirect-loop and web.error
    report; CannotTell where an edge turns this program away; DnsFailed and Offline.
    """
    chain = await redirect_chain(facts, await canonical(facts))
    if chain.problem is not None:
        if inconclusive(facts, chain.problem):
            raise chain.problem
        raise NotApplicable(f"{chain.url} gives no answer: web.unreachable tells") from chain.problem
    if not chain.ended:
        raise NotApplicable(f"the redirects of {chain.start} never end: web.redirect-loop tells")
    response = chain.last
    if not response.ok or refusal(response):
        if reason := await turned_away(facts, response.url):
            raise CannotTell(reason)
        raise NotApplicable(f"{response.url} answers {response.status}: web.error tells")
    return Page(response.url, response, await read(response), chain)


@fact
async def turned_away(facts: Facts, url: str) -> str:
    """Who turns this program away from `url` though a browser would be served; empty where nobody does.

    Told by the marks that edges leave, else by asking once more in a browser's name. Raises as `fetch`.
    """
    response = await fetch(facts, url)
    if response.status not in REFUSALS:
        return ""
    if reason := refusal(response):
        return reason
    try:
        again = await facts.network.http("GET", url, headers={"user-agent": BROWSER_AGENT})
    except NetworkError:
        return ""
    return refused_by("The server", response) if response.status != again.status < 400 else ""


async def read(response: Response) -> Document:
    """Parse the body of a response, off the event loop where it is long."""
    text = response.text
    if len(text) > _PARSED_AT_ONCE:
        return await asyncio.to_thread(parse, text)
    return parse(text)


# -------------------------------------------------------------------- what the homepage is made of


@fact
async def first_party_references(facts: Facts) -> tuple[Reference, ...]:
    """Every reference of the homepage itself to the site's own hosts, of all kinds. Raises as `homepage`."""
    page, address = await homepage(facts), await canonical(facts)
    return tuple(r for r in page.references if first_party(r.url, facts.subject, address))


@fact
async def style_sheets(facts: Facts) -> tuple[Response, ...]:
    """The first-party style sheets of the homepage that answer; at most MAX_STYLES. Raises as `homepage`."""
    urls = [reference.url for reference in await first_party_references(facts) if reference.kind == "style"]
    found = await asyncio.gather(*(redirect_chain(facts, url) for url in urls[:MAX_STYLES]))
    return tuple(chain.last for chain in found if chain.ended and chain.last.ok)


@fact
async def first_party_assets(facts: Facts) -> tuple[Reference, ...]:
    """The style sheets, scripts, fonts and images of the site's own that the homepage uses, each once.

    Fonts and images that its style sheets name are among them. Raises as `homepage`.
    """
    address = await canonical(facts)
    found = list(await first_party_references(facts))
    for sheet in await style_sheets(facts):
        found += (r for r in style_references(sheet.text, sheet.url) if first_party(r.url, facts.subject, address))
    kinds = ("style", "script", "font", "image")
    return tuple({r.url: r for r in found if r.kind in kinds and r.url.startswith("http")}.values())


@fact
async def first_party_scripts(facts: Facts) -> tuple[Script, ...]:
    """The site's own scripts that the homepage loads and that answer; at most MAX_SCRIPTS. Raises as `homepage`."""
    urls = [reference.url for reference in await first_party_references(facts) if reference.kind == "script"]
    urls = [url for url in urls if url.startswith("http")][:MAX_SCRIPTS]
    found = await asyncio.gather(*(redirect_chain(facts, url) for url in urls))
    return tuple(Script(chain.url, chain.last) for chain in found if chain.ended and chain.last.ok)

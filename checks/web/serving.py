"""Whether one address serves the site: answers there, with the canonical host's name, as the canonical page does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from checks.errors import CannotTell
from checks.facts import Facts
from checks.network import Response
from checks.web.html import Document
from checks.web.pages import canonical, fetch_at, inconclusive, read, redirect_chain
from checks.web.redirects import Hop, hop_of
from checks.web.refusal import refusal
from checks.web.tls.certificate import BadCertificate, read_certificate
from checks.web.tls.trust import TrustStore, trust_store
from checks.web.url import first_party, host

LIKENESS = 0.7
"""Share of words that two answers of one page have in common at least; the rest may be dates, offers, nonces."""
# A hash in a file's name: letters and digits mixed, or capitals and small letters.
_RELEASE = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]*\d|[a-z]+[A-Z]|[A-Z]+[a-z]+[A-Z])[0-9A-Za-z]{6,}(?![0-9A-Za-z])")
_WORD = re.compile(r"[^\W\d_]{2,}")


async def same_page(one: Response, other: Response) -> bool:
    """Whether two good answers show one page: the same title and mostly the same words."""
    if one.body == other.body:
        return True
    ours, theirs = await asyncio.gather(read(one), read(other))
    if ours.title != theirs.title:
        return False
    mine, others = (set(_WORD.findall(document.text.lower())) for document in (ours, theirs))
    if not mine and not others:
        # A page that scripts fill is known by its scripts: by their files, else by their number.
        mine, others = (_script_names(document) for document in (ours, theirs))
    if not mine and not others:
        return len(ours.scripts) == len(theirs.scripts)
    return len(mine & others) >= LIKENESS * len(mine | others)


def _script_names(document: Document) -> set[str]:
    """The files of a page's scripts, without the marks that change from one release to the next."""
    files = (script.get("src").partition("?")[0] for script in document.scripts)
    return {_RELEASE.sub("*", file) for file in files if file}


@dataclass(frozen=True, slots=True)
class Serving:
    """How one address answers for a page of the site."""

    address: str
    hop: Hop | None = None
    """The answer, where one came."""
    problem: str = ""
    """Why it does not serve the site; empty where it does."""
    other_page: bool = False
    """Whether it answers well, with another page."""

    @property
    def response(self) -> Response | None:
        return self.hop.response if self.hop else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Addresses by what they do for the site; those of which nothing can be said are in neither."""

    serve: tuple[Serving, ...]
    fail: tuple[Serving, ...]


async def compare_addresses(facts: Facts, addresses: Iterable[str]) -> Comparison:
    """Ask each address for the canonical page and compare. Raises Offline.

    Where none serves it, they are asked for the domain's own page: forwarders of the bare domain do not know the
    canonical host's name, and may differ as well.
    """
    domain = facts.subject.domain
    addresses = tuple(addresses)
    chain = await redirect_chain(facts, await canonical(facts))
    if chain.ended and chain.last.ok:
        url = chain.url.replace("http://", "https://", 1)
        found = await _compared(facts, url, addresses, Hop(chain.last))
        if found.serve:
            return found
    return await _compared(facts, f"https://{domain}/", addresses, None)


async def _compared(facts: Facts, url: str, addresses: Iterable[str], measure: Hop | None) -> Comparison:
    asked = await asyncio.gather(*(_serving(facts, url, address) for address in addresses))
    told = [one for one in asked if one is not None]
    measure = measure or _measure(facts, [one.hop for one in told if one.hop and not one.problem])
    serve: list[Serving] = []
    fail: list[Serving] = []
    for one in told:
        if one.problem or one.hop is None:
            fail.append(one)
        elif measure is not None and await _alike(measure, one.hop):
            serve.append(one)
        else:
            said = f"{one.address} answers otherwise: {one.hop.describe()}"
            fail.append(replace(one, problem=said, other_page=one.hop.response.ok))
    return Comparison(tuple(serve), tuple(fail))


def _measure(facts: Facts, hops: list[Hop]) -> Hop | None:
    """What the site's own answer is taken to be: a good page, else a redirect that stays with the site."""
    pages = (hop for hop in hops if hop.response.ok and not hop.by)
    redirects = (hop for hop in hops if hop.by and first_party(hop.target, facts.subject, facts.subject.canonical))
    return next(pages, None) or next(redirects, None)


async def _alike(measure: Hop, hop: Hop) -> bool:
    if measure.by or hop.by:
        return measure.target == hop.target
    return hop.response.ok and await same_page(measure.response, hop.response)


async def _serving(facts: Facts, url: str, address: str) -> Serving | None:
    """The answer of one address; None where nothing can be said of it."""
    try:
        response = await fetch_at(facts, url, address)
    except CannotTell as problem:
        return None if inconclusive(facts, problem) else Serving(address, problem=problem.reason)
    if refusal(response):
        return None
    store = await asyncio.to_thread(trust_store, facts.network.ca_file)
    return Serving(address, hop_of(response), _certificate_problem(store, response))


def _certificate_problem(store: TrustStore, response: Response) -> str:
    """Why visitors would be warned at this address; empty where they would not."""
    try:
        certificates = [read_certificate(der) for der in (response.handshake.chain if response.handshake else ())]
    except BadCertificate:
        certificates = []
    name = host(response.url)
    if not certificates:
        return f"{response.address} shows no certificate that can be read"
    leaf = certificates[0]
    if not leaf.covers(name):
        return f"{response.address} shows a certificate for {', '.join(leaf.dns_names) or leaf.subject}, not for {name}"
    path = store.path(leaf, certificates[1:])
    if not path.trusted:
        return f"{response.address} shows a certificate that browsers do not trust ({path.reason})"
    if path.out_of_date:
        return f"{response.address} shows a certificate that is out of date: {path.out_of_date[0].describe()}"
    return ""

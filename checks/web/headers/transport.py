"""Whether browsers are told to come by https only."""

from __future__ import annotations

from checks.catalogue import check
from checks.errors import Untold
from checks.facts import Facts
from checks.finding import Verdict, passed, skipped, warned
from checks.network import Response
from checks.web.headers.hsts import BadTransportSecurity, parse_hsts
from checks.web.pages import Page, canonical, homepage
from checks.web.site.answers import the_canonical_page
from checks.web.software import sending
from checks.web.tls.facts import judgements
from checks.web.url import host

SHORTEST = 15_552_000
"""Seconds: 180 days."""
YEAR = 31_536_000
HEADER = "strict-transport-security"


@check(
    "headers.hsts",
    title="Browsers are not told to insist on https",
    when="no Strict-Transport-Security on the canonical https answer, or a max-age below 15552000 s (180 days); of "
    "several header lines the first counts; one sent over a certificate that does not verify counts as none, as in "
    "browsers",
    status="warn",
    triage="later",
    risk="data",
    item=("S3.5",),
    source="RFC 6797, HTTP Observatory",
    cost="In a café's network an attacker can keep a visitor on plain http and read along.",
    each=the_canonical_page,
)
async def hsts(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    answer = _answer(page, host(await canonical(facts)))
    if answer is None:
        return skipped(url, "the canonical page is not on https: web.http-open tells")
    lines = answer.headers.all(HEADER)
    fix = sending(answer, "Strict-Transport-Security", f"max-age={YEAR}")
    evidence = [answer.describe(), *(f"Strict-Transport-Security: {line}" for line in lines)]
    if not lines:
        return warned(url, f"{host(answer.url)} sends no Strict-Transport-Security", evidence=evidence, fix=fix)
    doubt = await _unverified(facts, host(answer.url), answer.address)
    if doubt:
        summary = f"browsers ignore the Strict-Transport-Security of {host(answer.url)}: {doubt}"
        return warned(
            url, summary, evidence=evidence, fix="Install a valid certificate (the tls checks say what is wrong)."
        )
    read = parse_hsts(lines[0])
    if isinstance(read, BadTransportSecurity):
        summary = f"browsers ignore the Strict-Transport-Security of {host(answer.url)}: {read.reason}"
        return warned(url, summary, evidence=evidence, fix=fix)
    if read.preload and not (read.include_subdomains and read.max_age >= YEAR):
        evidence.append("note: the preload list takes no name without includeSubDomains and a max-age of a year")
    if read.max_age < SHORTEST:
        summary = f"Strict-Transport-Security lasts only {read.max_age} s, less than 180 days"
        return warned(url, summary, evidence=evidence, fix=fix)
    return passed(url, f"browsers keep to https for {read.max_age // 86400} days", evidence=evidence)


def _answer(page: Page, canonical_host: str) -> Response | None:
    """The https answer that counts: the last of the canonical host with the header, else its last one."""
    secure = [hop.response for hop in page.chain.hops if hop.response.url.startswith("https:")]
    own = [response for response in secure if host(response.url) == canonical_host] or secure
    with_header = [response for response in own if HEADER in response.headers]
    return next(iter((with_header or own)[-1:]), None)


async def _unverified(facts: Facts, name: str, address: str) -> str:
    """Why the certificate of `name` at `address` does not convince a browser; empty where it does, or none is known.

    A missing intermediate is no reason: browsers fetch or remember it.
    """
    try:
        known = await judgements(facts, name)
    except Untold:
        return ""
    judged = next((one for one in known if one.sent.address == address), known[0])
    if not judged.path.trusted:
        return f"its certificate is not trusted ({judged.path.reason})"
    if judged.path.out_of_date:
        return "its certificate is out of date"
    return "" if judged.sent.leaf.covers(name) else f"its certificate is not for {name}"

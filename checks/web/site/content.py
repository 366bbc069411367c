"""Whether the homepage loads what visitors can load: nothing over http, nothing of a developer's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.web.headers.csp import parse_meta_policy, parse_policies
from checks.web.pages import Page, canonical, first_party_scripts, homepage, style_sheets
from checks.web.references import Reference, references, style_references
from checks.web.site.answers import the_canonical_page
from checks.web.site.dev_hosts import dev_urls, kind_of_host
from checks.web.url import first_party, host

_NOT_CODE = ("ld+json", "template", "html", "plain")
"""Types of script elements that hold data or text, which no browser runs or calls."""


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
    each=the_canonical_page,
)
async def mixed_content(facts: Facts, url: str) -> Verdict:
    page, site = await homepage(facts), await canonical(facts)
    if not page.url.startswith("https:"):
        return skipped(url, "the homepage itself is not on https: web.http-open tells")
    found = [*references(page.document, page.url)]
    for sheet in await style_sheets(facts):
        found += style_references(sheet.text, sheet.url)
    # What leads to a developer's host is told as that (web.dev-url), and mended there.
    unsafe = {
        r.url: r
        for r in found
        if r.url.startswith("http:") and (first_party(r.url, facts.subject, site) or not kind_of_host(host(r.url)))
    }
    evidence = _lines(unsafe.values())
    if not unsafe:
        return passed(url, "everything on the homepage is loaded over https")
    if _upgrades(page):
        return passed(url, "upgrade-insecure-requests makes browsers load it all over https", evidence=evidence)
    first = next(iter(unsafe))
    return warned(
        url,
        f"the homepage names {len(unsafe)} part(s) over http",
        evidence=evidence,
        fix=f"Write https in their addresses, such as {first.replace('http:', 'https:', 1)}.",
    )


def _upgrades(page: Page) -> bool:
    policies = [
        *parse_policies(page.response.headers.all("content-security-policy")),
        *map(parse_meta_policy, page.document.http_equiv("content-security-policy")),
    ]
    return any(policy.get("upgrade-insecure-requests") is not None for policy in policies)


def _lines(found: Iterable[Reference]) -> list[str]:
    return [f"{reference.kind} by <{reference.tag}>: {reference.url}" for reference in found]


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
    page, scripts, site = await asyncio.gather(homepage(facts), first_party_scripts(facts), canonical(facts))
    calls = [(f"<{r.tag}> of {page.url}", r.url, host(r.url)) for r in references(page.document, page.url)]
    for element in page.document.scripts:
        if not any(word in element.get("type").lower() for word in _NOT_CODE):
            calls += ((f"a script in {page.url}", called, name) for called, name in dev_urls(element.text))
    for script in scripts:
        found = await asyncio.to_thread(dev_urls, script.text)
        calls += ((script.url, called, name) for called, name in found)
    meant = [
        (where, called, kind)
        for where, called, name in calls
        if (kind := kind_of_host(name)) and not first_party(called, facts.subject, site)
    ]
    if not meant:
        return passed(url, "the homepage and its scripts call no developer's machine")
    where, called, kind = meant[0]
    return failed(
        url,
        f"{where} calls {called}: {kind}",
        evidence=[f"{where}: {called} ({kind})" for where, called, kind in meant],
        fix="Build again with the production address in its place (look at the environment variable that holds the "
        "API's or the site's URL), and deploy that build.",
    )

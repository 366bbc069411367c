"""Whether a secret was built into what every browser downloads."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, noted, passed, warned
from checks.repo.secrets import Hit, find_in_text
from checks.web.pages import first_party_scripts, homepage
from checks.web.site.answers import the_canonical_page


@check(
    "exposure.bundle-secret",
    title="A secret key is in the page",
    when="the homepage or a first-party script contains a secret that must never reach a browser (same rules as the "
    "secret scan, public-by-design keys aside: Stripe pk_, Supabase anon, Firebase web key, Sentry DSN)",
    status="fail",
    triage="now",
    risk="data",
    item=("B10", "A5"),
    source="roadmap",
    cost="Anybody who looks at the page's source can use the key: read data, send mail or spend money in your name.",
    each=the_canonical_page,
)
async def bundle_secret(facts: Facts, url: str) -> Verdict | list[Verdict]:
    page, scripts = await asyncio.gather(homepage(facts), first_party_scripts(facts))
    texts = {page.url: page.response.body} | {script.url: script.response.body for script in scripts}
    found = await asyncio.to_thread(
        lambda: {place: find_in_text(text, store=facts.store) for place, text in texts.items()}
    )
    verdicts = [_verdict(place, hits) for place, hits in found.items() if hits]
    if verdicts:
        return verdicts
    if cut := [r.url for r in (page.response, *(script.response for script in scripts)) if r.truncated]:
        return noted(
            url,
            f"no secret was found, but {len(cut)} file(s) are too long to be read to their end",
            evidence=[f"{place}: its beginning alone was read" for place in cut],
        )
    return passed(url, f"the homepage and {len(scripts)} script(s) of the site hold no secret")


def _verdict(place: str, hits: list[Hit]) -> Verdict:
    say = failed if any(hit.status == "fail" for hit in hits) else warned
    return say(
        place,
        f"{place} holds {hits[0].title} ({hits[0].masked})",
        evidence=[f"line {hit.line}, character {hit.offset}: {hit.title}, {hit.masked}" for hit in hits],
        fix=" ".join(
            (
                hits[0].rotate or "Replace the key at its service.",
                "Then let the server make the call, and build the page without the key.",
            )
        ),
    )

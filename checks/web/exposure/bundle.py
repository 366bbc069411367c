"""Whether a secret was built into what every browser downloads."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, noted, passed, warned
from checks.repo.secrets import Hit, find_in_text
from checks.repo.secrets.layers import is_archive
from checks.web.exposure.browser_keys import Purpose, purpose_of
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
    every = (page.response, *(script.response for script in scripts))
    # No browser runs an archive, and one from outside may unpack to anything.
    texts = {answer.url: answer.body for answer in every if not (answer.undecoded or is_archive(answer.body))}
    found = await asyncio.to_thread(
        lambda: {place: _by_purpose(text, find_in_text(text, store=facts.store)) for place, text in texts.items()}
    )
    verdicts = [_verdict(place, keys[Purpose.SERVER]) for place, keys in found.items() if keys[Purpose.SERVER]]
    if verdicts:
        return verdicts
    unread = [f"{r.url}: its beginning alone was read, it is too long" for r in every if r.truncated]
    unread += [f"{r.url}: it is packed in a way that is not read here" for r in every if r.url not in texts]
    if open_ones := [f"{place}, {_said(hit)}" for place, keys in found.items() for hit in keys[Purpose.UNKNOWN]]:
        said = f"no secret was found; of {len(open_ones)} key(s) only you know whether browsers are meant to have them"
        return noted(url, said, evidence=[*open_ones, *unread])
    if unread:
        return noted(url, f"no secret was found, but {len(unread)} file(s) could not be read whole", evidence=unread)
    return passed(url, f"the homepage and {len(scripts)} script(s) of the site hold no secret")


def _by_purpose(text: bytes, hits: list[Hit]) -> dict[Purpose, list[Hit]]:
    found: dict[Purpose, list[Hit]] = {purpose: [] for purpose in Purpose}
    for hit in hits:
        found[purpose_of(hit, text)].append(hit)
    return found


def _said(hit: Hit) -> str:
    return f"line {hit.line}, character {hit.offset}: {hit.title}, {hit.masked}"


def _verdict(place: str, hits: list[Hit]) -> Verdict:
    say = failed if any(hit.status == "fail" for hit in hits) else warned
    return say(
        place,
        f"{place} holds {hits[0].title} ({hits[0].masked})",
        evidence=[_said(hit) for hit in hits],
        fix=f"Rotate it: {hits[0].rotate}. Then let the server make the call, and build the page without the key.",
    )

"""Whether a stranger's page may read what the site shows to a visitor who is signed in."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, warned
from checks.network import Response
from checks.web.headers.cors import Sharing, sharing
from checks.web.pages import homepage
from checks.web.site.answers import the_canonical_page

FOREIGN = "https://launch-ready.example"
SANDBOXED = "null"
"""What a sandboxed frame or a file calls itself."""


def lookalike(name: str, domain: str) -> str:
    """An origin that anybody may register, and that begins with, ends with and holds the site's own name."""
    return f"https://{name}.launch-ready-{domain}"


@fact
async def answer_to(facts: Facts, url: str, origin: str) -> Response:
    """What `url` answers to a script of `origin`. Raises as `Network.http`."""
    return await facts.network.http("GET", url, headers={"origin": origin})


@check(
    "headers.cors",
    title="Any other site can read customers' data",
    when="a GET of the canonical page with a foreign Origin, or with Origin: null, gets that origin reflected "
    "together with Access-Control-Allow-Credentials: true; * with credentials is reported as warn, since browsers "
    "refuse it",
    status="fail",
    triage="now",
    risk="data",
    item=("S3.5",),
    source="Fetch standard, HTTP Observatory",
    cost="A page that a signed-in customer happens to visit can read and send on everything of theirs.",
    each=the_canonical_page,
)
async def cors(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    origins = (FOREIGN, SANDBOXED, lookalike(page.host, facts.subject.domain))
    answers = await asyncio.gather(*(answer_to(facts, page.url, origin) for origin in origins))
    shared = {origin: sharing(answer.headers, origin) for origin, answer in zip(origins, answers, strict=True)}
    evidence = [_line(origin, answer) for origin, answer in zip(origins, answers, strict=True)]
    fix = "Send Access-Control-Allow-Origin with the site's own addresses only, never with what the request says."
    reflected = [origin for origin, what in shared.items() if what is Sharing.PRIVATE]
    if reflected:
        summary = f"the homepage lets {' and '.join(reflected)} read it with the visitor's cookies"
        return failed(url, summary, evidence=evidence, fix=fix)
    if Sharing.REFUSED in shared.values():
        summary = "the homepage allows every origin with credentials, which browsers refuse"
        return warned(url, summary, evidence=evidence, fix=fix)
    return passed(url, "no other site may read pages with a visitor's cookies", evidence=evidence)


def _line(origin: str, answer: Response) -> str:
    allowed = answer.headers.joined("access-control-allow-origin") or "nothing"
    credentials = answer.headers.joined("access-control-allow-credentials") or "nothing"
    return (
        f"Origin: {origin} -> {answer.status}, Access-Control-Allow-Origin: {allowed}, "
        f"Access-Control-Allow-Credentials: {credentials}"
    )

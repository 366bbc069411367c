"""Whether the homepage and the routes that matter answer as they should."""

from __future__ import annotations

from dataclasses import replace

from checks.catalogue import check
from checks.dns.lookup import public_web_names
from checks.errors import ConnectFailed, HttpFailed, NetworkError, TlsFailed, Untold
from checks.facts import Facts, fact
from checks.finding import Verdict, errored, failed, passed, skipped
from checks.network import Response
from checks.subject import Route
from checks.web.pages import canonical, fetch, has_no_address, inconclusive, redirect_chain, turned_away
from checks.web.redirects import Chain
from checks.web.refusal import refusal
from checks.web.tls.reachable import how_to_mend
from checks.web.url import host, resolve


async def the_canonical_page(facts: Facts) -> tuple[str]:
    """The one target of a check that looks at the canonical page."""
    return (await canonical(facts),)


@check(
    "web.unreachable",
    title="The site does not answer",
    when="the canonical address gives no HTTP answer within the deadline",
    status="fail",
    triage="now",
    risk="downtime",
    item=("B02", "S1.2"),
    source="roadmap",
    cost="Nobody can open the site: every visitor and every campaign click is lost.",
    each=the_canonical_page,
)
async def unreachable(facts: Facts, url: str) -> Verdict:
    chain = await redirect_chain(facts, url)
    if chain.problem is None:
        return passed(url, f"{host(url)} answers", evidence=chain.evidence[:1])
    if inconclusive(facts, chain.problem):
        raise chain.problem
    if await has_no_address(facts, host(chain.url)):
        return skipped(url, f"{host(chain.url)} has no address: the dns checks tell", evidence=chain.evidence)
    evidence, fix, name = chain.evidence, _start(chain, chain.problem), host(chain.url)
    secure = chain.url.startswith(f"https://{name}/") and name in await public_web_names(facts)
    if secure and isinstance(chain.problem, (ConnectFailed, TlsFailed)):
        evidence = (*evidence, f"the same cause as tls.unreachable at {name}")
        fix = f"{how_to_mend(name, chain.problem)} That mends tls.unreachable at {name} too."
    return failed(url, f"{chain.url} gives no answer", evidence=evidence, fix=fix)


def _start(chain: Chain, problem: Untold) -> str:
    """What brings an answer about, by how far the last exchange got."""
    name = host(chain.url)
    if chain.hops and chain.hops[-1].by and not chain.hops[-1].target:
        return f"Let {chain.url} redirect to a web address, beginning with https://, or answer 200 itself."
    if isinstance(problem, TlsFailed):
        return f"Let a secure connection to {name} come about (tls.unreachable says how). Try: curl -v {chain.url}"
    if isinstance(problem, HttpFailed):
        waits = "is waiting for" if problem.timed_out else "broke at"
        return (
            f"The server of {name} takes connections: look into its log, and that of the application behind it, for "
            f"what it {waits} at this moment. Try: curl -v --compressed {chain.url}"
        )
    return (
        f"Start the web server behind {name}, or point the DNS of that name at the one that runs, and open its ports "
        f"443 and 80. Try: curl -v {chain.url}"
    )


@fact
async def named_routes(facts: Facts) -> dict[str, Route]:
    """The named routes by what they are called in a finding."""
    base = await canonical(facts)
    named: dict[str, Route] = {}
    for route in facts.subject.routes:
        url, method = resolve(route.url, base) or route.url, route.method.upper() or "GET"
        named[url if method == "GET" else f"{method} {url}"] = replace(route, url=url, method=method)
    return named


async def _homepage_and_routes(facts: Facts) -> tuple[str, ...]:
    return (await canonical(facts), *await named_routes(facts))


@check(
    "web.error",
    title="A page that matters answers with an error",
    when="the homepage answers other than 200 after its redirects, or a route that the user named answers 5xx, "
    "another status than the expected one, or without the text that it must contain",
    status="fail",
    triage="now",
    risk="onboarding",
    item=("A2", "S6.1"),
    source="roadmap",
    cost="Visitors meet an error where they should sign up or buy, and leave.",
    each=_homepage_and_routes,
)
async def error(facts: Facts, target: str) -> Verdict:
    route = (await named_routes(facts)).get(target)
    return await _route(facts, target, route) if route else await _homepage(facts, target)


async def _homepage(facts: Facts, url: str) -> Verdict:
    chain = await redirect_chain(facts, url)
    if chain.problem is not None:
        if inconclusive(facts, chain.problem):
            raise chain.problem
        return skipped(url, "there is no answer at all: web.unreachable tells", evidence=chain.evidence)
    if not chain.ended:
        return skipped(url, "the redirects never end: web.redirect-loop tells", evidence=chain.evidence)
    if chain.last.status == 200 and not refusal(chain.last):
        return passed(url, "the homepage answers 200", evidence=chain.evidence)
    if reason := await turned_away(facts, chain.last.url):
        return errored(url, reason, evidence=chain.evidence)
    return failed(
        url,
        f"the homepage answers {chain.last.status}",
        evidence=chain.evidence,
        fix=f"Make {chain.last.url} answer 200: look into the server's log of this moment, "
        "and roll the last release back if it broke there.",
    )


async def _route(facts: Facts, target: str, route: Route) -> Verdict:
    if not facts.subject.may_send(route):
        carrying = "with the body that is declared for it" if route.body else "without a body"
        return skipped(
            target,
            f"with your consent (consent.forms) it would send {route.method} once, {carrying}; what that does on the "
            "site only you know",
        )
    try:
        response, evidence = await route_answer(facts, route)
    except NetworkError as problem:
        if inconclusive(facts, problem):
            raise
        return _wrong(target, "gives no answer", (problem.reason,))
    if route.status is None and response.status < 400:
        pass
    elif response.status != route.status:
        if reason := await turned_away(facts, response.url) if route.method == "GET" else refusal(response):
            return errored(target, reason, evidence=evidence)
        expected = f", not {route.status}" if route.status is not None else ""
        return _wrong(target, f"answers {response.status}{expected}", evidence)
    if route.contains and route.method != "HEAD" and route.contains not in response.text:
        return _wrong(target, f"answers {response.status} without the text {route.contains!r}", evidence)
    return passed(target, f"answers {response.status} as expected", evidence=evidence)


@fact
async def route_answer(facts: Facts, route: Route) -> tuple[Response, tuple[str, ...]]:
    """The answer that counts: the first where a status is expected, else the one at the end of the redirects."""
    if route.method != "GET":
        headers = {"content-type": route.content_type} if route.body else {}
        response = await facts.network.http(route.method, route.url, headers=headers, body=route.body.encode() or None)
    elif route.status is not None:
        response = await fetch(facts, route.url)
    else:
        chain = await redirect_chain(facts, route.url)
        if isinstance(chain.problem, NetworkError):
            raise chain.problem
        if not chain.ended:
            raise HttpFailed(f"the redirects of {route.url} never end")
        return chain.last, chain.evidence
    return response, (response.describe(),)


def _wrong(target: str, what: str, evidence: tuple[str, ...]) -> Verdict:
    return failed(
        target,
        f"{target} {what}",
        evidence=evidence,
        fix=f"Mend {target} before launch (the server's log of this moment names the cause), "
        "or correct what the session file expects of it.",
    )

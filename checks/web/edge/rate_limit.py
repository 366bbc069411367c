"""edge.rate-limit: whether public forms, log-ins and APIs are held to a rate, by Cloudflare's word or a probe."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.catalogue import check
from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts, fact
from checks.finding import Verdict, passed, skipped, warned
from checks.network import Response
from checks.web.edge.cloudflare.zone import SECRET, rules, zone
from checks.web.pages import canonical, fetch, homepage
from checks.web.refusal import refusal
from checks.web.url import first_party, resolve

PHASE = "http_ratelimit"
REQUESTS = 40
"""At most, to one URL, and only with consent."""
AT_ONCE = 8

_KINDS = ("login", "form", "api")
"""What is to be protected, the most tempting first."""
_LIMIT_HEADERS = ("ratelimit", "ratelimit-policy", "ratelimit-limit", "x-ratelimit-limit", "x-rate-limit-limit")
_PROBE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Surface:
    """A public form, log-in or API."""

    url: str
    method: str
    kind: str

    @property
    def probe(self) -> str:
        """The method that the probe uses: never one that could submit a form."""
        return self.method if self.kind in ("login", "api") and self.method in ("GET", "HEAD", "POST") else "GET"


@fact
async def surfaces(facts: Facts) -> tuple[Surface, ...]:
    """Declared forms, log-ins and APIs, else the homepage's own forms; the most tempting first. Raises Offline."""
    base = await canonical(facts)
    found = [
        Surface(resolve(route.url, base) or route.url, route.method.upper() or "GET", route.kind)
        for route in facts.subject.routes
        if route.kind in _KINDS
    ]
    found += [Surface(resolve(form.page, base) or form.page, "GET", "form") for form in facts.subject.forms]
    if not found:
        found = await _forms_of_homepage(facts, base)
    return tuple(sorted(found, key=lambda surface: _KINDS.index(surface.kind)))


async def _forms_of_homepage(facts: Facts, base: str) -> list[Surface]:
    try:
        page = await homepage(facts)
    except (CannotTell, NotApplicable):
        return []
    at = page.document.base_url(page.url)
    targets = [
        resolve(form.element.get("action"), at) or page.url for form in page.document.forms if form.method == "post"
    ]
    return [Surface(url, "POST", "form") for url in targets if first_party(url, facts.subject, base)]


@check(
    "edge.rate-limit",
    title="Nothing slows down mass requests",
    when="no rate limit is seen on a public form, login or API: none in Cloudflare's http_ratelimit rules where a "
    "token is given, and none by a bounded probe that the user consented to (at most 40 requests to one "
    "URL of their own)",
    status="warn",
    triage="later",
    risk="downtime",
    item=("B07", "S3.4"),
    source="RFC 6585 s4",
    cost="One script can guess passwords, flood your inbox or run up your bill without being stopped.",
)
async def rate_limit(facts: Facts, domain: str) -> Verdict:
    with_token, consented = SECRET in facts.secrets, facts.subject.consent.rate_limit
    if not (with_token or consented):
        return skipped(
            domain,
            f"with your consent (consent.rate_limit) it would send up to {REQUESTS} requests to one form, log-in or "
            "API of yours and look for a limit; with a Cloudflare token it would read the rate limiting rules",
        )
    public = await surfaces(facts)
    if not public:
        return skipped(domain, "no form, log-in or API is declared in [[site.routes]] or [[site.forms]], or seen")
    evidence = [f"public {surface.kind}: {surface.method} {surface.url}" for surface in public]
    unread: list[str] = []
    if with_token:
        try:
            here, active = await zone(facts), [rule for rule in await rules(facts, PHASE) if rule.restrains]
        except CannotTell as problem:
            unread.append(problem.reason)
        else:
            evidence += [f"Cloudflare rate limiting rule: {rule.describe()}" for rule in active]
            if active and not here.idle:
                return passed(domain, "Cloudflare limits the rate of requests", evidence=evidence)
            why = f"the zone {here.idle}" if active else f"Cloudflare has no enabled rule in {PHASE} that limits"
            evidence.append(why)
    if consented:
        limit, seen = await _probe(facts, public[0])
        evidence += [*seen, *unread]
        if limit:
            return passed(domain, f"a rate limit acts on {public[0].url}: {limit}", evidence=evidence)
    elif unread:
        raise CannotTell(unread[0])
    return warned(
        domain,
        f"no rate limit was seen on {public[0].url}",
        evidence=evidence,
        fix="Limit requests by address at the edge (Cloudflare: Security, WAF, Rate limiting rules, for example 10 "
        f"requests in 10 seconds to {public[0].url}) or in the server (nginx: limit_req), and answer 429 above it.",
    )


async def _probe(facts: Facts, surface: Surface) -> tuple[str, list[str]]:
    """Send up to REQUESTS requests, some at once, until a limit shows. Returns the limit and what was seen.

    Raises CannotTell where the first gets no good answer, or a later one none.
    """
    first = await _first(facts, surface)
    if reason := refusal(first) or (first.describe() if first.status >= 500 else ""):
        raise CannotTell(reason)
    statuses = [first.status]
    limit = _limit(first)
    while not limit and len(statuses) < REQUESTS:
        size = min(AT_ONCE, REQUESTS - len(statuses))
        answers = await asyncio.gather(*(_again(facts, surface) for _ in range(size)), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, NetworkError):
                raise CannotTell(f"after {len(statuses)} requests to {surface.url}: {answer.reason}")
            if isinstance(answer, BaseException):
                raise answer
            statuses.append(answer.status)
            limit = limit or _limit(answer) or _turned_to(answer, first)
    shown = ", ".join(f"{statuses.count(status)} x {status}" for status in dict.fromkeys(statuses))
    verdict = limit or "no 429 and no RateLimit header"
    return limit, [f"{surface.probe} {surface.url} {len(statuses)} times: {shown}; {verdict}"]


async def _first(facts: Facts, surface: Surface) -> Response:
    # What another check has asked already counts among the requests.
    return await (fetch(facts, surface.url) if surface.probe == "GET" else _again(facts, surface))


async def _again(facts: Facts, surface: Surface) -> Response:
    body = b"" if surface.probe == "POST" else None
    return await facts.network.http(surface.probe, surface.url, body=body, limit=100_000, seconds=_PROBE_SECONDS)


def _turned_to(answer: Response, first: Response) -> str:
    """A refusal where the first request got none; nginx's limit_req says 503, and no more, unless told otherwise."""
    refused = answer.status in (403, 503) and answer.status != first.status
    return f"status {answer.status} where the first request got {first.status}" if refused else ""


def _limit(answer: Response) -> str:
    """What in the answer shows a limit; empty where nothing does."""
    after = answer.headers.get("retry-after")
    if answer.status == 429 or (answer.status == 503 and after):
        return f"status {answer.status}{f', Retry-After {after}' if after else ''}"
    named = (f"{name}: {answer.headers.get(name)}" for name in _LIMIT_HEADERS if name in answer.headers)
    return refusal(answer) or next(named, "")

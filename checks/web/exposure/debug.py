"""Whether error pages tell strangers how the program is built."""

from __future__ import annotations

import asyncio
import functools
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from checks.catalogue import check
from checks.errors import CannotTell, NetworkError
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.network import Response
from checks.subject import Route
from checks.web.exposure.probes import no_such_page, site
from checks.web.pages import canonical, fetch, redirect_chain
from checks.web.refusal import no_answer
from checks.web.site.answers import named_routes, route_answer, the_canonical_page

UNREADABLE = "/launch-ready-%ff"
"""An address that is no text: a program that shows its errors shows one here, and no other harm is done."""
_LOOKED_AT = 200_000
"""Characters of a page; debug pages say so at their beginning."""


@dataclass(frozen=True, slots=True)
class Sign:
    name: str
    pattern: re.Pattern[str]
    everywhere: bool


@functools.cache
def signs() -> tuple[Sign, ...]:
    """The table beside this file, read once."""
    table = tomllib.loads(resources.files(__package__).joinpath("debug_pages.toml").read_text("utf-8"))
    return tuple(Sign(p["name"], re.compile(p["pattern"]), p.get("everywhere", False)) for p in table["page"])


def debug_output(text: str, status: int) -> tuple[str, str]:
    """What a page shows of the program, and the line that gives it away; two empty texts where it shows nothing."""
    text = text[:_LOOKED_AT]
    for sign in signs():
        if (sign.everywhere or status >= 400) and (match := sign.pattern.search(text)):
            return sign.name, match[0].strip()[:300]
    return "", ""


def _known(asked: Iterable[Response | BaseException]) -> list[Response]:
    """The answers that came. Raises what is no trouble of the network."""
    for answer in asked:
        if isinstance(answer, BaseException) and not isinstance(answer, NetworkError):
            raise answer
    return [answer for answer in asked if isinstance(answer, Response)]


async def _answer_of(facts: Facts, route: Route) -> Response:
    return (await route_answer(facts, route))[0]


@check(
    "exposure.debug",
    title="Error pages show the inside of the program",
    when="an error page of the site shows a stack trace or a framework's debug page",
    status="fail",
    triage="now",
    risk="data",
    item=("S4.1", "S6.3"),
    source="CWE-489",
    cost="Attackers read paths, versions and often passwords from it, and customers see broken code.",
    each=the_canonical_page,
)
async def debug(facts: Facts, url: str) -> Verdict | list[Verdict]:
    base = await site(facts)
    home = await redirect_chain(facts, await canonical(facts))
    pages = [hop.response for hop in home.hops[-1:]]
    routes = [route for route in (await named_routes(facts)).values() if route.method == "GET"]
    missing, unreadable, *named = await asyncio.gather(
        no_such_page(facts),
        fetch(facts, base + UNREADABLE),
        *(_answer_of(facts, route) for route in routes),
        return_exceptions=True,
    )
    errors = [answer for answer in _known((missing, unreadable)) if answer.body not in {page.body for page in pages}]
    pages += _known(named)
    # What answers for an address that cannot exist is an error page, whatever its status says.
    looked_at = [*((page, page.status) for page in pages), *((page, max(page.status, 400)) for page in errors)]
    shown = await asyncio.to_thread(lambda: [debug_output(page.text, status) for page, status in looked_at])
    found = [(page, what) for (page, _), what in zip(looked_at, shown, strict=True) if what[0]]
    if not found:
        if not isinstance(missing, Response):
            raise missing
        if reason := no_answer(missing):
            raise CannotTell(reason)
        evidence = [page.describe() for page, _ in looked_at]
        return passed(url, "error pages show nothing of the program", evidence=evidence)
    return [
        failed(
            answer.url,
            f"{answer.url} shows {name}",
            evidence=[answer.describe(), line],
            fix="Run the program in production mode (Django: DEBUG = False;  Node: NODE_ENV=production;  Laravel: "
            "APP_DEBUG=false;  PHP: display_errors = Off;  Flask: without debug) and show an error page of your own.",
        )
        for answer, (name, line) in found
    ]

"""Whether the cookies that the site sets are kept from eavesdroppers and from scripts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from email.utils import formatdate

from checks.catalogue import check
from checks.facts import Facts, fact
from checks.finding import Verdict, passed, warned
from checks.network import Response
from checks.web.headers.set_cookie import Cookie, parse_set_cookie
from checks.web.pages import canonical, homepage, redirect_chain, variants
from checks.web.site.answers import named_routes
from checks.web.url import first_party, host

# "sidebar", "author" and "assessment" hold the letters without meaning a session.
_SESSION_LIKE = re.compile(
    r"(?<!as)(?<!pos)(?<!ob)sess|sid(?![a-z])|auth(?!or(?!i))|token|jwt|login|remember", re.IGNORECASE
)
_NO_SESSION = re.compile(r"csrf|xsrf", re.IGNORECASE)


def session_like(name: str) -> bool:
    """Whether a cookie's name says that it lets its bearer in."""
    return bool(_SESSION_LIKE.search(name)) and not _NO_SESSION.search(name)


def faults(cookie: Cookie) -> tuple[str, ...]:
    """What is missing of a cookie that was set over https."""
    found = []
    if not cookie.secure:
        with_none = " (which SameSite=None needs to be accepted at all)" if cookie.same_site == "None" else ""
        found.append(f"lacks Secure{with_none}")
    if session_like(cookie.name) and not cookie.http_only:
        found.append("lacks HttpOnly")
    if cookie.broken_prefix:
        found.append(f"breaks its prefix: {cookie.broken_prefix}")
    return tuple(found)


@fact
async def _answers(facts: Facts) -> tuple[Response, ...]:
    """What the homepage, its redirects and the named routes answered over https. Raises as `homepage`.

    What other sites answer that a route leads to, such as a log-in service, is theirs.
    """
    page, site = await homepage(facts), await canonical(facts)
    routes = [route.url for route in (await named_routes(facts)).values() if route.method == "GET"]
    followed = await asyncio.gather(*(redirect_chain(facts, url) for url in routes if url.startswith("https:")))
    chains = (page.chain, *await variants(facts), *followed)
    # One address may answer twice: it sets a cookie, and lets in whoever comes back with it.
    responses = {id(hop.response): hop.response for chain in chains for hop in chain.hops}
    secure = (response for response in responses.values() if response.url.startswith("https:"))
    return tuple(response for response in secure if first_party(response.url, facts.subject, site))


async def _hosts(facts: Facts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host(response.url) for response in await _answers(facts)))


@check(
    "headers.cookies",
    title="A cookie can be read by others",
    when="a cookie set over https by the homepage, its redirects or a named route lacks Secure; a session-like one "
    "(sess, sid, auth, token, jwt, login or remember in its name, csrf and xsrf aside) lacks HttpOnly; SameSite=None "
    "without Secure; a __Host- or __Secure- prefix rule is broken",
    status="warn",
    triage="now",
    risk="data",
    item=("S3.5",),
    source="RFC 6265bis, HTTP Observatory",
    cost="Whoever reads a login cookie is logged in as that customer.",
    each=_hosts,
)
async def cookies(facts: Facts, name: str) -> Verdict:
    responses = [response for response in await _answers(facts) if host(response.url) == name]
    evidence, faulty = _judged(responses)
    if not faulty:
        return passed(name, f"the cookies of {name} are kept safe" if evidence else f"{name} sets no cookie")
    first = next(iter(faulty.values()))
    more = f", and {len(faulty) - 1} more" if len(faulty) > 1 else ""
    return warned(
        name,
        f"the cookie {first.name} of {name} {' and '.join(faults(first))}{more}",
        evidence=evidence,
        fix="; ".join(f"Set-Cookie: {as_it_should_be(cookie)}" for cookie in faulty.values()),
    )


def as_it_should_be(cookie: Cookie) -> str:
    """The cookie's line without its faults, its value left out; what is right in it stays."""
    for_host = cookie.name.lower().startswith("__host-")
    parts = [f"{cookie.name}=...", "Path=/" if for_host else f"Path={cookie.path or '/'}"]
    parts += [f"Domain={cookie.domain}"] if cookie.domain and not for_host else []
    parts += [f"Max-Age={cookie.max_age}"] if cookie.max_age is not None else []
    parts += [f"Expires={formatdate(cookie.expires, usegmt=True)}"] if cookie.expires is not None else []
    parts += ["Secure"]
    parts += ["HttpOnly"] if cookie.http_only or session_like(cookie.name) else []
    parts += [f"SameSite={cookie.same_site or 'Lax'}"]
    return "; ".join((*parts, "Partitioned") if cookie.partitioned else parts)


def _judged(responses: Iterable[Response]) -> tuple[list[str], dict[str, Cookie]]:
    """A line for each cookie, its value left out, and the faulty ones by name."""
    lines: list[str] = []
    faulty: dict[str, Cookie] = {}
    for response in responses:
        for line in response.headers.all("set-cookie"):
            cookie = parse_set_cookie(line)
            if not isinstance(cookie, Cookie) or cookie.deletes():
                continue
            found = faults(cookie)
            attributes = "".join(f";{part}" for part in line.split(";")[1:])
            lines.append(f"{response.url} sets {cookie.name}=...{attributes}: {', '.join(found) or 'right'}")
            if found:
                faulty.setdefault(cookie.name, cookie)
    return lines, faulty

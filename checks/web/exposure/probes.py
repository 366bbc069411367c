"""The few requests beyond the site's own links, and how its answers are told from its "no such page".

All checks of this room together ask for at most MOST_REQUESTS addresses that no visitor would.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable

from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts, fact
from checks.network import Response
from checks.web.pages import canonical, fetch, inconclusive, redirect_chain, turned_away
from checks.web.refusal import no_answer
from checks.web.url import first_party, host, origin

MOST_REQUESTS = 15
MAPS = 4
"""Source maps that are asked for."""
FOLDERS = 3
"""Folders of assets that are asked for."""


@fact
async def site(facts: Facts) -> str:
    """The origin that the canonical page stands at, where it is the user's own.

    Raises NotApplicable, CannotTell, DnsFailed, Offline.
    """
    address = await canonical(facts)
    chain = await redirect_chain(facts, address)
    if chain.problem is not None:
        if inconclusive(facts, chain.problem):
            raise chain.problem
        raise NotApplicable("the site gives no answer: web.unreachable tells") from chain.problem
    if chain.ended and (reason := await turned_away(facts, chain.last.url)):
        raise CannotTell(reason)
    if not first_party(chain.url, facts.subject, address if facts.subject.canonical else ""):
        raise NotApplicable(
            f"the domain leads to {host(chain.url)}, which is not declared as yours, so nothing is tried there; "
            "if it is, declare it as the canonical address"
        )
    return origin(chain.url)


async def probed(facts: Facts, urls: Iterable[str]) -> list[Response | CannotTell]:
    """What each address holds, or why that is not known. Raises what `fetch` raises beside NetworkError."""
    asked = await asyncio.gather(*(fetch(facts, url) for url in urls), return_exceptions=True)
    return [_told(answer) for answer in asked]


def _told(answer: Response | BaseException) -> Response | CannotTell:
    if isinstance(answer, Response):
        reason = no_answer(answer)
        return CannotTell(reason) if reason else answer
    if isinstance(answer, NetworkError):
        return answer
    raise answer


def answers_of(asked: Iterable[Response | CannotTell]) -> list[Response]:
    """The answers, where all are known. Raises CannotTell for the first that is not: it is not known to be safe."""
    answers = []
    for answer in asked:
        if isinstance(answer, CannotTell):
            raise answer
        answers.append(answer)
    return answers


@fact
async def no_such_page(facts: Facts) -> Response:
    """What the site answers to an address that cannot exist. Raises as `site` and `fetch`."""
    return await fetch(facts, f"{await site(facts)}/launch-ready-{secrets.token_hex(6)}")


async def is_no_such_page(facts: Facts, response: Response) -> bool:
    """Whether an answer is what the site says to everything that it does not have, as single-page apps do."""
    missing = await no_such_page(facts)
    return missing.status == response.status and _faceless(missing) == _faceless(response)


def _faceless(response: Response) -> bytes:
    """The body without the address that was asked for, which many such pages repeat."""
    path = response.url.removeprefix(origin(response.url))
    return response.body.replace(path.encode(), b"").replace(path.removeprefix("/").encode(), b"")

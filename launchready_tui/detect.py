"""What a new sprint can tell by itself of a domain: a look at its public DNS and its home page, as any visitor's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from checks.dns.subdomains import discovery
from checks.errors import CannotTell, NotApplicable, Offline
from checks.facts import Facts
from checks.mail.services import services
from checks.network import Network
from checks.subject import Subject
from checks.web.pages import canonical, redirect_chain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Detected:
    """Suggestions; empty where nothing could be told."""

    canonical: str = ""
    subdomains: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    offline: bool = False


async def detect(domain: str, network: Network) -> Detected:
    """Look at a domain. Raises BadName."""
    facts = Facts(Subject.of(domain), network)
    try:
        page, found, table = await asyncio.gather(
            _told(_canonical(facts)), _told(discovery(facts)), _told(services(facts))
        )
    except Offline:
        return Detected(offline=True)
    finally:
        await facts.aclose()
    return Detected(
        canonical=page or "",
        subdomains=tuple(subdomain.name for subdomain in found.found) if found else (),
        senders=tuple(service.name for service in table or ()),
        offline=not network.answered,
    )


async def _canonical(facts: Facts) -> str:
    """Where the domain leads; empty where nothing answers there."""
    page = await canonical(facts)
    return page if (await redirect_chain(facts, page)).ended else ""


async def _told(question: Awaitable[T]) -> T | None:
    try:
        return await question
    except Offline:
        raise
    except (CannotTell, NotApplicable):
        return None

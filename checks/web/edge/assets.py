"""The site's own static files that are looked at: a fair sample of what the homepage uses, each with its answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import splitext

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.network import Response
from checks.web.pages import first_party_assets, redirect_chain
from checks.web.references import Reference
from checks.web.url import origin

MOST_ASSETS = 24
"""More files than these are not fetched; every kind at every place is among them."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file of the site that answers 2xx."""

    reference: Reference
    response: Response


@dataclass(frozen=True, slots=True)
class Assets:
    """The sample. `unread` says which files gave no good answer."""

    seen: tuple[Asset, ...]
    unread: tuple[str, ...]
    unasked: int
    """How many more the homepage uses."""


@fact
async def assets(facts: Facts) -> Assets:
    """Fetch a sample of the homepage's first-party files.

    Raises as `homepage`; NotApplicable where the page uses none; CannotTell where none of them answers.
    """
    every = await first_party_assets(facts)
    sample = sampled(every)
    chains = await asyncio.gather(*(redirect_chain(facts, reference.url) for reference in sample))
    seen: list[Asset] = []
    unread: list[str] = []
    for reference, chain in zip(sample, chains, strict=True):
        if chain.ended and chain.last.ok:
            seen.append(Asset(reference, chain.last))
        else:
            unread.append(chain.evidence[-1])
    if sample and not seen:
        raise CannotTell(f"no static file of the homepage answers well ({unread[0]})")
    return Assets(tuple(seen), tuple(unread), len(every) - len(sample))


def sampled(every: Iterable[Reference], most: int = MOST_ASSETS) -> Sequence[Reference]:
    """Up to `most` references, taking turns between kinds, file endings and hosts, so that none is left out."""
    groups: dict[tuple[str, str, str], list[Reference]] = {}
    for reference in every:
        ending = splitext(reference.url.partition("?")[0])[1].lower()
        groups.setdefault((reference.kind, ending, origin(reference.url)), []).append(reference)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*groups.values()))
    return list(itertools.islice((reference for reference in turns if reference is not None), most))

"""The catalogue of checks: each registered once, beside its code, with `@check`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from checks.facts import Facts
from checks.finding import Risk, Status, Triage, Verdict

ROOMS = ("dns", "web", "mail", "repo", "ops")

Told = Verdict | Iterable[Verdict]
"""A check returns one verdict for its target, or several where it names targets of its own."""

Look = Callable[[Facts, str], Coroutine[Any, Any, Told]]
Targets = Callable[[Facts], Awaitable[Iterable[str]]]


async def the_domain(facts: Facts) -> tuple[str]:
    """The one target of a check that looks at the domain as a whole."""
    return (facts.subject.domain,)


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the catalogue together with the code that looks."""

    id: str
    title: str
    """The problem as a headline, in a founder's words: "www leads nowhere"."""
    when: str
    """The exact condition under which it is reported."""
    status: Status
    """What a problem is reported as, unless its condition says otherwise."""
    triage: Triage
    risk: Risk
    item: tuple[str, ...]
    """Ids of the roadmap that it serves."""
    source: str
    cost: str
    """One plain sentence: what the problem costs the business."""
    look: Look
    targets: Targets
    """Where it looks, one concurrent `look` for each; none means there is nothing to look at."""
    nothing: str
    """Why there may be no target, for the `skipped` finding."""

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "item": list(self.item),
            "risk": str(self.risk),
            "triage": str(self.triage),
            "status": str(self.status),
            "source": self.source,
            "when": self.when,
            "cost": self.cost,
        }


_REGISTRY: dict[str, Check] = {}


def check(
    id: str,  # noqa: A002 - the catalogue's own word
    *,
    title: str,
    when: str,
    status: str,
    triage: str,
    risk: str,
    item: Iterable[str],
    source: str,
    cost: str,
    each: Targets = the_domain,
    nothing: str = "nothing to look at",
) -> Callable[[Look], Look]:
    """Register the coroutine below as the one check of this id. See `Check` for the words."""

    def register(look: Look) -> Look:
        if id in _REGISTRY and _REGISTRY[id].look.__qualname__ != look.__qualname__:
            raise ValueError(f"{id} is registered twice")
        _REGISTRY[id] = Check(
            id, title, when, Status(status), Triage(triage), Risk(risk), tuple(item), source, cost, look, each, nothing
        )
        return look

    return register


def catalogue() -> Mapping[str, Check]:
    """Every check, by id, in the order of the rooms. Imports all rooms."""
    for room in ROOMS:
        package = importlib.import_module(f"checks.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return MappingProxyType(_REGISTRY)

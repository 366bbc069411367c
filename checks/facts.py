"""Facts about the subject, each found out once however many checks ask.

A fact is an async function marked `@fact` whose first parameter is `Facts`. It stands in the room that it
belongs to; a check just awaits it:

    @fact
    async def addresses(facts: Facts, name: str) -> Addresses: ...

    found = await addresses(facts, "www.example.com")
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from checks.memo import Memo
from checks.secret import Secret
from checks.store import NoStore, Store
from checks.subject import Subject

if TYPE_CHECKING:  # the catalogue can then be read without loading the network stack
    from checks.network import Network

P = ParamSpec("P")
T = TypeVar("T")


class Facts:
    """The subject, the network, and all that was found out in this run.

    `secrets` holds the credentials that the user gave for this run, by purpose ("cloudflare", "smtp" ...); `store` what
    outlives it.
    """

    def __init__(
        self,
        subject: Subject,
        network: Network,
        *,
        secrets: Mapping[str, Secret] | None = None,
        store: Store | None = None,
    ) -> None:
        self.subject = subject
        self.network = network
        self.secrets: Mapping[str, Secret] = secrets or {}
        self.renewed: dict[str, Secret] = {}
        """Credentials, by purpose, that a service replaced in this run: the vault must keep these instead."""
        self.store: Store = store or NoStore()
        self.memo = Memo()

    def known(
        self, ask: Callable[Concatenate[Facts, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """The answer of a fact that was asked in this run; None where it was not, or has none. Asks nothing."""
        answer: T | None = self.memo.answer((inspect.unwrap(ask), args, tuple(sorted(kwargs.items()))))
        return answer

    async def aclose(self) -> None:
        """Stop every question that nobody awaits any more."""
        await self.memo.aclose()


def fact(
    ask: Callable[Concatenate[Facts, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Facts, P], Coroutine[Any, Any, T]]:
    """Make an async function of `Facts` and hashable arguments a fact: asked once, then remembered."""

    @functools.wraps(ask)
    async def remembered(facts: Facts, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (ask, args, tuple(sorted(kwargs.items())))
        return await facts.memo.once(key, lambda: ask(facts, *args, **kwargs))

    return remembered

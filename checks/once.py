"""Makes a thing once a process, however many threads ask for it at once."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

KEPT = 8
"""Things that one maker keeps, for as many different arguments."""


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """Let the first who asks make what `make` returns for some arguments, and the others wait for it.

    A failure is not kept: who asks next tries again.
    """
    cached = functools.lru_cache(maxsize=KEPT)(make)
    making = threading.Lock()

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        with making:
            return cached(*args, **kwargs)  # type: ignore[arg-type] # they are hashable, as for any cache

    return made

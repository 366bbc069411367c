"""The faults of the lab's business, each with what mends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """Something that is wrong in the lab until `mend` was called."""

    id: str
    """Id of the check that finds it."""
    title: str
    """What a consultant would do about it: "Publish www"."""
    how: str
    """What is changed in production, for the list of changes."""
    mend: Callable[[], Awaitable[None] | None] = field(repr=False)
    undo: str = ""
    fixed: bool = False

"""What a person is told of something that went wrong."""

from __future__ import annotations

from checks.subject import BadName
from checks.text import harmless


def words_of(problem: BaseException) -> str:
    """The reason of a problem, and the way on, where it has them; else its kind, since its text may quote anything."""
    reason = str(problem) if isinstance(problem, BadName) else getattr(problem, "reason", "")
    told = f"{reason or getattr(problem, 'strerror', '') or ''} {getattr(problem, 'way_on', '')}".strip()
    return harmless(told) or f"A fault in Launch Ready ({type(problem).__name__}). Nothing is lost."

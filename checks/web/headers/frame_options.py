"""The grammar of X-Frame-Options (HTML standard, "the X-Frame-Options header")."""

from __future__ import annotations

from collections.abc import Iterable

PROTECTING = frozenset({"deny", "sameorigin"})


def parse_frame_options(lines: Iterable[str]) -> tuple[str, ...]:
    """The distinct values of all header lines, in lower case."""
    values = (value.strip(" \t").lower() for line in lines for value in line.split(","))
    return tuple(dict.fromkeys(value for value in values if value))


def keeps_frames_out(values: Iterable[str]) -> bool:
    """Whether browsers refuse foreign frames: by DENY or SAMEORIGIN, or by both, which they take for DENY.

    ALLOW-FROM and ALLOWALL are ignored by every browser.
    """
    return bool(PROTECTING.intersection(values))

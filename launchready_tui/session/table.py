"""What every table of the session file shares."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

UNKNOWN = "\x7f"
"""Encoded name of `Table.unknown`: no key that a person would write."""


class Table(Struct, kw_only=True, omit_defaults=True):
    """A table of the file; what equals its default is not written."""

    unknown: dict[str, Any] = field(default_factory=dict, name=UNKNOWN)
    """Keys of this very table that this version does not know: kept, and written back (see `store`)."""

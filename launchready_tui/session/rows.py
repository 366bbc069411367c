"""The array tables of a session: which rows are the same, and how a row enters or leaves."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from launchready_tui.session.model import (
    Alert,
    ByHand,
    Change,
    Contact,
    Form,
    Record,
    Redirect,
    SecretEntry,
    Session,
    SignOff,
    Subdomain,
    Table,
    TrackerEvent,
    Watch,
)

_SAME_BY: dict[type[Table], tuple[str, ...]] = {
    Change: ("what", "at"),
    Record: ("name", "type", "value"),
    Redirect: ("source",),
    Subdomain: ("name",),
    SecretEntry: ("name", "place"),
    Alert: ("destination", "fired"),
    ByHand: ("mailbox",),
    Contact: ("name",),
    Watch: ("url",),
    Form: ("target",),
    TrackerEvent: ("endpoint",),
    SignOff: ("name", "role"),
}

_TABLES: dict[type[Table], str] = {
    Change: "change",
    Record: "record",
    Redirect: "redirect",
    Subdomain: "subdomain",
    SecretEntry: "secret",
    Alert: "alert",
    ByHand: "mail.by_hand",
    Contact: "contact",
    Watch: "watch",
    Form: "form",
    TrackerEvent: "event",
    SignOff: "sprint.signed",
}

_TOLD_BY_A_PERSON = ("purpose", "note")
"""Fields that a measured row leaves empty: what a person wrote there stays."""


def table_of(row: Table) -> str:
    """The name of the table that a row belongs to."""
    return _TABLES[type(row)]


def put(session: Session, row: Table) -> None:
    """Add a row, in the place of the one that it is a newer version of, if there is one."""
    rows = _rows(session, row)
    place = _place(rows, row)
    if place is None:
        rows.append(row)
        return
    old = rows[place]
    row.unknown = old.unknown | row.unknown
    for name in _TOLD_BY_A_PERSON:
        if hasattr(row, name) and not getattr(row, name):
            setattr(row, name, getattr(old, name))
    rows[place] = row


def remove(session: Session, row: Table) -> bool:
    """Take a row out. Returns whether it was there."""
    rows = _rows(session, row)
    place = _place(rows, row)
    if place is not None:
        del rows[place]
    return place is not None


def _rows(session: Session, row: Table) -> list[Any]:
    rows: list[Any] = attrgetter(table_of(row))(session)
    return rows


def _place(rows: list[Any], row: Table) -> int | None:
    same = attrgetter(*_SAME_BY[type(row)])
    return next((place for place, old in enumerate(rows) if same(old) == same(row)), None)

"""A new destination from what a person typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.subject import BadName, host_name
from launchready_tui.alerts.destinations import KINDS, Destination, destinations, free_purpose, read
from launchready_tui.session.model import Session

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
"""A messaging service of Twilio's, which chooses the number itself."""


@dataclass(frozen=True, slots=True)
class New:
    """What to write down."""

    entry: dict[str, Any]
    """For [monitor] destinations."""
    mail: dict[str, Any] = field(default_factory=dict)
    """Fields of [mail] that go with it."""

    @property
    def purpose(self) -> str:
        """The vault entry that it needs."""
        return str(self.entry["vault"])


def new(session: Session, kind_id: str, given: Mapping[str, str]) -> New:
    """Read a form's answers. Raises BadName, whose message says what is wrong.

    Args:
        given: "name", and what the kind's lines ask for, by field.
    """
    kind, taken = KINDS[kind_id], destinations(session)
    name = given["name"].strip()
    if any(row.name == name for row in taken):
        raise BadName(f"{name} is there already: give it another name")
    entry: dict[str, Any] = {"name": name, "kind": kind_id, "vault": free_purpose(kind, taken)}
    entry |= {line.field: given[line.field].strip() for line in kind.lines if not line.field.startswith("mail-")}
    mail = {line.field[5:]: given[line.field].strip() for line in kind.lines if line.field.startswith("mail-")}
    if kind_id == "sms":
        entry["to"], entry["from"] = _number(entry["to"]), _sender(entry["from"])
    if kind_id == "mail":
        _check_mail(entry["to"], mail)
    return New(entry, mail)


def _number(text: str) -> str:
    number = re.sub(r"[\s()./-]", "", text)
    if not _NUMBER.fullmatch(number):
        raise BadName(f"{text!r} is no number with its country, such as +49170...")
    return number


def _sender(text: str) -> str:
    return text if _SERVICE.fullmatch(text) else _number(text)


def _check_mail(to: str, mail: Mapping[str, str]) -> None:
    for address in (to, mail["from_address"]):
        if not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+", address):
            raise BadName(f"{address!r} is no mail address")
    host_name(mail["smtp_host"])


def without(session: Session, destination: Destination) -> list[str | dict[str, Any]]:
    """[monitor] destinations without one."""

    def stays(entry: str | dict[str, Any]) -> bool:
        found = read(entry)
        return found is None or found.name != destination.name

    return [entry for entry in session.monitor.destinations if stays(entry)]

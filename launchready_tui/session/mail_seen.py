"""What the last look at mail showed, as the session keeps it: the mail screen and the handover are drawn from it."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from launchready_tui.session.table import Table

State = Literal["right", "wrong", "unknown"]


class MarkSeen(Table):
    """One cell of the services table, with the reason in a few words."""

    state: State = "unknown"
    why: str = ""


class ServiceSeen(Table):
    """A service that seems to send for the domain."""

    name: str
    kind: str = ""
    evidence: list[str] = field(default_factory=list)
    """By what it was recognised."""
    spf: MarkSeen = field(default_factory=MarkSeen)
    dkim: MarkSeen = field(default_factory=MarkSeen)
    return_path: MarkSeen = field(default_factory=MarkSeen)
    dmarc: MarkSeen = field(default_factory=MarkSeen)

    @property
    def marks(self) -> tuple[MarkSeen, ...]:
        """The four cells, in the order of the table's columns."""
        return (self.spf, self.dkim, self.return_path, self.dmarc)


class BranchSeen(Table):
    """One line of a record's tree."""

    text: str
    depth: int = 0
    note: str = ""
    good: bool | None = None
    """None where it is neither right nor wrong."""


class RecordSeen(Table):
    """One of the three records."""

    title: str
    record: str = ""
    """As published; empty where there is none."""
    branches: list[BranchSeen] = field(default_factory=list)
    publish: str = ""
    """The record to publish in its place, to be copied; empty where it is right or nobody can tell."""
    advice: str = ""
    problem: str = ""
    """Why it could not be read."""


class RuleSeen(Table):
    """What a large receiver asks of senders, and whether the domain keeps it as far as DNS shows."""

    receiver: str
    rule: str
    bulk_only: bool = False
    state: State = "unknown"
    why: str = ""


class MailSeen(Table):
    """One look. `where` says at which DNS host records are changed: "At Cloudflare (your DNS host)"."""

    at: str = ""
    where: str = ""
    services: list[ServiceSeen] = field(default_factory=list)
    records: list[RecordSeen] = field(default_factory=list)
    rules: list[RuleSeen] = field(default_factory=list)

"""The session file as types: the whole of it, and what people do in a sprint. What people declared and what runs saw
have modules of their own, and are offered here with the rest.

Every field has a default, so a file of `schema` and `[site]` is valid. Times are RFC 3339 text in UTC. No field ever
holds a secret: credentials are named by their vault entry.
"""

from __future__ import annotations

from msgspec import field

from launchready_tui.session.declared_tables import Ai, ByHand, Consent, Deploy, Mail, Monitor, Site, SiteRoute
from launchready_tui.session.observed_tables import (
    EdgeSetting,
    Form,
    Known,
    Record,
    Redirect,
    Run,
    StatusChange,
    StoredFinding,
    Subdomain,
    TrackerEvent,
    Verified,
    Watch,
)
from launchready_tui.session.table import UNKNOWN, Table
from launchready_tui.session.words import Mark, Status, Triage

__all__ = [
    "SCHEMA",
    "UNKNOWN",
    "Ai",
    "Alert",
    "BlockTimes",
    "ByHand",
    "Change",
    "Consent",
    "Contact",
    "Deploy",
    "EdgeSetting",
    "Form",
    "Known",
    "Mail",
    "Mark",
    "Monitor",
    "Record",
    "Redirect",
    "Run",
    "SecretEntry",
    "Session",
    "SignOff",
    "Site",
    "SiteRoute",
    "SprintTimes",
    "Status",
    "StatusChange",
    "Step",
    "StoredFinding",
    "Subdomain",
    "Table",
    "TrackerEvent",
    "Triage",
    "Verified",
    "Watch",
]

SCHEMA = 1


class BlockTimes(Table):
    opened: str = ""
    closed: str = ""


class SignOff(Table):
    """A person's word under the handover."""

    name: str
    role: str = ""
    at: str = ""
    decision: str = ""
    """"go" or "no-go"."""
    note: str = ""


class SprintTimes(Table):
    started: str = ""
    finished: str = ""
    consultant: str = ""
    client: str = ""
    blocks: dict[str, BlockTimes] = field(default_factory=dict)
    """By block id, "H1" to "H5"."""
    signed: list[SignOff] = field(default_factory=list)


class Step(Table):
    """A roadmap item as a person left it: state is open, done, blocked or not-applicable."""

    id: str
    state: Mark = "open"
    by: str = ""
    at: str = ""
    note: str = ""
    private_note: str = ""
    """Never in the handover, never on screen in presenter mode."""


class Change(Table):
    """Something that was changed in production."""

    what: str
    at: str = ""
    by: str = ""
    before: str = ""
    after: str = ""
    undo: str = ""


class SecretEntry(Table):
    """A secret's name and place, never its value."""

    name: str
    place: str = ""
    vault: str = ""
    rotated: str = ""
    created: str = ""
    note: str = ""


class Alert(Table):
    """A fired test alert."""

    destination: str
    fired: str = ""
    accepted: str = ""
    acknowledged: str = ""
    seconds: float | None = None
    """From its acceptance until its code was given back; from firing where its acceptance was never confirmed."""
    outcome: str = ""
    """"read", "late", "unread", "undelivered", "unknown" (`note` says why) or empty while it runs."""
    error: str = ""
    """Why the destination did not take it."""
    announced: bool = True
    receipt: str = ""
    """The service's own id of the message, or what it answered."""
    note: str = ""
    sent_by: str = ""
    """The monitor that sent it, where a person recorded it by hand."""


class Contact(Table):
    name: str
    role: str = ""
    reach: str = ""
    hours: str = ""


class Session(Table, omit_defaults=False):
    """The whole file. Array tables carry the design's singular names."""

    site: Site
    schema: int = SCHEMA
    mail: Mail = field(default_factory=Mail)
    deploy: Deploy = field(default_factory=Deploy)
    monitor: Monitor = field(default_factory=Monitor)
    ai: Ai = field(default_factory=Ai)
    consent: Consent = field(default_factory=Consent)
    sprint: SprintTimes = field(default_factory=SprintTimes)
    step: list[Step] = field(default_factory=list)
    finding: list[StoredFinding] = field(default_factory=list)
    run: list[Run] = field(default_factory=list)
    change: list[Change] = field(default_factory=list)
    record: list[Record] = field(default_factory=list)
    redirect: list[Redirect] = field(default_factory=list)
    subdomain: list[Subdomain] = field(default_factory=list)
    edge: list[EdgeSetting] = field(default_factory=list)
    secret: list[SecretEntry] = field(default_factory=list)
    alert: list[Alert] = field(default_factory=list)
    contact: list[Contact] = field(default_factory=list)
    watch: list[Watch] = field(default_factory=list)
    form: list[Form] = field(default_factory=list)
    verified: list[Verified] = field(default_factory=list)
    event: list[TrackerEvent] = field(default_factory=list)

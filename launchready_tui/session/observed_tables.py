"""What runs saw: findings, the runs themselves, and the rows of the handover's maps, renewed by each look."""

from __future__ import annotations

from typing import Any

from msgspec import field

from launchready_tui.session.table import Table
from launchready_tui.session.words import Status, Triage


class Known(Table):
    """What a check last really saw of a target that it could not look at since."""

    status: Status
    summary: str = ""
    cost: str = ""
    evidence: list[str] = field(default_factory=list)
    fix: str = ""
    observed: str = ""


class StoredFinding(Table):
    """The latest finding of one (check, target)."""

    check: str
    target: str
    status: Status
    triage: Triage = "later"
    """As a person left it, else as the catalogue says."""
    rule: Triage | None = None
    """Triage by rule: where `triage` differs, a person set it, and it stays."""
    triage_reason: str = ""
    """Why a person changed it; empty where nobody did."""
    triage_by: str = ""
    triage_at: str = ""
    risk: str = "downtime"
    summary: str = ""
    cost: str = ""
    evidence: list[str] = field(default_factory=list)
    fix: str = ""
    observed: str = ""
    run: int = 0
    """Number of the run that saw it last."""
    private_note: str = ""
    known: Known | None = None
    """Given only where `status` is "error" and an earlier run did see the target."""

    @property
    def key(self) -> tuple[str, str]:
        return (self.check, self.target)

    @property
    def family(self) -> str:
        return self.check.partition(".")[0]

    @property
    def standing(self) -> Status:
        """The status to judge by: a problem stays one until a check has really seen it gone."""
        return self.known.status if self.known else self.status

    @property
    def seen(self) -> StoredFinding | Known:
        """What was seen last: summary, cost, fix and the rest of the look that `standing` goes by."""
        return self.known or self

    @property
    def is_problem(self) -> bool:
        return self.standing in ("warn", "fail")


class StatusChange(Table):
    """What a run changed for one (check, target). `was` is empty for a new one, `now` for one that is gone."""

    check: str
    target: str
    was: str = ""
    now: str = ""


class Run(Table):
    number: int
    started: str
    seconds: float = 0.0
    only: list[str] = field(default_factory=list)
    complete: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    """By status."""
    counters: dict[str, int] = field(default_factory=dict)
    before: list[StatusChange] = field(default_factory=list)
    """Statuses that this run changed. What "Compare" shows."""


class Record(Table):
    """One line of the DNS map."""

    name: str
    type: str
    value: str
    ttl: int | None = None
    purpose: str = ""
    seen: str = ""


class Redirect(Table):
    source: str
    to: str
    status: int = 0
    seen: str = ""


class Subdomain(Table):
    name: str
    declared: bool = False
    purpose: str = ""
    found_by: str = ""
    seen: str = ""


class EdgeSetting(Table):
    """One line of the edge network's configuration, as its API told it."""

    name: str
    value: str = ""
    seen: str = ""


class Watch(Table):
    """Aggregates of one watched URL; latencies in seconds."""

    url: str
    scheduled: int = 0
    taken: int = 0
    missed: int = 0
    failed: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    last_ok: bool | None = None
    last_reason: str = ""
    since: str = ""
    until: str = ""
    incidents: list[dict[str, Any]] = field(default_factory=list)
    """begin, end (empty while it lasts), reason."""
    regions: list[dict[str, Any]] = field(default_factory=list)
    """region, ok, seconds, reason."""


class Form(Table):
    """A form of the site, and the last test submission through it."""

    target: str
    """How findings call it."""
    page: str = ""
    method: str = ""
    action: str = ""
    sends_to: str = ""
    fields: list[str] = field(default_factory=list)
    """A star stands behind the required ones."""
    csrf: str = ""
    traps: list[str] = field(default_factory=list)
    tested: bool = False
    """Whether a test submission is for it: no login, no search."""
    destination: str = ""
    by_hand: str = ""
    """Why a person has to send it."""
    nonce: str = ""
    sent: str = ""
    answer: str = ""
    """"accepted", "refused", "broken" or empty."""
    wrong_input: list[str] = field(default_factory=list)
    wrong_input_good: bool | None = None
    word: str = ""
    """What a person said of `word_of`: "yes", it arrived, "no", or empty."""
    word_of: str = ""
    """The nonce that the word is about."""
    by: str = ""
    at: str = ""
    seen: str = ""


class TrackerEvent(Table):
    """The last test event of an error tracker, and what a person said of it. Its code is not kept."""

    endpoint: str
    sent: str = ""
    event_id: str = ""
    salt: str = ""
    code_digest: str = ""
    tries: int = 0
    """How often a wrong code was typed."""
    word: str = ""
    """"read", "missing" or empty."""
    word_of: str = ""
    """The event that the word is about, and when it was sent."""
    by: str = ""
    at: str = ""
    unmasked: bool | None = None


class Verified(Table):
    """A line of the last "verify all": one page, form, API or variant, and how it answered."""

    what: str
    """"page", "login", "API", "form", "wrong input", "variant", "campaign", "watched" ..."""
    target: str
    expected: str = ""
    seen: str = ""
    state: Status = "skipped"
    seconds: float | None = None
    at: str = ""

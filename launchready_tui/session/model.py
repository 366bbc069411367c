"""The session file's tables as types. Every field has a default, so a file of `schema` and `[site]` is valid.

Times are RFC 3339 text in UTC. No field ever holds a secret: credentials are named by their vault entry.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from launchready_tui.session.mail_seen import MailSeen
from launchready_tui.session.table import UNKNOWN as UNKNOWN
from launchready_tui.session.table import Table as Table

SCHEMA = 1

Status = Literal["pass", "warn", "fail", "info", "skipped", "error"]
Triage = Literal["now", "later", "note"]
Mark = Literal["open", "done", "blocked", "not-applicable"]


class SiteRoute(Table):
    url: str
    method: str = "GET"
    status: int | None = None
    contains: str = ""
    kind: str = ""
    """"form", "login", "api", "page" or empty."""
    body: str | dict[str, Any] = ""
    """What is sent: text, or a table that becomes JSON."""


class Site(Table):
    domain: str
    canonical: str = ""
    variants: list[str] = field(default_factory=list)
    subdomains: list[str] = field(default_factory=list)
    wildcard: bool = False
    campaign_urls: list[str] = field(default_factory=list)
    private_paths: list[str] = field(default_factory=list)
    platform: str = ""
    receives_mail: bool = True
    uses_ai: bool = False
    origin_addresses: list[str] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)
    routes: list[SiteRoute] = field(default_factory=list)


class ByHand(Table):
    """What a message came to that a person pasted from a mailbox; the message itself is never kept."""

    mailbox: str
    at: str = ""
    where: str = ""
    """"inbox", "spam", "other", or empty where nobody said it."""
    status: Status = "error"
    """Of mail.seed-auth."""
    summary: str = ""
    evidence: list[str] = field(default_factory=list)
    fix: str = ""


class Mail(Table):
    senders: list[str] = field(default_factory=list)
    selectors: list[str] = field(default_factory=list)
    from_address: str = ""
    seeds: list[str | dict[str, Any]] = field(default_factory=list)
    """Addresses, or tables with address, provider, imap_host, imap_port, vault."""
    streams: list[str | dict[str, Any]] | dict[str, Any] = field(default_factory=list)
    """Tables with kind ("transactional", "marketing"), from_domain, selector, service; or a table by kind."""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    deadline_minutes: float = 10.0
    oauth_client_id: str = ""
    """Of the app registration by which Outlook mailboxes are signed in to (Microsoft Entra, public client)."""
    oauth_tenant: str = "common"
    by_hand: list[ByHand] = field(default_factory=list)
    seen: MailSeen | None = None
    """What the last look at mail showed; None where nobody looked."""


class Deploy(Table):
    repo: str = ""
    build: str = ""
    build_limit: float = 600.0
    environments: list[str | dict[str, Any]] | dict[str, Any] = field(default_factory=list)
    """Tables with name, files, names; or a table from name to an env file (or a list of variable names)."""
    migrations: list[str] | str = field(default_factory=list)
    base: str = ""
    dialect: str = ""
    rollback: str = ""


class Monitor(Table):
    urls: list[str | dict[str, Any]] = field(default_factory=list)
    destinations: list[str | dict[str, Any]] = field(default_factory=list)
    """Names or addresses of who is alerted, or tables; never a webhook's secret URL.

    A table has kind ("slack", "sms", "mail", "ntfy", "apprise"), name, vault (the purpose of its credential), and where
    the service needs it to (a number or an address), from (Twilio's number), api (another base address).
    """
    probes: list[str | dict[str, Any]] = field(default_factory=list)
    """What the monitor covers that goes on after the sprint: addresses, or tables with url and monitor."""
    regions: list[str] = field(default_factory=list)
    """From where else in the world the watch measures, in Globalping's words ("aws-eu-west-1", "US-NY")."""
    errors: str | dict[str, Any] = field(default_factory=dict)
    """dsn, tracker, api, organization, project, logs; or the DSN or the tracker's name alone."""


class Ai(Table):
    endpoint: str = ""
    model: str = ""
    request: str | dict[str, Any] = field(default_factory=dict)
    """A JSON body, as a table or as text."""
    answer: str = ""
    tools: str = ""
    forbidden_tools: list[str] = field(default_factory=list)
    canaries: list[str] = field(default_factory=list)
    """What the owner planted, in order: system prompt, another customer's document, another user's record, a tool."""
    sink: str = ""
    sink_log: str = ""
    tool_log: str = ""
    key_header: str = ""
    request_cost: float | None = None


class Consent(Table):
    """What the owner agreed to: true, or a table with by and at where somebody else agreed to it."""

    forms: bool | dict[str, Any] = False
    rate_limit: bool | dict[str, Any] = False
    ai: bool | dict[str, Any] = False
    seeds: bool | dict[str, Any] = False
    alerts: bool | dict[str, Any] = False
    errors: bool | dict[str, Any] | None = None
    """Not said: as `alerts`."""
    build: bool | dict[str, Any] = False
    by: str = ""
    at: str = ""


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


class Change(Table):
    """Something that was changed in production."""

    what: str
    at: str = ""
    by: str = ""
    before: str = ""
    after: str = ""
    undo: str = ""


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

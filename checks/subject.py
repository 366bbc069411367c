"""What the user declared of the site under audit: the only input of a check beside the world itself.

Every name is lower case, without a trailing dot, in its ASCII (A-label) form; `Subject.of` sees to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.international import a_labels


class BadName(ValueError):
    """A domain or host name that cannot be one; the message says why."""


def host_name(text: str) -> str:
    """Return a DNS name in canonical text form: A-labels, lower case, no trailing dot (RFC 5890, RFC 1035).

    Raises BadName for what cannot be a host or record name.
    """
    name = text.strip().rstrip(".").lower()
    if not name:
        raise BadName("a name is needed, such as example.com")
    try:
        name = a_labels(name).rstrip(".")
    except UnicodeError as problem:
        raise BadName(f"{text!r} is not a valid international name") from problem
    labels = name.split(".")
    if len(name) > 253 or any(not label or len(label) > 63 for label in labels):
        raise BadName(f"{text!r} is not a valid name: an empty or too long label")
    if not all(c.isalnum() or c in "-_" for label in labels for c in label):
        raise BadName(f"{text!r} is not a valid name: only letters, digits, hyphens and dots")
    return name


@dataclass(frozen=True, slots=True)
class Route:
    """A URL that must answer: `status` expected (None: any 2xx or 3xx), `contains` must be in the body."""

    url: str
    method: str = "GET"
    status: int | None = None
    contains: str = ""
    kind: str = ""
    """"form", "login", "api", "page" or empty."""
    body: str = ""
    """What a request with a body sends; empty: none."""
    agreed: bool = False
    """Whether whoever named it said in the same breath that it may be sent, whatever its method does."""

    @property
    def is_safe(self) -> bool:
        """Whether its method changes nothing (RFC 9110 s9.2.1)."""
        return self.method.upper() in ("", "GET", "HEAD", "OPTIONS")

    @property
    def content_type(self) -> str:
        """The media type of `body`: JSON where it is an object or a list, else the fields of a form."""
        return "application/json" if self.body.lstrip()[:1] in ("{", "[") else "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Stream:
    """A declared mail stream: `kind` is "transactional" or "marketing"."""

    kind: str
    from_domain: str = ""
    selector: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed mailbox. Credentials are in the vault under `vault`, never here."""

    address: str
    provider: str = ""
    """"gmail", "outlook" or empty."""
    imap_host: str = ""
    imap_port: int = 993
    vault: str = ""


@dataclass(frozen=True, slots=True)
class ReadByHand:
    """What a message came to that a person pasted from a mailbox; nothing of the message itself."""

    mailbox: str
    """A seed's address; of other mailboxes only whose they are."""
    at: str
    """RFC 3339."""
    where: str = ""
    """"inbox", "spam", "other", or empty where nobody said it."""
    status: str = "error"
    """Of mail.seed-auth."""
    summary: str = ""
    evidence: tuple[str, ...] = ()
    fix: str = ""


@dataclass(frozen=True, slots=True)
class MailPlan:
    senders: tuple[str, ...] = ()
    """Names of the provider table, or ip4:/ip6:/include: terms. Empty: senders are not judged."""
    selectors: tuple[str, ...] = ()
    from_address: str = ""
    seeds: tuple[Seed, ...] = ()
    streams: tuple[Stream, ...] = ()
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    deadline_minutes: float = 10.0
    by_hand: tuple[ReadByHand, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """One deployment environment. `names` are known variables; `files` are env files in the repository."""

    name: str
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployPlan:
    repo: Path | None = None
    build: str = ""
    build_limit: float = 600.0
    """Seconds that the build command may take."""
    environments: tuple[Environment, ...] = ()
    migrations: tuple[str, ...] = ()
    """Paths of the pending migrations; empty: those that differ from `base`, else all."""
    base: str = ""
    """Branch or commit that production runs."""
    dialect: str = ""
    """"postgres", "mysql" or "sqlite"; empty: told from the repository."""
    rollback: str = ""
    """A command, or a path or URL of a document."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Aggregates of one watched URL, as the session keeps them. Latencies in seconds."""

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
    regions: tuple[RegionSample, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionSample:
    """One URL as seen from one region. `ok` is None where no measurement came about."""

    region: str
    ok: bool | None
    seconds: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """A fired test alert. Times are RFC 3339; empty where it did not come to that."""

    destination: str
    fired: str = ""
    accepted: str = ""
    acknowledged: str = ""
    seconds: float | None = None
    error: str = ""
    outcome: str = ""
    """"read", "late", "unread", "undelivered", "unknown", or empty while it runs."""
    receipt: str = ""
    """The service's own id of the message."""
    note: str = ""
    """Why it is not known how it ended."""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """What a person said of a test event in the tracker's dashboard. Times are RFC 3339."""

    endpoint: str
    """Where the event was sent to."""
    word: str
    """"read": its code was given back; "missing": it is not there."""
    by: str = ""
    at: str = ""
    sent: str = ""
    unmasked: bool | None = None
    """Whether the made-up card, key or mail address could be read in it; None where nobody looked."""


@dataclass(frozen=True, slots=True)
class ErrorPlan:
    """Error tracking: a DSN is public by design; API tokens are in the vault."""

    dsn: str = ""
    tracker: str = ""
    """"sentry", "glitchtip", "bugsink" or empty."""
    api: str = ""
    """Base URL where the tracker's API is read back."""
    organization: str = ""
    project: str = ""
    logs: tuple[Path, ...] = ()
    seen: tuple[SeenEvent, ...] = ()
    """What people said of the last test event of each tracker."""


@dataclass(frozen=True, slots=True)
class MonitorPlan:
    urls: tuple[Route, ...] = ()
    destinations: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    """URLs that the monitor which goes on after the sprint covers."""
    regions: tuple[str, ...] = ()
    """From where else in the world it is measured, in Globalping's words; empty: from here alone."""
    errors: ErrorPlan = field(default_factory=ErrorPlan)
    watched: tuple[Watched, ...] = ()
    drills: tuple[Drill, ...] = ()


@dataclass(frozen=True, slots=True)
class AiPlan:
    """The product's own AI endpoint, and how to speak to it."""

    endpoint: str = ""
    model: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    """JSON body in which the text "{{prompt}}" stands for the prompt. Empty: OpenAI chat completions."""
    answer: str = ""
    """Dotted path of the answer's text in the reply. Empty: OpenAI chat completions."""
    tools: str = ""
    """Dotted path of the tool calls in the reply."""
    forbidden_tools: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()
    sink: str = ""
    """Host of the consultant's own sink; an answer that links there leaks."""
    sink_log: str = ""
    """URL at which the sink shows what reached it, as text."""
    tool_log: str = ""
    """URL at which the product (in staging) shows which tools were called, as text."""
    key_header: str = ""
    """Header that carries the endpoint's key; empty: Authorization, as a bearer token."""
    request_cost: float | None = None
    """What one request costs the owner, in their currency; None: estimated."""


@dataclass(frozen=True, slots=True)
class FormPlan:
    """Where a form's data is said to go, and how a submission is proven to arrive."""

    page: str
    action_hosts: tuple[str, ...] = ()
    """Other organisations that the form may send to."""
    destination: str = ""
    """A seed address, a webhook's URL, or "person"."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The test submission of an earlier run through one form, and what a person said of it. Times are RFC 3339."""

    target: str
    """The form, as findings call it."""
    nonce: str
    sent: str = ""
    """Empty where a person has to send it and has not yet."""
    by_hand: bool = False
    word: str = ""
    """"yes" it arrived, "no" it did not, or empty: nobody has said so."""
    word_of: str = ""
    """The nonce that the word is about; it may be one of an earlier run."""
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the owner agreed to have tested actively; everything is off unless said."""

    forms: bool = False
    rate_limit: bool = False
    ai: bool = False
    seeds: bool = False
    alerts: bool = False
    errors: bool = False
    build: bool = False
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A site under audit, as declared."""

    domain: str
    canonical: str = ""
    """URL of the canonical page; empty: found out by following https of the domain."""
    variants: tuple[str, ...] = ()
    subdomains: tuple[str, ...] = ()
    wildcard: bool = False
    campaign_urls: tuple[str, ...] = ()
    private_paths: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    platform: str = ""
    receives_mail: bool = True
    uses_ai: bool = False
    origin_addresses: tuple[str, ...] = ()
    """Addresses that the user says are the origin server's."""
    forms: tuple[FormPlan, ...] = ()
    submissions: tuple[Submitted, ...] = ()
    """The last test submission of each form."""
    mail: MailPlan = field(default_factory=MailPlan)
    deploy: DeployPlan = field(default_factory=DeployPlan)
    monitor: MonitorPlan = field(default_factory=MonitorPlan)
    ai: AiPlan = field(default_factory=AiPlan)
    consent: Consent = field(default_factory=Consent)
    rdap_base: str = ""
    """Base URL of the RDAP service; empty: found by IANA's bootstrap."""
    resolvers: tuple[str, ...] = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
    """Public resolvers that are compared with each other."""
    cloudflare_api: str = "https://api.cloudflare.com/client/v4"

    @property
    def www(self) -> str:
        return f"www.{self.domain}"

    def may_send(self, route: Route) -> bool:
        """Whether a route may be sent: it changes nothing, or somebody agreed that it is sent all the same."""
        return route.is_safe or route.agreed or self.consent.forms

    def under(self, name: str) -> bool:
        """Whether `name` is the domain itself or lies below it."""
        return name == self.domain or name.endswith(f".{self.domain}")

    @classmethod
    def of(cls, domain: str, *, subdomains: Iterable[str] = (), variants: Iterable[str] = (), **rest: Any) -> Subject:
        """Build a subject with its names brought into canonical form; bare labels become whole names.

        Raises BadName.
        """
        apex = host_name(domain)
        whole = [host_name(name) for name in subdomains]
        whole = [name if name == apex or name.endswith(f".{apex}") else f"{name}.{apex}" for name in whole]
        return cls(
            domain=apex,
            subdomains=tuple(dict.fromkeys(name for name in whole if name != apex)),
            variants=tuple(dict.fromkeys(host_name(name) for name in variants)),
            **rest,
        )

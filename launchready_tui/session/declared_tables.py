"""What people declared of the site, its mail, its repository and its monitoring, and what they agreed to."""

from __future__ import annotations

from typing import Any

from msgspec import field

from launchready_tui.session.mail_seen import MailSeen
from launchready_tui.session.table import Table
from launchready_tui.session.words import Status


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
    seen: list[str] = field(default_factory=list)
    """Where the last run saw that the product is deployed, the likeliest first: "Fly.io: fly.toml"."""


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
    """Test errors for the tracker. Where a file says nothing of them, they are alerts as others are. The app itself
    asks for each by its own name, and writes down that the other was not asked for."""
    build: bool | dict[str, Any] = False
    by: str = ""
    at: str = ""

    def given(self, what: str) -> bool | dict[str, Any]:
        """The entry that holds for one kind of test."""
        entry: bool | dict[str, Any] | None = getattr(self, what)
        return self.alerts if entry is None else entry

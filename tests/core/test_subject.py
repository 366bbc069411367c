"""What a person declares, in all its forms, and what cannot be read named by its field."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.subject import BadName, Environment, Route, Seed, Stream, Subject, host_name
from launchready_tui.session.toml import loads
from launchready_tui.subject import subject_of


def declared(text: str, *, folder: Path | None = None, domain: str = "example.com") -> Subject:
    text = textwrap.dedent(text)
    head = "" if "[site]" in text else f'[site]\ndomain = "{domain}"\n'
    return subject_of(loads((head + text).encode()), folder)


def test_a_domain_alone() -> None:
    assert declared("") == Subject.of("example.com")


def test_names_become_one_form() -> None:
    subject = declared(
        """
        [site]
        domain = "Example.COM."
        canonical = "WWW.example.com"
        subdomains = ["App", "api.example.com", "app.example.com", "", "*.example.com"]
        variants = ["Example.NET"]
        campaign_urls = ["https://example.com/spring#top", "old.example.com/x", "/autumn?a=1"]
        private_paths = ["account", "/orders", "https://example.com/me?x=1"]
        """
    )
    assert subject.domain == "example.com"
    assert subject.canonical == "https://www.example.com/"
    assert subject.subdomains == ("app.example.com", "api.example.com")
    assert subject.wildcard
    assert subject.variants == ("example.net",)
    assert subject.campaign_urls == (
        "https://example.com/spring",
        "https://old.example.com/x",
        "https://www.example.com/autumn?a=1",
    )
    assert subject.private_paths == ("/account", "/orders", "/me?x=1")


def test_international_names_and_ports() -> None:
    subject = declared('[site]\ndomain = "bücher.example"\ncanonical = "https://bücher.example:8443/"\n')
    assert subject.domain == "xn--bcher-kva.example"
    assert subject.canonical == "https://xn--bcher-kva.example:8443/"


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("Straße.example", "xn--strae-oqa.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("例え。example", "xn--r8jz45g.example"),
        ("_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
    ],
)
def test_international_names_are_written_as_browsers_do(name: str, ascii_name: str) -> None:
    assert host_name(name) == ascii_name


@given(st.text(max_size=30))
def test_any_text_is_a_host_name_or_refused(text: str) -> None:
    try:
        assert host_name(text).isascii()
    except BadName:
        pass


def test_routes_and_monitored_addresses() -> None:
    subject = declared(
        """
        [[site.routes]]
        url = "/login"
        method = "post"
        status = 401
        kind = "login"
        [[site.forms]]
        page = "/contact"
        action_hosts = "Forms.example.net"
        destination = "person"
        [monitor]
        urls = ["https://example.com/", { url = "/health", status = 200, contains = "ok", name = "health" }]
        destinations = ["Slack #ops", { kind = "sms", name = "Ann" }, { kind = "mail" }]
        probes = ["https://example.com/", { url = "https://example.com/health" }]
        errors = { dsn = "https://k@errors.example.com/1", tracker = "Sentry", logs = "app.log" }
        """,
        folder=Path("/srv/x"),
    )
    assert subject.routes == (Route("https://example.com/login", "POST", 401, "", "login"),)
    assert subject.forms[0].action_hosts == ("forms.example.net",)
    assert [route.url for route in subject.monitor.urls] == ["https://example.com/", "https://example.com/health"]
    assert subject.monitor.urls[1].contains == "ok"
    assert subject.monitor.destinations == ("Slack #ops", "Ann", "mail")
    assert subject.monitor.probes == ("https://example.com/", "https://example.com/health")
    assert subject.monitor.errors.tracker == "sentry"
    assert subject.monitor.errors.logs == (Path("/srv/x/app.log"),)


@pytest.mark.parametrize(
    ("text", "dsn", "tracker"),
    [('"https://k@errors.example.com/1"', "https://k@errors.example.com/1", ""), ('"GlitchTip"', "", "glitchtip")],
)
def test_errors_in_one_word(text: str, dsn: str, tracker: str) -> None:
    plan = declared(f"[monitor]\nerrors = {text}\n").monitor.errors
    assert (plan.dsn, plan.tracker) == (dsn, tracker)


def test_mail() -> None:
    mail = declared(
        """
        [mail]
        senders = ["google", " ip4:203.0.113.0/24 "]
        selectors = ["S1", "s2._domainkey"]
        seeds = ["a@gmail.com", { address = "b@outlook.com", provider = "Outlook", imap_port = 143, vault = "launchready/example.com/seed-b" }]
        streams = [{ kind = "Transactional", from = "x@Mail.example.com", selector = "s1" }, "marketing"]
        """
    ).mail
    assert mail.senders == ("google", "ip4:203.0.113.0/24")
    assert mail.selectors == ("s1", "s2")
    assert mail.seeds == (Seed("a@gmail.com"), Seed("b@outlook.com", "outlook", "", 143, "seed-b"))
    assert mail.streams == (Stream("transactional", "mail.example.com", "s1"), Stream("marketing"))
    by_kind = declared('[mail.streams]\ntransactional = "example.com"\nmarketing = { selector = "m1" }\n').mail
    assert by_kind.streams == (Stream("transactional", "example.com"), Stream("marketing", "", "m1"))


def test_deploy() -> None:
    deploy = declared(
        """
        [deploy]
        repo = "shop"
        migrations = "migrations/2.sql"
        environments = ["staging", { name = "production", files = ".env.production", names = ["A", "B"] }]
        """,
        folder=Path("/srv/x"),
    ).deploy
    assert deploy.repo == Path("/srv/x/shop")
    assert deploy.migrations == ("migrations/2.sql",)
    assert deploy.environments == (Environment("staging"), Environment("production", (".env.production",), ("A", "B")))
    by_name = declared('[deploy.environments]\nproduction = ".env"\nstaging = ["A"]\nlocal = { variables = ["B"] }\n')
    assert by_name.deploy.environments == (
        Environment("production", (".env",)),
        Environment("staging", (), ("A",)),
        Environment("local", (), ("B",)),
    )


def test_ai_and_consent() -> None:
    subject = declared(
        """
        [ai]
        endpoint = "/api/chat"
        request = '{"q": "{{prompt}}"}'
        forbidden_tools = ["refund"]
        sink = " sink.example.net "
        sink_log = "sink.example.net/log"
        tool_log = "/staging/tools.log"
        key_header = "X-Api-Key"
        request_cost = 0.02
        [consent]
        ai = true
        rate_limit = { by = "Ann", at = 2026-11-24T09:00:00Z }
        forms = false
        """
    )
    assert subject.ai.endpoint == "https://example.com/api/chat"
    assert subject.ai.request == {"q": "{{prompt}}"}
    assert (subject.ai.sink, subject.ai.sink_log) == ("sink.example.net", "https://sink.example.net/log")
    assert subject.ai.tool_log == "https://example.com/staging/tools.log"
    assert (subject.ai.key_header, subject.ai.request_cost) == ("X-Api-Key", 0.02)
    assert subject.consent.ai and subject.consent.rate_limit and not subject.consent.forms
    assert (subject.consent.by, subject.consent.at) == ("Ann", "2026-11-24T09:00:00Z")
    assert declared("[ai.request]\nmodel = 'x'\n").ai.request == {"model": "x"}


def test_what_was_measured_goes_along() -> None:
    monitor = declared(
        """
        [[watch]]
        url = "https://example.com/"
        taken = 5
        incidents = [{ begin = "x" }]
        regions = [{ region = "Tokyo", ok = true, seconds = 0.2 }]
        [[alert]]
        destination = "sms"
        acknowledged = "2026-11-24T09:00:00Z"
        seconds = 12.0
        """
    ).monitor
    assert monitor.watched[0].taken == 5 and monitor.watched[0].regions[0].region == "Tokyo"
    assert monitor.drills[0].seconds == 12.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[site]\ndomain = "a b"\n', "site.domain: "),
        ('[site]\ndomain = "example.com"\nsubdomains = ["ok", "not ok"]\n', "site.subdomains, entry 2: "),
        ('[site]\ndomain = "example.com"\ncanonical = "ftp://example.com/"\n', "site.canonical: .* https://"),
        ('[site]\ndomain = "example.com"\ncanonical = "https://u:p@example.com/"\n', "site.canonical: .*user name"),
        ('[site]\ndomain = "example.com"\ncanonical = "https://example.com:port/"\n', "site.canonical: "),
        ('[mail]\nseeds = ["nobody"]\n', "mail.seeds, entry 1: 'nobody' is not a mail address"),
        ('[mail]\nseeds = [{ address = "a@b.example", imap_port = "x" }]\n', "imap_port must be a whole number"),
        ("[monitor]\nurls = [{ url = '/', method = 5 }]\n", "monitor.urls, entry 1: method must be text"),
        ('[ai]\nrequest = "{"\n', "ai.request: not valid JSON"),
        ('[ai]\nrequest = "[]"\n', "ai.request: must be a JSON object"),
        ("[deploy]\nenvironments = [{ name = 'a', files = [1] }]\n", "deploy.environments, entry 1: must be a list"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(text: str, words: str) -> None:
    with pytest.raises(BadName, match=words):
        declared(text)


def test_what_was_read_by_hand_reaches_the_checks() -> None:
    subject = declared(
        """
        [[mail.by_hand]]
        mailbox = "seed@gmail.com"
        at = "2030-01-01T00:00:00Z"
        where = "spam"
        status = "pass"
        summary = "all pass"
        evidence = ["spf=pass"]
        """
    )
    (told,) = subject.mail.by_hand
    assert (told.mailbox, told.where, told.status, told.evidence) == ("seed@gmail.com", "spam", "pass", ("spf=pass",))


@pytest.mark.parametrize(
    ("lines", "alerts", "errors"),
    [
        ("alerts = true", True, True),
        ("alerts = true\nerrors = false", True, False),
        ("errors = true", False, True),
        ('alerts = {by = "Ann"}\nerrors = false', True, False),
        ("", False, False),
    ],
)
def test_test_errors_are_alerts_where_a_file_says_nothing_of_them(lines: str, alerts: bool, errors: bool) -> None:
    consent = declared(f"[consent]\n{lines}\n").consent
    assert (consent.alerts, consent.errors) == (alerts, errors)

"""The handover: every section, nothing private, harmless in every format, and readable offline."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.repo.platform_table import Platform, platforms
from launchready_tui import api
from launchready_tui.cli import main
from launchready_tui.handover import FORMATS, letters, render
from launchready_tui.handover.build import build
from launchready_tui.handover.letters import Letters, needs_more
from launchready_tui.plan import plan
from launchready_tui.session.mail_seen import MailSeen, MarkSeen, RecordSeen, RuleSeen, ServiceSeen
from launchready_tui.session.model import (
    Ai,
    Alert,
    Change,
    Contact,
    Deploy,
    Form,
    Mail,
    Monitor,
    Record,
    Redirect,
    SecretEntry,
    Session,
    SignOff,
    SiteRoute,
    SprintTimes,
    Subdomain,
    Verified,
    Watch,
)
from launchready_tui.session.toml import dumps
from launchready_tui.sprint import Sprint
from tests.core.ids import ROADMAP
from tests.core.make import finding, session

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PRIVATE = "what-only-" + "the-consultant-knows"
VAULT = "launchready/example.com/" + "stripe"
HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e|`*_#[x](javascript:y)\n- z"


def mail_seen(foreign: str = "seen") -> MailSeen:
    """A look at mail with a service and two rules."""
    return MailSeen(
        at="2026-11-24T10:00:00Z",
        where="At Cloudflare (your DNS host)",
        services=[ServiceSeen(name="SendGrid", kind="transactional", spf=MarkSeen(state="wrong", why=foreign))],
        records=[RecordSeen(title="SPF", record=f"v=spf1 {foreign} -all"), RecordSeen(title="DKIM")],
        rules=[
            RuleSeen(receiver="Google", rule="SPF or DKIM passes", state="right"),
            RuleSeen(receiver="Microsoft", rule="SPF and DKIM both pass", bulk_only=True, state="wrong", why=foreign),
        ],
    )


def full(foreign: str = "seen") -> Session:
    """A sprint with something in every table; `foreign` stands wherever text comes from outside."""
    sprint = Sprint.in_memory(
        session(
            mail=Mail(seeds=[{"address": "a@gmail.com", "vault": VAULT}], seen=mail_seen(foreign)),
            ai=Ai(canaries=[PRIVATE]),
            sprint=SprintTimes(started="2026-11-24T09:00:00Z", consultant="Ann", client="Harbor Tea"),
            deploy=Deploy(rollback="vercel rollback", environments={"production": ["STRIPE_KEY=" + PRIVATE, "DB_URL"]}),
            monitor=Monitor(
                urls=["https://example.com/"],
                destinations=[{"kind": "slack", "name": "#ops", "vault": VAULT}],
                probes=[{"url": "https://example.com/health"}],
            ),
        )
    )
    sprint.clock = lambda: NOW
    sprint.begin_run()
    sprint.record(finding(summary="www has no address", evidence=(foreign,)))
    sprint.record(finding("edge.none", "example.com", status="pass", summary=foreign))
    sprint.record(finding("headers.csp", "example.com", "warn", "later", "data", summary="no policy", fix=foreign))
    sprint.record(finding("mx.unreachable", "example.com", "skipped", summary="port 25 is blocked here"))
    sprint.record(finding("dkim.missing", "example.com", "error", summary="could not check: timed out"))
    sprint.end_run(counters={"dns_queries": 3})
    sprint.note_finding("dns.www-missing", "www.example.com", PRIVATE)
    sprint.mark("S1.1", "done", by="Ann", note=f"registrar: {foreign}", private_note=PRIVATE)
    sprint.mark("S4.F2", "blocked", note=f"see {VAULT}")
    sprint.put(
        Change(what="www redirect", by="Ann", before="404", after=foreign, undo="remove the rule"),
        Record(name="example.com", type="TXT", value=foreign, ttl=300),
        Redirect(source="http://example.com/", to="https://example.com/", status=301),
        Subdomain(name="app.example.com", declared=True, purpose="the app"),
        Subdomain(name="old.example.com", found_by="a certificate"),
        SecretEntry(name="STRIPE_KEY", place="Vercel", vault=VAULT, rotated="2026-11-24T09:00:00Z"),
        Alert(destination="slack", fired="2026-11-24T10:00:00Z", acknowledged="2026-11-24T10:03:00Z", seconds=180.0),
        Alert(destination="sms", fired="2026-11-24T10:00:00Z"),
        Contact(name="Ann", role="consultant", reach="+1 555 0100"),
        Watch(url="https://example.com/", scheduled=2880, taken=2880, failed=3, p95=0.45),
        Form(
            target=foreign or "/",
            page=foreign,
            action=foreign,
            fields=[foreign],
            traps=[foreign],
            word="yes",
            by=foreign,
        ),
        SignOff(name="Bo", role="founder", at="2026-11-24T11:00:00Z", decision="no-go"),
    )
    sprint.keep_verified([Verified(what="page", target=foreign, expected=foreign, seen=foreign, at=foreign)])
    return sprint.session


def text_of(session: Session, kind: api.Format = "md") -> str:
    return render(session, kind, NOW).decode()


SECTIONS = [
    "Go or no-go",
    "Must fix now",
    "Can wait 30 days",
    "The minimum bar",
    "What changed",
    "What was measured",
    "Key pages, forms and APIs",
    "Forms and where they send",
    "DNS map",
    "Redirect rules",
    "Subdomains",
    "TLS certificates",
    "Edge network",
    "Mail: SPF, DKIM, DMARC",
    "Environment variables",
    "Secrets inventory",
    "Monitoring",
    "Alert drill",
    "Deployment and rollback",
    "Whom to call in the first week",
    "What to watch in the first week",
    "The checklist",
    "What was not tested",
    "What was left alone on purpose",
    "Sign-off",
]


def test_it_has_a_table_of_regions() -> None:
    made = full()
    assert "Globalping" not in text_of(made)
    made.monitor.regions = ["eu", "us", "ap", "sa"]
    rows = [
        {"region": name, "ok": True, "seconds": s, "taken": 60, "failed": 0} for name, s in (("eu", 0.1), ("us", 0.12))
    ]
    rows += [{"region": "ap", "ok": True, "seconds": 0.5}, {"region": "sa", "ok": False, "reason": "status 503"}]
    made.watch[0].regions = [*rows, {"region": "af"}]
    made.monitor.urls.append({"url": "https://example.com/order", "method": "POST"})
    made.watch.append(Watch(url="https://example.com/order", taken=1))
    text = text_of(made)
    for words in ("as the others", "over 3 times slower", "status 503", "not measured", "sends no POST"):
        assert words in text


def test_it_names_how_to_start_the_monitor_that_stays() -> None:
    made = full()
    assert "Start gatus" not in text_of(made)
    made.monitor.probes = [{"url": "https://example.com/", "monitor": "gatus"}]
    assert "Start gatus" in text_of(made)
    assert "ghcr.io/twin/gatus" in text_of(made)
    assert "launchready export FILE" in text_of(session())


@pytest.mark.parametrize("made", [full(), session()])
def test_every_section_is_there_whatever_the_sprint_holds(made: Session) -> None:
    assert [section.title for section in build(made, NOW).sections] == SECTIONS
    for text in (text_of(made), text_of(made, "html")):
        assert all(title in text for title in SECTIONS)


def test_it_tells_what_a_founder_must_know() -> None:
    text = text_of(full())
    for words in (
        "**NO-GO** 2 things must be settled first",
        "www has no address",
        "Publish a record.",
        "Visitors leave.",
        "1 run of the live checks, 1 of them whole",
        "www redirect",
        "remove the rule",
        "301",
        "old.example.com | not declared",
        "vercel rollback",
        "STRIPE\\_KEY, DB\\_URL",
        "99.896%, 3 failures of 2,880",
        "read after 3 minutes",
        "nobody read it",
        "+1 555 0100",
        "port 25 is blocked here",
        "could not check: timed out",
        f"Never run: {len(plan().checks) - 5} checks",
        "Bo, founder",
    ):
        assert words in text, words


def test_every_id_of_the_roadmap_leaves_its_mark() -> None:
    text = text_of(full())
    inside = {item for item in ROADMAP if re.search(rf"(?<![\w.]){re.escape(item)}(?![\w.])", text)}
    assert set(ROADMAP) - inside == {"U2"}, "a founder alone was not at work here"
    alone = full()
    alone.sprint.consultant = ""
    assert "U2" in text_of(alone)


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_private_is_in_it(kind: api.Format) -> None:
    content = render(full(), kind, NOW)
    assert content
    if kind != "pdf":
        assert PRIVATE not in content.decode() and VAULT not in content.decode()
    # A PDF's text is packed, so what goes into it is looked at instead.
    assert PRIVATE not in repr(build(full(), NOW)) and VAULT not in repr(build(full(), NOW))


class Page(HTMLParser):
    """What a browser would do with a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            value or "" for name, value in attrs if name in ("href", "src", "action", "style") or name[:2] == "on"
        ]


def test_the_html_is_one_file_without_script_or_foreign_parts() -> None:
    page = Page(text_of(full(HOSTILE), "html"))
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert all(link.startswith(("#", "width:")) for link in page.links)
    style = text_of(full(), "html").partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style and "@import" not in style and "@media print" in style


@pytest.mark.parametrize("kind", ["md", "html"])
def test_foreign_text_is_harmless(kind: api.Format) -> None:
    text = text_of(full(HOSTILE), kind)
    assert "\x1b" not in text and "\u202e" not in text
    outside = re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", text)
    assert "<script>" not in outside


def test_markdown_keeps_foreign_text_in_its_cell() -> None:
    (row,) = [line for line in text_of(full(HOSTILE)).splitlines() if line.startswith("| example.com | TXT")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert r"\[x\](javascript:y)" in row


def test_a_fence_cannot_be_closed_from_inside() -> None:
    text = text_of(full("````\n# not a heading"))
    assert "`````text\n````\n# not a heading\n`````" in text


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_any_text_makes_a_document(foreign: str) -> None:
    made = full(foreign)
    assert Page(text_of(made, "html")).tags.count("section") == len(SECTIONS)
    assert text_of(made).count("\n## ") >= len(SECTIONS)


@pytest.mark.parametrize("foreign", ["plain", "Grüße, señor", "漢字 and ✓", "word" * 300, "a\n" * 60, HOSTILE])
def test_the_pdf_takes_any_text(foreign: str) -> None:
    content = render(full(foreign), "pdf", NOW)
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")


def test_the_pdf_needs_no_font_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launchready_tui.handover.pdf.system_font", lambda: None)
    assert render(full("漢字 Ωmega Łódź"), "pdf", NOW).startswith(b"%PDF-")


def test_letters_that_a_font_lacks_are_written_otherwise() -> None:
    plain = Letters()
    assert plain.fit("✓ done → next… Grüße") == "done -> next... Grüße" and not plain.lost
    assert plain.fit("Ž漢\n") == "Z[U+6F22]\n" and plain.lost
    assert not needs_more(["✓ Grüße", "ascii"]) and needs_more(["ok", "漢"])
    assert letters.system_font([]) is None and letters.system_font([__file__]) == Path(__file__)


def test_a_problem_out_of_reach_says_so() -> None:
    sprint = Sprint.in_memory(full())
    sprint.record(finding(status="error", summary="could not check: refused"))
    sprint.triage("headers.csp", "example.com", "now", "customers ask for it", by="Ann")
    text = text_of(sprint.session)
    assert "could not be checked again: could not check: refused" in text
    assert "now by Ann: customers ask for it" in text


def test_a_problem_that_is_gone_is_told() -> None:
    sprint = Sprint.in_memory(full())
    sprint.begin_run()
    sprint.record(finding(status="pass"))
    sprint.end_run()
    assert "| dns.www-missing | www.example.com |" in text_of(sprint.session)
    sprint.begin_run()
    sprint.record(finding())
    sprint.end_run()
    assert "no longer saw" not in text_of(sprint.session)


def test_a_go_says_go() -> None:
    document = build(session(), NOW)
    assert document.verdict.text == "NOT YET" and document.subtitle == "as of 24 Nov 2026, 12:00 UTC"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.launch.toml"
    path.write_bytes(dumps(full()))
    return path


@pytest.mark.parametrize(("words", "begin"), [((), b"# Launch"), (("--format", "html"), b"<!doctype html>")])
def test_the_command_writes_to_standard_output(
    file: Path, words: tuple[str, ...], begin: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["handover", str(file), *words]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(begin) and err == b""


@pytest.mark.parametrize(
    ("name", "words", "begin"),
    [
        ("x.md", (), b"# Launch"),
        ("x.html", (), b"<!doctype html>"),
        ("x.pdf", (), b"%PDF-"),
        ("x.txt", (), b"# Launch"),
        ("x.txt", ("--format", "pdf"), b"%PDF-"),
    ],
)
def test_the_command_writes_to_a_file(file: Path, name: str, words: tuple[str, ...], begin: bytes) -> None:
    output = file.with_name(name)
    assert main(["handover", str(file), "--output", str(output), *words]) == 0
    assert output.read_bytes().startswith(begin)


def test_the_command_says_what_is_wrong(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["handover", str(file), "--format", "pdf"]) == 2
    assert main(["handover", str(file.with_name("gone"))]) == 2
    assert main(["handover", str(file), "--output", str(file.parent / "gone" / "x.md")]) == 2
    err = capsys.readouterr().err
    assert "--output handover.pdf" in err and "There is no file" in err and "does not exist" in err


def test_scripts_have_it_too(file: Path) -> None:
    assert api.handover(file).startswith(b"# Launch") and api.handover(full(), "html").startswith(b"<!doctype")


def test_the_mail_section_tells_services_records_and_rules() -> None:
    page = render(full("spoken here"), "md", now=NOW).decode()
    section = page[page.index("## Mail") :].partition("\n## ")[0]
    assert re.search(r"SendGrid *\| transactional *\| ✗ wrong *\| . unknown", section)
    assert "v=spf1 spoken here -all" in section
    assert re.search(r"Google *\| required *\| SPF or DKIM passes *\| ✓ holds", section)
    assert re.search(r"Microsoft *\| only bulk *\| SPF and DKIM both pass *\| ✗ does not *\| spoken here", section)


def test_where_nobody_looked_at_mail_that_is_said() -> None:
    page = render(session(), "md", now=NOW).decode()
    assert "Which services send was not looked at in this sprint" in page
    assert "What Google, Yahoo and Microsoft ask" not in page


def test_the_release_checklist_is_of_exactly_the_platform_that_was_seen() -> None:
    seen = session(deploy=Deploy(build="npm run build", seen=["Fly.io: fly.toml"]))
    seen.site.routes = [SiteRoute(url="https://example.com/buy", status=200)]
    text = text_of(seen)
    for words in (
        "Fly.io (seen by fly.toml)",
        "Release checklist: Fly.io",
        "fly deploy",
        "fly releases --image, then fly deploy --image OLD_IMAGE",
        "Secrets, volumes and the database stay as they are today",
        "fly secrets set",
        "npm run build ends with 0",
        "https://example.com/buy answers 200",
    ):
        assert words in text.replace("`", "").replace("\\", ""), words
    assert "vercel" not in text.lower()


def test_the_platform_that_a_person_names_is_the_one_that_counts() -> None:
    named = session(deploy=Deploy(rollback="make back", seen=["Fly.io: fly.toml"]))
    named.site.platform = "heroku"
    text = text_of(named)
    assert "Release checklist: Heroku" in text
    assert "Fly.io" not in text
    assert "make back (on the platform itself: heroku rollback" in text
    assert "Code and config vars both go back" in text


def test_an_unknown_platform_says_how_to_get_its_checklist() -> None:
    assert "Where the product is deployed is not known" in text_of(session())


@pytest.mark.parametrize("platform", platforms(), ids=lambda platform: platform.name)
def test_every_platform_has_its_whole_checklist(platform: Platform) -> None:
    text = text_of(session(deploy=Deploy(seen=[f"{platform.name}: x"])))
    assert f"Release checklist: {platform.name}" in text
    assert "What that does not bring back" in text
    assert text.count("☐") >= len(platform.release) + 3

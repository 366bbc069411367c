"""Verify all: every page, API, variant and form of a sprint in one table, and what only a person can say of it."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import parse_qsl

import pytest

from checks.ops.errors.code import digest
from checks.web.forms import submission, submission_arrival
from launchready_tui.events import Edited, Event
from launchready_tui.handover import render
from launchready_tui.lab.web_server import Reply, Request, redirect
from launchready_tui.lab.world import World
from launchready_tui.live import load_checks
from launchready_tui.session.model import Consent, Form, Mail, Monitor, Session, Site, SiteRoute, TrackerEvent, Verified
from launchready_tui.session.toml import dumps, loads
from launchready_tui.sprint import Sprint
from launchready_tui.verify import verify
from launchready_tui.witness import (
    code_fits,
    event_that_waits,
    look_for_it,
    tell_arrival,
    tell_event,
    tell_sent,
    tell_wrong_code,
    waits_for_a_word,
)
from tests.web.site_under_test import ADDRESS, HOME, html

FORM = "<form method=post action=/send><input name=name required><input type=email name=mail><textarea name=text></textarea></form>"
HOOK = "https://example.com/hook"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "PATIENCE", (0.0, 0.0))
    monkeypatch.setattr(submission_arrival, "LOOKS", (0.01,))


@dataclasses.dataclass
class Shop:
    """A whole small site; `inbox` is what came through its form."""

    page: str = FORM
    http: str = ""
    requests: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    inbox: list[bytes] = dataclasses.field(default_factory=list)

    def secure(self, request: Request) -> Reply:
        self.requests.append((request.method, request.path))
        if request.host == "www.example.com":
            return redirect(f"https://example.com{request.target}")
        if request.path == "/send":
            sent = dict(parse_qsl(request.body.decode()))
            if not sent.get("name") or "@" not in sent.get("mail", ""):
                return html("<h1>Please give name and mail</h1>", status=422)
            self.inbox.append(request.body)
            return html("<h1>Thank you</h1>")
        pages = {
            "/": html(self.page),
            "/hook": Reply(200, (("content-type", "text/plain"),), b"\n".join(self.inbox)),
            "/api/health": Reply(200, (("content-type", "application/json"),), b'{"ok": true}'),
            "/api/orders": Reply(201 if request.method == "POST" else 405),
            "/login": html("<h1>Sign in</h1>"),
            "/status": html("fine"),
        }
        return pages.get(request.path) or html("no", status=404)

    def plain(self, request: Request) -> Reply:
        return html(self.http) if self.http else redirect(f"https://{request.host}{request.target}")


async def verified(world: World, shop: Shop, **tables: Any) -> tuple[Sprint, dict[tuple[str, str], Verified]]:
    site = Site(
        domain="example.com",
        canonical=HOME,
        forms=[{"page": HOME, "destination": tables.pop("destination", HOOK)}],
        routes=[
            SiteRoute(url="/api/health", status=200, contains='"ok": true', kind="api"),
            SiteRoute(url="/api/orders", method="POST", status=201, kind="api"),
            SiteRoute(url="/login", status=200, kind="login"),
            SiteRoute(url="/gone"),
        ],
    )
    given = {"consent": Consent(forms=True, by="Ada"), "mail": Mail(deadline_minutes=1.0)} | tables
    sprint = Sprint.in_memory(Session(site=site, **given))
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, shop.secure, world.authority.issue("example.com", "www.example.com"))
    await world.web(ADDRESS, shop.plain)
    rows = await verify(sprint, world.network)
    return sprint, {(row.what, row.target): row for row in rows}


async def test_everything_is_in_one_table(world: World) -> None:
    monitor = Monitor(urls=["https://example.com/status", HOME, "https://example.com/none"])
    sprint, rows = await verified(world, Shop(), monitor=monitor)
    states = {key: row.state for key, row in rows.items()}
    assert states == {
        ("page", HOME): "pass",
        ("API", "https://example.com/api/health"): "pass",
        ("API", "POST https://example.com/api/orders"): "pass",
        ("login", "https://example.com/login"): "pass",
        ("page", "https://example.com/gone"): "fail",
        ("variant", "http://example.com/"): "pass",
        ("variant", "http://www.example.com/"): "pass",
        ("variant", "https://example.com/"): "pass",
        ("variant", "https://www.example.com/"): "pass",
        ("form", HOME): "pass",
        ("wrong input", HOME): "pass",
        ("watched", "https://example.com/status"): "pass",
        ("watched", "https://example.com/none"): "fail",
    }
    assert rows["API", "https://example.com/api/health"].expected == "200 with '\"ok\": true'"
    assert rows["page", "https://example.com/gone"].seen == "answers 404"
    timed = [row for row in rows.values() if row.what in ("page", "API", "login", "variant")]
    assert all(row.seconds is not None and row.seconds > 0 for row in timed)
    assert sprint.session.verified == list(rows.values())
    assert loads(dumps(sprint.session)).verified == list(rows.values()), "it is there when the file is opened again"


async def test_each_address_is_asked_once(world: World) -> None:
    shop = Shop()
    await verified(world, shop)
    assert shop.requests.count(("POST", "/api/orders")) == 1
    assert shop.requests.count(("GET", "/api/health")) == 1
    assert shop.requests.count(("GET", "/login")) == 1


async def test_without_consent_nothing_is_posted(world: World) -> None:
    shop = Shop()
    sprint, rows = await verified(world, shop, consent=Consent())
    assert {method for method, _ in shop.requests} == {"GET"}
    order = rows["API", "POST https://example.com/api/orders"]
    assert order.state == "skipped" and "consent" in order.seen
    assert rows["form", HOME].state == "skipped"
    (told,) = [row for row in sprint.session.finding if row.target == "POST https://example.com/api/orders"]
    assert (told.check, told.status) == ("web.error", "skipped") and "consent.forms" in told.summary


async def test_a_variant_that_serves_a_page_of_its_own_is_seen(world: World) -> None:
    _, rows = await verified(world, Shop(http="<h1>Second shop</h1>"))
    assert rows["variant", "http://example.com/"].state == "fail"
    assert rows["variant", "http://example.com/"].seen == "serves a page itself"


async def test_the_handover_shows_the_table_and_the_forms(world: World) -> None:
    page = FORM.replace("<input name=name", "<input type=hidden name=csrf value=1><input name=name")
    sprint, _ = await verified(world, Shop(page))
    text = render(sprint.session, "md").decode()
    for word in (
        "Key pages, forms and APIs",
        "api/health",
        "Forms and where they send",
        "name\\*, mail, text",
        "token csrf",
    ):
        assert word in text
    for form in ("html", "pdf"):
        assert render(sprint.session, form)


# -------------------------------------------------------------------- what a person says


def silent(sprint: Sprint) -> str:
    found = sprint.finding("form.silent", HOME)
    assert found is not None
    return found.status


async def test_a_persons_word_is_asked_for_kept_and_judged_by(world: World) -> None:
    shop = Shop()
    sprint, rows = await verified(world, shop, destination="person")
    assert rows["form", HOME].state == "skipped" and "a person confirms" in rows["form", HOME].expected
    (form,) = sprint.session.form
    assert form.nonce.encode() in shop.inbox[0]
    assert waits_for_a_word(sprint.session, form)
    load_checks()
    tell_arrival(sprint, HOME, arrived=False, by="Ada")
    assert silent(sprint) == "fail" and not waits_for_a_word(sprint.session, form)
    rows = {(row.what, row.target): row for row in await verify(sprint, world.network)}
    assert rows["form", HOME].state == "fail", "a no stands until a person sees a later one arrive"
    (form,) = sprint.session.form
    assert waits_for_a_word(sprint.session, form)
    tell_arrival(sprint, HOME, arrived=True, by="Ada")
    assert silent(sprint) == "pass"
    rows = {(row.what, row.target): row for row in await verify(sprint, world.network)}
    assert rows["form", HOME].state == "pass"
    told = sprint.session.form[0]
    assert (told.word, told.by) == ("yes", "Ada") and told.word_of != told.nonce


async def test_a_form_that_a_person_sends_is_looked_for(world: World) -> None:
    shop = Shop(FORM + "<script src=https://js.hcaptcha.com/1/api.js></script>")
    sprint, rows = await verified(world, shop, mail=Mail(deadline_minutes=0.1 / 60))
    assert rows["form", HOME].state == "skipped"
    (form,) = sprint.session.form
    assert form.by_hand and form.nonce and ("POST", "/send") not in shop.requests
    tell_sent(sprint, HOME)
    await look_for_it(sprint, world.network, HOME, secrets={})
    assert silent(sprint) == "fail", "it was sent, and its time is over"
    shop.inbox.append(f"text=%5Blaunch-check%5D+{form.nonce}".encode())
    await look_for_it(sprint, world.network, HOME, secrets={})
    assert silent(sprint) == "pass"


def with_event(code: str) -> Sprint:
    event = TrackerEvent(
        endpoint="https://errors.example.com/api/7/envelope/",
        sent="2026-11-24T09:00:00Z",
        event_id="ab" * 16,
        salt="salt",
        code_digest=digest(code, "salt"),
    )
    monitor = Monitor(errors={"dsn": f"https://{'ab' * 16}@errors.example.com/7"})
    return Sprint.in_memory(Session(site=Site(domain="example.com"), monitor=monitor, event=[event]))


@pytest.mark.parametrize(("read", "status"), [(True, "pass"), (False, "fail")])
def test_the_code_of_an_error_event_is_given_back_or_missed(read: bool, status: str) -> None:
    load_checks()
    sprint = with_event("ABC234")
    event = event_that_waits(sprint.session)
    assert event is not None and code_fits(event, "abc-234") and not code_fits(event, "ABC235")
    tell_event(sprint, event, read=read, by="Ada", unmasked=True)
    found = {row.target: row.status for row in sprint.session.finding}
    assert found["errors.example.com"] == status
    assert found.get("errors.example.com (scrubbing)") == ("info" if read else None)
    assert event_that_waits(sprint.session) is None
    assert sprint.subject().monitor.errors.seen[0].sent == "2026-11-24T09:00:00Z"
    assert b"ABC234" not in dumps(sprint.session)


def test_five_wrong_codes_end_it() -> None:
    sprint = with_event("ABC234")
    event = sprint.session.event[0]
    assert [tell_wrong_code(sprint, event) for _ in range(5)] == [4, 3, 2, 1, 0]
    assert event_that_waits(sprint.session) is None


def test_nobody_can_tell_of_what_was_never_sent() -> None:
    sprint = Sprint.in_memory(Session(site=Site(domain="example.com"), form=[Form(target=HOME, page=HOME)]))
    assert not waits_for_a_word(sprint.session, sprint.session.form[0])
    for target in (HOME, "https://example.com/other"):
        with pytest.raises(KeyError):
            tell_arrival(sprint, target, arrived=True, by="Ada")
        with pytest.raises(KeyError):
            tell_sent(sprint, target)


async def test_the_table_fills_line_by_line_and_keeps_what_is_not_seen_anew(world: World) -> None:
    sprint, _ = await verified(world, Shop())
    whole = len(sprint.session.verified)
    sizes: list[int] = []

    def listen(event: Event) -> None:
        if event == Edited("verified"):
            rows = {(row.what, row.target): row for row in sprint.session.verified}
            assert len(rows) == len(sprint.session.verified), "a line twice"
            sizes.append(len(rows))

    sprint.subscribe(listen)
    await verify(sprint, world.network)
    # The page, four routes and the form, and then the whole table; no line of before is lost on the way.
    assert len(sizes) >= 6 and set(sizes) == {whole}
    sprint.keep_verified([])
    sizes.clear()
    await verify(sprint, world.network)
    assert sizes[0] == 1 and sizes == sorted(sizes) and sizes[-1] == whole

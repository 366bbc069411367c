"""form.broken and form.silent: one consented submission, how the site takes it, and whether it arrives."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest

from checks.mail.seeds import delivery
from checks.runner import collect
from checks.secret import Secret
from checks.subject import Consent, FormPlan, MailPlan, Seed, Subject
from checks.web.forms import submission, submission_arrival
from launchready_tui.lab.web_server import HangUp, Reply, Request, redirect
from tests.mail.seeds.servers import Imap, Store
from tests.web.site_under_test import Looked, Site, healthy, html

HOOK = "https://example.com/hook?key=k1"
FIELDS = "<input name=name required><input type=email name=mail required><textarea name=text></textarea>"
FORM = f"<form method=post action=/send><input type=hidden name=csrf value=t1>{FIELDS}<button name=go value=1>x</button></form>"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "PATIENCE", (0.0, 0.0))
    monkeypatch.setattr(submission_arrival, "LOOKS", (0.01,))
    monkeypatch.setattr(submission_arrival, "REFUSED_SECONDS", 0.05)
    monkeypatch.setattr(delivery, "LOOKS", (0.01,))


@dataclass
class Shop:
    """A site with one form; what it took in is shown by its webhook."""

    site: Site
    form: str = FORM
    answer: Reply = field(default_factory=lambda: html("<h1>Thank you</h1>"))
    delivers: bool = True
    hook_status: int = 200
    requires: str = "mail"
    echoes: bool = False
    taken: list[Request] = field(default_factory=list)
    inbox: list[bytes] = field(default_factory=list)

    def handle(self, request: Request) -> Reply:
        if request.path == "/":
            return html(self.form, ("set-cookie", "session=s1; Path=/; Secure; HttpOnly"))
        if request.path == "/send":
            self.taken.append(request)
            sent = dict(parse_qsl(request.body.decode() or request.query))
            if self.requires and not sent.get(self.requires):
                return html("<h1>Please give your mail address</h1>", status=422)
            if self.delivers and self.answer.status < 400:
                self.inbox.append(request.body or request.query.encode())
            if self.echoes:
                nonce = sent["text"].split()[1].encode()
                return dataclasses.replace(self.answer, body=self.answer.body.replace(b"NONCE", nonce))
            return self.answer
        if request.path == "/hook":
            return Reply(self.hook_status, (("content-type", "text/plain"),), b"\n".join(self.inbox))
        if request.path in ("/thanks", "/contact/error"):
            return html("<h1>Well</h1>")
        return healthy(request)

    async def look(self, check: str, destination: str = HOOK, *, seconds: float = 0.1, **subject: Any) -> Looked:
        subject.setdefault("forms", (FormPlan("/", destination=destination),))
        subject.setdefault("consent", Consent(forms=True))
        await self.site.serve(self.handle)
        return await self.site.look(check, mail=MailPlan(deadline_minutes=seconds / 60), **subject)


@pytest.fixture
def shop(site: Site) -> Shop:
    return Shop(site)


async def test_what_arrives_passes_and_is_sent_as_a_visitor_does(shop: Shop) -> None:
    looked = await shop.look("form.silent", seconds=20)
    assert looked.only.status == "pass" and looked.only.target == "https://example.com/"
    (request,) = shop.taken
    sent = dict(parse_qsl(request.body.decode()))
    assert sent["csrf"] == "t1" and sent["go"] == "1" and sent["text"].startswith("[launch-check] lr")
    assert sent["mail"] == "launch-check@example.com"
    assert request.header("cookie") == "session=s1"
    assert (request.header("origin"), request.header("referer")) == ("https://example.com", "https://example.com/")
    assert request.header("content-type") == "application/x-www-form-urlencoded"


async def test_both_checks_share_one_submission(shop: Shop) -> None:
    await shop.look("form")
    sent = [dict(parse_qsl(request.body.decode())) for request in shop.taken]
    right = [data for data in sent if "@" in data.get("mail", "") and data.get("name")]
    assert len(right) == 1 and len(sent) == 3


async def test_what_does_not_arrive_is_silent(shop: Shop) -> None:
    shop.delivers = False
    looked = await shop.look("form.silent")
    assert looked.only.status == "fail" and "nothing arrived" in looked.only.summary
    assert "k1" not in f"{looked.only}", "the key of the webhook's URL is not told"
    assert (await shop.look("form.broken")).only.status == "pass"


async def test_a_webhook_that_cannot_be_read_says_nothing(shop: Shop) -> None:
    shop.hook_status = 500
    assert (await shop.look("form.silent")).only.status == "error"


@pytest.mark.parametrize("destination", ["person", ""])
async def test_a_person_confirms_with_the_nonce(shop: Shop, destination: str) -> None:
    finding = (await shop.look("form.silent", destination)).only
    sent = dict(parse_qsl(shop.taken[0].body.decode()))
    assert finding.status == "skipped" and sent["text"].split()[1] in finding.summary


async def test_a_mailbox_that_is_no_seed_is_looked_into_by_a_person(shop: Shop) -> None:
    finding = (await shop.look("form.silent", "team@example.com")).only
    assert finding.status == "skipped" and "mail.seeds" in finding.summary


@pytest.mark.parametrize(
    ("folder", "word"), [("INBOX", "INBOX"), ("Courrier ind&AOk-sirable", "spam"), ("", "nothing arrived")]
)
async def test_a_seed_mailbox(shop: Shop, folder: str, word: str) -> None:
    world, store, password = shop.site.world, Store(), "".join(("seed", "word"))
    world.zone("inbox.example", {"imap": ["A 203.0.113.2"]})
    imap = Imap(world.authority.issue("imap.inbox.example"), implicit=True, store=store, password=password)
    await world.place(imap, "203.0.113.2", 993)

    def handle(request: Request) -> Reply:
        if request.method == "POST" and folder:
            store.folders[folder].append(b"Subject: New request\r\n\r\n" + request.body)
        return shop.handle(request)

    await shop.site.serve(handle)
    seed = Seed("seed@inbox.example", imap_host="imap.inbox.example")
    subject = Subject.of(
        "example.com",
        forms=(FormPlan("/", destination=seed.address),),
        mail=MailPlan(seeds=(seed,), deadline_minutes=0.1 / 60 if not folder else 1.0),
        consent=Consent(forms=True),
    )
    async with world.network() as network:
        (finding,) = await collect(subject, network, only=["form.silent"], secrets={seed.address: Secret(password)})
    assert finding.status == ("pass" if folder else "fail") and word in finding.summary


@pytest.mark.parametrize(
    ("answer", "broken", "silent"),
    [
        (html("no", status=500), "fail", "skipped"),
        (html("no", status=405), "fail", "skipped"),
        (html("no", status=404), "fail", "skipped"),
        (redirect("/gone", 302), "fail", "skipped"),
        (redirect("/contact/error", 303), "fail", "skipped"),
        (redirect("/thanks?error=mail", 302), "fail", "skipped"),
        (redirect("/thanks#error", 302), "fail", "skipped"),
        (redirect("/thanks?sent=0", 302), "fail", "skipped"),
        (redirect("/thanks?status=failed", 302), "fail", "skipped"),
        (redirect("/thanks", 302), "pass", "pass"),
        (redirect("/thanks?sent=1&error=0", 303), "pass", "pass"),
        (Reply(204), "pass", "pass"),
        (html("no", ("server", "cloudflare"), ("cf-mitigated", "challenge"), status=403), "error", "error"),
        (Reply(200, (("content-type", "application/json"),), b'{"ok":true}'), "pass", "pass"),
    ],
)
async def test_answers(shop: Shop, answer: Reply, broken: str, silent: str) -> None:
    shop.answer = answer
    assert (await shop.look("form.broken")).only.status == broken
    assert (await shop.look("form.silent")).only.status == silent


@pytest.mark.parametrize(
    "answer",
    [
        html(FORM.replace("name=mail", "name=mail aria-invalid=true")),
        Reply(200, (("content-type", "application/json"),), b'{"success": false}'),
        Reply(200, (("content-type", "application/json"),), b'{"status": "error"}'),
        Reply(200, (("content-type", "application/json"),), b'{"errors": ["no"]}'),
        html("<title>Error</title><p>We are looking into it."),
        html("<h1>Oops! Something went wrong</h1>"),
        html("<p>Your message could not be sent, try again later.</p>"),
        html(f"<div class='alert alert-danger'>No</div>{FORM}"),
        html(f"<p>Please fill in your name.</p>{FORM}"),
        html(FORM.replace("<textarea name=text>", "<textarea name=text>[launch-check] NONCE")),
    ],
)
async def test_a_visible_refusal_is_neither_a_pass_nor_silent(shop: Shop, answer: Reply) -> None:
    shop.answer, shop.delivers, shop.echoes = answer, False, b"NONCE" in answer.body
    assert (await shop.look("form.broken")).only.status == "error"
    assert (await shop.look("form.silent")).only.status == "skipped"


@pytest.mark.parametrize(
    "answer",
    [
        html(f"<p>Thank you, we have received your message.</p>{FORM}"),
        html("<h1>Thank you</h1><p>No error occurred. Something went wrong? Write again."),
        html("<h1>Merci</h1>" + "<p>is required reading</p>" * 60),
    ],
)
async def test_a_word_of_thanks_is_no_refusal(shop: Shop, answer: Reply) -> None:
    shop.answer = answer
    assert (await shop.look("form.silent", seconds=10)).only.status == "pass"


@pytest.mark.parametrize(("requires", "word"), [("mail", "wrong input is refused"), ("", "does not visibly refuse")])
async def test_a_missing_required_field_is_told(shop: Shop, requires: str, word: str) -> None:
    shop.requires = requires
    shop.form = FORM.replace("name=name required", "name=name")
    assert word in (await shop.look("form.broken")).evidence


async def test_without_consent_nothing_is_sent(shop: Shop) -> None:
    for check in ("form.broken", "form.silent"):
        finding = (await shop.look(check, consent=Consent())).only
        assert finding.status == "skipped" and "POST to https://example.com/send" in finding.summary
    assert shop.taken == []


@pytest.mark.parametrize(
    ("form", "word"),
    [
        (FORM + "<script src=https://www.google.com/recaptcha/api.js></script>", "captcha"),
        (FORM + "<script src=https://challenges.cloudflare.com/turnstile/v0/api.js></script>", "captcha"),
        (FORM + "<script src=https://js.hcaptcha.com/1/api.js></script>", "captcha"),
        ("<div id=app></div><script>app()</script>", "script"),
        (f"<form>{FIELDS}</form><script src=/a.js></script>", "script"),
        (f"<form data-wf-page-id=1 method=post action=/send>{FIELDS}</form>", "Webflow"),
        (f"<form method=post action=https://other.example/x>{FIELDS}</form>", "other.example"),
        (f"<form method=post action=mailto:a@example.com>{FIELDS}</form>", "mailto"),
        (f"<form method=post action=/send>{FIELDS}<input type=file name=cv required></form>", "file"),
        (f"<form method=post action=/send>{FIELDS}<input autocomplete=cc-number name=card></form>", "card"),
        (
            '<form method=post action=/send><textarea name=t></textarea><input name=k pattern="\\d{9}" required></form>',
            "form of its own",
        ),
    ],
)
async def test_a_person_sends_what_a_program_cannot(shop: Shop, form: str, word: str) -> None:
    shop.form = form
    for check in ("form.broken", "form.silent"):
        finding = (await shop.look(check)).only
        assert finding.status == "skipped" and word in finding.summary and "[launch-check] lr" in finding.summary
    assert shop.taken == []


@pytest.mark.parametrize(
    "form",
    [
        "<form method=post action=/send><input name=user><input type=password name=p></form>",
        "<form action=/send><input name=q></form>",
        "<form role=search method=post action=/send><input name=words></form>",
        "<form method=post action=/send><button>Log out</button></form>",
    ],
)
async def test_login_search_and_mere_buttons_are_never_sent(shop: Shop, form: str) -> None:
    shop.form = form
    assert (await shop.look("form.broken", forms=())).only.status == "skipped"
    assert shop.taken == []


async def test_the_destination_belongs_to_the_largest_form(shop: Shop) -> None:
    shop.form, shop.requires = f"{FORM}<form method=post action=/send><input type=email name=mail></form>", ""
    looked = await shop.look("form.silent", seconds=10)
    assert {f.target: str(f.status) for f in looked.findings} == {
        "https://example.com/ (form 1)": "pass",
        "https://example.com/ (form 2)": "skipped",
    }


async def test_a_form_sends_by_get_and_as_multipart(shop: Shop) -> None:
    shop.form = f"<form action=/send>{FIELDS}</form>"
    assert (await shop.look("form.silent", seconds=10)).only.status == "pass"
    assert shop.taken[0].method == "GET"


async def test_multipart(shop: Shop) -> None:
    shop.form, shop.requires = FORM.replace("action", "enctype=multipart/form-data action"), ""
    assert (await shop.look("form.silent", seconds=10)).only.status == "pass"
    assert shop.taken[0].header("content-type").startswith("multipart/form-data; boundary=")
    assert b'name="csrf"\r\n\r\nt1\r\n' in shop.taken[0].body


async def test_a_declared_page_that_does_not_answer_is_no_verdict(shop: Shop) -> None:
    looked = await shop.look("form.broken", forms=(FormPlan("/contact-us", destination="person"),))
    assert looked.of("https://example.com/contact-us").status == "error"


async def never(request: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


async def dripping() -> AsyncIterator[bytes]:
    """A byte now and then, for ever."""
    while True:
        yield b"<"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("place", ["/", "/send", "/hook"])
@pytest.mark.parametrize("how", ["hangs", "drips", "breaks off"])
async def test_a_server_that_never_ends_its_answer_is_no_verdict(shop: Shop, place: str, how: str) -> None:
    """Whatever the page, the form's handler or the webhook does, the run ends, and says that it cannot tell."""
    opened = 0

    async def handle(request: Request) -> Reply:
        nonlocal opened
        opened += request.path == "/"
        # The page itself is read once as the homepage; what it does when a visitor opens it is another matter.
        if request.path != place or (place == "/" and opened == 1):
            return shop.handle(request)
        if how == "drips":
            return Reply(200, (("content-type", "text/html"),), chunks=dripping)
        if how == "breaks off":
            raise HangUp
        return await never(request)

    await shop.site.serve(handle)
    subject = Subject.of(
        "example.com",
        canonical="https://example.com/",
        forms=(FormPlan("/", destination=HOOK),),
        mail=MailPlan(deadline_minutes=0.1 / 60),
        consent=Consent(forms=True),
    )
    async with shop.site.world.network(request_seconds=1.0) as network:
        found = await collect(subject, network, only=["form.broken", "form.silent"])
    statuses = {finding.check: str(finding.status) for finding in found}
    if place == "/hook":
        assert statuses == {"form.broken": "pass", "form.silent": "error"}
    else:
        assert statuses == {"form.broken": "error", "form.silent": "error"}

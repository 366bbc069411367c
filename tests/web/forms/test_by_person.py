"""Forms that a person sends, and arrivals that a person tells of: what earlier runs gave out is looked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from checks.facts import Facts
from checks.finding import Finding, timestamp
from checks.runner import collect, run
from checks.subject import Consent, FormPlan, MailPlan, Subject, Submitted
from checks.survey import Survey, survey
from checks.web.forms import submission, submission_arrival
from launchready_tui.lab.web_server import Reply, Request
from tests.web.forms.test_submission import FIELDS, FORM, HOOK, Shop
from tests.web.site_under_test import HOME, Site, html

CAPTCHA = FORM + "<script src=https://js.hcaptcha.com/1/api.js></script>"
NONCE = "lrabcdefghijklmn"
LONG_AGO = timestamp(datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "PATIENCE", (0.0, 0.0))
    monkeypatch.setattr(submission_arrival, "LOOKS", (0.01,))


@pytest.fixture
def shop(site: Site) -> Shop:
    return Shop(site)


async def look(shop: Shop, row: Submitted | None, destination: str = HOOK, check: str = "form.silent") -> Finding:
    return (await shop.look(check, destination, submissions=(row,) if row else ())).only


def given(**what: object) -> Submitted:
    return replace(Submitted(HOME, NONCE, by_hand=True), **what)  # type: ignore[arg-type]


async def test_what_a_person_was_given_to_type_is_looked_for_by_the_next_run(shop: Shop) -> None:
    shop.form = CAPTCHA
    finding = await look(shop, given())
    assert finding.status == "skipped" and NONCE in finding.summary, "nobody has sent it yet"
    shop.inbox.append(f"text=[launch-check] {NONCE}".encode())
    assert (await look(shop, given())).status == "pass"
    assert shop.taken == []


async def test_what_a_person_sent_and_never_arrived_is_silent(shop: Shop) -> None:
    shop.form = CAPTCHA
    finding = await look(shop, given(sent=LONG_AGO))
    assert finding.status == "fail" and "a person sent" in finding.summary


@pytest.mark.parametrize(("word", "status", "broken"), [("yes", "pass", "pass"), ("no", "fail", "skipped")])
async def test_a_word_about_a_form_that_a_person_sent(shop: Shop, word: str, status: str, broken: str) -> None:
    shop.form = CAPTCHA
    row = given(word=word, word_of=NONCE, by="Ada", at=LONG_AGO)
    finding = await look(shop, row, "person")
    assert finding.status == status and "says Ada" in finding.summary
    assert (NONCE in "".join(finding.evidence[1:])) is False, "after a no, another word is given out"
    assert (await look(shop, row, "person", "form.broken")).status == broken


@pytest.mark.parametrize(("word", "status"), [("yes", "pass"), ("no", "fail"), ("", "skipped")])
async def test_a_word_about_what_this_program_sent(shop: Shop, word: str, status: str) -> None:
    row = Submitted(HOME, "lrlater", LONG_AGO, word=word, word_of=NONCE, by="Ada", at=LONG_AGO)
    finding = await look(shop, row, "person")
    assert finding.status == status
    if word:
        assert "says Ada" in finding.summary and any("sent anew" in line for line in finding.evidence)


async def surveyed(shop: Shop, form: str, *, consent: bool = True, **subject: object) -> Survey:
    shop.form = form
    await shop.site.serve(shop.handle)
    asked = Subject.of(
        "example.com",
        forms=(FormPlan("/", destination=HOOK),),
        consent=Consent(forms=consent),
        mail=MailPlan(deadline_minutes=0.1 / 60),
        **subject,
    )
    seen: list[Survey] = []

    def look_back(facts: Facts) -> None:
        seen.append(survey(facts))

    async with shop.site.world.network() as network:
        async for _ in run(asked, network, only=["form"], at_end=look_back):
            pass
    return seen[0]


async def test_the_run_remembers_each_form_and_what_it_sent(shop: Shop) -> None:
    login = "<form method=post action=/in><input name=user><input type=password name=p></form>"
    contact, other = (await surveyed(shop, FORM + login)).forms
    assert (contact.target, contact.tested, contact.answer) == (HOME, True, "accepted")
    assert contact.nonce.startswith("lr") and contact.sent and contact.wrong_input_good is False
    assert (contact.seen.csrf, contact.seen.fields) == ("csrf", ("name*", "mail*", "text"))
    assert contact.destination == "example.com"
    assert (other.tested, other.nonce, other.seen.fields) == (False, "", ("user", "p"))


async def test_without_consent_nothing_is_given_out(shop: Shop) -> None:
    (contact,) = (await surveyed(shop, CAPTCHA, consent=False)).forms
    assert (contact.nonce, contact.sent, contact.by_hand) == ("", "", "")


@pytest.mark.parametrize(
    "form", [CAPTCHA, f"<form method=post action=/send>{FIELDS}<input type=file name=cv required></form>"]
)
async def test_what_a_person_has_to_type_is_kept(shop: Shop, form: str) -> None:
    (contact,) = (await surveyed(shop, form)).forms
    assert contact.by_hand and contact.nonce.startswith("lr") and not contact.sent
    again = Submitted(HOME, contact.nonce, by_hand=True)
    (kept,) = (await surveyed(Shop(shop.site), form, submissions=(again,))).forms
    assert kept.nonce == contact.nonce


async def test_a_visitor_takes_three_to_five_seconds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(submission_arrival, "LOOKS", (0.01,))
    taken: list[float] = []

    async def pause(seconds: float) -> None:
        taken.append(seconds)
        assert len(shop.taken) < len(taken), "before the form is sent"

    monkeypatch.setattr(submission, "pause", pause)
    await shop.look("form.broken")
    assert len(taken) == 3 and all(3 <= seconds <= 5 for seconds in taken)
    assert len(set(taken)) == 3


@pytest.mark.parametrize(
    ("answer", "good", "word"),
    [
        ("<h1>Please give your mail address</h1>", True, "with a word that can be seen"),
        ("", False, "without a word"),
    ],
)
async def test_wrong_input_wants_a_word(site: Site, answer: str, good: bool, word: str) -> None:
    class Strict(Shop):
        def handle(self, request: Request) -> Reply:
            sent = dict(parse_qsl(request.body.decode()))
            wrong = request.path == "/send" and ("@" not in sent.get("mail", "") or not sent.get("name"))
            return html(answer, status=422) if wrong else super().handle(request)

    found = await Strict(site).look("form.broken")
    assert found.only.status == "pass" and found.evidence.count(word) == 2
    assert ("; but" in found.only.summary) is not good


async def test_wrong_input_that_breaks_the_site_is_told(site: Site) -> None:
    class Fragile(Shop):
        def handle(self, request: Request) -> Reply:
            sent = dict(parse_qsl(request.body.decode()))
            wrong = request.path == "/send" and "@" not in sent.get("mail", "@")
            return html("<h1>Traceback</h1>", status=500) if wrong else super().handle(request)

    finding = (await Fragile(site).look("form.broken")).only
    assert finding.status == "pass" and "breaks the form" in finding.summary


async def test_nothing_is_asked_when_a_run_has_no_forms(shop: Shop) -> None:
    asked = Subject.of("example.com")
    seen: list[Survey] = []
    async with shop.site.world.network() as network:
        async for _ in run(asked, network, only=["watch"], at_end=lambda facts: seen.append(survey(facts))):
            pass
        assert seen[0].forms == () and await collect(asked, network, only=["watch"])

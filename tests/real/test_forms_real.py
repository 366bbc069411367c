"""Form mail through real postfix and dovecot: the site's own backend sends it, and it is found where it arrived."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal
from urllib.parse import parse_qsl

import pytest

from checks.finding import Finding
from checks.mail.seeds import delivery
from checks.runner import collect
from checks.secret import Secret
from checks.subject import Consent, FormPlan, MailPlan, Seed, Subject
from checks.web.forms import submission, submission_arrival
from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World
from tests.mail.real_host import MailHost, mail_host
from tests.web.site_under_test import HOME, Site, healthy, html

pytestmark = pytest.mark.real

PASSWORD = "".join(("seed", "pass"))
FORM = (
    "<form method=post action=/send><input type=hidden name=csrf value=t1><input name=name required>"
    "<input type=email name=mail required><textarea name=text></textarea><button>Send</button></form>"
)
Coding = Literal["7bit", "quoted-printable", "base64"]


@pytest.fixture(scope="module")
def host(authority: Authority) -> Iterator[MailHost]:
    with mail_host(authority) as running:
        yield running


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "PATIENCE", (0.0, 0.0))
    monkeypatch.setattr(submission_arrival, "REFUSED_SECONDS", 1.0)
    monkeypatch.setattr(delivery, "LOOKS", (0.05,))


def written(sent: dict[str, str], to: str, coding: Coding) -> EmailMessage:
    """The mail that a contact form makes of what was typed."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Website <website@launch.test>"
    message["To"] = to
    message["Reply-To"] = sent["mail"]
    message["Subject"] = f"Anfrage von {sent['name']}"
    message.set_content(f"Grüße von der Website\n\n{sent['text']}\n" if coding != "7bit" else sent["text"], cte=coding)
    return message


async def look(
    site: Site, host: MailHost, to: str, *, seconds: float, coding: Coding = "7bit", breaks: bool = False
) -> dict[str, Finding]:
    """Send the form whose backend mails to `to`, and look for it in the mailbox of seed@inbox.test."""
    site.world.zone("inbox.test", {"imap": ["A 203.0.113.2"]})
    site.world.route("203.0.113.2", 993, host.imaps)

    def mail(sent: dict[str, str]) -> None:
        with smtplib.SMTP("127.0.0.1", 1 if breaks else host.mx) as server:
            server.send_message(written(sent, to, coding), "website@launch.test", [to])

    async def handle(request: Request) -> Reply:
        if request.path != "/send":
            return html(FORM) if request.path == "/" else healthy(request)
        sent = dict(parse_qsl(request.body.decode()))
        if not sent.get("name") or "@" not in sent.get("mail", ""):
            return html("<h1>Please give your name and mail address</h1>", status=422)
        try:
            await asyncio.to_thread(mail, sent)
        except OSError:
            pass  # as many backends do: the error goes to a log that nobody reads
        return html("<h1>Thank you</h1>")

    await site.serve(handle)
    seed = Seed("seed@inbox.test", imap_host="imap.inbox.test")
    subject = Subject.of(
        "example.com",
        forms=(FormPlan("/", destination=seed.address),),
        mail=MailPlan(from_address="hello@launch.test", seeds=(seed,), deadline_minutes=seconds / 60),
        consent=Consent(forms=True),
    )
    async with site.world.network() as network:
        found = await collect(subject, network, only=["form"], secrets={seed.address: Secret(PASSWORD)})
    return {finding.check: finding for finding in found if finding.target == HOME}


@pytest.mark.parametrize("coding", ["7bit", "quoted-printable", "base64"])
async def test_form_mail_arrives(site: Site, host: MailHost, coding: Coding) -> None:
    found = await look(site, host, "seed@inbox.test", seconds=60, coding=coding)
    assert {check: str(finding.status) for check, finding in found.items()} == {
        "form.insecure": "pass",
        "form.broken": "pass",
        "form.silent": "pass",
    }
    assert "seed@inbox.test, folder INBOX" in found["form.silent"].summary
    assert sum("with a word that can be seen" in line for line in found["form.broken"].evidence) == 2


async def test_form_mail_that_is_dropped_on_its_way_is_silent(site: Site, host: MailHost) -> None:
    found = await look(site, host, "lost@inbox.test", seconds=1.5)
    assert found["form.broken"].status == "pass"
    assert (
        found["form.silent"].status == "fail" and "nothing arrived at seed@inbox.test" in found["form.silent"].summary
    )


async def test_form_mail_that_is_never_sent_is_silent(site: Site, host: MailHost) -> None:
    found = await look(site, host, "seed@inbox.test", seconds=1.5, breaks=True)
    assert found["form.silent"].status == "fail"


async def test_form_mail_in_the_spam_folder_has_arrived_and_is_told(site: Site, host: MailHost) -> None:
    found = await look(site, host, "spam@inbox.test", seconds=60)
    assert found["form.silent"].status == "pass"
    assert "folder Werbung" in found["form.silent"].summary and "spam folder" in found["form.silent"].summary

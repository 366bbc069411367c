"""Seed deliveries end to end: send, find, judge, against a provider on loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from checks.mail.message import parse_message
from checks.mail.seeds import delivery as delivery_module
from checks.mail.seeds.mailbox import service_of
from checks.secret import Secret
from checks.subject import Consent, MailPlan, Seed
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit
from tests.mail.seeds.servers import Imap, Store, Submission
from tests.mail.signing import zone_txt

JUNK = "Courrier ind&AOk-sirable"
SEED = "seed@inbox.example"
PASSWORD = "".join(("pass ", 'wörd"', "\\1"))
GOOD = (
    "Received: from submit.example by mx.inbox.example with ESMTPS id 1;\r\n Tue, 1 Jan 2030 00:00:00 +0000\r\n"
    "Authentication-Results: mx.inbox.example;\r\n spf=pass smtp.mailfrom=example.com;\r\n"
    " dkim=pass header.d=example.com; dmarc=pass header.from=example.com\r\n"
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "LOOKS", (0.01,))


@dataclass
class Provider:
    world: World
    store: Store
    submission: Submission
    imap: Imap

    async def run(self, *, minutes: float = 0.5, secrets: dict[str, str] | None = None, **change: Any) -> Findings:
        seed = change.pop("seed", Seed(SEED, imap_host="imap.inbox.example", vault=f"launchready/example.com/{SEED}"))
        given = {"smtp": PASSWORD, SEED: PASSWORD} if secrets is None else secrets
        consent = Consent(seeds=change.pop("consent", True))
        plan = {"smtp_host": "submit.example", "smtp_user": "me", "from_address": "Hello@example.com"} | change
        return await audit(
            self.world,
            "mail.seed-lost",
            "mail.seed-spam",
            "mail.seed-auth",
            plan=MailPlan(seeds=(seed,) if seed else (), deadline_minutes=minutes, **plan),
            secrets={name: Secret(value) for name, value in given.items()},
            consent=consent,
        )


@pytest.fixture
async def provider(world: World) -> Provider:
    store = Store()
    certificate = world.authority.issue("submit.example", "imap.inbox.example")
    world.zone("submit.example", {"@": ["A 203.0.113.1"]})
    world.zone("inbox.example", {"imap": ["A 203.0.113.2"]})
    world.zone("example.com", {"_dmarc": [zone_txt("v=DMARC1; p=none")], "@": ["A 203.0.113.9"]})
    submission = Submission(certificate, store=store, password=PASSWORD, token="at-1", stamp=GOOD)
    imap = Imap(certificate, implicit=True, store=store, password=PASSWORD, token="at-1")
    await world.place(submission, "203.0.113.1", 587)
    await world.place(imap, "203.0.113.2", 993)
    return Provider(world, store, submission, imap)


def statuses(found: Findings) -> tuple[str, ...]:
    return tuple(found.status(f"mail.seed-{word}") for word in ("lost", "spam", "auth"))


async def test_arrives_in_the_inbox(provider: Provider) -> None:
    found = await provider.run()
    assert statuses(found) == ("pass", "pass", "pass"), list(found)
    assert {finding.target for finding in found} == {SEED}
    assert len(provider.submission.messages) == 1
    message = provider.submission.messages[0].decode()
    assert "From: Hello@example.com\r\n" in message and "To: seed@inbox.example\r\n" in message
    assert provider.submission.heard[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH PLAIN"]
    assert all("EXAMINE" in line or "SELECT" not in line for line in provider.imap.heard)
    assert not any("STORE" in line or "EXPUNGE" in line for line in provider.imap.heard)
    assert any("no DKIM signature" in line for line in found.one("mail.seed-auth").evidence)
    assert PASSWORD not in repr(found)


async def test_spam_is_told_by_special_use_and_not_by_name(provider: Provider) -> None:
    provider.submission.into = JUNK
    found = await provider.run()
    assert statuses(found) == ("pass", "fail", "pass")
    assert "(Courrier indésirable)" in found.one("mail.seed-spam").summary


async def test_spam_folder_by_name_where_no_special_use_is_told(provider: Provider) -> None:
    provider.store.folders["Spam"] = []
    provider.store.flags.clear()
    provider.imap.capabilities = "IMAP4rev1"
    provider.imap.literal_names = True
    provider.imap.password = "".join(("plain", "word"))
    provider.submission.into = "Spam"
    found = await provider.run(secrets={"smtp": PASSWORD, SEED: provider.imap.password})
    assert statuses(found) == ("pass", "fail", "pass")
    assert "LOGIN" in provider.imap.heard


async def test_other_folder_is_neither_lost_nor_spam(provider: Provider) -> None:
    provider.store.folders["Filed"] = []
    provider.submission.into = "Filed"
    found = await provider.run()
    assert statuses(found) == ("pass", "pass", "pass")
    assert "Filed" in found.one("mail.seed-spam").summary


async def test_lost(provider: Provider) -> None:
    provider.submission.into = ""
    found = await provider.run(minutes=0.001)
    assert statuses(found) == ("fail", "skipped", "skipped")
    assert "0.001 minutes" in found.one("mail.seed-lost").summary


async def test_gmail_tab(provider: Provider) -> None:
    provider.imap.capabilities += " X-GM-EXT-1"
    provider.imap.tab = "promotions"
    found = await provider.run()
    assert "tab promotions" in found.one("mail.seed-spam").evidence[0]


async def test_broken_sessions_are_taken_up_again(provider: Provider) -> None:
    provider.imap.breaks = 2
    assert statuses(await provider.run()) == ("pass", "pass", "pass")
    provider.imap.breaks = 3
    assert statuses(await provider.run()) == ("error", "error", "error")


async def test_a_last_look_that_breaks_off_does_not_say_lost(provider: Provider) -> None:
    provider.imap.breaks = 1
    assert statuses(await provider.run(minutes=0)) == ("pass", "pass", "pass")
    provider.imap.breaks = 9
    assert statuses(await provider.run(minutes=0)) == ("error", "error", "error")


async def test_what_a_server_can_is_asked_again_after_the_login(provider: Provider) -> None:
    provider.imap.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN"
    provider.imap.after_login = "LIST-EXTENDED SPECIAL-USE X-GM-EXT-1"
    provider.imap.tab = "updates"
    found = await provider.run()
    assert "tab updates" in found.one("mail.seed-spam").evidence[0]
    assert any("RETURN (SPECIAL-USE)" in line for line in provider.imap.heard)


async def test_a_folder_of_others_that_cannot_be_opened_is_passed_over(provider: Provider) -> None:
    provider.store.folders = {"Shared": [], "Filed": []} | provider.store.folders
    provider.imap.closed, provider.submission.into = "Shared", "Filed"
    assert statuses(await provider.run()) == ("pass", "pass", "pass")
    provider.imap.closed = "INBOX"
    assert statuses(await provider.run()) == ("error", "error", "error")


async def test_nothing_without_consent(provider: Provider) -> None:
    found = await provider.run(consent=False)
    assert statuses(found) == ("skipped", "skipped", "skipped")
    assert "it would send one message from Hello@example.com to seed@inbox.example" in found[0].summary
    assert provider.submission.connections == provider.imap.connections == 0


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"seed": None}, "no seed mailbox"),
        ({"smtp_host": ""}, "mail server"),
        ({"secrets": {SEED: "x"}}, "entry smtp"),
        ({"secrets": {"smtp": "x"}}, "paste its headers"),
        ({"seed": Seed("me@elsewhere.example"), "secrets": {"smtp": "x", "me@elsewhere.example": "x"}}, "IMAP server"),
    ],
)
async def test_nothing_to_work_with(provider: Provider, change: dict[str, Any], word: str) -> None:
    found = await provider.run(**change)
    assert statuses(found) == ("skipped", "skipped", "skipped")
    assert word in found[0].summary
    assert provider.submission.messages == []


async def test_wrong_passwords_are_errors_and_send_nothing(provider: Provider) -> None:
    found = await provider.run(secrets={"smtp": PASSWORD, SEED: "wrong"})
    assert statuses(found) == ("error", "error", "error")
    assert "AUTHENTICATIONFAILED" in found[0].summary and provider.submission.connections == 0
    found = await provider.run(secrets={"smtp": "wrong", SEED: PASSWORD})
    assert "5.7.8" in found[0].summary and provider.submission.messages == []
    assert "app password" not in found[0].summary


async def test_a_refused_password_of_gmail_is_told_to_be_an_app_password(provider: Provider) -> None:
    certificate = provider.world.authority.issue("imap.gmail.com")
    provider.world.zone("gmail.com", {"imap": ["A 203.0.113.7"]})
    await provider.world.place(Imap(certificate, implicit=True, password=PASSWORD), "203.0.113.7", 993)
    address = "ann@gmail.com"
    found = await provider.run(seed=Seed(address), secrets={"smtp": PASSWORD, address: "other"})
    assert found[0].summary.endswith("Gmail wants an app password from the account's security settings here, not the"
                                     " account's own")  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ("Shop, Inc. <hello@example.com>", 'From: "Shop, Inc." <hello@example.com>'),
        ('"Tee & Süßes" <hello@example.com>', "<hello@example.com>"),
        (" hello@exämple.com ", "From: hello@xn--exmple-cua.com"),
    ],
)
async def test_a_from_address_as_people_write_it(provider: Provider, declared: str, line: str) -> None:
    assert (await provider.run(from_address=declared)).status("mail.seed-lost") == "pass"
    header = provider.submission.messages[0].decode("ascii").partition("\r\n\r\n")[0]
    assert line in header
    assert provider.submission.sender == parse_message(header.encode()).get("from").rpartition("<")[2].rstrip(">")


@pytest.mark.parametrize("declared", ["hello", "a@b@example.com, c@example.com", "a@example.com>\r\nRCPT TO:<b@x.example",
                                      "hellö@example.com"])  # fmt: skip
async def test_what_is_no_address_sends_nothing(provider: Provider, declared: str) -> None:
    found = await provider.run(from_address=declared)
    assert statuses(found) == ("skipped", "skipped", "skipped") and "no plain mail address" in found[0].summary
    assert provider.submission.connections == 0


async def test_outlook_takes_no_password(provider: Provider) -> None:
    address = "seed@outlook.com"
    found = await provider.run(seed=Seed(address), secrets={"smtp": PASSWORD, address: PASSWORD})
    assert statuses(found) == ("error", "error", "error")
    assert "sign in to seed@outlook.com on the mail screen" in found[0].summary
    assert provider.submission.connections == 0


@pytest.mark.parametrize(
    ("domain", "service"),
    [("gmail.com", "gmail"), ("hotmail.co.uk", "outlook"), ("outlook.de", "outlook"), ("outlook.com.br", "outlook"),
     ("me.com", "icloud"), ("yahoo.co.uk", "yahoo"), ("yahoo.co.jp", ""), ("live.example", ""), ("outlook.evil.de", ""), ("outlook", "")],
)  # fmt: skip
def test_whose_mailboxes_bear_a_domain(domain: str, service: str) -> None:
    assert service_of(domain) == service


async def test_refused_by_the_server(provider: Provider) -> None:
    provider.submission.refuse = "RCPT"
    found = await provider.run()
    assert statuses(found) == ("error", "error", "error")
    assert "really not" in found[0].summary
    provider.submission.refuse = "EHLO"
    assert "does not take our greeting: 550" in (await provider.run())[0].summary


async def test_no_password_without_tls(provider: Provider) -> None:
    provider.submission.certificate = None
    found = await provider.run()
    assert "without it" in found[0].summary
    assert not any("AUTH" in line for line in provider.submission.heard)
    plain = Imap(store=provider.store, password=PASSWORD)
    await provider.world.place(plain, "203.0.113.2", 143)
    found = await provider.run(seed=Seed(SEED, imap_host="imap.inbox.example", imap_port=143))
    assert "offers no TLS" in found[0].summary and plain.heard == ["CAPABILITY"]


async def test_starttls_for_imap_and_implicit_tls_for_smtp(provider: Provider) -> None:
    certificate = provider.submission.certificate
    imap = Imap(certificate, store=provider.store, password=PASSWORD)
    smtp = Submission(certificate, implicit=True, store=provider.store, password=PASSWORD, stamp=GOOD, auth="LOGIN")
    await provider.world.place(imap, "203.0.113.2", 143)
    await provider.world.place(smtp, "203.0.113.1", 465)
    found = await provider.run(smtp_port=465, seed=Seed(SEED, imap_host="imap.inbox.example", imap_port=143))
    assert statuses(found) == ("pass", "pass", "pass")
    assert smtp.heard[:2] == ["EHLO", "AUTH LOGIN"] and "STARTTLS" in imap.heard


async def test_certificate_must_verify(provider: Provider) -> None:
    found = await audit(
        provider.world,
        "mail.seed-lost",
        plan=MailPlan(
            seeds=(Seed(SEED, imap_host="imap.inbox.example"),),
            smtp_host="submit.example",
            from_address="a@example.com",
        ),
        secrets={SEED: Secret(PASSWORD)},
        consent=Consent(seeds=True),
        network={"ca_file": None},
    )
    assert found.errors == {"mail.seed-lost"}
    assert "does not verify" in found[0].summary
    assert not any("AUTH" in line for line in provider.imap.heard)


async def test_outlook_by_grant(provider: Provider) -> None:
    """XOAUTH2 for both, with an access token that a refresh token gave."""
    asked: list[Request] = []

    def token(request: Request) -> Reply:
        asked.append(request)
        return Reply(200, (("content-type", "application/json"),), b'{"access_token": "at-1", "expires_in": 3600}')

    world = provider.world
    world.zone("microsoftonline.com", {"login": ["A 203.0.113.3"]})
    await world.web("203.0.113.3", token, world.authority.issue("login.microsoftonline.com"))
    grant = json.dumps({"client_id": "app", "tenant": "consumers", "refresh_token": "rt"})
    found = await provider.run(secrets={"smtp": grant, SEED: grant})
    assert statuses(found) == ("pass", "pass", "pass")
    assert asked[0].target == "/consumers/oauth2/v2.0/token" and b"refresh_token=rt" in asked[0].body
    provider.imap.token = provider.submission.token = "other"
    assert "access token" in (await provider.run(secrets={"smtp": grant, SEED: grant}))[0].summary
    provider.imap.capabilities = provider.imap.capabilities.replace("SASL-IR ", "")
    provider.imap.token = "at-1"
    refused = await provider.run(secrets={"smtp": grant, SEED: grant})
    assert "does not accept the access token: 535" in refused[0].summary


@pytest.mark.parametrize(
    ("stamp", "status", "word"),
    [
        (GOOD.replace("dkim=pass", "dkim=fail"), "fail", "dkim=fail"),
        (GOOD.replace("spf=pass", "spf=softfail"), "fail", "spf=softfail"),
        (GOOD.replace("dmarc=pass", "dmarc=fail"), "fail", "dmarc=fail"),
        ("Received: by mx.inbox.example\r\n", "error", "no verdict"),
        (GOOD.replace("mx.inbox.example;", "mx.evil.test;"), "error", "no verdict"),
    ],
)
async def test_what_the_receiver_says(provider: Provider, stamp: str, status: str, word: str) -> None:
    provider.submission.stamp = stamp
    found = await provider.run()
    assert found.status("mail.seed-auth") == status
    assert word in found.one("mail.seed-auth").summary


async def test_alignment_follows_the_tree_and_the_modes(provider: Provider) -> None:
    provider.submission.stamp = GOOD.replace("; dmarc=pass header.from=example.com", "").replace(
        "header.d=example.com", "header.d=mail.example.com"
    ).replace("smtp.mailfrom=example.com", "smtp.mailfrom=x@bounce.vendor.example")  # fmt: skip
    assert (await provider.run()).status("mail.seed-auth") == "pass"
    provider.world.zones["example.com"].set("_dmarc", "TXT", '"v=DMARC1; p=none; adkim=s"')
    strict = await provider.run()
    assert strict.status("mail.seed-auth") == "fail"
    assert "neither SPF nor DKIM passed for example.com" in strict.one("mail.seed-auth").summary

"""Mail checks against real postfix, opendkim and dovecot."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from checks.mail.dkim.verify import verify
from checks.mail.seeds import delivery
from checks.network import Network
from checks.secret import Secret
from checks.subject import Consent, MailPlan, Seed
from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.web_server import Reply, Request, WebServer
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit
from tests.mail.real_host import PATH, MailHost, mail_host
from tests.mail.signing import record, rsa_key, sign, zone_txt

pytestmark = pytest.mark.real

PASSWORD = "".join(("seed", "pass"))
MESSAGE = (
    "From: Ann <ann@launch.test>\r\nTo: bob@inbox.test\r\nSubject: Folded\r\n\tsubject\r\n"
    "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@launch.test>\r\n\r\n"
    "Some  text \r\n\r\n.with a dot\r\n\r\n\r\n"
)


@pytest.fixture(scope="module")
def host(authority: Authority) -> Iterator[MailHost]:
    with mail_host(authority) as running:
        yield running


@pytest.fixture
def mail(world: World, host: MailHost) -> World:
    """The host's names and ports in the world of one test."""
    world.zone(
        "launch.test",
        {
            "@": ["A 203.0.113.1", "MX 10 mx.inbox.test.", "MX 20 plain.inbox.test."],
            "submit": ["A 203.0.113.1"],
            "s1._domainkey": [zone_txt(host.public_key)],
            "_dmarc": [zone_txt("v=DMARC1; p=none")],
        },
    )
    world.zone("inbox.test", {"imap": ["A 203.0.113.2"], "mx": ["A 203.0.113.3"], "plain": ["A 203.0.113.4"]})
    world.route("203.0.113.1", 587, host.submission)
    world.route("203.0.113.2", 993, host.imaps)
    world.route("203.0.113.2", 143, host.imap)
    world.route("203.0.113.3", 25, host.mx)
    world.route("203.0.113.4", 25, host.mx_plain)
    return world


async def deliver(world: World, address: str, **change: Any) -> Findings:
    port = change.pop("port", 993)
    secret = change.pop("secret", PASSWORD)
    minutes = change.pop("minutes", 1.0)
    plan = MailPlan(
        from_address="hello@launch.test",
        smtp_host="submit.launch.test",
        smtp_user="sender@launch.test",
        seeds=(Seed(address, imap_host="imap.inbox.test", imap_port=port),),
        deadline_minutes=minutes,
    )
    return await audit(
        world,
        "mail.seed-lost",
        "mail.seed-spam",
        "mail.seed-auth",
        domain="launch.test",
        plan=plan,
        secrets={"smtp": Secret(PASSWORD), address: Secret(secret)},
        consent=Consent(seeds=True),
    )


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "LOOKS", (0.05,))


@pytest.mark.parametrize("port", [993, 143])
async def test_inbox_signed_and_verified(mail: World, port: int) -> None:
    found = await deliver(mail, "seed@inbox.test", port=port)
    assert {str(finding.status) for finding in found} == {"pass"}, list(found)
    auth = found.one("mail.seed-auth")
    assert "dkim=pass" in auth.summary
    assert any("verified again here: dkim=pass d=launch.test s=s1" in line for line in auth.evidence)


async def test_spam_folder(mail: World) -> None:
    found = await deliver(mail, "spam@inbox.test")
    assert found.problems == {"mail.seed-spam"}, list(found)
    assert "Werbung" in found.one("mail.seed-spam").summary


async def test_lost(mail: World) -> None:
    found = await deliver(mail, "lost@inbox.test", minutes=0.01)
    assert found.problems == {"mail.seed-lost"}


async def test_wrong_password(mail: World) -> None:
    found = await deliver(mail, "seed@inbox.test", secret="wrong")
    assert found.problems == set() and len(found.errors) == 3
    assert "AUTHENTICATIONFAILED" in found[0].summary


@pytest.mark.parametrize("good", [True, False])
async def test_xoauth2(mail: World, host: MailHost, good: bool) -> None:
    """As with Outlook: a refresh token gives an access token, and dovecot asks the issuer about it."""

    def introspect(request: Request) -> Reply:
        told = {"active": request.query.startswith("token=at-1&"), "email": "seed@inbox.test"}
        return Reply(200, (("content-type", "application/json"),), json.dumps(told).encode())

    def token(request: Request) -> Reply:
        given = {"access_token": "at-1" if good else "stolen"}
        return Reply(200, (("content-type", "application/json"),), json.dumps(given).encode())

    class AtPort(WebServer):
        async def start(self) -> None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", host.introspection)
            self.port = host.introspection

    await mail.place(AtPort(introspect, {}), "203.0.113.99", 80)
    mail.zone("microsoftonline.com", {"login": ["A 203.0.113.5"]})
    await mail.web("203.0.113.5", token, mail.authority.issue("login.microsoftonline.com"))
    grant = json.dumps({"client_id": "app", "refresh_token": "rt"})
    found = await deliver(mail, "seed@inbox.test", secret=grant)
    if good:
        assert {str(finding.status) for finding in found} == {"pass"}, list(found)
    else:
        assert len(found.errors) == 3 and "access token" in found[0].summary


async def test_exchangers(mail: World) -> None:
    found = await audit(mail, "mx", domain="launch.test")
    assert found.problems == {"mx.starttls"}, list(found)
    told = {finding.target: finding for finding in found.of("mx.starttls")}
    assert str(told["mx.inbox.test"].status) == "pass"
    assert any("certificate: mx.inbox.test" in line for line in told["mx.inbox.test"].evidence)
    assert "does not offer STARTTLS" in told["plain.inbox.test"].summary
    assert "2 of 2" in found.one("mx.unreachable").summary


def opendkim(host: MailHost, settings: str, message: bytes) -> str:
    """What opendkim says in its test mode, which reads a file in place of a conversation."""
    config, file = host.folder / "test.conf", host.folder / "test.eml"
    config.write_text(f"{settings}\nSocket inet:1@localhost\nRequireSafeKeys no\n")
    file.write_bytes(message.replace(b"\r\n", b"\n"))
    command = ["opendkim", "-x", str(config), "-t", str(file), "-v", "-v"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": PATH}).stdout


FORMS = ["simple/simple", "relaxed/relaxed", "relaxed/simple", "simple/relaxed"]


@pytest.fixture(params=FORMS)
def signed(request: pytest.FixtureRequest, host: MailHost) -> bytes:
    """The message as opendkim signs it."""
    settings = f"Mode s\nDomain launch.test\nSelector s1\nKeyFile {host.folder}/dkim/s1.private\n"
    told = opendkim(host, f"{settings}Canonicalization {request.param}\nOversignHeaders From", MESSAGE.encode())
    value = re.search(r"hname='DKIM-Signature' hvalue='([^']*)'", told)
    assert value is not None, told
    assert f"c={request.param}" in value[1]
    return b"DKIM-Signature: " + value[1].replace("\n", "\r\n").encode() + b"\r\n" + MESSAGE.encode()


async def test_we_verify_what_opendkim_signs(mail: World, network: Network, signed: bytes) -> None:
    (outcome,) = await verify(signed, network)
    assert (outcome.result, outcome.reason) == ("pass", "")
    (changed,) = await verify(signed.replace(b"Some  text", b"Some other text"), network)
    assert changed.result == "fail"


@pytest.mark.parametrize("c", FORMS)
def test_opendkim_verifies_what_the_tests_sign(host: MailHost, c: str) -> None:
    """So that the signer which our verifier is tested with is right itself."""
    key = rsa_key()
    (host.folder / "ours.txt").write_text(f"t1._domainkey.launch.test {record(key)}\n")
    message = sign(MESSAGE, key, domain="launch.test", selector="t1", c=c)
    told = opendkim(host, f"Mode v\nTestDNSData file:{host.folder}/ours.txt", message)
    assert "succeeded" in told, told

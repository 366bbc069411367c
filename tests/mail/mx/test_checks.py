"""The findings of the mx checks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import runner
from checks.mail.mx import conversation
from checks.subject import Subject
from launchready_tui.lab.smtp_server import SmtpServer
from launchready_tui.lab.web_server import Reply, pages
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit

V4 = "203.0.113.25"


class Scripted(SmtpServer):
    """Says what it is told: `replies` by verb, raw; the first is the greeting."""

    def __init__(self, greeting: bytes, **replies: bytes) -> None:
        super().__init__()
        self.first = greeting
        self.replies = replies
        self.heard: list[str] = []

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(self.first)
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0]
            self.heard.append(verb)
            writer.write(self.replies.get(verb, b"221 bye\r\n" if verb == "QUIT" else b"502 no\r\n"))
            if verb == "QUIT":
                break
        writer.close()


def zone(world: World, *mx: str, **more: list[str]) -> None:
    world.zone("example.com", {"@": [f"MX {line}" for line in mx], "mx1": [f"A {V4}"]} | more)


async def with_server(world: World, server: Any, **declared: Any) -> Findings:
    zone(world, "10 mx1.example.com.")
    await world.place(server, V4, 25)
    return await audit(world, "mx", **declared)


async def test_healthy(world: World) -> None:
    server = SmtpServer(world.authority.issue("mx1.example.com"))
    world.zone("113.0.203.in-addr.arpa", {"25": ["PTR mx1.example.com."]})
    found = await with_server(world, server)
    assert {str(finding.status) for finding in found} == {"pass"}
    assert server.connections == 1 and server.messages == []
    assert any("TLSv1.3" in line for line in found.one("mx.starttls").evidence)
    assert any("leads back" in line for line in found.one("mx.unreachable").evidence)
    assert len(world.resolver.queries) == len(set(world.resolver.queries))


async def test_missing(world: World) -> None:
    zone(world, **{"@": ["A 192.0.2.1"]})
    found = await audit(world, "mx")
    assert found.problems == {"mx.missing"}
    assert "port 25 of the web site's own address, 192.0.2.1" in found.one("mx.missing").evidence[-1]
    assert found.status("mx.unreachable") == found.status("mx.starttls") == "skipped"
    assert (await audit(world, "mx", receives_mail=False)).problems == set()


async def test_null_mx(world: World) -> None:
    zone(world, "0 .")
    assert (await audit(world, "mx")).problems == {"mx.missing"}
    quiet = await audit(world, "mx", receives_mail=False)
    assert quiet.problems == set() and quiet.status("mx.missing") == "pass"


async def test_null_mx_beside_others(world: World) -> None:
    zone(world, "0 .", "10 mx1.example.com.")
    await world.place(SmtpServer(world.authority.issue("mx1.example.com")), V4, 25)
    found = await audit(world, "mx")
    assert found.problems == {"mx.target"}
    assert {f.target: str(f.status) for f in found.of("mx.target")} == {
        "mx1.example.com": "pass",
        "example.com": "fail",
    }


@pytest.mark.parametrize(
    ("line", "records", "word"),
    [
        ("10 203.0.113.25.", {}, "IP address"),
        ("10 [203.0.113.25].", {}, "IP address"),
        ("10 [IPv6:2001:db8::25].", {}, "IP address"),
        ("10 alias.example.com.", {"alias": ["CNAME mx1.example.com."]}, "CNAME"),
        ("10 alias.example.com.", {"alias": ["CNAME gone.example.com."]}, "leads nowhere"),
        ("10 gone.example.com.", {}, "no address"),
        ("10 text.example.com.", {"text": ['TXT "x"']}, "no address"),
    ],
)
async def test_targets(world: World, line: str, records: dict[str, list[str]], word: str) -> None:
    zone(world, line, **records)
    await world.place(SmtpServer(world.authority.issue("alias.example.com")), V4, 25)
    found = await audit(world, "mx")
    assert found.problems == {"mx.target"}
    assert word in found.one("mx.target").summary
    assert found.one("mx.target").fix


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("alias.example.com", "Name a host that has an address, or delete example.com MX 10 alias.example.com."),
        ("mx9.example.com", "Publish an A record for mx9.example.com"),
        ("mx1.example.com.example.com", "with its final dot: example.com MX 10 mx1.example.com."),
        (
            "203.0.113.25.example.com",
            "Name a host and no address: example.com MX 10 mail.example.com, with 203.0.113.25",
        ),
    ],
)
async def test_the_way_out_of_a_target_that_leads_nowhere(world: World, host: str, said: str) -> None:
    zone(world, f"10 {host}.", alias=["CNAME gone.example.com."])
    assert said in (await audit(world, "mx.target")).one("mx.target").fix


@pytest.mark.parametrize(("records", "hidden"), [(["A 10.0.0.5"], True), (["A 127.0.0.1", "AAAA fd00::1"], True),
                                                 (["A 10.0.0.5", "A 203.0.113.25"], False)])  # fmt: skip
async def test_an_address_that_only_the_owners_network_reaches(world: World, records: list[str], hidden: bool) -> None:
    zone(world, "10 inner.example.com.", inner=records)
    async with world.network(dns_timeout=0.5) as network:
        network.own_resolver = False
        found = Findings(await runner.collect(Subject.of("example.com"), network, only={"mx"}))
        assert network.counters.connections > 0 or hidden
    assert found.status("mx.target") == ("fail" if hidden else "pass")
    assert ("no address that the public reaches" in found.one("mx.target").summary) is hidden
    if hidden:
        assert found.status("mx.unreachable") == "skipped"


async def test_no_sender_reaches_localhost(world: World) -> None:
    world.zone("localhost", {"@": ["A 127.0.0.1", "AAAA ::1"]})
    zone(world, "10 localhost.")
    assert (await audit(world, "mx.target")).status("mx.target") == "fail"


async def test_ipv6_alone_is_noted(world: World) -> None:
    zone(world, "10 mx6.example.com.", mx6=["AAAA 2001:db8::25"])
    target = (await audit(world, "mx.target")).one("mx.target")
    assert str(target.status) == "pass" and "senders without IPv6" in target.evidence[-1]


async def test_several_exchangers_and_one_is_down(world: World) -> None:
    zone(world, "10 mx1.example.com.", "20 mx2.example.com.", mx2=["A 203.0.113.26"])
    await world.place(SmtpServer(world.authority.issue("mx1.example.com")), V4, 25)
    found = await audit(world, "mx")
    assert found.problems == set()
    assert "not mx2.example.com" in found.one("mx.unreachable").summary
    assert {f.target: str(f.status) for f in found.of("mx.starttls")} == {
        "mx1.example.com": "pass",
        "mx2.example.com": "skipped",
    }


async def test_none_accepts(world: World) -> None:
    zone(world, "10 mx1.example.com.")
    found = await audit(world, "mx")
    assert found.problems == {"mx.unreachable"}
    assert "refuses the connection" in found.one("mx.unreachable").evidence[0]


@pytest.mark.parametrize("probe_answers", [True, False])
async def test_port_25_blocked_on_our_side(world: World, probe_answers: bool) -> None:
    zone(world, "10 mx1.example.com.")
    world.zone("google.com", {"gmail-smtp-in.l": ["A 203.0.113.99"]})
    probe = SmtpServer()
    if probe_answers:
        await world.place(probe, "203.0.113.99", 25)
    async with world.network(dns_timeout=0.5) as network:
        network.own_resolver = False
        found = Findings(await runner.collect(Subject.of("example.com"), network, only={"mx"}))
    assert found.status("mx.unreachable") == ("fail" if probe_answers else "skipped")
    if not probe_answers:
        assert conversation.KNOWN_GOOD[0] in found.one("mx.unreachable").summary
    assert probe.messages == []


async def test_no_starttls(world: World) -> None:
    found = await with_server(world, SmtpServer())
    assert found.problems == {"mx.starttls"}
    assert str(found.one("mx.starttls").triage) == "later"


@pytest.mark.parametrize(
    ("replies", "status", "word"),
    [
        ({"EHLO": b"250-mx\r\n250-SIZE 1000\r\n250 starttls\r\n", "STARTTLS": b"454 not now\r\n"}, "warn", "454"),
        ({"EHLO": b"250-mx\r\n250 STARTTLS\r\n", "STARTTLS": b"220 go\r\nnonsense\r\n"}, "warn", "handshake"),
        ({"EHLO": b"502 what\r\n"}, "warn", "does not offer"),
        ({"EHLO": b"250 mx\n"}, "warn", "does not offer"),
        ({"EHLO": b"554 no service for you\r\n"}, "error", "554"),
        ({"EHLO": b"504 5.5.2 <x>: Helo command rejected\r\n"}, "error", "504"),
        ({"EHLO": b"501 invalid domain name\r\n"}, "error", "501"),
        ({"EHLO": b"500 what\r\n"}, "warn", "does not offer"),
        ({"EHLO": b"421 later\r\n"}, "error", "421"),
        ({"EHLO": b"hello to you\r\n"}, "error", "SMTP"),
        ({"EHLO": b"250-x\r\n" * 200}, "error", "without end"),
    ],
)
async def test_what_servers_say(world: World, replies: dict[str, bytes], status: str, word: str) -> None:
    server = Scripted(b"220-hello\r\n220 there\r\n", **replies)
    found = await with_server(world, server)
    told = found.one("mx.starttls")
    assert str(told.status) == status and word in told.summary, told
    assert found.status("mx.unreachable") == "pass"


@pytest.mark.parametrize("greeting", [b"554 you are on a list\r\n", b"421 come back\r\n", b"\x16\x03\x01\r\n"])
async def test_greeting_that_refuses_still_accepts_the_connection(world: World, greeting: bytes) -> None:
    server = Scripted(greeting)
    found = await with_server(world, server)
    assert found.problems == set()
    assert found.status("mx.unreachable") == "pass" and found.status("mx.starttls") == "error"
    assert found.one("mx.unreachable").summary.startswith("1 of 1 exchangers accept connections; mx1.example.com: ")
    assert server.heard == ["QUIT"]


@pytest.mark.parametrize("fault", ["name", "date", "root"])
async def test_wrong_certificate_is_a_note(world: World, fault: str) -> None:
    issued = {
        "name": lambda: world.authority.issue("other.example.net"),
        "date": lambda: world.authority.issue("mx1.example.com", not_after=datetime.now(UTC) - timedelta(days=1),
                                              not_before=datetime.now(UTC) - timedelta(days=9)),
        "root": lambda: type(world.authority)("Nobody").issue("mx1.example.com"),
    }[fault]()  # fmt: skip
    found = await with_server(world, SmtpServer(issued))
    assert found.problems == set()
    assert any("note" in line for line in found.one("mx.starttls").evidence)


@pytest.mark.parametrize(
    ("server", "word"),
    [
        (lambda world: SmtpServer(world.authority.issue("other.example.net")), "makes senders verify"),
        (lambda world: SmtpServer(), "does not offer STARTTLS"),
        (lambda world: Scripted(b"220 x\r\n", EHLO=b"250-x\r\n250 STARTTLS\r\n", STARTTLS=b"454 no\r\n"), "454"),
    ],
)
async def test_no_good_tls_under_mta_sts_shuts_the_door(world: World, server: Any, word: str) -> None:
    zone(
        world,
        "10 mx1.example.com.",
        **{"_mta-sts": ['TXT "v=STSv1; id=1"'], "mta-sts": ["A 203.0.113.80"]},
    )
    policy = b"version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 86400\n"
    answer = Reply(200, (("content-type", "text/plain"),), policy)
    await world.web(
        "203.0.113.80", pages({"/.well-known/mta-sts.txt": answer}), world.authority.issue("mta-sts.example.com")
    )
    await world.place(server(world), V4, 25)
    found = await audit(world, "mx")
    assert found.problems == {"mx.starttls"}
    weak = found.one("mx.starttls")
    assert word in weak.summary and str(weak.triage) == "now" and "do not deliver" in weak.cost
    assert "mode: testing" in weak.fix


async def test_no_answer_is_an_error(world: World) -> None:
    zone(world, "10 mx1.example.com.")
    world.resolver.says("SERVFAIL", "mx1.example.com")
    hosts = await audit(world, "mx")
    assert hosts.problems == set() and hosts.errors == {"mx.target", "mx.unreachable", "mx.starttls"}
    world.resolver.says("SERVFAIL", "example.com")
    whole = await audit(world, "mx")
    assert whole.problems == set() and len(whole.errors) == 4


async def test_exchanger_of_an_address_family_that_we_lack(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    zone(world, "10 mx6.example.com.", mx6=["AAAA 2001:db8::25"])
    world.map.prefer("[2001:db8::25]:25::")
    monkeypatch.setattr("checks.network.seam.has_way", lambda place: ":" not in place)
    found = await audit(world, "mx")
    assert found.problems == set() and found.status("mx.unreachable") == "error"


async def test_offline(world: World) -> None:
    zone(world, "10 mx1.example.com.")
    found = await audit(world, "mx", network={"offline": True})
    assert {str(finding.status) for finding in found} == {"skipped"}

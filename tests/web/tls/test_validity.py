"""tls.unreachable, tls.cert-expired, tls.cert-expiring and tls.cert-name against real handshakes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from checks.network import routes
from checks.subject import Subject
from launchready_tui.lab.certificates import Authority, self_signed
from launchready_tui.lab.world import World
from tests.web.tls.conftest import ADDRESS, Audit, Serve

NAMES = ("example.com", "www.example.com")
EVERY = {
    "tls.unreachable", "tls.cert-expired", "tls.cert-expiring", "tls.cert-name", "tls.cert-untrusted",
    "tls.chain-incomplete", "tls.key-weak", "tls.version-old", "tls.version-modern",
}  # fmt: skip


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def ahead(**span: float) -> datetime:
    return datetime.now(UTC) + timedelta(**span)


async def test_a_healthy_site_passes_every_check_with_few_connections(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": ["CNAME example.com."]})
    server = await serve(authority.issue(*NAMES))
    results = await audit()
    assert not results.problems and not results.untold
    assert {results.status(check, host) for check in EVERY for host in NAMES} == {"pass"}
    assert server.connections <= 4 * len(NAMES)
    assert ADDRESS in results.of("tls.unreachable").evidence[0]


async def test_ipv6_only(world: World, serve: Serve, audit: Audit, authority: Authority) -> None:
    world.zone("example.com", {"@": ["AAAA 2001:4:112::7"]})
    await serve(authority.issue("example.com"), "2001:4:112::7")
    results = await audit()
    assert not results.problems and not results.untold


async def test_the_first_address_that_answers_is_judged_and_named(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    world.zone("example.com", {"@": ["A 198.18.7.66", f"A {ADDRESS}"]})
    await serve(authority.issue("example.com"))
    results = await audit()
    assert not results.problems and not results.untold
    assert f"example.com answered at {ADDRESS}" in results.of("tls.cert-name").evidence


async def test_each_name_gets_its_own_certificate(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    await serve({name: authority.issue(name) for name in NAMES} | {"": authority.issue("default.invalid")})
    assert not (await audit()).problems


async def test_a_mail_name_is_no_web_name(world: World, serve: Serve, audit: Audit, authority: Authority) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "smtp": ["A 198.18.7.66"]})
    await serve(authority.issue("example.com"))
    results = await audit("tls.unreachable", subject=Subject.of("example.com", subdomains=["smtp"]))
    assert not results.problems


# -------------------------------------------------------------------- tls.unreachable


async def test_a_refused_port_is_unreachable_and_the_rest_is_skipped(world: World, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    results = await audit()
    assert results.problems == {("tls.unreachable", "example.com", "fail")}
    assert results.untold == {(check, "skipped") for check in EVERY - {"tls.unreachable"}}
    assert "tls.unreachable" in results.of("tls.cert-name").summary


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "listen 443 ssl"),
        (b"\x15\x03\x03\x00\x02\x02\x70", "knows no site of this name"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "no common cipher"),
        (b"\x15\x03\x03\x00\x02\x02\x50", "no certificate for this name yet"),
        (b"\x15\x03\x03\x00\x02\x02\x2a", "ssl_verify_client off"),
        (b"\x15\x03\x03\x00\x02\x02\x74", "ssl_verify_client off"),
        (b"", "openssl s_client"),
    ],
)
async def test_an_answer_that_is_no_handshake_is_unreachable(
    world: World, audit: Audit, answer: bytes, word: str
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    world.route(ADDRESS, 443, server.sockets[0].getsockname()[1])
    async with server:
        results = await audit("tls.unreachable")
    assert results.status("tls.unreachable") == "fail"
    assert word in results.of("tls.unreachable").fix


async def test_a_server_that_never_answers_the_hello_is_unreachable(world: World, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    released = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    world.route(ADDRESS, 443, server.sockets[0].getsockname()[1])
    async with server, world.network(step_seconds=0.3) as network:
        results = await audit("tls.unreachable", "tls.version-old", through=network)
        released.set()
    assert results.status("tls.unreachable") == "fail"
    assert results.status("tls.version-old") == "skipped"


async def test_no_route_from_this_machine_proves_nothing(
    world: World, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.zone("example.com", {"@": ["AAAA 2001:4:112::7"]})
    monkeypatch.setattr(routes, "has_route", lambda family: False)
    async with world.network(connect_to=[]) as network:
        results = await audit("tls", through=network)
    assert results.untold == {(check, "error") for check in EVERY}


async def test_without_an_address_there_is_nothing_to_look_at(world: World, audit: Audit) -> None:
    world.zone("example.com", {"@": ["MX 10 mx.example.com."]})
    assert (await audit()).untold == {(check, "skipped") for check in EVERY}


# -------------------------------------------------------------------- tls.cert-expired, tls.cert-expiring


async def test_an_expired_leaf(serve: Serve, audit: Audit, authority: Authority) -> None:
    await serve(authority.issue("example.com", not_before=ago(days=90), not_after=ago(days=3, hours=1)))
    results = await audit()
    assert results.problems == {("tls.cert-expired", "example.com", "fail")}
    assert results.untold == {("tls.cert-expiring", "skipped")}
    assert "ended 3 days ago" in results.of("tls.cert-expired").summary


async def test_a_leaf_that_is_not_yet_valid(serve: Serve, audit: Audit, authority: Authority) -> None:
    await serve(authority.issue("example.com", not_before=ahead(days=2), not_after=ahead(days=92)))
    results = await audit()
    assert results.problems == {("tls.cert-expired", "example.com", "fail")}
    assert "not valid before" in results.of("tls.cert-expired").summary


async def test_an_expired_certificate_of_a_wrong_name_reports_both(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    await serve(authority.issue("other.example", not_before=ago(days=90), not_after=ago(minutes=1)))
    assert (await audit()).problems == {
        ("tls.cert-expired", "example.com", "fail"),
        ("tls.cert-name", "example.com", "fail"),
    }


async def test_an_expired_self_signed_certificate_reports_both(serve: Serve, audit: Audit) -> None:
    await serve(self_signed("example.com", days=-0.5))
    assert (await audit()).problems == {
        ("tls.cert-expired", "example.com", "fail"),
        ("tls.cert-untrusted", "example.com", "fail"),
    }


async def test_an_expired_intermediate_that_is_needed(serve: Serve, audit: Audit, authority: Authority) -> None:
    old = Authority("Old Issuer", parent=authority, not_before=ago(days=800), not_after=ago(days=2))
    await serve(old.issue("example.com"))
    results = await audit()
    assert results.problems == {("tls.cert-expired", "example.com", "fail")}
    assert "Old Issuer" in results.of("tls.cert-expired").summary


async def test_an_expired_intermediate_that_is_not_needed_is_no_alarm(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    current = Authority("Issuer", parent=authority)
    old = Authority("Issuer", parent=authority, not_before=ago(days=800), not_after=ago(days=2), key="ec")
    issued = current.issue("example.com")
    await serve(issued.sending(old.certificate, current.certificate))
    assert not (await audit()).problems


@pytest.mark.parametrize(
    ("begun", "left", "status"),
    [
        (76, 13.9, "warn"),
        (75, 14.1, "pass"),
        (80, 0.01, "warn"),
        (33, 13, "pass"),
        (40, 6.9, "warn"),
        (39, 7.1, "pass"),
        (34.1, 13, "warn"),
    ],
)
async def test_the_notice_before_the_end_depends_on_the_whole_life(
    serve: Serve, audit: Audit, authority: Authority, begun: float, left: float, status: str
) -> None:
    await serve(authority.issue("example.com", not_before=ago(days=begun), not_after=ahead(days=left)))
    results = await audit("tls.cert-expiring", "tls.cert-expired")
    assert results.status("tls.cert-expiring") == status
    assert results.status("tls.cert-expired") == "pass"


# -------------------------------------------------------------------- tls.cert-name


async def test_a_certificate_of_another_name(serve: Serve, audit: Audit, authority: Authority) -> None:
    await serve(authority.issue("other.example", "*.example.com"))
    results = await audit()
    assert results.problems == {("tls.cert-name", "example.com", "fail")}
    finding = results.of("tls.cert-name")
    assert "its subjectAltName: other.example, *.example.com" in finding.evidence
    # Neither a name of others nor a wildcard, which needs another proof, is asked for along with it.
    assert '"certbot certonly -d example.com"' in finding.fix

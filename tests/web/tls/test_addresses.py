"""Hosts with several addresses: part of the visitors meets the worst of their certificates."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from checks.network import routes
from checks.subject import Subject
from launchready_tui.lab.certificates import Authority, Issued, self_signed
from launchready_tui.lab.web_server import page
from launchready_tui.lab.world import World
from tests.web.tls.conftest import ADDRESS, Audit, Serve

SIX = "2001:4:112::7"
SECOND = "45.33.20.2"
EDGE = ("104.16.9.1", "104.16.9.2", "2606:4700::9:1", "172.66.40.1")


def ended(authority: Authority, *names: str) -> Issued:
    now = datetime.now(UTC)
    return authority.issue(*names, not_before=now - timedelta(days=90), not_after=now - timedelta(days=3, hours=1))


def publish(world: World, *addresses: str) -> None:
    records = [f"{'AAAA' if ':' in address else 'A'} {address}" for address in addresses]
    world.zone("example.com", {"@": records})


@pytest.mark.parametrize("bad", [SIX, SECOND, ADDRESS])
async def test_an_expired_certificate_at_one_address(
    world: World, serve: Serve, audit: Audit, authority: Authority, bad: str
) -> None:
    publish(world, ADDRESS, SECOND, SIX)
    for address in (ADDRESS, SECOND, SIX):
        await serve(ended(authority, "example.com") if address == bad else authority.issue("example.com"), address)
    results = await audit()
    assert results.problems == {("tls.cert-expired", "example.com", "fail")}
    finding = results.of("tls.cert-expired")
    assert finding.summary.startswith(f"the certificate of example.com at {bad} ended 3 days ago")
    assert finding.fix.startswith(f"On the server at {bad}: Renew")
    assert f"{'AAAA' if bad == SIX else 'A'} {bad}" in finding.fix
    # The others are told as they are, so that the owner sees where he need not look.
    assert all(f"example.com answered at {address}" in finding.evidence for address in (ADDRESS, SECOND, SIX))


@pytest.mark.parametrize(
    ("check", "kind"),
    [("tls.cert-name", "name"), ("tls.cert-untrusted", "untrusted"), ("tls.chain-incomplete", "chain")],
)
async def test_every_fault_of_the_second_address_is_told(
    world: World, serve: Serve, audit: Audit, authority: Authority, check: str, kind: str
) -> None:
    publish(world, ADDRESS, SECOND)
    issuer = Authority("Issuer of Its Own", parent=authority)
    faulty = {
        "name": authority.issue("old.example"),
        "untrusted": self_signed("example.com", days=60),
        "chain": issuer.issue("example.com").sending(),
    }
    await serve(authority.issue("example.com"))
    await serve(faulty[kind], SECOND)
    results = await audit()
    assert {name for name, _, _ in results.problems} <= {check, "tls.cert-untrusted"}
    assert SECOND in results.of(check if kind != "chain" else "tls.cert-untrusted").summary


@pytest.mark.parametrize("complete", [ADDRESS, SECOND])
async def test_an_intermediate_that_another_address_sends_is_missing_at_this_one(
    world: World, serve: Serve, audit: Audit, authority: Authority, complete: str
) -> None:
    publish(world, ADDRESS, SECOND)
    issuer = Authority("Issuer of Its Own", parent=authority)
    for address in (ADDRESS, SECOND):
        issued = issuer.issue("example.com")
        await serve(issued if address == complete else issued.sending(), address)
    results = await audit()
    assert results.problems == {("tls.chain-incomplete", "example.com", "fail")}
    assert (SECOND if complete == ADDRESS else ADDRESS) in results.of("tls.chain-incomplete").summary


async def test_one_fault_everywhere_is_mended_once(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    publish(world, ADDRESS, SECOND)
    for address in (ADDRESS, SECOND):
        await serve(ended(authority, "example.com"), address)
    finding = (await audit()).of("tls.cert-expired")
    assert finding.status == "fail" and finding.fix.startswith("Renew the certificate")


async def test_two_good_certificates_are_no_matter(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    publish(world, ADDRESS, SECOND, SIX)
    for address in (ADDRESS, SECOND, SIX):
        await serve(authority.issue("example.com"), address)
    results = await audit()
    assert not results.problems and not results.untold


async def test_one_certificate_at_all_addresses_is_judged_once(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    publish(world, ADDRESS, SECOND)
    issued = authority.issue("example.com")
    for address in (ADDRESS, SECOND):
        await serve(issued, address)
    finding = (await audit()).of("tls.cert-name")
    assert sum("sends the same certificates" in line for line in finding.evidence) == 1
    assert len([line for line in finding.evidence if line.startswith("certificate 1:")]) == 1


async def test_an_address_that_refuses_is_told_with_what_the_others_say(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    publish(world, ADDRESS, SECOND)
    await serve(authority.issue("example.com"))
    results = await audit()
    assert not results.problems and not results.untold
    reachable = results.of("tls.unreachable")
    assert reachable.summary.endswith(f"at {ADDRESS}, but not at every address")
    assert f"{SECOND}: example.com ({SECOND}) refuses the connection on port 443" in reachable.evidence


async def test_tls_that_fails_at_the_address_that_answers_first_is_looked_for_at_the_others(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    publish(world, ADDRESS, SIX)

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    world.route(SIX, 443, server.sockets[0].getsockname()[1])
    await serve(ended(authority, "example.com"))
    async with server:
        results = await audit("tls.unreachable", "tls.cert-expired")
    assert results.problems == {("tls.cert-expired", "example.com", "fail")}
    assert any(line.startswith(f"{SIX}: the TLS handshake") for line in results.of("tls.unreachable").evidence)


async def test_a_family_that_this_machine_lacks_proves_nothing(
    world: World, serve: Serve, audit: Audit, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(world, ADDRESS, SIX)
    await serve(authority.issue("example.com"))
    await serve(ended(authority, "example.com"), SIX)
    monkeypatch.setattr(routes, "has_route", lambda address: ":" not in address)
    # Without the world's last rule, which would lead the other address to a closed port of this machine.
    async with world.network(connect_to=[rule for rule in world.rules if SIX not in rule]) as network:
        results = await audit(through=network)
    assert not results.problems and not results.untold
    assert f"{SIX} was not tried: this machine has no IPv6" in results.of("tls.cert-expired").evidence


async def test_an_edge_is_asked_once_and_no_host_too_often(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    publish(world, *EDGE)
    issued = authority.issue("example.com")
    edge = [await serve(issued, address) for address in EDGE]
    results = await audit()
    assert not results.problems and not results.untold
    assert sum(server.connections for server in edge) <= 4


async def test_of_many_addresses_some_are_asked(world: World, serve: Serve, audit: Audit, authority: Authority) -> None:
    many = [ADDRESS, SIX, *(f"45.33.20.{n}" for n in range(10, 20))]
    publish(world, *many)
    servers = [await serve(authority.issue("example.com"), address) for address in many]
    results = await audit()
    assert not results.problems and not results.untold
    assert sum(server.connections for server in servers) <= 8
    assert any("enough others" in line for line in results.of("tls.unreachable").evidence)


async def test_addresses_that_lead_to_one_place_are_one(world: World, audit: Audit, authority: Authority) -> None:
    publish(world, ADDRESS, SECOND, SIX)
    server = await world.web("198.18.7.99", lambda request: page("<title>Shop</title>"), authority.issue("example.com"))
    rule = f"example.com:443:127.0.0.1:{server.port}"
    async with world.network(connect_to=[rule, "::127.0.0.1:1"]) as network:
        results = await audit(through=network)
    assert not results.problems and not results.untold
    assert server.connections <= 4


async def test_a_declared_name_is_looked_at_as_closely(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "shop": [f"A {ADDRESS}", f"AAAA {SIX}"]})
    await serve(authority.issue("example.com", "shop.example.com"))
    await serve(ended(authority, "shop.example.com"), SIX)
    results = await audit(subject=Subject.of("example.com", subdomains=["shop"]))
    assert results.problems == {("tls.cert-expired", "shop.example.com", "fail")}

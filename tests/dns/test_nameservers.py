"""The name servers: lame ones, mismatch with the parent, a lone one, and contradictions."""

from __future__ import annotations

import itertools

import dns.flags
import pytest
from dns.message import Message, from_wire
from dns.rdata import from_text
from dns.rrset import from_rdata

from checks.dns import nameservers
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.dns_server import Zone
from tests.dns.conftest import APEX, HEALTHY, NS1, NS2, PARENT, Dns

FIRST, SECOND = "ns1.dns-host.net", "ns2.dns-host.net"


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nameservers, "RETRY_SECONDS", 0.0)


def without_authority(query: Message, reply: Message) -> Message:
    reply.flags &= ~dns.flags.AA
    return reply


async def test_healthy(dns: Dns) -> None:
    await dns.start()
    lame = await dns.check("dns.ns-lame")
    assert {target: finding.status for target, finding in lame.items()} == {FIRST: "pass", SECOND: "pass"}
    for check_id in ("dns.ns-mismatch", "dns.ns-single", "dns.answers-differ"):
        finding = (await dns.check(check_id))["example.com"]
        assert finding.status == "pass", finding


@pytest.mark.parametrize("rcode", ["REFUSED", "SERVFAIL", "NXDOMAIN", "NOTAUTH"])
async def test_lame_by_code(dns: Dns, rcode: str) -> None:
    await dns.start()
    dns.second.says(rcode)
    found = await dns.check("dns.ns-lame")
    assert found[FIRST].status == "pass"
    assert found[SECOND].status == "fail"
    assert rcode in found[SECOND].evidence[0]
    # What a lame server says makes no difference between the others.
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "skipped"


async def test_lame_without_aa(dns: Dns) -> None:
    await dns.start()
    dns.second.twist(".", "*", without_authority)
    found = await dns.check("dns.ns-lame")
    assert found[SECOND].status == "fail"
    assert "no AA" in found[SECOND].evidence[0]


async def test_lame_by_knowing_the_zone_above_alone(dns: Dns) -> None:
    """Such a server answers with authority that there is nothing: for another zone than the one it is named for."""
    await dns.start()
    dns.second.zones = [Zone("com", {"@": ["NS ns2.dns-host.net."], "www.example": [f"A {APEX}"]})]
    found = (await dns.check("dns.ns-lame"))[SECOND]
    assert found.status == "fail"
    assert "as a part of com only" in found.evidence[0]
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "skipped"


async def test_lame_by_silence_asks_little(dns: Dns) -> None:
    await dns.start()
    dns.second.silent()
    found = await dns.check("dns.ns-lame")
    assert (found[FIRST].status, found[SECOND].status) == ("pass", "fail")
    assert len(dns.second.queries) == 3
    assert found[SECOND].fix.startswith(f"Start {SECOND} ({NS2})")


def drop_edns(query: Message, reply: Message) -> Message | None:
    return reply if query.edns < 0 else None


async def test_a_server_that_drops_edns_is_known_after_its_first_silence(dns: Dns) -> None:
    await dns.start()
    dns.second.twist(".", "*", drop_edns)
    found = await dns.check("dns.ns-lame")
    assert (found[FIRST].status, found[SECOND].status) == ("pass", "pass")
    assert "without EDNS" in found[SECOND].evidence[0]
    # With EDNS, without and once more with it; the other three questions are asked without at once.
    assert len(dns.second.queries) == 3 + 3
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "pass"


async def test_a_lost_packet_is_no_lack_of_edns(dns: Dns) -> None:
    await dns.start()
    lost = list[object]()

    def lose_one(query: Message, reply: Message) -> Message | None:
        lost.append(query)
        return None if len(lost) == 1 else reply

    dns.second.twist("example.com", "SOA", lose_one)
    found = (await dns.check("dns.ns-lame"))[SECOND]
    assert len(lost) == 3
    assert found.status == "pass"
    assert "EDNS" not in found.evidence[0]


async def test_lame_by_a_truncated_answer_and_a_closed_tcp_port(dns: Dns) -> None:
    await dns.start()
    dns.second.twist(".", "*", truncated)
    await dns.second.close_tcp()
    found = (await dns.check("dns.ns-lame"))[SECOND]
    assert found.status == "fail"
    assert "cut its UDP answer short and TCP failed" in found.evidence[0]
    assert f"Let {SECOND} ({NS2}) answer on TCP port 53" in found.fix


def truncated(query: Message, reply: Message) -> Message:
    reply.answer.clear()
    reply.flags |= dns.flags.TC
    return reply


async def test_lame_by_a_closed_port(dns: Dns) -> None:
    await dns.start()
    dns.world.route(NS2, 53, 1)
    assert (await dns.check("dns.ns-lame"))[SECOND].status == "fail"


async def test_a_server_whose_name_does_not_resolve(dns: Dns) -> None:
    await dns.start(delegated=(FIRST, "ns9.dns-host.net"))
    found = await dns.check("dns.ns-lame")
    assert found["ns9.dns-host.net"].status == "fail"
    assert "has no address" in found["ns9.dns-host.net"].evidence[0]
    assert found["ns9.dns-host.net"].fix.startswith("Publish the address of ns9.dns-host.net")


async def test_a_server_whose_name_is_an_alias_is_told(dns: Dns) -> None:
    await dns.start(delegated=["ns1.dns-host.net", "alias.dns-host.net"])
    dns.world.zone("dns-host.net", {"ns1": [f"A {NS1}"], "ns2": [f"A {NS2}"], "alias": ["CNAME ns2.dns-host.net."]})
    finding = (await dns.check("dns.ns-lame"))["alias.dns-host.net"]
    assert finding.status == "info"
    assert "name ns2.dns-host.net as the name server" in finding.fix


async def test_an_address_in_the_place_of_a_servers_name(dns: Dns) -> None:
    await dns.start(delegated=["ns1.dns-host.net", NS2])
    finding = (await dns.check("dns.ns-lame"))[NS2]
    assert finding.status == "fail"
    assert "put the server's name in the place of its address" in finding.fix


async def test_servers_that_keep_silent_on_aaaa_are_there(dns: Dns) -> None:
    """Old load balancers do: the site is up for everyone who asks for A as well."""
    await dns.start()
    dns.second.zones = [Zone("example.com", {**HEALTHY, "@": [*HEALTHY["@"][:2], "A 198.41.0.4"]})]
    for server in (dns.first, dns.second, dns.world.resolver):
        server.silent("example.com", "AAAA")
    async with dns.world.network(dns_timeout=0.3) as network:
        found = {f.check: f for f in await collect(Subject.of("example.com"), network, only=["dns"])}
    for check_id in ("dns.name-missing", "dns.apex-address-missing", "dns.www-missing", "dns.ns-lame"):
        assert found[check_id].status == "pass", found[check_id]
    assert found["dns.answers-differ"].status == "warn"
    assert any("AAAA: " in line and "no answer" in line for line in found["dns.apex-address-missing"].evidence)


async def test_glue_is_used_where_the_zone_itself_cannot_be_resolved(dns: Dns) -> None:
    records = {**HEALTHY, "@": ["NS ns1.example.com.", "NS ns2.example.com.", f"A {APEX}"]}
    await dns.start(
        {**records, "ns1": [f"A {NS1}"], "ns2": [f"A {NS2}"]}, delegated=("ns1.example.com", "ns2.example.com")
    )
    dns.com.add("ns1.example", f"A {NS1}")
    dns.com.add("ns2.example", f"A {NS2}")
    for name in ("ns1.example.com", "ns2.example.com"):
        dns.world.resolver.says("SERVFAIL", name, "*")
    dns.second.says("REFUSED")
    found = await dns.check("dns.ns-lame")
    assert found["ns1.example.com"].status == "pass"
    assert found["ns2.example.com"].status == "fail"


async def test_a_server_that_only_glue_leads_to_needs_its_address_published(dns: Dns) -> None:
    await dns.start({**HEALTHY, "@": ["NS ns1.example.com.", f"NS {SECOND}."]}, delegated=("ns1.example.com", SECOND))
    dns.com.add("ns1.example", f"A {NS1}")
    finding = (await dns.check("dns.ns-lame"))["ns1.example.com"]
    assert finding.status == "fail"
    assert f"publish ns1.example.com A {NS1}" in finding.fix


async def test_glue_of_an_old_address_is_mended_at_the_registrar(dns: Dns) -> None:
    records = {**HEALTHY, "@": ["NS ns1.example.com.", f"NS {SECOND}.", f"A {APEX}"], "ns1": [f"A {NS1}"]}
    await dns.start(records, delegated=("ns1.example.com", SECOND))
    dns.com.add("ns1.example", "A 185.66.66.66")
    finding = (await dns.check("dns.ns-lame"))["ns1.example.com"]
    assert finding.status == "fail"
    assert "185.66.66.66" in finding.evidence[0]
    assert f"{NS1} in the place of 185.66.66.66" in finding.fix


async def test_ipv6_only_server_is_not_lame_from_an_ipv4_machine(dns: Dns, monkeypatch: pytest.MonkeyPatch) -> None:
    await dns.start()
    dns.world.zones["dns-host.net"].set("ns2", "A")
    dns.world.zones["dns-host.net"].set("ns2", "AAAA", "2a00:1::53")
    async with dns.world.network(dns_timeout=0.3) as network:
        reach = network.can_reach
        monkeypatch.setattr(network, "can_reach", lambda a, port=443: ":" not in a and reach(a, port))
        found = await dns.check("dns.ns-lame", network=network)
    assert found[FIRST].status == "pass"
    assert found[SECOND].status == "error"


async def test_a_silent_family_is_this_machines_lack(dns: Dns) -> None:
    await dns.start()
    for name, address in (("ns1", "2a00:1::53"), ("ns2", "2a00:2::53")):
        dns.world.zones["dns-host.net"].add(name, f"AAAA {address}")
        (await dns.world.nameserver(address, [])).silent()
    found = await dns.check("dns.ns-lame")
    assert {finding.status for finding in found.values()} == {"pass"}


async def test_filtered_port_53_is_not_the_servers_fault(dns: Dns) -> None:
    await dns.start()
    for server in (dns.parent, dns.first, dns.second):
        server.silent()
    found = await dns.check("dns.ns-lame")
    assert {finding.status for finding in found.values()} == {"error"}


async def test_a_network_that_lets_its_resolver_answer_for_every_server_is_not_their_fault(dns: Dns) -> None:
    await dns.start()
    resolver = dns.world.resolver

    def redirected(query: Message, reply: Message) -> bytes | None:
        return resolver.respond(query.to_wire(), limit=1232)

    for server in (dns.parent, dns.first, dns.second):
        server.twist(".", "*", redirected)
    for check in ("dns.ns-lame", "dns.ns-mismatch"):
        found = await dns.check(check)
        assert {finding.status for finding in found.values()} == {"error"}


async def test_mismatch(dns: Dns) -> None:
    await dns.start(delegated=(FIRST, SECOND, "ns3.dns-host.net"))
    finding = (await dns.check("dns.ns-mismatch"))["example.com"]
    assert finding.status == "warn"
    assert "only the parent names ns3.dns-host.net" in finding.summary
    assert f"set {FIRST}, {SECOND}" in finding.fix


async def test_mismatch_the_other_way_and_case_does_not_count(dns: Dns) -> None:
    await dns.start(
        {**HEALTHY, "@": [*HEALTHY["@"], "NS ns3.dns-host.net."]}, delegated=("NS1.DNS-HOST.NET", "ns2.dns-host.net")
    )
    finding = (await dns.check("dns.ns-mismatch"))["example.com"]
    assert finding.status == "warn"
    assert "only the zone names ns3.dns-host.net" in finding.summary


async def test_mismatch_cannot_be_told_without_the_parent(dns: Dns) -> None:
    await dns.start()
    dns.parent.says("REFUSED")
    assert (await dns.check("dns.ns-mismatch"))["example.com"].status == "error"
    # The other checks go by the resolver's word.
    assert (await dns.check("dns.ns-lame"))[FIRST].status == "pass"


async def test_parent_on_the_same_server(dns: Dns) -> None:
    await dns.start()
    dns.parent.zones.append(dns.zone)
    assert (await dns.check("dns.ns-mismatch"))["example.com"].status == "pass"


async def test_single_by_name(dns: Dns) -> None:
    await dns.start({**HEALTHY, "@": [f"NS {FIRST}.", f"A {APEX}"]}, delegated=(FIRST,))
    assert (await dns.check("dns.ns-single"))["example.com"].status == "warn"


async def test_single_by_address(dns: Dns) -> None:
    await dns.start()
    dns.world.zones["dns-host.net"].set("ns2", "A", NS1)
    finding = (await dns.check("dns.ns-single"))["example.com"]
    assert finding.status == "warn"
    assert "one address" in finding.summary


async def test_two_names_in_two_families_are_two_places(dns: Dns) -> None:
    await dns.start()
    dns.world.zones["dns-host.net"].set("ns2", "A")
    dns.world.zones["dns-host.net"].add("ns2", "AAAA 2a00:1::53")
    assert (await dns.check("dns.ns-single"))["example.com"].status == "pass"


@pytest.mark.parametrize(
    ("records", "word"),
    [
        ({"@": [*HEALTHY["@"], "SOA ns1 hostmaster 2 3600 600 86400 300"]}, "the SOA serial"),
        ({"@": [*HEALTHY["@"][:2], "A 198.41.0.4"]}, "the addresses of the domain"),
        ({"@": [*HEALTHY["@"], "AAAA 2620:0:1::1"]}, "the addresses of the domain"),
    ],
)
async def test_answers_differ(dns: Dns, records: dict[str, list[str]], word: str) -> None:
    await dns.start()
    dns.second.zones[:] = [Zone("example.com", records)]
    finding = (await dns.check("dns.answers-differ"))["example.com"]
    assert finding.status == "warn"
    assert word in finding.summary
    assert any(NS2 in line for line in finding.evidence)


async def test_of_two_hosts_that_each_run_the_zone_both_are_named(dns: Dns) -> None:
    await dns.start()
    dns.second.zones = [
        Zone("example.com", {**HEALTHY, "@": [*HEALTHY["@"], "SOA p.other.net. h 9 3600 600 86400 300"]})
    ]
    finding = (await dns.check("dns.answers-differ"))["example.com"]
    assert finding.status == "warn"
    assert any("serial 9 of p.other.net" in line for line in finding.evidence)


async def test_a_difference_that_passes_is_none(dns: Dns) -> None:
    await dns.start()
    late = Zone("example.com", {"@": [*HEALTHY["@"], "SOA ns1 hostmaster 2 3600 600 86400 300"]})
    dns.second.zones[:] = [late]
    asked = 0

    def catches_up(query: Message, reply: Message) -> Message:
        nonlocal asked
        asked += 1
        return reply if asked == 1 else from_wire(dns_first.respond(query.to_wire(), limit=1232) or b"")

    dns_first = dns.first
    dns.second.twist("example.com", "SOA", catches_up)
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "pass"


async def test_a_server_that_is_silent_the_second_time_agrees_with_nobody(dns: Dns) -> None:
    await dns.start()
    dns.second.zones = [Zone("example.com", HEALTHY, serial=2)]
    first = iter([True])
    dns.second.twist("example.com", "SOA", lambda query, reply: reply if next(first, False) else None)
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "error"


async def test_servers_that_spread_load_contradict_nobody(dns: Dns) -> None:
    await dns.start()
    turn = itertools.count(1)

    def spread(query: Message, reply: Message) -> Message:
        if reply.answer:
            rdata = from_text("IN", "A", f"45.76.120.{next(turn)}")
            reply.answer[0] = from_rdata(reply.answer[0].name, 30, rdata)
        return reply

    for server in (dns.first, dns.second):
        server.twist("example.com", "A", spread)
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "info"


async def test_rotating_addresses_of_one_edge_are_no_difference(dns: Dns) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], "A 104.16.1.1"]})
    dns.second.zones[:] = [Zone("example.com", {"@": [*HEALTHY["@"][:2], "A 172.67.1.1"]})]
    assert (await dns.check("dns.answers-differ"))["example.com"].status == "pass"


async def test_a_flattened_apex_raises_nothing(dns: Dns) -> None:
    """The host answers for the apex with what its own target gives, which differs from server to server."""
    await dns.start({**HEALTHY, "@": [*HEALTHY["@"][:2], "60 A 104.16.1.1", "MX 10 mail"], "www": ["CNAME shop.net."]})
    dns.world.zone("shop.net", {"@": ["A 104.16.9.9"]})
    other = Zone(
        "example.com",
        {**HEALTHY, "@": [*HEALTHY["@"][:2], "30 A 104.16.2.2", "MX 10 mail"], "www": ["CNAME shop.net."]},
    )
    dns.second.zones = [other]
    async with dns.world.network(dns_timeout=0.3) as network:
        findings = await collect(Subject.of("example.com", subdomains=["mail"]), network, only=["dns"])
    assert [(f.check, f.target, f.summary) for f in findings if f.is_problem] == []


async def test_a_domain_inside_a_zone_is_judged_by_its_zone(dns: Dns) -> None:
    await dns.start({**HEALTHY, "app": [f"A {APEX}"]})
    from checks.runner import collect
    from checks.subject import Subject

    async with dns.world.network() as network:
        findings = await collect(Subject.of("app.example.com"), network, only=["dns.ns-mismatch", "dns.ns-lame"])
    assert {finding.target: finding.status for finding in findings} == {
        "example.com": "pass",
        FIRST: "pass",
        SECOND: "pass",
    }


async def test_every_server_is_asked_each_question_once(dns: Dns) -> None:
    await dns.start()
    async with dns.world.network() as network:
        for check_id in ("dns.ns-lame", "dns.ns-mismatch", "dns.ns-single", "dns.answers-differ"):
            await dns.check(check_id, network=network)
        assert network.counters.dns_queries == network.counters.dns_questions
    assert PARENT

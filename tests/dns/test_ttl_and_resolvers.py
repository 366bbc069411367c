"""Times to live, and whether public resolvers agree."""

from __future__ import annotations

import pytest

from checks.finding import Finding
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.dns_server import DnsServer, Zone
from tests.dns.conftest import APEX, HEALTHY, Dns

RESOLVERS = ("1.1.1.1", "8.8.8.8", "9.9.9.9")


async def test_healthy_ttls(dns: Dns) -> None:
    await dns.start({**HEALTHY, "@": [*HEALTHY["@"][:2], f"86400 A {APEX}", "MX 10 mail"]})
    assert (await dns.check("dns.ttl-high"))["example.com"].status == "pass"


@pytest.mark.parametrize(
    ("records", "target"),
    [
        ({"@": [*HEALTHY["@"][:2], f"86401 A {APEX}"]}, "example.com"),
        ({"@": [*HEALTHY["@"][:2], f"A {APEX}", "172800 AAAA 2606:2800:21f::1"]}, "example.com"),
        ({"@": [*HEALTHY["@"][:3], "172800 MX 10 mail"]}, "example.com"),
        ({"@": HEALTHY["@"], "www": ["172800 CNAME example.com."]}, "www.example.com"),
        ({"@": HEALTHY["@"], "www": [f"172800 A {APEX}"]}, "www.example.com"),
    ],
)
async def test_high_ttls(dns: Dns, records: dict[str, list[str]], target: str) -> None:
    await dns.start(records)
    # A resolver's cache shows less and less of it.
    dns.world.resolver.zones[:] = [zone for zone in dns.world.resolver.zones if zone is not dns.zone]
    dns.world.resolver.zones.append(Zone("example.com", HEALTHY))
    found = await dns.check("dns.ttl-high")
    assert found[target].status == "warn"
    assert found[target].triage == "note"


async def test_a_high_ttl_beyond_the_zone(dns: Dns) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME lb.host.net."]})
    dns.world.zone("host.net", {"lb": ["172800 CNAME lb2.host.net."], "lb2": [f"A {APEX}"]})
    finding = (await dns.check("dns.ttl-high"))["lb.host.net"]
    assert finding.status == "warn"
    assert "owner" in finding.fix


async def test_ttls_of_nothing(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.zones.remove(dns.zone)
    dns.com.set("example", "NS")
    assert (await dns.check("dns.ttl-high"))["example.com"].status == "skipped"
    dns.world.resolver.says("SERVFAIL")
    assert (await dns.check("dns.ttl-high"))["example.com"].status == "error"


# -------------------------------------------------------------------- public resolvers


async def public(dns: Dns, *zones: Zone, silent: int = 0) -> dict[str, Finding]:
    """Start the domain and three resolvers, the last of which know the zones given; the first are silent."""
    await dns.start()
    known = [*([dns.zone] * (3 - len(zones))), *zones]
    for number, (address, zone) in enumerate(zip(RESOLVERS, known, strict=True)):
        server = DnsServer([zone], recursive=True)
        if number < silent:
            server.silent()
        await dns.world.place(server, address, 53)
    async with dns.world.network(dns_timeout=0.3) as network:
        network.own_resolver = False
        found = await collect(Subject.of("example.com"), network, only=["dns.resolvers-differ"])
    return {finding.target: finding for finding in found}


async def test_resolvers_agree(dns: Dns) -> None:
    found = await public(dns)
    assert {finding.status for finding in found.values()} == {"pass"}
    assert set(found) == {"example.com", "www.example.com"}


async def test_resolvers_disagree(dns: Dns) -> None:
    found = await public(dns, Zone("example.com", {**HEALTHY, "@": ["A 198.41.0.4"]}))
    assert found["example.com"].status == "warn"
    assert found["example.com"].triage == "note"
    assert found["www.example.com"].status == "pass"


async def test_a_record_that_one_does_not_know_yet(dns: Dns) -> None:
    found = await public(dns, Zone("example.com", {"@": HEALTHY["@"]}))
    assert found["www.example.com"].status == "warn"


async def test_an_edge_that_answers_by_region(dns: Dns) -> None:
    zones = [Zone("example.com", {"@": [f"A {address}"]}) for address in ("104.16.1.1", "104.16.2.2", "172.67.1.1")]
    found = await public(dns, *zones)
    assert found["example.com"].status == "pass"


async def test_one_silent_resolver_does_not_matter(dns: Dns) -> None:
    assert (await public(dns, silent=1))["example.com"].status == "pass"


async def test_too_few_resolvers_answer(dns: Dns) -> None:
    assert (await public(dns, silent=2))["example.com"].status == "error"


async def test_none_is_asked_where_a_resolver_was_given(dns: Dns) -> None:
    await dns.start()
    assert (await dns.check("dns.resolvers-differ"))["example.com"].status == "skipped"

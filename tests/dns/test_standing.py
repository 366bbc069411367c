"""Whether the domain can be looked up at all, and the root cause where it cannot."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import dns.rcode

from checks.runner import collect
from checks.subject import Subject
from tests.dns.conftest import HEALTHY, NS1, Dns

SHA256_DS = f"DS 12345 13 2 {'ab' * 32}"


def only_unchecked(lab: Dns, name: str = "example.com", *, ede: int | None = 7) -> None:
    """Let the resolver refuse a name as a validating one refuses what does not validate."""
    resolver = lab.world.resolver

    def how(query: dns.message.Message, reply: dns.message.Message) -> dns.message.Message:
        if query.flags & dns.flags.CD:
            return reply
        bare = dns.message.make_response(query, recursion_available=True)
        bare.set_rcode(dns.rcode.SERVFAIL)
        if ede is not None:
            bare.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.make(ede), "lab")])
        return bare

    for rdtype in ("A", "AAAA"):
        resolver.twist(name, rdtype, how)


async def test_healthy(dns: Dns) -> None:
    await dns.start()
    assert (await dns.check("dns.name-missing"))["example.com"].status == "pass"


async def test_not_delegated(dns: Dns) -> None:
    await dns.start()
    dns.com.set("example", "NS")
    dns.world.resolver.zones.remove(dns.zone)
    finding = (await dns.check("dns.name-missing"))["example.com"]
    assert finding.status == "fail"
    assert "no delegation" in finding.fix
    assert (await dns.check("dns.ns-lame"))["example.com"].status == "skipped"


async def test_delegated_and_missing_at_the_host(dns: Dns) -> None:
    await dns.start()
    for server in (dns.world.resolver, dns.first, dns.second):
        server.says("NXDOMAIN", "example.com", "*")
    finding = (await dns.check("dns.name-missing"))["example.com"]
    assert finding.status == "fail"
    assert "Publish the zone" in finding.fix


async def test_a_name_that_is_missing_in_a_zone_is_published_there(dns: Dns) -> None:
    await dns.start()
    async with dns.world.network(dns_timeout=0.3) as network:
        (finding,) = await collect(Subject.of("app.example.com"), network, only=["dns.name-missing"])
    assert finding.status == "fail"
    assert finding.fix.startswith("If the zone example.com is yours, publish in it: app.example.com A")


async def test_alias_to_nowhere_is_no_missing_domain(dns: Dns) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], "CNAME gone.example.net."]})
    assert (await dns.check("dns.name-missing"))["example.com"].status == "pass"


async def test_servfail_from_every_server(dns: Dns) -> None:
    await dns.start()
    for server in (dns.world.resolver, dns.first, dns.second):
        server.says("SERVFAIL", "example.com", "*")
    finding = (await dns.check("dns.name-missing"))["example.com"]
    assert finding.status == "fail"
    assert any("SERVFAIL" in line and NS1 in line for line in finding.evidence)
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "skipped"
    (echo,) = (await dns.check("dns.www-missing")).values()
    assert echo.status == "skipped"


async def test_silence_from_every_server(dns: Dns) -> None:
    await dns.start()
    for server in (dns.first, dns.second):
        server.silent()
    for rdtype in ("A", "AAAA", "NS", "SOA"):
        dns.world.resolver.silent("example.com", rdtype)
    assert (await dns.check("dns.name-missing"))["example.com"].status == "fail"


async def test_resolver_trouble_is_not_the_domains(dns: Dns) -> None:
    await dns.start()
    for rdtype in ("A", "AAAA"):
        dns.world.resolver.says("SERVFAIL", "example.com", rdtype)
    finding = (await dns.check("dns.name-missing"))["example.com"]
    assert finding.status == "error"


async def test_resolver_that_answers_nothing(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.silent()
    assert (await dns.check("dns.name-missing"))["example.com"].status == "error"


async def test_offline(dns: Dns) -> None:
    await dns.start()
    async with dns.world.network(offline=True) as network:
        assert (await dns.check("dns.name-missing", network=network))["example.com"].status == "skipped"


async def test_bogus_is_not_missing(dns: Dns) -> None:
    await dns.start()
    dns.com.add("example", SHA256_DS)
    only_unchecked(dns)
    found = await dns.check("dns.dnssec-bogus")
    assert found["example.com"].status == "fail"
    assert "extended error 7" in " ".join(found["example.com"].evidence)
    for check_id in ("dns.name-missing", "dns.apex-address-missing"):
        finding = (await dns.check(check_id))["example.com"]
        assert finding.status == "skipped"
        assert "dns.dnssec-bogus" in finding.summary


async def test_bogus_without_an_extended_error(dns: Dns) -> None:
    await dns.start()
    dns.com.add("example", SHA256_DS)
    only_unchecked(dns, ede=None)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "fail"
    assert "publishes no DNSKEY" in finding.summary


async def test_no_question_is_repeated_with_checking_off_without_need(dns: Dns) -> None:
    await dns.start()
    async with dns.world.network() as network:
        await dns.check("dns.dnssec-bogus", network=network)
        assert network.counters.dns_queries == network.counters.dns_questions

"""Addresses of the domain, www and the declared names."""

from __future__ import annotations

import pytest

from checks.dns.special import why_not_public
from tests.dns.conftest import APEX, HEALTHY, Dns


async def test_healthy(dns: Dns) -> None:
    await dns.start()
    for check_id in ("dns.apex-address-missing", "dns.www-missing"):
        (finding,) = (await dns.check(check_id)).values()
        assert finding.status == "pass", finding
    public = await dns.check("dns.address-not-public", subdomains=["mail"])
    assert {target: finding.status for target, finding in public.items()} == {
        "example.com": "pass",
        "www.example.com": "pass",
        "mail.example.com": "pass",
    }


async def test_apex_without_address(dns: Dns) -> None:
    await dns.start({**HEALTHY, "@": HEALTHY["@"][:2]})
    finding = (await dns.check("dns.apex-address-missing"))["example.com"]
    assert finding.status == "fail"
    assert "example.com A" in finding.fix
    # www leads to the apex, so its alias is what is broken, and dns.cname-broken says so.
    assert (await dns.check("dns.www-missing"))["www.example.com"].status == "skipped"


@pytest.mark.parametrize(
    "https",
    ["HTTPS 0 edge.example.net.", "HTTPS 1 . ipv4hint=93.184.215.14", "HTTPS 1 edge.example.net. alpn=h2"],
)
async def test_https_record_yields_the_address(dns: Dns, https: str) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], https]})
    dns.world.zone("example.net", {"edge": ["AAAA 2606:2800:21f::1"]})
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "pass"


async def test_https_record_that_yields_nothing(dns: Dns) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], "HTTPS 1 . alpn=h2"]})
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "fail"


async def test_ipv6_only_is_an_address(dns: Dns) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], "AAAA 2606:2800:21f::1"], "www": ["AAAA 2606:2800:21f::1"]})
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "pass"
    assert (await dns.check("dns.www-missing"))["www.example.com"].status == "pass"


async def test_missing_domain_is_another_check(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.zones.remove(dns.zone)
    dns.com.set("example", "NS")
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "skipped"
    assert (await dns.check("dns.www-missing"))["www.example.com"].status == "skipped"


async def test_cannot_tell(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.says("SERVFAIL", "example.com", "A")
    dns.world.resolver.says("SERVFAIL", "example.com", "AAAA")
    finding = (await dns.check("dns.apex-address-missing"))["example.com"]
    assert finding.status == "error"
    assert "SERVFAIL" in finding.summary


async def test_broken_aaaa_does_not_hide_the_a(dns: Dns) -> None:
    await dns.start()
    dns.world.resolver.says("SERVFAIL", "example.com", "AAAA")
    assert (await dns.check("dns.apex-address-missing"))["example.com"].status == "pass"


@pytest.mark.parametrize("records", [{}, {"www": ["TXT hello"]}], ids=["no such name", "no address"])
async def test_www_missing(dns: Dns, records: dict[str, list[str]]) -> None:
    await dns.start({"@": HEALTHY["@"], **records})
    finding = (await dns.check("dns.www-missing"))["www.example.com"]
    assert finding.status == "fail"
    assert finding.fix.startswith("At your DNS host, publish: www.example.com CNAME example.com.")


async def test_the_dns_host_is_named(dns: Dns) -> None:
    await dns.start({"@": ["NS ada.ns.cloudflare.com.", "NS bob.ns.cloudflare.com.", f"A {APEX}"]})
    finding = (await dns.check("dns.www-missing"))["www.example.com"]
    assert finding.fix.startswith("At Cloudflare (your DNS host), publish")


async def test_www_by_a_wildcard_has_an_address(dns: Dns) -> None:
    await dns.start({"@": HEALTHY["@"], "*": [f"A {APEX}"]})
    assert (await dns.check("dns.www-missing"))["www.example.com"].status == "pass"


async def test_private_address(dns: Dns) -> None:
    await dns.start({**HEALTHY, "app": ["A 10.1.2.3", f"A {APEX}"], "v6": ["AAAA fd00::1"]})
    found = await dns.check("dns.address-not-public", subdomains=["app", "v6", "gone"])
    assert found["app.example.com"].status == "fail"
    assert "app.example.com A 10.1.2.3" in found["app.example.com"].fix
    assert APEX not in found["app.example.com"].fix
    assert found["app.example.com"].evidence == ("10.1.2.3 is private (RFC 1918)",)
    assert found["v6.example.com"].status == "fail"
    assert "replace v6.example.com AAAA fd00::1" in found["v6.example.com"].fix
    assert found["gone.example.com"].status == "skipped"


async def test_a_private_address_that_another_domain_publishes(dns: Dns) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME lb.host.net."]})
    dns.world.zone("host.net", {"lb": ["AAAA fd00::1", "A 10.1.2.3"]})
    finding = (await dns.check("dns.address-not-public"))["www.example.com"]
    assert "point www.example.com to another name: whoever runs lb.host.net" in finding.fix


@pytest.mark.parametrize(
    "address",
    [
        "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.31.255.255", "192.0.0.1", "192.0.2.1",
        "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:db8::1",
        "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
        "2002:a00:1::1", "64:ff9b::10.1.2.3",
    ],
)  # fmt: skip
def test_special_addresses(address: str) -> None:
    assert why_not_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.0.9", "192.0.1.1", "192.31.196.1", "198.20.0.1",
        "223.255.255.255", "2606:4700::1111", "2001:4860::8888", "2002:102:304::1", "64:ff9b::102:304", "2620:4f:8000::1",
        "2001:1::2", "2001:4:112::1", "2001:200::1",
    ],
)  # fmt: skip
def test_public_addresses(address: str) -> None:
    assert why_not_public(address) == ""

"""The DNS map, and who runs the zone."""

from __future__ import annotations

import pytest

from checks.dns.dns_hosts import dns_host_name, dns_host_of
from checks.dns.dns_map import dns_map
from checks.runner import collect
from checks.subject import Subject
from tests.dns.conftest import APEX, HEALTHY, Dns


async def test_the_map_is_drawn_from_what_was_asked(dns: Dns) -> None:
    await dns.start(
        {
            "@": [*HEALTHY["@"], 'TXT "v=spf1 -all"', 'TXT "google-site-verification=x"'],
            "www": ["60 CNAME example.com."],
            "mail": ["A 93.184.215.25"],
            "*": ["A 93.184.215.99"],
            "_dmarc": ['TXT "v=DMARC1; p=none"'],
        }
    )
    async with dns.world.network() as network:
        await collect(Subject.of("example.com", subdomains=["mail"]), network, only=["dns"])
        asked = network.counters.dns_queries
        rows = dns_map(network.resolved, "example.com")
        assert network.counters.dns_queries == asked
    shown = {(row.name, row.type, row.value): (row.ttl, row.purpose) for row in rows}
    assert shown["example.com", "A", APEX] == (300, "the site")
    assert shown["www.example.com", "CNAME", "example.com."] == (60, "the site by its www name")
    assert shown["mail.example.com", "A", "93.184.215.25"] == (300, "a subdomain")
    assert shown["*.example.com", "A", "93.184.215.99"] == (300, "any other name")
    assert shown["example.com", "MX", "10 mail.example.com."][1] == "where mail arrives"
    assert shown["example.com", "TXT", "v=spf1 -all"][1] == "who may send mail (SPF)"
    assert shown["example.com", "TXT", "google-site-verification=x"][1] == "proof of ownership for a service"
    assert shown["_dmarc.example.com", "TXT", "v=DMARC1; p=none"][1].endswith("(DMARC)")
    assert shown["example.com", "NS", "ns1.dns-host.net."][1] == "name server of the zone"
    assert rows[0].name == "example.com"
    assert all(row.name == "example.com" or row.name.endswith(".example.com") for row in rows)


@pytest.mark.parametrize(
    ("server", "host"),
    [
        ("ada.ns.cloudflare.com", "Cloudflare"),
        ("NS-1.AWSDNS-05.CO.UK.", "Amazon Route 53"),
        ("ns1-07.azure-dns.com", "Azure DNS"),
        ("dns1.registrar-servers.com", "Namecheap"),
        ("cloudflare.com", None),
        ("ns.cloudflare.com.evil.org", None),
        ("ns1.myawsdns-05.com", None),
    ],
)
def test_dns_hosts(server: str, host: str | None) -> None:
    assert dns_host_of(server) == host


def test_two_hosts_are_none() -> None:
    assert dns_host_name(["ada.ns.cloudflare.com", "ns1.gandi.net"]) == ""
    assert dns_host_name(["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"]) == "Cloudflare"
    assert dns_host_name([]) == ""

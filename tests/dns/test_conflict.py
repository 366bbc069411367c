"""Addresses of the apex that do not belong together."""

from __future__ import annotations

import pytest

from checks.dns.conflict import mixed_networks
from launchready_tui.lab.web_server import Handler, page, redirect
from tests.dns.conftest import HEALTHY, Dns

NEW, OLD, THIRD = "45.33.20.1", "198.58.100.9", "45.33.20.2"
SITE = page("<title>Harbor Tea</title><h1>Good tea</h1><p>Delivered to offices every Monday before nine.</p>")
OLD_SITE = page("<title>Harbor Tea</title><h1>We are moving</h1><p>Come back in spring, please do.</p>")


async def apex(dns: Dns, *records: str, **names: list[str]) -> None:
    await dns.start({"@": [*HEALTHY["@"][:2], *records], "www": ["CNAME example.com."], **names})


async def serve(dns: Dns, address: str, handler: Handler, *names: str) -> int:
    issued = dns.world.authority.issue(*(names or ("example.com", "www.example.com")))
    return (await dns.world.web(address, handler, issued)).port


async def status(dns: Dns, **subject: str) -> str:
    return (await dns.check("dns.apex-conflict", **subject))["example.com"].status


async def test_one_address_needs_no_request(dns: Dns) -> None:
    await apex(dns, f"A {NEW}")
    assert await status(dns) == "pass"


async def test_two_hosts_that_both_serve(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {THIRD}", "AAAA 2a01:7e00::1")
    for address in (NEW, THIRD, "2a01:7e00::1"):
        await serve(dns, address, lambda request: SITE)
    assert await status(dns) == "pass"


async def test_a_dynamic_page_is_still_the_same(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {THIRD}")
    served = 0

    def counting(request: object) -> object:
        nonlocal served
        served += 1
        words = "Good tea for every office in the harbour delivered on Mondays before nine by hand"
        return page(f"<title>Harbor Tea</title><p>{words}, visit {served * 7919}, nonce{served}</p>")

    for address in (NEW, THIRD):
        await serve(dns, address, counting)  # type: ignore[arg-type]
    assert await status(dns) == "pass"


@pytest.mark.parametrize(
    "old",
    [
        lambda request: OLD_SITE,
        lambda request: page("<title>Welcome to nginx!</title>"),
        lambda request: page("<title>Harbor Tea</title>", status=404),
        lambda request: redirect("https://old-host.example/"),
        lambda request: redirect("https://parking.net/"),
    ],
    ids=["old page", "default page", "404", "redirect to nowhere", "redirect to another site"],
)
@pytest.mark.parametrize("first", [True, False], ids=["old first", "new first"])
async def test_an_old_host_that_answers_otherwise(dns: Dns, old: Handler, first: bool) -> None:
    addresses = (OLD, NEW) if first else (NEW, OLD)
    await apex(dns, *(f"A {address}" for address in addresses))
    await serve(dns, NEW, lambda request: SITE)
    await serve(dns, OLD, old)
    dns.world.zone("parking.net", {"@": ["A 199.59.243.1"]})
    await serve(dns, "199.59.243.1", lambda request: page("<title>For sale</title>"), "parking.net")
    finding = (await dns.check("dns.apex-conflict"))["example.com"]
    assert finding.status == "fail"
    assert "example.com A" in finding.fix


async def test_an_old_host_that_is_gone(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {OLD}")
    await serve(dns, NEW, lambda request: SITE)
    finding = (await dns.check("dns.apex-conflict"))["example.com"]
    assert finding.status == "fail"
    assert f"delete example.com A {OLD}" in finding.fix
    assert any("refuses the connection" in line for line in finding.evidence)


async def test_an_old_host_with_a_foreign_certificate(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {OLD}")
    await serve(dns, NEW, lambda request: SITE)
    await serve(dns, OLD, lambda request: SITE, "old-host.example")
    finding = (await dns.check("dns.apex-conflict"))["example.com"]
    assert finding.status == "fail"
    assert any("certificate for old-host.example" in line for line in finding.evidence)


async def test_hosts_that_all_only_redirect_to_www_are_none(dns: Dns) -> None:
    # A registrar's forwarding: neither of its addresses holds the site, which is on www.
    await apex(dns, f"A {NEW}", f"A {THIRD}", **{"www": [f"A {OLD}"]})
    for address in (NEW, THIRD):
        await serve(dns, address, lambda request: redirect("https://www.example.com/"), "example.com")
    await serve(dns, OLD, lambda request: SITE)
    assert await status(dns) == "pass"


async def test_a_dead_forwarder_beside_one_that_works(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {THIRD}", **{"www": [f"A {OLD}"]})
    await serve(dns, NEW, lambda request: redirect("https://www.example.com/"), "example.com")
    await serve(dns, OLD, lambda request: SITE)
    assert await status(dns) == "fail"


async def test_the_canonical_page_on_www_at_the_same_hosts(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {THIRD}")

    def site(request: object) -> object:
        return SITE if request.host == "www.example.com" else redirect("https://www.example.com/")  # type: ignore[attr-defined]

    await serve(dns, NEW, site)  # type: ignore[arg-type]
    await serve(dns, THIRD, lambda request: OLD_SITE)
    assert await status(dns, canonical="https://www.example.com/") == "fail"


async def test_an_edge_beside_another_host(dns: Dns) -> None:
    await apex(dns, "A 104.16.1.1", f"A {OLD}")
    finding = (await dns.check("dns.apex-conflict"))["example.com"]
    assert finding.status == "fail"
    assert f"Cloudflare beside {OLD}" in finding.summary


async def test_two_prefixes_of_one_edge_are_one_network(dns: Dns) -> None:
    await apex(dns, "A 104.16.1.1", "A 172.67.1.1", "AAAA 2606:4700::1")
    assert await status(dns) == "pass"


async def test_nothing_can_be_asked(dns: Dns) -> None:
    await apex(dns, "AAAA 2a01:7e00::1", "AAAA 2a01:7e00::2")
    async with dns.world.network() as network:
        network.can_reach = lambda address, port=443: False  # type: ignore[method-assign]
        assert (await dns.check("dns.apex-conflict", network=network))["example.com"].status == "error"


async def test_an_edge_that_turns_us_away_is_no_conflict(dns: Dns) -> None:
    await apex(dns, f"A {NEW}", f"A {THIRD}")
    await serve(dns, NEW, lambda request: SITE)
    await serve(
        dns,
        THIRD,
        lambda request: page("Attention Required! | Cloudflare", ("server", "cloudflare"), ("cf-ray", "1"), status=403),
    )
    assert await status(dns) == "pass"


@pytest.mark.parametrize(
    ("addresses", "mixed"),
    [
        (("104.16.1.1", "172.67.1.1"), ""),
        (("104.16.1.1", "2606:4700::1"), ""),
        (("104.16.1.1", "151.101.1.1"), "Cloudflare beside Fastly"),
        (("104.16.1.1", "45.33.20.1"), "Cloudflare beside 45.33.20.1"),
        (("104.16.1.1", "2a01:7e00::1"), "Cloudflare beside 2a01:7e00::1"),
        (("76.76.21.21", "45.33.20.1"), "Vercel beside 45.33.20.1"),
        # Vercel publishes no list, so an IPv6 address that is not known may well be its own.
        (("76.76.21.21", "2a01:7e00::1"), ""),
        (("45.33.20.1", "198.58.100.9"), ""),
        (("185.199.108.153", "185.199.111.153", "2606:50c0:8001::153"), ""),
    ],
)
def test_mixed_networks(addresses: tuple[str, ...], mixed: str) -> None:
    assert mixed_networks(addresses) == mixed

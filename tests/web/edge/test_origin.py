"""edge.origin-exposed: the site found around its edge, with proof."""

from __future__ import annotations

import pytest

from launchready_tui.lab.certificates import self_signed
from launchready_tui.lab.web_server import page
from launchready_tui.lab.world import World
from tests.web.edge.conftest import EDGE_ADDRESS, ORIGIN_ADDRESS, Audit, OpenShop, Shop, only

CHECK = "edge.origin-exposed"
MARK = ("cf-ray", "8a1-FRA")


@pytest.mark.parametrize(
    ("records", "declared"),
    [
        ({"ftp": [f"A {ORIGIN_ADDRESS}"]}, {}),
        ({"direct": [f"A {ORIGIN_ADDRESS}"]}, {"subdomains": ["direct"]}),
        ({"@": [f"A {EDGE_ADDRESS}", "MX 10 mx"], "mx": [f"A {ORIGIN_ADDRESS}"]}, {}),
        ({"@": [f"A {EDGE_ADDRESS}", f'TXT "v=spf1 ip4:{ORIGIN_ADDRESS} -all"']}, {}),
        ({"@": [f"A {EDGE_ADDRESS}", 'TXT "v=spf1 ip4:198.18.7.16/29 -all"']}, {}),
        ({"@": [f"A {EDGE_ADDRESS}", 'TXT "v=spf1 a:box.example.com -all"'], "box": [f"A {ORIGIN_ADDRESS}"]}, {}),
        (
            {
                "@": [f"A {EDGE_ADDRESS}", 'TXT "v=spf1 include:_spf.example.com -all"'],
                "_spf": [f'TXT "v=spf1 ip4:{ORIGIN_ADDRESS} -all"'],
            },
            {},
        ),
        ({}, {"origin_addresses": (ORIGIN_ADDRESS,)}),
        ({"@": [f"A {EDGE_ADDRESS}", f"A {ORIGIN_ADDRESS}"]}, {}),
    ],
    ids=[
        "usual name",
        "declared name",
        "mx",
        "spf address",
        "spf range",
        "spf a",
        "spf include",
        "given",
        "beside the edge",
    ],
)
async def test_the_origin_is_found_wherever_its_address_shows(
    world: World, open_shop: OpenShop, audit: Audit, records: dict[str, list[str]], declared: dict[str, object]
) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"], **records})
    await open_shop(EDGE_ADDRESS, MARK)
    await open_shop(ORIGIN_ADDRESS)
    finding = only(await audit(CHECK, **declared))
    assert (finding.status, finding.triage) == ("fail", "now")
    assert ORIGIN_ADDRESS in finding.summary and ORIGIN_ADDRESS in finding.fix


@pytest.mark.parametrize(("front", "status"), [("10.1.1.1", "fail"), (EDGE_ADDRESS, "pass")])
async def test_a_private_address_is_asked_for_a_site_of_that_network_alone(
    world: World, open_shop: OpenShop, audit: Audit, front: str, status: str
) -> None:
    world.zone("example.com", {"@": [f"A {front}"], "ftp": ["A 10.1.1.2"]})
    await open_shop(front, MARK)
    await open_shop("10.1.1.2")
    assert only(await audit(CHECK)).status == status


async def test_an_origin_with_a_certificate_that_nobody_trusts_is_exposed_all_the_same(
    world: World, open_shop: OpenShop, shop: Shop, audit: Audit
) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"], "ftp": [f"A {ORIGIN_ADDRESS}"]})
    await open_shop(EDGE_ADDRESS, MARK)
    await world.web(ORIGIN_ADDRESS, shop, self_signed("origin.invalid"))
    assert only(await audit(CHECK)).status == "fail"


async def test_an_origin_to_which_the_edge_speaks_plain_http_is_exposed(
    world: World, open_shop: OpenShop, shop: Shop, audit: Audit
) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"], "ftp": [f"A {ORIGIN_ADDRESS}"]})
    await open_shop(EDGE_ADDRESS, MARK)
    await world.web(ORIGIN_ADDRESS, lambda request: shop.table["/"])
    finding = only(await audit(CHECK))
    assert finding.status == "fail"
    assert any(f"{ORIGIN_ADDRESS} (" in line and "http://example.com/" in line for line in finding.evidence)


@pytest.mark.parametrize("what", ["refused", "another page", "redirect", "not found", "an edge"])
async def test_what_is_not_the_site_is_no_exposure(
    world: World, open_shop: OpenShop, shop: Shop, audit: Audit, what: str
) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"], "ftp": [f"A {ORIGIN_ADDRESS}"]})
    await open_shop(EDGE_ADDRESS, MARK)
    issued = world.authority.issue("example.com")
    if what == "another page":
        await world.web(ORIGIN_ADDRESS, lambda request: page("<title>Welcome to nginx!</title>"), issued)
    elif what == "redirect":
        await world.web(ORIGIN_ADDRESS, Shop("other.example"), issued)
    elif what == "not found":
        await world.web(ORIGIN_ADDRESS, lambda request: page("<title>Harbor Tea</title>", status=404), issued)
    elif what == "an edge":
        await world.web(ORIGIN_ADDRESS, shop.marked(MARK), issued)
    finding = only(await audit(CHECK))
    assert finding.status == "pass"
    assert any(line.startswith(ORIGIN_ADDRESS) for line in finding.evidence)


@pytest.mark.parametrize(
    ("script", "status"), [("/assets/index-9fK2dLxQ.js", "fail"), ("/assets/intranet-9fK2dLxQ.js", "pass")]
)
async def test_an_app_without_words_is_known_by_its_scripts(
    world: World, open_shop: OpenShop, shop: Shop, audit: Audit, script: str, status: str
) -> None:
    app = "<title>App</title><div id=root></div><script type=module src={}></script>"
    shop.table["/"] = page(app.format("/assets/index-BqXkZyTa.js"))
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"], "ftp": [f"A {ORIGIN_ADDRESS}"]})
    await open_shop(EDGE_ADDRESS, MARK)
    await world.web(ORIGIN_ADDRESS, lambda request: page(app.format(script)), world.authority.issue("example.com"))
    assert only(await audit(CHECK)).status == status


async def test_a_sibling_at_the_edge_is_not_asked(world: World, open_shop: OpenShop, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"], "blog": ["A 104.16.2.2"], "app": ["CNAME x.netlify.app."]})
    world.zone("netlify.app", {"x": ["A 198.18.7.77"]})
    await open_shop(EDGE_ADDRESS, MARK)
    finding = only(await audit(CHECK, subdomains=["blog", "app"]))
    assert finding.status == "pass"
    assert "no address outside" in finding.summary


async def test_an_edge_of_unknown_range_is_no_address_beside_itself(world: World, shop: Shop, audit: Audit) -> None:
    """Flattened names of one edge share its address, and not each of its answers has to bear its mark."""
    world.zone("example.com", {"@": [f"A {ORIGIN_ADDRESS}"], "www": [f"A {ORIGIN_ADDRESS}"]})
    marks = iter([("server", "AkamaiGHost")])
    await world.web(
        ORIGIN_ADDRESS,
        lambda request: shop.marked(*([mark] if (mark := next(marks, None)) else []))(request),
        world.authority.issue("example.com", "www.example.com"),
    )
    finding = only(await audit(CHECK, canonical="https://example.com/"))
    assert "no address outside Akamai" in finding.summary


async def test_the_servers_of_a_mail_service_are_not_asked(world: World, open_shop: OpenShop, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}", "MX 1 aspmx.l.google.com."]})
    world.zone("google.com", {"aspmx.l": ["A 198.18.7.77"]})
    await open_shop(EDGE_ADDRESS, MARK)
    assert "no address outside" in only(await audit(CHECK)).summary


async def test_without_an_edge_there_is_nothing_to_go_around(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop()
    assert only(await audit(CHECK)).status == "skipped"


async def test_an_edge_known_by_name_alone_is_not_taken_for_its_own_origin(
    world: World, open_shop: OpenShop, audit: Audit
) -> None:
    world.zone("edgekey.net", {"shop": [f"A {ORIGIN_ADDRESS}"]})
    world.zone("example.com", {"@": ["A 198.18.7.21"], "www": ["CNAME shop.edgekey.net."]})
    shop = Shop("www.example.com")
    issued = world.authority.issue("example.com", "www.example.com")
    await world.web(ORIGIN_ADDRESS, shop, issued)
    await world.web("198.18.7.21", shop, issued)
    assert only(await audit(CHECK)).status == "error"

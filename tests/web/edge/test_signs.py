"""Signs of edges, and edge.none."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.network import Headers
from checks.web.edge.signs import edges, other_hosting, set_by_edge, signs_of_headers, signs_of_names
from launchready_tui.lab.world import World
from tests.web.edge.conftest import EDGE_ADDRESS, ORIGIN_ADDRESS, Audit, OpenShop


@pytest.mark.parametrize(
    ("target", "edge"),
    [
        ("d1234.cloudfront.net", ("Amazon CloudFront",)),
        ("www.example.com.edgekey.net", ("Akamai",)),
        ("CNAME.Vercel-DNS.com.", ("Vercel",)),
        ("abc.vercel-dns-017.com", ("Vercel",)),
        ("shop.netlify.app", ("Netlify",)),
        ("shops.myshopify.com", ("Shopify",)),
        ("notcloudfront.net", ()),
        ("cloudfront.net.example.com", ()),
        ("shop.herokuapp.com", ()),
        ("shop.fly.dev", ()),
        ("shop.up.railway.app", ()),
        ("vps.example.net", ()),
    ],
)
def test_a_cname_names_its_edge(target: str, edge: tuple[str, ...]) -> None:
    assert edges(signs_of_names([target])) == edge


@pytest.mark.parametrize(
    ("header", "edge"),
    [
        (("server", "cloudflare"), ("Cloudflare",)),
        (("cf-ray", "8a1-FRA"), ("Cloudflare",)),
        (("x-served-by", "cache-fra-1, cache-ams-2"), ("Fastly",)),
        (("via", "1.1 abc.cloudfront.net (CloudFront)"), ("Amazon CloudFront",)),
        (("via", "1.1 google"), ("Google Cloud CDN",)),
        (("server", "BunnyCDN-DE1-1047"), ("Bunny",)),
        (("server", "AkamaiGHost"), ("Akamai",)),
        (("set-cookie", "incap_ses_5_1=x; path=/"), ("Imperva",)),
        (("set-cookie", "aslbsa=x"), ("Azure Front Door",)),
        (("x-now-trace", "fra1"), ("Vercel",)),
        (("server", "ECS (dca/24A0)"), ("Edgio",)),
        (("server", "nginx"), ()),
        (("x-cache", "HIT"), ()),
        (("via", "1.1 vegur"), ()),
        (("via", "1.1 varnish"), ()),
        (("fly-request-id", "01H"), ()),
        (("server", "railway-edge"), ()),
    ],
)
def test_a_header_names_its_edge(header: tuple[str, str], edge: tuple[str, ...]) -> None:
    assert edges(signs_of_headers(Headers((header,)))) == edge


def test_hosting_that_is_no_edge_is_named() -> None:
    assert edges(other_hosting(["shop.herokuapp.com"], Headers((("via", "1.1 vegur"),)))) == ("Heroku",)


def test_cookies_that_an_edge_adds_are_known() -> None:
    assert set_by_edge("__cf_bm") and set_by_edge("visid_incap_123")
    assert not set_by_edge("sessionid")


def test_no_edge_is_listed_twice_and_none_is_also_hosting() -> None:
    data = tomllib.loads(files("checks.web.edge").joinpath("signs.toml").read_text("utf-8"))
    names = [row["name"] for rows in data.values() for row in rows]
    assert len(names) == len(set(names))
    ranges = tomllib.loads(files("checks.web.edge").joinpath("ranges.toml").read_text("utf-8"))
    assert {row["name"] for row in ranges["edge"]} <= {row["name"] for row in data["edge"]}


@given(st.text(max_size=100), st.text(max_size=100))
def test_no_answer_makes_the_signs_raise(name: str, value: str) -> None:
    signs_of_headers(Headers(((name.lower(), value), ("set-cookie", value), ("server", value), ("via", value))))
    signs_of_names([name])


# -------------------------------------------------------------------- edge.none


async def test_an_edge_is_told_by_its_address(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop(EDGE_ADDRESS)
    (finding,) = await audit("edge.none")
    assert (finding.status, finding.target) == ("pass", "example.com")
    assert "Cloudflare" in finding.summary


async def test_an_edge_is_told_by_its_headers(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop(ORIGIN_ADDRESS, ("x-vercel-id", "fra1::abc"))
    (finding,) = await audit("edge.none")
    assert finding.status == "pass"


async def test_an_edge_is_told_by_its_cname(world: World, open_shop: OpenShop, audit: Audit) -> None:
    world.zone("edgekey.net", {"shop": [f"A {ORIGIN_ADDRESS}"]})
    world.zone("example.com", {"@": [f"A {ORIGIN_ADDRESS}"], "www": ["CNAME shop.edgekey.net."]})
    await open_shop()
    (finding,) = await audit("edge.none", canonical="https://www.example.com/")
    assert (finding.status, finding.target) == ("fail", "example.com"), "the redirect leads to the bare domain"


async def test_a_plain_server_has_no_edge(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop()
    (finding,) = await audit("edge.none")
    assert (finding.status, finding.triage) == ("fail", "now")


async def test_hosting_is_no_edge_and_is_named(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop(ORIGIN_ADDRESS, ("via", "1.1 vegur"))
    (finding,) = await audit("edge.none")
    assert finding.status == "fail"
    assert any("Heroku is hosting" in line for line in finding.evidence)


async def test_a_site_that_does_not_answer_is_judged_by_address_alone(world: World, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"]})
    assert [f.status for f in await audit("edge.none")] == ["pass"]


async def test_no_answer_and_no_sign_is_could_not_tell(world: World, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {ORIGIN_ADDRESS}"]})
    assert [f.status for f in await audit("edge.none")] == ["error"]

"""edge.no-compression and edge.no-http2."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
import zstandard

from checks.subject import Route
from launchready_tui.lab.web_server import Reply
from launchready_tui.lab.world import World
from tests.web.edge.conftest import HTML, LONG, ORIGIN_ADDRESS, Audit, OpenShop, Shop, only, reply, zipped

COMPRESSION, HTTP2 = "edge.no-compression", "edge.no-http2"


async def test_compressed_or_small_text_passes(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table["/app.js"] = reply(b"a" * 1400, "text/javascript")
    await open_shop()
    finding = only(await audit(COMPRESSION))
    assert (finding.status, finding.target) == ("pass", "https://example.com/")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/app.css", "text/css; charset=utf-8"),
        ("/app.js", "application/javascript"),
        ("/app.js", "Application/X-JavaScript"),
        ("/app.js", ""),
        ("/logo.svg", "image/svg+xml"),
    ],
)
async def test_long_text_sent_as_it_is_is_told(
    open_shop: OpenShop, shop: Shop, audit: Audit, path: str, kind: str
) -> None:
    body = HTML.encode() if path == "/" else LONG
    shop.table[path] = reply(body, kind) if kind else Reply(200, (), body)
    await open_shop()
    finding = only(await audit(COMPRESSION))
    assert (finding.status, finding.triage) == ("warn", "later")
    assert f"https://example.com{path}: not compressed, {len(body)} bytes sent" in finding.evidence


@pytest.mark.parametrize(
    ("coding", "squeeze"),
    [
        ("gzip", gzip.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("GZIP", gzip.compress),
        ("aws-special", lambda body: body),
    ],
)
async def test_every_coding_counts(
    open_shop: OpenShop, shop: Shop, audit: Audit, coding: str, squeeze: Callable[[bytes], bytes]
) -> None:
    shop.table["/app.css"] = reply(squeeze(LONG), "text/css", ("content-encoding", coding))
    await open_shop()
    assert only(await audit(COMPRESSION)).status == "pass"


async def test_identity_is_no_compression(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table["/app.css"] = reply(LONG, "text/css", ("content-encoding", "identity"))
    await open_shop()
    assert only(await audit(COMPRESSION)).status == "warn"


async def test_an_image_needs_no_compression(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table["/logo.svg"] = reply(LONG, "image/png")
    await open_shop()
    assert only(await audit(COMPRESSION)).status == "pass"


async def test_the_manifest_and_named_routes_count(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table["/"] = zipped(b"<title>T</title><link rel=manifest href=/site.webmanifest>", "text/html")
    shop.table["/site.webmanifest"] = reply(LONG, "application/manifest+json")
    shop.table["/api/teas"] = reply(LONG, "application/json")
    await open_shop()
    routes = (Route("/api/teas", kind="api"), Route("https://example.com/api/order", method="POST", kind="api"))
    finding = only(await audit(COMPRESSION, routes=routes))
    assert finding.status == "warn"
    assert [line.partition(": ")[0].removeprefix("https://example.com/") for line in finding.evidence[:2]] == [
        "site.webmanifest",
        "api/teas",
    ]


async def test_a_page_without_files_is_judged_by_itself(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table = {"/": reply(HTML.encode(), "text/html")}
    await open_shop()
    finding = only(await audit(COMPRESSION))
    assert finding.status == "warn"
    assert any("no static file of the homepage answers well" in line for line in finding.evidence)


# -------------------------------------------------------------------- edge.no-http2


@pytest.mark.parametrize(("http2", "status"), [(True, "pass"), (False, "warn")])
async def test_http2_is_told_by_what_was_agreed(open_shop: OpenShop, audit: Audit, http2: bool, status: str) -> None:
    await open_shop(http2=http2)
    finding = only(await audit(HTTP2))
    assert (finding.status, finding.target, finding.triage) == (status, "example.com", "note")
    assert finding.evidence[-1] == "no offer of HTTP/3 was seen"


async def test_http3_by_alt_svc_is_mentioned(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop(ORIGIN_ADDRESS, ("alt-svc", 'h3=":443"; ma=86400'))
    assert "HTTP/3 is offered by Alt-Svc" in only(await audit(HTTP2)).evidence[-1]


async def test_http3_by_https_record_is_mentioned(world: World, open_shop: OpenShop, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {ORIGIN_ADDRESS}", 'HTTPS 1 . alpn="h3,h2"']})
    await open_shop()
    assert "HTTP/3 is offered by the HTTPS record" in only(await audit(HTTP2)).evidence[-1]


async def test_a_site_on_plain_http_is_not_judged(world: World, shop: Shop, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {ORIGIN_ADDRESS}"]})
    await world.web(ORIGIN_ADDRESS, lambda request: shop.table["/"])
    assert only(await audit(HTTP2)).status == "skipped"

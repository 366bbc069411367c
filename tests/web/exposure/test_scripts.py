"""exposure.source-map and exposure.bundle-secret."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping

import pytest

from checks.network.http import PAGE_LIMIT
from checks.web.exposure.source_maps import source_map_of
from launchready_tui.lab.web_server import Handler, Reply, Request
from tests.growth import assert_linear
from tests.web.site_under_test import Site, healthy, html, script, text

MAP = Reply(200, (), json.dumps({"version": 3, "sources": ["a.ts"], "sourcesContent": ["x"], "mappings": ""}).encode())
STRIPE = "_".join(("sk", "live", "51Hx" + "Qz7RtY2uI9oP3aSdF4gH"))
PUBLISHABLE = "_".join(("pk", "live", "51Hx" + "Qz7RtY2uI9oP3aSdF4gH"))


def with_files(files: Mapping[str, Reply], body: str = "<script src=/app.js></script>") -> Handler:
    def handler(request: Request) -> Reply:
        if (request.host, request.path) == ("example.com", "/"):
            return html(body)
        return files.get(request.path) or healthy(request)

    return handler


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"/app.js": script("go()\n//# sourceMappingURL=app.js.map"), "/app.js.map": MAP}, "warn"),
        ({"/app.js": script("go()\n//@ sourceMappingURL=/maps/x.map\n"), "/maps/x.map": MAP}, "warn"),
        ({"/app.js": script("go()", ("sourcemap", "/s.map")), "/s.map": MAP}, "warn"),
        ({"/app.js": script("go()"), "/app.js.map": MAP}, "warn"),
        ({"/app.js": script("go()\n//# sourceMappingURL=data:application/json;base64,AAAA")}, "warn"),
        ({"/app.js": script("go()\n//# sourceMappingURL=app.js.map")}, "pass"),
        ({"/app.js": script("go()\n//# sourceMappingURL=app.js.map"), "/app.js.map": html()}, "pass"),
        ({"/app.js": script("go()\n//# sourceMappingURL=app.js.map"), "/app.js.map": text('{"a":1}')}, "pass"),
        ({"/app.js": script("go()\n//# sourceMappingURL=http://localhost:1/app.js.map")}, "pass"),
        ({"/app.js": script('x="//# sourceMappingURL=data:application/json;base64,"+btoa(y)')}, "pass"),
        ({}, "pass"),
    ],
)
async def test_source_maps(site: Site, files: Mapping[str, Reply], status: str) -> None:
    await site.serve(with_files(files))
    looked = await site.look("exposure.source-map")
    assert looked.status == status, looked.findings
    if status == "warn":
        assert set(looked.problems) == {"https://example.com/app.js"}


async def test_maps_of_other_people_s_scripts_are_theirs(site: Site) -> None:
    await site.serve(with_files({}, "<script src=https://cdn.example/x.js></script>"))
    assert (await site.look("exposure.source-map")).only.status == "pass"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("a\n//# sourceMappingURL=a.js.map", "a.js.map"),
        ("a\n/*# sourceMappingURL=a.css.map */\n", "a.css.map"),
        ("a\n//# sourceMappingURL=a.js.map\n//# debugId=1b2c\n", "a.js.map"),
        ("//# sourceMappingURL=old.map\nb", ""),
        ("b()", ""),
        ("x='//# sourceMappingURL=a.map'", ""),
    ],
)
def test_the_end_names_the_map(code: str, found: str) -> None:
    assert source_map_of(code) == found


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("", "//# sourceMappingURL=", ""),
        ("", "/", "sourceMappingURL="),
        ("//# sourceMappingURL=a", " // ", "\nb"),
    ],
)
def test_long_scripts_are_read_in_linear_time(before: str, piece: str, after: str) -> None:
    assert_linear(lambda middle: source_map_of(f"{before}{middle}{after}"), piece)


@pytest.mark.parametrize(
    ("files", "body", "status"),
    [
        ({"/app.js": script(f'const key="{STRIPE}";')}, "", "fail"),
        ({}, f"<script>const key='{STRIPE}'</script>", "fail"),
        ({"/app.js": script(f'const key="{PUBLISHABLE}";')}, "", "pass"),
        ({"/app.js": script("go()")}, "", "pass"),
    ],
)
async def test_secrets_in_bundles(site: Site, files: Mapping[str, Reply], body: str, status: str) -> None:
    await site.serve(with_files(files, body or "<script src=/app.js></script>"))
    looked = await site.look("exposure.bundle-secret")
    assert looked.status == status, looked.findings
    assert STRIPE not in str(looked.findings)


async def test_an_archive_in_a_scripts_place_is_not_unpacked_and_told(site: Site) -> None:
    await site.serve(
        {
            "/": html("<title>T</title><script src=/app.js></script>"),
            "/app.js": Reply(200, (), gzip.compress(bytes(5_000_000))),
        }
    )
    finding = (await site.look("exposure.bundle-secret")).only
    assert (finding.status, "packed" in "".join(finding.evidence)) == ("info", True)


async def test_a_script_that_is_too_long_is_no_proof(site: Site) -> None:
    await site.serve(
        {"/": html("<title>T</title><script src=/app.js></script>"), "/app.js": script("a=1;\n" * (PAGE_LIMIT // 4))}
    )
    finding = (await site.look("exposure.bundle-secret")).only
    assert (finding.status, "its beginning alone" in "".join(finding.evidence)) == ("info", True)

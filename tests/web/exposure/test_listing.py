"""exposure.directory-listing."""

from __future__ import annotations

import pytest

from checks.network import Headers, Response
from checks.web.exposure.listing import is_listing
from launchready_tui.lab.web_server import Handler, Reply, Request
from tests.web.site_under_test import Site, healthy, html, script

NGINX = (
    "<html><head><title>Index of /assets/</title></head><body><h1>Index of /assets/</h1><hr><pre><a href='../'>../</a>"
)
APACHE = (
    "<title>Index of /assets</title><h1>Index of /assets</h1><table><tr><td><a href='/'>Parent Directory</a></td></tr>"
    "<tr><td><a href='app.js'>app.js</a></td></tr></table>"
)
PYTHON = (
    "<title>Directory listing for /assets/</title><h1>Directory listing for /assets/</h1><ul><li><a href=app.js>x</a>"
)
IIS = "<title>example.com - /assets/</title><h1>example.com - /assets/</h1><a href='/'>[To Parent Directory]</a>"
JSON = '[\n{ "name":"app.js", "type":"file", "mtime":"Tue", "size":3 }]'
GO = (
    '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n<a href="app.js">app.js</a>\n</pre>\n'
)
CADDY = """<title>/assets/</title><h1><a href="../">/</a>assets/</h1><table aria-describedby="summary"><tr class="file"><td>
<a href="./app.js">app.js</a></table><footer>Served with <a rel="noopener" href="https://caddyserver.com">Caddy</a></footer>
<script>function initPage(){}</script>"""
XML = '<?xml version="1.0"?>\n<list>\n<file mtime="2026-01-01T00:00:00Z" size="3">app.js</file>\n</list>'
BUCKET = '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'


def answer(body: str, status: int = 200) -> Response:
    return Response("GET", "https://a.example/assets/", status, "HTTP/2", Headers(), body.encode(), 0, False, "", None)


@pytest.mark.parametrize("body", [NGINX, APACHE, PYTHON, IIS, GO, CADDY, XML, JSON, BUCKET])
def test_listings(body: str) -> None:
    assert is_listing(answer(body))
    assert not is_listing(answer(body, 403))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<title>Index of our tea</title><p>no links",
        "<title>Tea</title><a href=../>up</a>",
        "<pre>\n<a href='next.html'>the next poem</a>\n</pre>",
        '<p>Served with <a href="https://caddyserver.com">Caddy</a>',
        "<title>Index of contents</title><script src=/x.js></script><a href=/a>a</a>",
        '[{"name": "tea", "price": 3}]',
    ],
)
def test_pages_that_list_nothing(body: str) -> None:
    assert not is_listing(answer(body))


def folder(reply: Reply) -> Handler:
    def handler(request: Request) -> Reply:
        ways = {"/assets/": reply, "/assets/app.js": script("go()")}
        if (request.host, request.path) == ("example.com", "/"):
            return html("<script src=/assets/app.js></script><img src=/logo.png>")
        return ways.get(request.path) or healthy(request)

    return handler


@pytest.mark.parametrize(("body", "status"), [(NGINX, "warn"), (APACHE, "warn"), ("<title>Shop</title>", "pass")])
async def test_the_check(site: Site, body: str, status: str) -> None:
    await site.serve(folder(html(body)))
    looked = await site.look("exposure.directory-listing")
    assert looked.status == status
    if status == "warn":
        assert looked.problems == {"https://example.com/assets/": "warn"}


async def test_a_folder_that_is_shut(site: Site) -> None:
    await site.serve(folder(html(NGINX, status=403)))
    assert (await site.look("exposure.directory-listing")).only.status == "pass"


async def test_a_folder_above_is_a_parent_as_well(site: Site) -> None:
    def handler(request: Request) -> Reply:
        if (request.host, request.path) == ("example.com", "/"):
            return html("<script src=/static/js/app.js></script>")
        files = {"/static/js/app.js": script("go()"), "/static/": html(NGINX)}
        return files.get(request.path) or healthy(request)

    await site.serve(handler)
    assert (await site.look("exposure.directory-listing")).problems == {"https://example.com/static/": "warn"}

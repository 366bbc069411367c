"""exposure.debug, and the number of requests of the whole family."""

from __future__ import annotations

import pytest

from checks.subject import Route
from checks.web.exposure.debug import debug_output
from checks.web.exposure.probes import MOST_REQUESTS
from launchready_tui.lab.web_server import Handler, Reply, Request
from tests.growth import assert_linear
from tests.web.site_under_test import REAL_PAGE, Site, healthy, html, script

DJANGO = (
    "<h1>Page not found (404)</h1><p>You’re seeing this error because you have <code>DEBUG = True</code> in your "
    "Django settings file.</p>"
)
DJANGO_ESCAPED = "You&#x27;re seeing this error because you have <code>DEBUG = True</code> in"
WERKZEUG = "<title>ZeroDivisionError: division by zero // Werkzeug Debugger</title>"
LARAVEL = "<!-- Illuminate\\Database\\QueryException: SQLSTATE in file /var/www/app.php on line 3 --><html>"
PHP = "<br />\n<b>Fatal error</b>:  Uncaught Error in <b>/var/www/html/index.php</b> on line <b>12</b>"
PYTHON = '<pre>Traceback (most recent call last):\n  File "/app/main.py", line 3, in f'
EXPRESS = (
    "<pre>URIError: Failed to decode param<br> &nbsp; &nbsp;at decode_param (/app/node_modules/express/x.js:172:12)"
)
JAVA = "<pre>java.lang.NullPointerException\n\tat com.example.Shop.buy(Shop.java:42)\n"
DOTNET = "System.Exception: no\r\n   at Shop.Buy(Int32 id) in C:\\shop\\Shop.cs:line 12"
RUBY = "/app/controllers/tea.rb:12:in `show'"
GO = "panic: oh\n\ngoroutine 1 [running]:\nmain.main()"
RUST = "thread 'tokio-runtime-worker' (4711) panicked at src/main.rs:3:5:"
LARAVEL_JSON = (
    '{"exception":"RouteNotFound","file":"/var/www/vendor/laravel/framework/src/Routing.php","line":44,"trace":['
)
YII = "<div>1. in /var/www/html/controllers/<b>SiteController.php</b> at line <i>12</i></div>"
XDEBUG = "<table><tr><th>( ! ) Fatal error: Uncaught Error: x in C:\\wamp\\www\\x.php on line <i>3</i></th>"
URLCONF = "<p>Using the URLconf defined in <code>shop.urls</code>, Django tried these URL patterns"
TOMCAT = "<pre>java.lang.NullPointerException\n\tcom.example.Shop.buy(Shop.java:42)\n</pre>"
NEXT = '{"stack":"Error: x\\n    at getServerSideProps (webpack-internal:///./pages/index.js:12:11)"}'
GRAPHQL = '{"extensions":{"stacktrace":["Error: x","    at y (/app/resolvers.js:1:2)"]}}'
MINIMAL_API = "System.Exception: x\r\n   at Program.<>c.<<Main>$>b__0_0() in /src/Program.cs:line 8\r\n"
RACK = "Puma caught this error: boom (RuntimeError)\n/app/config.ru:1:in `block in <main>'"
SYMFONY = "<!-- No route found for &quot;GET /x&quot; (404 Not Found) -->\n<!DOCTYPE html>\n<html lang='en'>"


@pytest.mark.parametrize("body", [DJANGO, DJANGO_ESCAPED, URLCONF, WERKZEUG, LARAVEL, PHP, XDEBUG, SYMFONY])
def test_debug_pages_count_whatever_their_status(body: str) -> None:
    assert debug_output(body, 200)[0]
    assert debug_output(body, 404)[0]


@pytest.mark.parametrize(
    "body",
    [PYTHON, EXPRESS, NEXT, GRAPHQL, JAVA, TOMCAT, DOTNET, MINIMAL_API, RUBY, RACK, GO, RUST, LARAVEL_JSON, YII],
)
def test_stack_traces_count_on_error_pages(body: str) -> None:
    assert debug_output(body, 500)[0]
    assert not debug_output(body, 200)[0]


@pytest.mark.parametrize(
    "body",
    [
        REAL_PAGE,
        "<h1>404</h1><p>Look at our tea (3:40 min) or write to us at tea@example.com.",
        "Cannot GET /launch-ready",
        "<h1>Server Error (500)</h1>",
        "<p>Warning: hot tea in /our/ shop",
        "<p>at 2026/01/02 10:11:12 UTC</p>",
        "<p>at https://example.com/index.php (see line 4)</p>",
    ],
)
def test_plain_error_pages(body: str) -> None:
    assert debug_output(body, 500) == ("", "")


@pytest.mark.parametrize("piece", ["\n", " ", "/", "<!--", "\nat ", "<title>", "a.b(", "&nbsp;", "Warning: "])
def test_long_pages_are_searched_in_linear_time(piece: str) -> None:
    assert_linear(lambda page: debug_output(page, 500), piece)


def missing(reply: Reply) -> Handler:
    return lambda request: healthy(request) if request.path == "/" else reply


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (html(DJANGO, status=404), "fail"),
        (html(PYTHON, status=500), "fail"),
        (html(PYTHON), "fail"),
        (html("no", status=404), "pass"),
        (html("slow down", status=429), "error"),
    ],
)
async def test_the_page_for_nothing(site: Site, reply: Reply, status: str) -> None:
    await site.serve(missing(reply))
    assert (await site.look("exposure.debug")).status == status


async def test_the_page_for_an_unreadable_address(site: Site) -> None:
    await site.serve(lambda request: html(EXPRESS, status=400) if "%ff" in request.target else healthy(request))
    looked = await site.look("exposure.debug")
    assert list(looked.problems) == ["https://example.com/launch-ready-%ff"]


async def test_a_homepage_that_shows_its_fault(site: Site) -> None:
    await site.serve(lambda request: html(JAVA, status=500) if request.path == "/" else healthy(request))
    assert list((await site.look("exposure.debug")).problems) == ["https://example.com/"]


async def test_a_route_of_the_users_that_shows_its_fault(site: Site) -> None:
    await site.serve(lambda request: html(PYTHON, status=500) if request.path == "/api/tea" else healthy(request))
    looked = await site.look("exposure.debug", routes=(Route("/api/tea"),))
    assert looked.problems == {"https://example.com/api/tea": "fail"}


async def test_an_article_about_an_error_is_none(site: Site) -> None:
    await site.serve(lambda request: html(PYTHON) if request.path == "/" else healthy(request))
    assert (await site.look("exposure.debug")).status == "pass"


async def test_few_addresses_are_asked_for_that_no_visitor_would(site: Site) -> None:
    names = [f"/a{n}/app{n}.js" for n in range(12)]

    def handler(request: Request) -> Reply:
        if request.path == "/" and request.host == "example.com":
            return html("".join(f"<script src={name}></script>" for name in names))
        return script("go()") if request.path in names else healthy(request)

    await site.serve(handler)
    await site.look("exposure")
    extra = [r.path for r in site.server.requests if r.path not in ("/", *names)]
    assert len(extra) == len(set(extra))
    assert len(extra) <= MOST_REQUESTS

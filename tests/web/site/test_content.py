"""web.mixed-content and web.dev-url."""

from __future__ import annotations

import pytest

from checks.subject import Route
from checks.web.site.dev_hosts import dev_urls, kind_of_host
from launchready_tui.lab.web_server import Handler, Reply, Request, redirect
from tests.web.site_under_test import ADDRESS, HOME, Site, healthy, html, script, text


def with_files(body: str, *headers: tuple[str, str], **files: Reply) -> Handler:
    def handler(request: Request) -> Reply:
        if request.host == "example.com" and request.path == "/":
            return html(body, *headers)
        return files.get(request.path.removeprefix("/").replace(".", "_")) or healthy(request)

    return handler


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<img src=/a.png><script src=//cdn.example/x.js></script><a href=http://other.example/>out</a>", "pass"),
        ("<script src=http://cdn.example/x.js></script>", "warn"),
        ("<img src=HTTP://cdn.example/x.png>", "warn"),
        ('<img srcset="/a.png 1x, http://cdn.example/b.png 2x">', "warn"),
        ("<link rel=stylesheet href=http://cdn.example/x.css>", "warn"),
        ("<link rel=canonical href=http://cdn.example/>", "pass"),
        ("<iframe src=http://video.example/></iframe>", "warn"),
        ("<form action=http://example.com/send method=post></form>", "warn"),
        ("<form action=/send><button formaction=http://example.com/send>go</button></form>", "warn"),
        ("<p style='background:url(http://cdn.example/x.png)'>", "warn"),
        ("<style>@import 'http://cdn.example/x.css';</style>", "warn"),
        ("<style>/* url(http://cdn.example/x.png) */</style>", "pass"),
        ("<base href=http://example.com/><img src=x.png>", "warn"),
        ("<noscript><img src=http://cdn.example/x.png></noscript>", "pass"),
        ("<!--[if IE]><script src=http://cdn.example/x.js></script><![endif]-->", "pass"),
        ("<script>var x = '<img src=http://cdn.example/x.png>'</script>", "pass"),
        ("<video poster=http://cdn.example/x.jpg></video>", "warn"),
        ("<img src=data:image/png;base64,AAAA>", "pass"),
        ("<body background=http://cdn.example/sea.png>", "warn"),
        ("<table><td background=http://cdn.example/sea.png>", "warn"),
        ("<div background=http://cdn.example/sea.png>", "pass"),
        ("<iframe srcdoc='<img src=http://cdn.example/x.png>'></iframe>", "warn"),
        ("<object data=http://cdn.example/x.svg></object>", "warn"),
        ("<embed src=http://cdn.example/x.svg>", "warn"),
    ],
)
async def test_mixed_content(site: Site, body: str, status: str) -> None:
    await site.serve(with_files(body))
    finding = (await site.look("web.mixed-content")).only
    assert finding.status == status, finding


async def test_mixed_content_in_a_style_sheet(site: Site) -> None:
    css = Reply(200, (("content-type", "text/css"),), b"b{background:url('http://cdn.example/x.png')}")
    await site.serve(with_files("<link rel=stylesheet href=/a.css>", a_css=css))
    assert (await site.look("web.mixed-content")).only.status == "warn"


@pytest.mark.parametrize(
    ("link", "status"),
    [
        ("<http://cdn.example/a.css>; rel=stylesheet", "warn"),
        ('</b.css>; rel=preload; as=style, <http://cdn.example/a,b.js>; as="script"; rel="nofollow preload"', "warn"),
        ("<http://cdn.example/>; rel=preconnect, <http://cdn.example/feed>; rel=alternate", "pass"),
        ('<http://cdn.example/a.css>; rel=stylesheet; anchor="/other"', "pass"),
        ("<http://cdn.example/a.css", "pass"),
    ],
)
async def test_mixed_content_by_a_link_header(site: Site, link: str, status: str) -> None:
    await site.serve(with_files("<p>x", ("link", link)))
    finding = (await site.look("web.mixed-content")).only
    assert finding.status == status, finding
    assert status == "pass" or "by the Link header" in finding.evidence[0]


async def test_a_file_that_redirects_to_http_is_mixed_content(site: Site) -> None:
    image = redirect("http://example.com/sea.png")
    await site.serve(with_files("<img src=/a.png><script src=/a.js></script>", a_png=image, a_js=script("go()")))
    finding = (await site.look("web.mixed-content")).only
    assert finding.status == "warn"
    assert "by a redirect of https://example.com/a.png" in finding.evidence[0]


async def test_mixed_content_of_a_named_route(site: Site) -> None:
    unsafe = html("<script src=http://localhost:3000/pay.js></script>")
    await site.serve(with_files("<p>x", buy=unsafe, api=Reply(200, (("content-type", "application/json"),), b"{}")))
    looked = await site.look("web.mixed-content", routes=(Route("/buy"), Route("/api"), Route("/gone", status=404)))
    assert {f.target: f.status for f in looked.findings} == {HOME: "pass", f"{HOME}buy": "warn"}


async def test_browsers_that_are_told_to_upgrade_load_nothing_unsafe(site: Site) -> None:
    policy = ("content-security-policy", "upgrade-insecure-requests")
    await site.serve(with_files("<img src=http://cdn.example/x.png>", policy))
    assert (await site.look("web.mixed-content")).only.status == "pass"


async def test_a_page_on_http_has_another_trouble(site: Site) -> None:
    await site.serve(None, lambda request: html("<img src=http://cdn.example/x.png>"))
    assert (await site.look("web.mixed-content")).only.status == "skipped"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("localhost", "machine"),
        ("api.localhost", "machine"),
        ("127.0.0.1", "machine"),
        ("[::1]", "machine"),
        ("192.168.1.20", "private"),
        ("10.1.2.3", "private"),
        ("abc.ngrok-free.app", "tunnel"),
        ("x.trycloudflare.com", "tunnel"),
        ("shop-git-main-me.vercel.app", "preview"),
        ("deploy-preview-7--shop.netlify.app", "preview"),
        ("api-pr-12.onrender.com", "preview"),
        ("shop-staging.herokuapp.com", "preview"),
        ("api.onrender.com", ""),
        ("example.com", ""),
        ("localhost.example.com", ""),
        ("notlocalhost", ""),
        ("203.0.113.9", ""),
        ("169.254.169.254", ""),
    ],
)
def test_kinds_of_hosts(name: str, kind: str) -> None:
    assert kind in kind_of_host(name) if kind else kind_of_host(name) == ""


@pytest.mark.parametrize(
    "code",
    [
        'fetch("http://localhost:3000/api")',
        "axios.create({baseURL:'http://127.0.0.1:8000'})",
        "new WebSocket(`ws://localhost:8080`)",
        'const u="https://abc.ngrok.io"',
        'const r=/["\']/;const u="http://localhost:3000"',
        r'{"ajaxurl":"http:\/\/localhost\/wp\/admin-ajax.php"}',
        r'f("{\"api\":\"http://localhost:5000/v1\"}")',
        'x=n.env.API||"http://localhost:3000"',
        'a="*/*";b="http://192.168.0.4/x"',
        'const hostname = "http://localhost:3000/api"',
        'fetch("//localhost:3000/api")',
        '/* Development settings */ const api = "http://localhost:3000/api"',
    ],
)
def test_calls_of_developers_hosts(code: str) -> None:
    assert dev_urls(code)


@pytest.mark.parametrize(
    "code",
    [
        'fetch("/api")',
        "// fetch('http://localhost:3000')",
        "/* dev: 'http://localhost:3000' */",
        'new URL(x, "http://localhost")',
        'const GOTRUE_URL="http://localhost:9999"',
        '"localhost"===location.hostname?"http://localhost:3000":"https://api.example.com"',
        '"https://api.example.com"||"http://localhost:3000"',
        'if(isDev)api="http://localhost:3000/api"',
        'const api={development:"http://localhost:3000/api",production:"https://api.example.com"}[env]',
        'const api=isLocal(location.hostname)&&"http://localhost:3000/api"||"/api"',
        'log("open http://localhost:3000 in a browser")',
        "x=\"see 'http://localhost:3000' there\"",
        'm="http://169.254.169.254/latest/meta-data"',
    ],
)
def test_mentions_that_call_nothing(code: str) -> None:
    assert dev_urls(code) == ()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<script src=/app.js></script>", "pass"),
        ("<img src=http://localhost:3000/logo.png>", "fail"),
        ("<form action=https://abc.ngrok.io/send></form>", "fail"),
        ("<script>fetch('http://localhost:3000/api')</script>", "fail"),
        ("<p>Run it at <code>http://localhost:3000</code> and see</p>", "pass"),
        ("<a href=http://localhost:3000/docs>docs</a>", "pass"),
        ('<script type="application/ld+json">{"url":"http://localhost:3000/"}</script>', "pass"),
        ('<script type="application/json">{"url":"http://localhost:3000/"}</script>', "fail"),
        ("<script src=https://shop-git-x.vercel.app/w.js></script>", "fail"),
        ("<button onclick=\"fetch('http://localhost:3000/buy')\">buy</button>", "fail"),
        ("<div hx-get=http://localhost:3000/cart></div>", "fail"),
        ("<div data-base-url=http://127.0.0.1:8000/api></div>", "fail"),
        ("<button data-clipboard-text=http://localhost:3000/start>copy</button>", "pass"),
        ("<button onclick=\"copy('see http://localhost:3000/start')\">copy</button>", "pass"),
        ("<link rel=preconnect href=http://localhost:3000>", "fail"),
        ("<link rel=stylesheet href=/site.css>", "fail"),
        ("<meta property=og:image content=http://localhost:3000/sea.png>", "pass"),
    ],
)
async def test_dev_url(site: Site, body: str, status: str) -> None:
    css = Reply(200, (("content-type", "text/css"),), b"b{background:url(http://localhost:3000/sea.png)}")
    await site.serve(with_files(body, app_js=script("go('/api')"), site_css=css))
    finding = (await site.look("web.dev-url")).only
    assert finding.status == status, finding


async def test_dev_url_in_a_script_file(site: Site) -> None:
    await site.serve(with_files("<script src=/app.js></script>", app_js=script("fetch('http://localhost:3000/api')")))
    finding = (await site.look("web.dev-url")).only
    assert finding.status == "fail"
    assert "https://example.com/app.js" in finding.summary


async def test_a_site_that_lives_on_a_platform_s_host_may_call_itself(site: Site) -> None:
    site.world.zone("shop.vercel.app", {"@": [f"A {ADDRESS}"]})
    await site.serve(lambda request: html("<script src=https://shop.vercel.app/x.js></script>"))
    assert (await site.look("web.dev-url", canonical="https://shop.vercel.app/")).only.status == "pass"
    assert (await site.look("web.dev-url")).only.status == "fail"


async def test_a_homepage_in_error_is_told_elsewhere(site: Site) -> None:
    await site.serve(lambda request: text("oh", 500))
    assert (await site.look("web.dev-url")).only.status == "skipped"

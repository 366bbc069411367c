"""The checks of security headers, on a site that answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from checks.subject import Route
from checks.web.headers.cookies import as_it_should_be, faults
from checks.web.headers.set_cookie import Cookie, parse_set_cookie
from launchready_tui.lab.certificates import self_signed
from launchready_tui.lab.web_server import Handler, Reply, Request, redirect
from tests.web.site_under_test import ADDRESS, HOME, Site, healthy, html

Fields = tuple[tuple[str, str], ...]
HSTS = "strict-transport-security"
CSP = "content-security-policy"
YEAR = (HSTS, "max-age=31536000")


def with_headers(*headers: tuple[str, str], body: str = "<title>Tea</title>") -> Handler:
    def handler(request: Request) -> Reply:
        return html(body, *headers) if (request.host, request.path) == ("example.com", "/") else healthy(request)

    return handler


CHECKS = ("hsts", "csp", "framing", "nosniff", "referrer", "cors")


@pytest.mark.parametrize("check", CHECKS)
async def test_a_homepage_in_error_is_told_elsewhere(site: Site, check: str) -> None:
    await site.serve(lambda request: html(status=500))
    assert (await site.look(f"headers.{check}")).only.status == "skipped"


@pytest.mark.parametrize("check", CHECKS)
async def test_a_homepage_that_an_edge_guards_cannot_be_judged(site: Site, check: str) -> None:
    await site.serve(lambda request: html("", ("cf-mitigated", "challenge"), status=403))
    assert (await site.look(f"headers.{check}")).only.status == "error"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((YEAR,), "pass"),
        (((HSTS, "max-age=15552000"),), "pass"),
        (((HSTS, "max-age=15551999"),), "warn"),
        (((HSTS, "max-age=0"),), "warn"),
        (((HSTS, "max-age=600"), YEAR), "warn"),
        ((YEAR, (HSTS, "max-age=0")), "pass"),
        (((HSTS, "nonsense"),), "warn"),
        ((), "warn"),
    ],
)
async def test_hsts(site: Site, headers: Fields, status: str) -> None:
    await site.serve(with_headers(*headers))
    assert (await site.look("headers.hsts")).only.status == status


@pytest.mark.parametrize(
    ("value", "noted"),
    [
        ("max-age=31536000; preload", True),
        ("max-age=15552000; includeSubDomains; preload", True),
        ("max-age=31536000; includeSubDomains; preload", False),
        ("max-age=31536000", False),
    ],
)
async def test_hsts_that_the_preload_list_refuses_is_noted(site: Site, value: str, noted: bool) -> None:
    await site.serve(with_headers((HSTS, value)))
    looked = await site.look("headers.hsts")
    assert (looked.status, "the preload list takes no name" in looked.evidence) == ("pass", noted)


@pytest.mark.parametrize("fault", ["self-signed", "expired", "other name"])
async def test_hsts_over_a_certificate_that_does_not_verify_is_none(site: Site, fault: str) -> None:
    authority = site.world.authority
    made = {
        "self-signed": lambda: self_signed("example.com"),
        "expired": lambda: authority.issue("example.com", days=-0.5),
        "other name": lambda: authority.issue("other.example"),
    }
    await site.serve(with_headers(YEAR), certificate=made[fault]())
    finding = (await site.look("headers.hsts")).only
    assert finding.status == "warn"
    assert "certificate" in finding.summary


async def test_hsts_of_a_redirect_within_the_site_counts(site: Site) -> None:
    def handler(request: Request) -> Reply:
        return redirect("/en/", 302, YEAR) if request.path == "/" else html()

    await site.serve(handler)
    assert (await site.look("headers.hsts", canonical=HOME)).only.status == "pass"


async def test_hsts_without_https(site: Site) -> None:
    await site.serve(None, lambda request: html())
    assert (await site.look("headers.hsts")).only.status == "skipped"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((), "", "warn"),
        (((CSP, "script-src 'self'"),), "", "pass"),
        (((CSP, "script-src *"),), "", "warn"),
        (((CSP, "script-src *"), (CSP, "script-src 'self'")), "", "pass"),
        (((CSP, "upgrade-insecure-requests"),), "", "warn"),
        (((f"{CSP}-report-only", "script-src 'self'"),), "", "warn"),
        ((), "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">", "pass"),
        ((), "<p>x<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">", "warn"),
        ((), "\ufeff<!doctype html><meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">", "pass"),
        ((), "<head>x<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">", "warn"),
        (
            (),
            "<title>x</title></head>\n<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">",
            "pass",
        ),
        (((CSP, "img-src *"),), "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">", "pass"),
    ],
)
async def test_csp(site: Site, headers: Fields, body: str, status: str) -> None:
    await site.serve(with_headers(*headers, body=body or "<p>x"))
    assert (await site.look("headers.csp")).only.status == status


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((), "", "warn"),
        ((("x-frame-options", "DENY"),), "", "pass"),
        ((("x-frame-options", "ALLOW-FROM https://a.example"),), "", "warn"),
        (((CSP, "frame-ancestors 'self'"),), "", "pass"),
        (((CSP, "frame-ancestors *"),), "", "warn"),
        (((f"{CSP}-report-only", "frame-ancestors 'self'"),), "", "warn"),
        ((), "<meta http-equiv=Content-Security-Policy content=\"frame-ancestors 'self'\">", "warn"),
    ],
)
async def test_framing(site: Site, headers: Fields, body: str, status: str) -> None:
    await site.serve(with_headers(*headers, body=body or "<p>x"))
    assert (await site.look("headers.framing")).only.status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((), "warn"),
        ((("x-content-type-options", "NoSniff"),), "pass"),
        ((("x-content-type-options", "nosniff, nosniff"),), "pass"),
        ((("x-content-type-options", "none"), ("x-content-type-options", "nosniff")), "warn"),
    ],
)
async def test_nosniff(site: Site, headers: Fields, status: str) -> None:
    await site.serve(with_headers(*headers))
    assert (await site.look("headers.nosniff")).only.status == status


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((), "", "pass"),
        ((("referrer-policy", "unsafe-url"),), "", "warn"),
        ((("referrer-policy", "unsafe-url, strict-origin"),), "", "pass"),
        ((("referrer-policy", "no-referrer, origin"),), "", "warn"),
        ((("referrer-policy", "gibberish"),), "", "pass"),
        ((), "<meta name=referrer content=no-referrer-when-downgrade>", "warn"),
        ((("referrer-policy", "same-origin"),), "<meta name=referrer content=unsafe-url>", "pass"),
    ],
)
async def test_referrer(site: Site, headers: Fields, body: str, status: str) -> None:
    await site.serve(with_headers(*headers, body=body or "<p>x"))
    finding = (await site.look("headers.referrer")).only
    assert finding.status == status
    assert finding.triage == "note"


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("theme=dark; Secure", "pass"),
        ("theme=dark", "warn"),
        ("session=abc; Secure; HttpOnly", "pass"),
        ("session=abc; Secure", "warn"),
        ("connect.sid=abc; Secure", "warn"),
        ("auth_token=abc; Secure", "warn"),
        ("csrf_token=abc; Secure", "pass"),
        ("XSRF-TOKEN=abc; Secure", "pass"),
        ("sidebar=open; Secure", "pass"),
        ("author=jo; Secure", "pass"),
        ("PHPSESSID=abc; Secure", "warn"),
        ("a=b; SameSite=None", "warn"),
        ("__Host-a=b; Secure; Path=/x", "warn"),
        ("session=; Max-Age=0", "pass"),
        ("", "pass"),
    ],
)
async def test_cookies(site: Site, line: str, status: str) -> None:
    await site.serve(with_headers(("set-cookie", line)))
    finding = (await site.look("headers.cookies")).of("example.com")
    assert finding.status == status, finding
    assert "abc" not in "".join(finding.evidence)


async def test_cookies_of_redirects_and_routes(site: Site) -> None:
    def handler(request: Request) -> Reply:
        if request.host == "www.example.com":
            return redirect(HOME, 301, ("set-cookie", "seen=1"))
        if request.path == "/login":
            return html("in", ("set-cookie", "sid=1; Secure"))
        return html()

    await site.serve(handler)
    looked = await site.look("headers.cookies", routes=(Route("/login"),))
    assert looked.problems == {"www.example.com": "warn", "example.com": "warn"}


@pytest.mark.parametrize("check", ["headers.cookies", "edge.private-cached"])
async def test_what_a_log_in_service_answers_is_its_own(site: Site, check: str) -> None:
    def handler(request: Request) -> Reply:
        if request.host == "login.test":
            return html("in", ("set-cookie", "sid=1"), ("cache-control", "public, max-age=60"))
        return redirect("https://login.test/") if request.path == "/login" else healthy(request)

    site.world.zone("login.test", {"@": [f"A {ADDRESS}"]})
    await site.serve(handler)
    looked = await site.look(check, routes=(Route("/login"),))
    assert (looked.status, looked.problems) == ("pass", {})
    assert "login.test" not in {finding.target for finding in looked.findings}


async def test_a_cookie_set_on_a_first_visit_alone_counts(site: Site) -> None:
    def handler(request: Request) -> Reply:
        back = "seen=1" in request.header("cookie")
        return html() if back else redirect(HOME, 302, ("set-cookie", "seen=1"))

    await site.serve(handler, zone={"@": [f"A {ADDRESS}"]})
    assert (await site.look("headers.cookies")).problems == {"example.com": "warn"}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("session=v; Domain=.example.com; Path=/app", "session=...; Path=/app; Domain=example.com; Secure; HttpOnly; SameSite=Lax"),
        ("w=v; SameSite=None", "w=...; Path=/; Secure; SameSite=None"),
        ("__Host-w=v; Secure; Path=/x; Domain=example.com; SameSite=Strict", "__Host-w=...; Path=/; Secure; SameSite=Strict"),
        ("w=v; Max-Age=3600; SameSite=None; Partitioned", "w=...; Path=/; Max-Age=3600; Secure; SameSite=None; Partitioned"),
        ("w=v; Expires=Wed, 01 Jan 2070 00:00:00 GMT", "w=...; Path=/; Expires=Wed, 01 Jan 2070 00:00:00 GMT; Secure; SameSite=Lax"),
        ("w=v; HttpOnly", "w=...; Path=/; Secure; HttpOnly; SameSite=Lax"),
    ],
)  # fmt: skip
def test_the_cookie_as_it_should_be_keeps_what_is_right(line: str, right: str) -> None:
    cookie = parse_set_cookie(line)
    assert isinstance(cookie, Cookie)
    assert as_it_should_be(cookie) == right
    mended = parse_set_cookie(right)
    assert isinstance(mended, Cookie) and faults(mended) == ()


async def test_a_cookie_set_over_http_alone_is_not_judged(site: Site) -> None:
    await site.serve(plain=lambda request: redirect(f"https://{request.host}/", 301, ("set-cookie", "a=b")))
    assert (await site.look("headers.cookies")).status == "pass"


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_nonce_that_never_changes_is_noted(site: Site, fresh: bool) -> None:
    count = itertools.count(100)

    def handler(request: Request) -> Reply:
        nonce = next(count) if fresh else 7
        return html("<p>x", (CSP, f"script-src 'nonce-a{nonce}'")) if request.path == "/" else healthy(request)

    await site.serve(handler)
    looked = await site.look("headers.csp")
    assert looked.status == "pass"
    assert ("'nonce-a7' came twice" in looked.evidence) is not fresh


def reflecting(allow: str, credentials: str = "true") -> Handler:
    def handler(request: Request) -> Reply:
        origin = request.header("origin")
        if not origin or request.host != "example.com":
            return healthy(request)
        value = allow.format(origin=origin)
        fields = (("access-control-allow-origin", value), ("access-control-allow-credentials", credentials))
        return html("<p>x", *fields)

    return handler


@pytest.mark.parametrize(
    ("allow", "credentials", "status"),
    [
        ("{origin}", "true", "fail"),
        ("{origin}", "false", "pass"),
        ("null", "true", "fail"),
        ("*", "true", "warn"),
        ("*", "false", "pass"),
        ("https://app.example.com", "true", "pass"),
    ],
)
async def test_cors(site: Site, allow: str, credentials: str, status: str) -> None:
    await site.serve(reflecting(allow, credentials))
    assert (await site.look("headers.cors")).only.status == status


@pytest.mark.parametrize(
    "trusts",
    [
        lambda origin: origin.startswith("https://example.com"),
        lambda origin: origin.endswith("example.com"),
        lambda origin: "example.com" in origin,
    ],
)
async def test_cors_for_a_name_that_only_looks_like_the_site_s(site: Site, trusts: Callable[[str], bool]) -> None:
    reflect = reflecting("{origin}")
    await site.serve(lambda request: reflect(request) if trusts(request.header("origin")) else healthy(request))
    finding = (await site.look("headers.cors")).only
    assert finding.status == "fail"
    assert "lets https://example.com.launch-ready-example.com read" in finding.summary


async def test_a_page_without_cors(site: Site) -> None:
    await site.serve(zone={"@": [f"A {ADDRESS}"]})
    assert (await site.look("headers.cors")).only.status == "pass"

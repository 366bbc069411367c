"""edge.static-uncached and edge.private-cached."""

from __future__ import annotations

import itertools

import pytest

from checks.subject import Route
from launchready_tui.lab.web_server import Reply, Request, page
from launchready_tui.lab.world import World
from tests.web.edge.conftest import EDGE_ADDRESS, HTML, LONG, Audit, OpenShop, Shop, only, reply, zipped

STATIC, PRIVATE = "edge.static-uncached", "edge.private-cached"
COOKIE = ("set-cookie", "session=abc; Secure; HttpOnly")


def cc(value: str) -> tuple[str, str]:
    return "cache-control", value


# -------------------------------------------------------------------- edge.static-uncached


async def test_files_that_may_be_kept_pass(open_shop: OpenShop, audit: Audit) -> None:
    await open_shop()
    finding = only(await audit(STATIC))
    assert (finding.status, finding.target) == ("pass", "https://example.com/")
    assert "3 static files" in finding.summary


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], "warn"),
        ([("etag", '"v1"'), ("last-modified", "Thu, 01 Jan 2015 00:00:00 GMT")], "warn"),
        ([cc("max-age=3599")], "warn"),
        ([cc("public, max-age=0, must-revalidate")], "warn"),
        ([cc("private, max-age=86400")], "warn"),
        ([cc("no-cache, max-age=86400")], "warn"),
        ([cc("no-store")], "warn"),
        ([cc("max-age=86400, s-maxage=60")], "warn"),
        ([("expires", "0")], "warn"),
        ([cc("max-age=3600")], "pass"),
        ([cc("max-age=0, s-maxage=86400")], "pass"),
        ([("date", "Thu, 01 Jan 2026 00:00:00 GMT"), ("expires", "Thu, 01 Jan 2026 02:00:00 GMT")], "pass"),
    ],
)
@pytest.mark.parametrize("path", ["/app.css", "/app.js", "/logo.svg"])
async def test_one_file_decides(
    open_shop: OpenShop, shop: Shop, audit: Audit, path: str, headers: list[tuple[str, str]], status: str
) -> None:
    kind = dict(shop.table[path].headers)["content-type"]
    shop.table[path] = zipped(LONG, kind, *headers)
    await open_shop()
    finding = only(await audit(STATIC))
    assert finding.status == status
    assert status == "pass" or f"https://example.com{path}" in finding.evidence[0]


async def test_a_font_that_only_a_style_sheet_names_counts(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    css = b"@font-face{font-family:T;src:url(/tea.woff2)}"
    shop.table["/app.css"] = zipped(css, "text/css", cc("max-age=86400"))
    shop.table["/tea.woff2"] = reply(b"wOF2", "font/woff2")
    await open_shop()
    assert "tea.woff2" in only(await audit(STATIC)).evidence[0]


async def test_a_file_of_another_company_does_not_count(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table["/"] = page("<title>T</title><script src=https://cdn.other.example/a.js></script>")
    await open_shop()
    assert only(await audit(STATIC)).status == "skipped"


async def test_files_that_are_missing_are_told_and_not_judged(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    del shop.table["/app.css"]
    await open_shop()
    finding = only(await audit(STATIC))
    assert finding.status == "pass"
    assert any("/app.css -> 404" in line for line in finding.evidence)


async def test_no_file_answers_is_could_not_tell(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table = {"/": shop.table["/"]}
    await open_shop()
    assert only(await audit(STATIC)).status == "error"


async def test_an_etag_that_never_stays_is_noted(world: World, shop: Shop, audit: Audit) -> None:
    count = itertools.count()

    def handler(request: Request) -> Reply:
        made = shop(request)
        return Reply(made.status, (*made.headers, ("etag", f'"{next(count)}"')), made.body)

    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"]})
    await world.web(EDGE_ADDRESS, handler, world.authority.issue("example.com"))
    finding = only(await audit(STATIC))
    assert (finding.status, "another ETag for the same content" in str(finding.evidence)) == ("pass", True)


async def test_behind_an_edge_a_file_is_asked_for_twice(open_shop: OpenShop, audit: Audit) -> None:
    server = await open_shop(EDGE_ADDRESS, ("cf-cache-status", "HIT"))
    finding = only(await audit(STATIC))
    assert any("asked twice: cf-cache-status=HIT, then cf-cache-status=HIT" in line for line in finding.evidence)
    assert [request.path for request in server.requests].count("/app.css") <= 2


async def test_a_site_that_is_down_is_not_judged(world: World, audit: Audit) -> None:
    world.zone("example.com", {"@": [f"A {EDGE_ADDRESS}"]})
    assert [f.status for f in await audit(STATIC, PRIVATE, "edge.no-compression", "edge.no-http2")] == ["skipped"] * 4


# -------------------------------------------------------------------- edge.private-cached


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], "fail"),
        ([cc("public, max-age=600")], "fail"),
        ([cc("max-age=0, must-revalidate")], "fail"),
        ([cc("no-cache")], "fail"),
        ([("expires", "0")], "fail"),
        ([cc('private="Set-Cookie"')], "fail"),
        ([cc("private"), ("cdn-cache-control", "max-age=600")], "fail"),
        ([cc("private")], "pass"),
        ([cc("private, no-cache")], "pass"),
        ([cc("no-store")], "pass"),
        ([cc("no-cache, no-store, must-revalidate"), ("pragma", "no-cache")], "pass"),
    ],
)
async def test_a_private_page_needs_a_word_against_storing(
    open_shop: OpenShop, shop: Shop, audit: Audit, headers: list[tuple[str, str]], status: str
) -> None:
    shop.table["/account"] = page("<title>Account</title>", *headers)
    await open_shop()
    findings = {f.target: f for f in await audit(PRIVATE, private_paths=("/account",))}
    assert findings["https://example.com/account"].status == status
    assert findings["https://example.com/"].status == "pass"
    assert status == "pass" or "private, no-store" in findings["https://example.com/account"].fix


@pytest.mark.parametrize("status", [302, 303, 307, 401, 403])
async def test_an_answer_that_no_cache_would_guess_about_is_safe(
    open_shop: OpenShop, shop: Shop, audit: Audit, status: int
) -> None:
    location = [("location", "/login")] if status < 400 else []
    shop.table["/account"] = page("<title>Log in</title>", *location, status=status)
    shop.table["/login"] = page("<title>Log in</title>")
    await open_shop()
    findings = {f.target: str(f.status) for f in await audit(PRIVATE, private_paths=("/account",))}
    assert findings["https://example.com/account"] == "pass"


@pytest.mark.parametrize(("control", "status"), [("private", "pass"), ("max-age=60", "fail")])
async def test_a_private_page_that_moved_for_good_is_judged_where_it_is(
    open_shop: OpenShop, shop: Shop, audit: Audit, control: str, status: str
) -> None:
    shop.table["/account"] = Reply(301, (("location", "/account/"),))
    shop.table["/account/"] = page("<title>Account</title>", cc(control))
    await open_shop()
    findings = {f.target: str(f.status) for f in await audit(PRIVATE, private_paths=("/account",))}
    assert findings["https://example.com/account"] == status


@pytest.mark.parametrize(("control", "status"), [("no-store", "pass"), ("max-age=60", "fail")])
async def test_a_private_page_that_leads_to_the_log_in_is_judged_by_its_own_answer(
    open_shop: OpenShop, shop: Shop, audit: Audit, control: str, status: str
) -> None:
    shop.table["/account"] = Reply(301, (("location", "/login"), cc(control)))
    shop.table["/login"] = page("<title>Log in</title>", cc("public, max-age=600"))
    await open_shop()
    findings = {f.target: f for f in await audit(PRIVATE, private_paths=("/account",))}
    assert findings["https://example.com/account"].status == status
    assert "/account -> 301" in findings["https://example.com/account"].evidence[0]


@pytest.mark.parametrize(("status", "told"), [(404, "skipped"), (410, "skipped"), (500, "error"), (503, "error")])
async def test_a_private_page_that_is_not_there_is_not_judged(
    open_shop: OpenShop, shop: Shop, audit: Audit, status: int, told: str
) -> None:
    shop.table["/account"] = page("<title>Oops</title>", status=status)
    await open_shop()
    findings = {f.target: str(f.status) for f in await audit(PRIVATE, private_paths=("/account",))}
    assert findings["https://example.com/account"] == told


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([COOKIE, cc("public, max-age=600")], "fail"),
        ([COOKIE, cc("s-maxage=60")], "fail"),
        ([COOKIE, cc("public, max-age=0, must-revalidate")], "fail"),
        ([COOKIE, ("date", "Thu, 01 Jan 2026 00:00:00 GMT"), ("expires", "Thu, 01 Jan 2026 02:00:00 GMT")], "fail"),
        ([COOKIE], "pass"),
        ([COOKIE, cc("no-cache")], "pass"),
        ([COOKIE, cc("private, max-age=600")], "pass"),
        ([COOKIE, cc("no-store")], "pass"),
        ([cc("public, max-age=600")], "pass"),
        ([("set-cookie", "__cf_bm=x; Secure"), cc("public, max-age=600")], "pass"),
        ([("set-cookie", "old=; Max-Age=0"), cc("public, max-age=600")], "pass"),
        ([("set-cookie", "__cf_bm=x"), COOKIE, cc("public, max-age=600")], "fail"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/app.js"])
async def test_an_answer_that_sets_a_cookie_must_not_invite_storing(
    open_shop: OpenShop, shop: Shop, audit: Audit, path: str, headers: list[tuple[str, str]], status: str
) -> None:
    body, kind = (HTML.encode(), "text/html") if path == "/" else (LONG, "text/javascript")
    shop.table[path] = zipped(body, kind, *headers)
    await open_shop()
    finding = only(await audit(PRIVATE))
    assert (finding.status, finding.target) == (status, "https://example.com/")
    assert status == "pass" or ("session" in finding.evidence[0] and path in finding.evidence[0])


async def test_a_named_route_that_sets_a_cookie_counts(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    shop.table["/login"] = page("<title>Log in</title>", COOKIE, cc("public, max-age=600"))
    await open_shop()
    finding = only(await audit(PRIVATE, routes=(Route("/login"),)))
    assert finding.status == "fail"
    assert "https://example.com/login sets a cookie" in finding.summary


async def test_a_homepage_named_as_private_is_judged_as_both(open_shop: OpenShop, shop: Shop, audit: Audit) -> None:
    await open_shop()
    assert only(await audit(PRIVATE, private_paths=("/",))).status == "fail"

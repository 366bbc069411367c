"""The checks of redirects: loops, length, permanence, downgrades, lost paths and dead campaign links."""

from __future__ import annotations

import pytest

from launchready_tui.lab.web_server import Handler, Reply, Request, redirect
from tests.web.site_under_test import ADDRESS, HOME, Site, healthy, html, to_https

WWW = "https://www.example.com/"
PLAIN = "http://example.com/"
CHECKS = ("web.redirect-loop", "web.redirect-chain", "web.redirect-temporary", "web.redirect-downgrade")


def by(status: int) -> Handler:
    return lambda request: redirect(f"https://{request.host}{request.target}", status)


@pytest.mark.parametrize("check", [*CHECKS, "web.redirect-drops-path"])
@pytest.mark.parametrize("status", [301, 308])
async def test_right_redirects_raise_nothing(site: Site, check: str, status: int) -> None:
    await site.serve(plain=by(status))
    assert (await site.look(check)).status == "pass"


@pytest.mark.parametrize("check", CHECKS)
async def test_a_closed_port_80_raises_nothing(site: Site, check: str) -> None:
    await site.serve(plain=None)
    assert (await site.look(check)).status == "pass"


async def test_loop_between_http_and_https(site: Site) -> None:
    await site.serve(lambda request: redirect(f"http://{request.host}/"))
    looked = await site.look("web.redirect-loop")
    assert set(looked.problems) == {PLAIN, HOME, "http://www.example.com/", WWW}
    assert (await site.look("web.redirect-chain")).status == "skipped"


async def test_endless_campaign_link(site: Site) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/s"):
            return redirect(f"/s{int(request.path[2:]) + 1}")
        return healthy(request)

    await site.serve(handler)
    looked = await site.look("web.redirect-loop", campaign_urls=("https://example.com/s1",))
    assert looked.problems == {"https://example.com/s1": "fail"}
    assert (await site.look("web.campaign-broken", campaign_urls=("https://example.com/s1",))).status == "skipped"


async def test_a_long_way(site: Site) -> None:
    def plain(request: Request) -> Reply:
        if request.host == "example.com":
            return redirect("http://www.example.com/")
        return to_https(request)

    def secure(request: Request) -> Reply:
        if request.host == "www.example.com":
            return redirect(f"https://example.com{request.target}")
        return html()

    await site.serve(secure, plain)
    looked = await site.look("web.redirect-chain")
    assert looked.problems == {PLAIN: "warn"}
    assert "3 redirects" in looked.of(PLAIN).summary


async def test_the_site_s_own_way_on_from_the_declared_page_is_not_counted(site: Site) -> None:
    def secure(request: Request) -> Reply:
        if request.host == "example.com":
            return redirect(f"https://www.example.com{request.target}")
        return redirect("/en/home", 302) if request.path == "/" else html()

    await site.serve(secure)
    assert (await site.look("web.redirect-chain", canonical=WWW)).status == "pass"
    assert (await site.look("web.redirect-temporary", canonical=WWW)).status == "pass"
    assert (await site.look("web.redirect-chain")).problems == {PLAIN: "warn"}
    assert (await site.look("web.redirect-temporary")).status == "warn"


@pytest.mark.parametrize("headers", [(("vary", "Accept-Language"),), ()])
async def test_a_choice_of_language_is_rightly_temporary(site: Site, headers: tuple[tuple[str, str], ...]) -> None:
    def secure(request: Request) -> Reply:
        if request.host == "www.example.com":
            return redirect(f"https://example.com{request.target}")
        return redirect("/en/", 302, *headers) if request.path == "/" else html()

    await site.serve(secure)
    assert (await site.look("web.redirect-temporary")).status == "pass"
    assert (await site.look("web.redirect-chain")).status == "pass"


async def test_a_campaign_link_to_the_start_of_a_language_is_no_choice_of_one(site: Site) -> None:
    await site.serve(lambda request: redirect("/de/", 302) if request.path == "/spring" else html())
    link = "https://example.com/spring"
    assert (await site.look("web.redirect-temporary", campaign_urls=(link,))).problems == {link: "warn"}


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_temporary_redirects(site: Site, status: int) -> None:
    await site.serve(plain=by(status))
    looked = await site.look("web.redirect-temporary")
    assert looked.problems == {PLAIN: "warn", "http://www.example.com/": "warn"}
    assert str(status) in looked.of(PLAIN).summary


async def test_a_redirect_by_the_page(site: Site) -> None:
    def secure(request: Request) -> Reply:
        if request.host == "www.example.com":
            return html('<meta http-equiv="Refresh" content="0;URL=\'https://example.com/\'">')
        return healthy(request)

    await site.serve(secure)
    looked = await site.look("web.redirect-temporary")
    assert WWW in looked.problems
    assert "by the page itself" in looked.of(WWW).summary


async def test_a_campaign_link_that_loses_what_its_reports_count(site: Site) -> None:
    def secure(request: Request) -> Reply:
        return redirect("/?utm_medium=e%2Dmail") if request.path == "/spring" else healthy(request)

    await site.serve(secure)
    link = "https://example.com/spring?gclid=abc&utm_medium=e-mail"
    finding = (await site.look("web.campaign-broken", campaign_urls=(link,))).only
    assert finding.status == "pass"
    assert "note: gclid of this address is lost" in finding.evidence[-1]


async def test_a_temporary_campaign_link(site: Site) -> None:
    def secure(request: Request) -> Reply:
        return redirect("/", 302) if request.path == "/spring" else healthy(request)

    await site.serve(secure)
    link = "https://example.com/spring"
    assert (await site.look("web.redirect-temporary", campaign_urls=(link,))).problems == {link: "warn"}


async def test_back_to_http(site: Site) -> None:
    def secure(request: Request) -> Reply:
        return redirect("http://www.example.com/x") if request.host == "example.com" else html()

    await site.serve(secure)
    looked = await site.look("web.redirect-downgrade")
    assert looked.problems == {HOME: "fail"}
    assert "https://www.example.com/x" in looked.findings[0].fix


@pytest.mark.parametrize(
    ("target", "lost"),
    [
        ("https://example.com/", "path and the query"),
        ("https://example.com{path}", "query"),
        ("https://example.com/?{query}", "path"),
        ("https://example.com{path}?{query}", ""),
        ("https://example.com/en{path}?utm=1&{query}", ""),
        ("https://example.com/moved?path={path}&{query}", "path"),
    ],
)
async def test_what_a_redirect_loses(site: Site, target: str, lost: str) -> None:
    def secure(request: Request) -> Reply:
        if request.host == "www.example.com":
            return redirect(target.format(path=request.path, query=request.query))
        return healthy(request)

    await site.serve(secure)
    looked = await site.look("web.redirect-drops-path")
    if lost:
        assert looked.of(WWW).status == "warn"
        assert f"loses the {lost}" in looked.of(WWW).summary
        assert looked.of(HOME).status == "pass"
    else:
        assert looked.status == "pass"


async def test_a_target_without_its_last_slash_runs_into_the_name(site: Site) -> None:
    def secure(request: Request) -> Reply:
        if request.host == "www.example.com":
            return redirect(f"https://example.com{request.target[1:]}")
        return healthy(request)

    await site.serve(secure)
    finding = (await site.look("web.redirect-drops-path")).of(WWW)
    assert finding.status == "warn"
    assert "example.comlaunch-ready-" in finding.summary
    assert "Redirect permanent / https://example.com/ " in finding.fix


@pytest.mark.parametrize("inner", [404, 200])
async def test_a_redirect_of_the_homepage_alone_tells_nothing_of_inner_pages(site: Site, inner: int) -> None:
    def secure(request: Request) -> Reply:
        if request.host == "www.example.com" and request.path != "/":
            return html(status=inner)
        return healthy(request)

    await site.serve(secure)
    finding = (await site.look("web.redirect-drops-path")).of(WWW)
    assert (finding.status, str(inner) in finding.summary) == ("error", True)


async def test_a_site_that_turns_programs_away_is_not_called_whole(site: Site) -> None:
    def secure(request: Request) -> Reply:
        if "Chrome" not in request.header("user-agent"):
            return html("<title>Access denied</title>", status=403)
        return healthy(request)

    await site.serve(secure)
    looked = await site.look("web.canonical-split")
    assert looked.status == "error" and "turns automated visitors away" in looked.findings[0].summary
    for check in (*CHECKS[:3], "web.redirect-drops-path"):
        looked = await site.look(check, canonical=HOME)
        assert (looked.of(WWW).status, looked.of(HOME).status) == ("error", "pass"), check


@pytest.mark.parametrize(
    ("path", "status"),
    [("/spring", "pass"), ("/gone", "fail"), ("/moved", "pass"), ("/broken", "fail"), ("/dark", "fail")],
)
async def test_campaign_links(site: Site, path: str, status: str) -> None:
    def secure(request: Request) -> Reply:
        ways = {
            "/spring": html(),
            "/moved": redirect("/spring"),
            "/broken": redirect("/nowhere"),
            "/dark": redirect("https://dark.example.com/"),
        }
        return ways.get(request.path) or healthy(request)

    await site.serve(secure)
    link = f"https://example.com{path}"
    finding = (await site.look("web.campaign-broken", campaign_urls=(link,))).only
    assert (finding.target, finding.status) == (link, status)


async def test_no_campaign_link_is_nothing_to_look_at(site: Site) -> None:
    await site.serve()
    assert (await site.look("web.campaign-broken")).only.status == "skipped"


async def test_other_domains_of_the_brand_are_followed(site: Site) -> None:
    await site.serve()
    site.world.zone("example.net", {"@": [f"A {ADDRESS}"]})
    looked = await site.look("web.redirect-loop", variants=["example.net"])
    assert "http://example.net/" in {f.target for f in looked.findings}

"""web.canonical-tag and web.noindex, with the grammars of robots."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.site.robots import forbids_indexing, parse_robots
from launchready_tui.lab.web_server import HangUp, Reply, Request, redirect
from tests.web.site_under_test import Site, healthy, html, text

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def at_root(reply: Reply, robots: Reply | None = None) -> object:
    def handler(request: Request) -> Reply:
        if request.host == "www.example.com" or request.path not in ("/", "/robots.txt"):
            return healthy(request)
        if request.path == "/":
            return reply
        return robots or text("no", 404)

    return handler


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (html(), "pass"),
        (html('<link rel="canonical" href="https://example.com/">'), "pass"),
        (html('<link rel="canonical" href="/start">'), "pass"),
        (html('<LINK REL="alternate Canonical" HREF=https://example.com/x?a=1>'), "pass"),
        (html('<link rel="canonical" href="">'), "pass"),
        (html('<link rel="canonical" href="https://www.example.com/">'), "warn"),
        (html('<link rel="canonical" href="http://example.com/">'), "warn"),
        (html('<link rel="canonical" href="https://shop.vercel.app/">'), "warn"),
        (html('<base href="https://old.example/"><link rel="canonical" href="/">'), "warn"),
        (html("x", ("link", '</a.css>; rel=preload, <https://old.example/>; rel="canonical"')), "warn"),
        (html("x", ("link", "<https://example.com/>; rel=canonical")), "pass"),
        (html('<template><link rel="canonical" href="https://old.example/"></template>'), "pass"),
        (html('<!-- <link rel="canonical" href="https://old.example/"> -->'), "pass"),
    ],
)
async def test_canonical_tag(site: Site, page: Reply, status: str) -> None:
    await site.serve(at_root(page))
    assert (await site.look("web.canonical-tag")).only.status == status


async def test_the_right_canonical_address_is_given_for_each_place(site: Site) -> None:
    old = "https://old.example/"
    await site.serve(at_root(html(f'<link rel="canonical" href="{old}">', ("link", f'<{old}>; rel="canonical"'))))
    fix = (await site.look("web.canonical-tag")).only.fix
    assert '<link rel="canonical" href="https://example.com/">' in fix
    assert 'Link: <https://example.com/>; rel="canonical"' in fix


async def test_everything_that_hides_the_page_is_told_at_once(site: Site) -> None:
    hidden = html('<meta name="robots" content="noindex">', ("x-robots-tag", "none"))
    await site.serve(lambda request: text("User-agent: *\nDisallow: /\n") if request.path == "/robots.txt" else hidden)
    finding = (await site.look("web.noindex")).only
    assert all(part in finding.fix for part in ("X-Robots-Tag header", "<meta name", "robots.txt"))


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (html(), "pass"),
        (html('<meta name="robots" content="index, follow">'), "pass"),
        (html('<meta name="ROBOTS" content="NoIndex, nofollow">'), "warn"),
        (html("<meta content=none name=robots>"), "warn"),
        (html('<meta name="googlebot" content="noindex">'), "warn"),
        (html('<meta name="otherbot" content="noindex">'), "pass"),
        (html("x", ("x-robots-tag", "nofollow"), ("x-robots-tag", "noindex")), "warn"),
        (html("x", ("x-robots-tag", "otherbot: noindex, nofollow")), "pass"),
        (html("x", ("x-robots-tag", "googlebot: nofollow, bingbot: noindex")), "warn"),
        (html("x", ("x-robots-tag", "max-snippet:20, noindex")), "warn"),
    ],
)
async def test_noindex_by_the_page(site: Site, page: Reply, status: str) -> None:
    await site.serve(at_root(page))
    assert (await site.look("web.noindex")).only.status == status


@pytest.mark.parametrize(
    ("robots", "status"),
    [
        (text("User-agent: *\nDisallow: /"), "warn"),
        (text("\ufeffuser-AGENT : *\r\nDISALLOW: /*  # all\r\n"), "warn"),
        (text("User-agent: *\nDisallow: /\nAllow: /"), "pass"),
        (text("User-agent: *\nDisallow: /\nAllow: /$"), "pass"),
        (text("User-agent: *\nDisallow:\n"), "pass"),
        (text("User-agent: *\nDisallow: /admin"), "pass"),
        (text("User-agent: BadBot\nDisallow: /"), "pass"),
        (text("User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nAllow: /"), "pass"),
        (text("User-agent: a\nUser-agent: *\nDisallow: /"), "warn"),
        (text("User-agent: *\nCrawl-delay: 5\nDisallow: /"), "warn"),
        (text("Disallow: /"), "pass"),
        (html("<title>App</title>Disallow: /"), "pass"),
        (text("oh", 404), "pass"),
        (text("oh", 503), "warn"),
    ],
)
async def test_noindex_by_robots_txt(site: Site, robots: Reply, status: str) -> None:
    await site.serve(at_root(html(), robots))
    finding = (await site.look("web.noindex")).only
    assert finding.status == status, finding


async def test_a_robots_txt_that_cannot_be_read_is_no_verdict(site: Site) -> None:
    def handler(request: Request) -> Reply:
        if request.path == "/robots.txt":
            raise HangUp
        return healthy(request)

    await site.serve(handler, http2=False)
    assert (await site.look("web.noindex")).only.status == "error"


async def test_a_homepage_in_error_is_told_elsewhere(site: Site) -> None:
    await site.serve(lambda request: html(status=500))
    assert (await site.look("web.noindex")).only.status == "skipped"
    assert (await site.look("web.canonical-tag")).only.status == "skipped"


async def test_a_moved_robots_txt_is_followed(site: Site) -> None:
    def handler(request: Request) -> Reply:
        ways = {"/robots.txt": redirect("/r.txt"), "/r.txt": text("User-agent: *\nDisallow: /")}
        return ways.get(request.path) or healthy(request)

    await site.serve(handler)
    assert (await site.look("web.noindex")).only.status == "warn"


@pytest.mark.parametrize(
    ("line", "forbidden"),
    [
        ("unavailable_after: Saturday, 24 Jan 2026 15:00:00 GMT", True),
        ("unavailable_after: 24 Jan 2026 15:00:00 GMT", True),
        ("unavailable_after: 2025-01-01", True),
        ("unavailable_after: 2027-01-01", False),
        ("googlebot: unavailable_after: 2025-01-01T00:00:00+00:00", True),
        ("unavailable_after: soon", False),
    ],
)
def test_an_end_of_the_time_in_search(line: str, forbidden: bool) -> None:
    assert bool(forbids_indexing([line], NOW)) is forbidden


@pytest.mark.parametrize(
    ("rule", "path", "allowed"),
    [
        ("/fish", "/fish/salmon", False),
        ("/fish", "/Fish", True),
        ("/*.php", "/a/index.php?x", False),
        ("/*.php$", "/index.php?x", True),
        ("/*.php$", "/index.php", False),
        ("/a%3cd.html", "/a%3Cd.html", False),
        ("/a%62c", "/abc", False),
        ("/f*h*$", "/fish", False),
    ],
)
def test_rules_match_as_rfc_9309_has_it(rule: str, path: str, allowed: bool) -> None:
    assert parse_robots(f"User-agent: *\nDisallow: {rule}").allows("any", path) is allowed


def test_groups_of_one_agent_are_joined_and_the_longest_rule_decides() -> None:
    robots = parse_robots("User-agent: a\nDisallow: /x\nUser-agent: *\nDisallow: /\nUser-agent: a\nAllow: /x/y")
    assert robots.allows("a", "/x/y/z")
    assert not robots.allows("a", "/x/z")
    assert robots.allows("a", "/other")


@given(st.text(), st.text())
def test_no_text_breaks_the_grammars(one: str, other: str) -> None:
    assert isinstance(parse_robots(f"User-agent: *\nDisallow: {one}\n{other}").shuts_out_everything, bool)
    assert isinstance(forbids_indexing([one, other], NOW), str)

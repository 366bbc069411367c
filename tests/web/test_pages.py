"""The facts about pages: chains, the canonical address, the homepage and what it is made of."""

from __future__ import annotations

import pytest

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts
from checks.network import Network
from checks.subject import Subject
from checks.web import pages
from launchready_tui.lab.web_server import Handler, Reply, Request, page, redirect
from launchready_tui.lab.web_server import pages as table
from launchready_tui.lab.world import World

ADDRESS = "203.0.113.10"


async def site(world: World, network: Network, secure: Handler, plain: Handler | None = None, **subject: str) -> Facts:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, secure, world.authority.issue("example.com", "www.example.com"))
    await world.web(ADDRESS, plain or to_https)
    return Facts(Subject.of("example.com", **subject), network)


def to_https(request: Request) -> Reply:
    return redirect(f"https://{request.host}{request.target}")


async def test_the_canonical_page_is_found_by_following_https(world: World, network: Network) -> None:
    handler = table(
        {
            "example.com/": redirect("https://www.example.com/"),
            "www.example.com/": page(
                "<title>Tea</title><script src=/app.js></script><link rel=stylesheet href=/a.css>"
            ),
            "/app.js": Reply(200, (("content-type", "text/javascript"),), b"go()"),
            "/a.css": Reply(
                200, (("content-type", "text/css"),), b"@font-face{src:url(f.woff2)} b{background:url(i.png)}"
            ),
        }
    )
    facts = await site(world, network, handler)
    assert await pages.canonical(facts) == "https://www.example.com/"
    home = await pages.homepage(facts)
    assert home.document.title == "Tea"
    assert {r.url.rpartition("/")[2]: r.kind for r in await pages.first_party_assets(facts)} == {
        "app.js": "script",
        "a.css": "style",
        "f.woff2": "font",
        "i.png": "image",
    }
    assert [script.text for script in await pages.first_party_scripts(facts)] == ["go()"]
    assert [chain.outcome for chain in await pages.variants(facts)] == ["ended"] * 4
    asked = network.counters.http_requests
    await pages.fetch(facts, "https://www.example.com")
    assert network.counters.http_requests == asked


async def test_http_is_followed_where_https_does_not_answer(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, table({"/": page("plain")}))
    facts = Facts(Subject.of("example.com"), network)
    assert await pages.canonical(facts) == "http://example.com/"
    assert [(c.start, c.outcome) for c in await pages.variants(facts)] == [
        ("http://example.com/", "ended"),
        ("https://example.com/", "failed"),
    ]


async def test_chains_tell_loops_endless_and_broken_ways_apart(world: World, network: Network) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/n"):
            return redirect(f"/n{int(request.path[2:]) + 1}") if request.path != "/n100" else page("end")
        ways = {
            "/a": redirect("/b"),
            "/b": redirect("/a"),
            "/odd": redirect("mailto:a@example.com"),
            "/empty": redirect(""),
            "/dark": redirect("https://nowhere.example/"),
            "/meta": page('<meta http-equiv="refresh" content="0; url=/end">'),
            "/late": page('<meta http-equiv="refresh" content="300; url=/end">'),
            "/itself": page('<meta http-equiv="refresh" content="0; url=/itself">'),
            "/header": page("", ("refresh", "2;/end")),
        }
        if request.path == "/cookie":
            return (
                page("in")
                if "seen=1" in request.header("cookie")
                else redirect("/cookie", 302, ("set-cookie", "seen=1"))
            )
        return ways.get(request.path, page("end"))

    facts = await site(world, network, handler)

    async def chain(path: str) -> pages.Chain:
        return await pages.redirect_chain(facts, f"https://example.com{path}")

    assert (await chain("/a")).outcome == "loop"
    assert (await chain("/n1")).outcome == "too many"
    assert (await chain("/n90")).outcome == "ended"
    assert len((await chain("/n90")).redirects) == 10
    assert (await chain("/odd")).outcome == "failed"
    assert (await chain("/empty")).last.status == 301
    assert (await chain("/dark")).outcome == "failed"
    assert [hop.by for hop in (await chain("/meta")).hops] == ["page", ""]
    assert [hop.by for hop in (await chain("/header")).hops] == ["page", ""]
    assert not (await chain("/late")).redirects
    assert not (await chain("/itself")).redirects
    assert (await chain("/cookie")).ended


async def test_only_who_keeps_no_cookies_is_caught_in_these_loops(world: World, network: Network) -> None:
    def handler(request: Request) -> Reply:
        cookies, there = request.header("cookie"), f"https://www.example.com/{request.path.removeprefix('/')}"
        ways = {
            "/shared": redirect("https://example.com/shared", 302, ("set-cookie", "seen=1; Domain=example.com")),
            "/alone": redirect("https://example.com/alone", 302, ("set-cookie", "seen=1")),
            "/gone": redirect("https://example.com/gone", 302, ("set-cookie", "seen=1; Domain=example.com; Max-Age=0")),
            "/app": redirect("https://example.com/app", 302, ("set-cookie", "seen=1; Domain=example.com; Path=/admin")),
        }
        if request.path.startswith("/count"):
            following = f"/count{int(request.path[6:]) + 1}"
            return page("in") if "seen" in cookies else redirect(following, 302, ("set-cookie", "seen=1"))
        if request.host == "www.example.com":
            return ways[request.path]
        return page("in") if "seen=1" in cookies else redirect(there, 302)

    facts = await site(world, network, handler)
    outcomes = {
        path: (await pages.redirect_chain(facts, f"https://example.com/{path}")).outcome
        for path in ("shared", "alone", "gone", "app", "count1")
    }
    assert outcomes == {"shared": "ended", "alone": "loop", "gone": "loop", "app": "loop", "count1": "ended"}


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (page("broken", status=500), NotApplicable),
        (redirect("/"), NotApplicable),
        (page("Just a moment", ("cf-mitigated", "challenge"), status=403), CannotTell),
    ],
)
async def test_a_homepage_that_is_none(world: World, network: Network, reply: Reply, problem: type[Exception]) -> None:
    facts = await site(world, network, lambda request: reply)
    with pytest.raises(problem):
        await pages.homepage(facts)

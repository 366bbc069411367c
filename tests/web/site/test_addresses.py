"""web.http-open and web.canonical-split."""

from __future__ import annotations

import pytest

from launchready_tui.lab.web_server import HangUp, Reply, Request, redirect
from tests.web.site_under_test import ADDRESS, Site, healthy, html, to_https


async def test_http_that_leads_to_https(site: Site) -> None:
    await site.serve()
    looked = await site.look("web.http-open")
    assert {f.target: f.status for f in looked.findings} == {"example.com": "pass", "www.example.com": "pass"}


async def test_a_closed_port_80_is_no_problem(site: Site) -> None:
    await site.serve(plain=None)
    assert (await site.look("web.http-open")).status == "pass"


async def test_http_that_serves_the_site(site: Site) -> None:
    await site.serve(plain=healthy)
    looked = await site.look("web.http-open")
    # www leads to https, though to another host.
    assert looked.problems == {"example.com": "fail"}
    assert "note:" in "".join(looked.of("www.example.com").evidence)


@pytest.mark.parametrize(
    "reply",
    [html(), html(status=404), html(status=403), redirect("http://other.example.com/")],
    ids=["serves", "missing", "refused", "elsewhere"],
)
async def test_http_that_does_not_lead_to_https(site: Site, reply: Reply) -> None:
    def plain(request: Request) -> Reply:
        return html() if request.host == "other.example.com" else reply

    await site.serve(plain=plain, zone={name: [f"A {ADDRESS}"] for name in ("@", "www", "other")})
    assert set((await site.look("web.http-open")).problems) == {"example.com", "www.example.com"}


async def test_https_that_leads_back_to_plain_http_is_open(site: Site) -> None:
    def plain(request: Request) -> Reply:
        return html() if request.path == "/here" else to_https(request)

    await site.serve(lambda request: redirect(f"http://{request.host}/here"), plain)
    assert set((await site.look("web.http-open")).problems) == {"example.com", "www.example.com"}


async def test_http_that_goes_round_is_told_by_the_loop(site: Site) -> None:
    await site.serve(plain=lambda request: redirect(f"http://{request.host}/"))
    assert (await site.look("web.http-open")).status == "skipped"


async def test_http_that_gives_no_answer_is_not_judged(site: Site) -> None:
    def handler(request: Request) -> Reply:
        raise HangUp

    await site.serve(plain=handler)
    assert (await site.look("web.http-open")).status == "error"


async def test_http_refused_by_an_edge_is_not_judged(site: Site) -> None:
    await site.serve(plain=lambda request: html("", ("cf-mitigated", "challenge"), status=403))
    assert (await site.look("web.http-open")).status == "error"


async def test_one_address(site: Site) -> None:
    await site.serve()
    assert (await site.look("web.canonical-split")).only.status == "pass"


async def test_two_addresses(site: Site) -> None:
    await site.serve(lambda request: html())
    finding = (await site.look("web.canonical-split")).only
    assert finding.status == "fail"
    assert "www.example.com" in finding.summary
    assert "301" in finding.fix


async def test_www_that_answers_an_error_is_no_second_site(site: Site) -> None:
    await site.serve(lambda request: html(status=200 if request.host == "example.com" else 404))
    assert (await site.look("web.canonical-split")).only.status == "pass"


async def test_without_www(site: Site) -> None:
    await site.serve(lambda request: html(), zone={"@": [f"A {ADDRESS}"]})
    assert (await site.look("web.canonical-split")).only.status == "pass"
    assert [f.target for f in (await site.look("web.http-open")).findings] == ["example.com"]


async def test_another_domain_of_the_brand_with_a_site_of_its_own_is_noted(site: Site) -> None:
    await site.serve()
    site.world.zone("example.net", {"@": [f"A {ADDRESS}"]})
    looked = await site.look("web.canonical-split", variants=["example.net"])
    assert {f.target: f.status for f in looked.findings}["example.com"] == "pass"

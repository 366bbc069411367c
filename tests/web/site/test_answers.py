"""web.unreachable and web.error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.subject import Consent, Route
from launchready_tui.lab.web_server import HangUp, Reply, Request, redirect
from tests.web.site_under_test import ADDRESS, HOME, Site, healthy, html, text


async def test_a_site_that_answers(site: Site) -> None:
    await site.serve()
    assert (await site.look("web.unreachable")).only.status == "pass"
    assert (await site.look("web.error")).only.status == "pass"


async def test_a_site_whose_ports_are_closed(site: Site) -> None:
    await site.serve(None, None)
    finding = (await site.look("web.unreachable")).only
    assert (finding.status, finding.target) == ("fail", HOME)
    assert "refuses" in "".join(finding.evidence)
    # Both ids hold by their words; that the cause is one is said.
    (secure, *_) = (await site.look("tls.unreachable")).findings
    assert secure.fix in finding.fix
    assert "the same cause as tls.unreachable at example.com" in finding.evidence
    assert (await site.look("web.error")).only.status == "skipped"


async def test_a_site_that_hangs_up(site: Site) -> None:
    def handler(request: Request) -> Reply:
        raise HangUp

    await site.serve(handler, None)
    assert (await site.look("web.unreachable")).only.status == "fail"


async def test_a_declared_canonical_page_that_leads_into_the_dark(site: Site) -> None:
    zone = {"@": [f"A {ADDRESS}"], "app": ["A 198.18.7.99"]}
    await site.serve(lambda request: redirect("https://app.example.com/"), zone=zone)
    finding = (await site.look("web.unreachable", canonical=HOME)).only
    assert finding.status == "fail"
    assert "tls.unreachable" not in "".join((*finding.evidence, finding.fix))


async def test_a_name_without_address_is_told_by_dns(site: Site) -> None:
    await site.serve(None, None, zone={"mail": [f"A {ADDRESS}"]})
    assert (await site.look("web.unreachable")).only.status == "skipped"


async def test_no_resolver_is_no_verdict(site: Site) -> None:
    await site.serve()
    async with site.world.network(nameservers=["127.0.0.1:1"], dns_timeout=0.2) as network:
        assert (await site.look("web.unreachable", network=network)).status == "error"


@pytest.mark.parametrize(("status", "expected"), [(200, "pass"), (204, "fail"), (404, "fail"), (500, "fail")])
async def test_the_status_of_the_homepage(site: Site, status: int, expected: str) -> None:
    await site.serve(lambda request: html(status=status))
    assert (await site.look("web.error")).only.status == expected


async def test_an_edge_that_turns_programs_away_is_told_as_such(site: Site) -> None:
    await site.serve(lambda request: html("Just a moment...", ("cf-mitigated", "challenge"), status=403))
    finding = (await site.look("web.error")).only
    assert finding.status == "error"
    assert "Cloudflare" in finding.summary


async def test_a_server_that_turns_unknown_agents_away_is_told_as_such(site: Site) -> None:
    def handler(request: Request) -> Reply:
        return html() if request.header("user-agent").startswith("Mozilla/") else text("no", 403)

    await site.serve(handler)
    told = await site.look("web.error", routes=(Route("/pay", status=200), Route("/pay", contains="Pay")))
    assert {str(finding.status) for finding in told.findings} == {"error"}
    assert (await site.look("headers.nosniff")).only.status == "error"


async def test_an_origin_that_refuses_everybody_behind_an_edge_is_an_error_of_the_site(site: Site) -> None:
    cloudflare = (("server", "cloudflare"), ("cf-ray", "1-FRA"), ("cf-cache-status", "DYNAMIC"))
    await site.serve(lambda request: html("forbidden", *cloudflare, status=403))
    assert (await site.look("web.error")).only.status == "fail"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (Route("/ok"), "pass"),
        (Route("https://example.com/ok", contains="fine"), "pass"),
        (Route("/ok", contains="sold out"), "fail"),
        (Route("/broken"), "fail"),
        (Route("/missing"), "fail"),
        (Route("/missing", status=404), "pass"),
        (Route("/moved"), "pass"),
        (Route("/moved", contains="fine"), "pass"),
        (Route("/moved", status=301), "pass"),
        (Route("/moved", status=200), "fail"),
        (Route("/round"), "fail"),
        (Route("/api", method="POST", status=401), "pass"),
        (Route("/api", method="POST", status=200), "fail"),
        (Route("/api", method="POST"), "fail"),
        (Route("/ok", method="HEAD", contains="fine"), "pass"),
        (Route("https://dark.example.com/"), "fail"),
        (Route("/guarded"), "error"),
    ],
)
async def test_routes(site: Site, route: Route, expected: str) -> None:
    def handler(request: Request) -> Reply:
        ways = {
            "/ok": text("all is fine"),
            "/broken": text("oh", 503),
            "/moved": redirect("/ok"),
            "/round": redirect("/round"),
            "/guarded": text("", 403, ("cf-mitigated", "challenge")),
            "/api": text("who are you?", 401) if request.method == "POST" else text("no", 405),
        }
        return ways.get(request.path) or healthy(request)

    await site.serve(handler)
    looked = await site.look("web.error", routes=(route,), consent=Consent(forms=True))
    (finding,) = [f for f in looked.findings if f.target != HOME]
    assert finding.status == expected, finding


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post"])
async def test_what_may_change_something_is_sent_with_consent_only_and_whole(site: Site, method: str) -> None:
    sent: list[Request] = []

    def handler(request: Request) -> Reply:
        if request.path == "/api":
            sent.append(request)
            return text("made", 201)
        return healthy(request)

    await site.serve(handler)
    route = Route("/api", method=method, status=201, body='{"probe": true}')
    looked = await site.look("web.error", routes=(route,))
    (finding,) = [f for f in looked.findings if f.target != HOME]
    assert (finding.status, sent) == ("skipped", [])
    assert f"consent.forms) it would send {method.upper()} once, with the body" in finding.summary
    # Whoever gives it on the command line, or agreed to it, wants it sent.
    for declared in ({"consent": Consent(forms=True)}, {"routes": (replace(route, agreed=True),)}):
        looked = await site.look("web.error", **({"routes": (route,)} | declared))
        (finding,) = [f for f in looked.findings if f.target != HOME]
        assert finding.status == "pass", finding
        assert (sent[-1].method, sent[-1].body) == (method.upper(), b'{"probe": true}')
        assert ("content-type", "application/json") in [(name.lower(), value) for name, value in sent[-1].headers]
    assert len(sent) == 2

"""web.ipv6-broken."""

from __future__ import annotations

import pytest

from checks.network import Network
from tests.web.site_under_test import ADDRESS, Site, healthy, html

SIX = "2606:4700:100::20"
BOTH = {"@": [f"A {ADDRESS}", f"AAAA {SIX}"], "www": [f"A {ADDRESS}"]}


async def test_no_aaaa(site: Site) -> None:
    await site.serve()
    assert (await site.look("web.ipv6-broken")).status == "pass"


async def test_aaaa_that_answers(site: Site) -> None:
    await site.serve(zone=BOTH)
    await site.world.web(SIX, healthy, site.world.authority.issue("example.com"))
    assert (await site.look("web.ipv6-broken")).of("example.com").status == "pass"


async def test_aaaa_that_refuses(site: Site) -> None:
    await site.serve(zone=BOTH)
    finding = (await site.look("web.ipv6-broken")).of("example.com")
    assert finding.status == "fail"
    assert f"AAAA {SIX}" in finding.fix


async def test_aaaa_of_a_server_that_knows_no_such_site(site: Site) -> None:
    await site.serve(zone=BOTH)
    await site.world.web(SIX, lambda request: html(status=404), site.world.authority.issue("example.com"))
    assert (await site.look("web.ipv6-broken")).of("example.com").status == "fail"


async def test_ipv6_alone(site: Site) -> None:
    await site.serve(None, None, zone={"@": [f"AAAA {SIX}"]})
    assert (await site.look("web.ipv6-broken")).of("example.com").status == "skipped"
    await site.world.web(SIX, healthy, site.world.authority.issue("example.com"))
    assert (await site.look("web.ipv6-broken")).of("example.com").status == "pass"


async def test_a_site_that_is_down_altogether_is_told_elsewhere(site: Site) -> None:
    await site.serve(None, None, zone=BOTH)
    assert (await site.look("web.ipv6-broken")).of("example.com").status == "skipped"


async def test_a_machine_without_ipv6_cannot_tell(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.serve(zone=BOTH)
    monkeypatch.setattr(Network, "can_reach", lambda self, address, port=443: ":" not in address)
    assert (await site.look("web.ipv6-broken")).of("example.com").status == "skipped"

"""Machines with IPv4 alone and with IPv6 alone: what they cannot reach proves nothing against a healthy site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.namespace import told_in_namespace
from tests.real.one_family import NAME_SERVERS, SITE

pytestmark = pytest.mark.real

NEEDS_THE_WORLD = {"dns.registration-expiring", "dns.registration-unlocked"}
"""What asks IANA and a registry, which this little Internet lacks."""


@pytest.fixture(scope="module", params=["4", "6"])
def findings(request: pytest.FixtureRequest) -> tuple[str, list[dict[str, Any]]]:
    return request.param, told_in_namespace("tests.real.one_family", request.param)


def test_nothing_is_raised(findings: tuple[str, list[dict[str, Any]]]) -> None:
    _, found = findings
    assert [(f["check"], f["target"], f["summary"]) for f in found if f["status"] in ("warn", "fail")] == []
    assert {f["check"] for f in found if f["status"] == "error"} <= NEEDS_THE_WORLD


def test_what_can_be_reached_was_looked_at(findings: tuple[str, list[dict[str, Any]]]) -> None:
    family, found = findings
    by_key = {(f["check"], f["target"]): f for f in found}
    for check in ("dns.apex-address-missing", "dns.answers-differ", "web.unreachable", "web.canonical-split"):
        assert any(f["status"] == "pass" for f in found if f["check"] == check), check
    for number, place in enumerate(NAME_SERVERS, 1):
        lame = by_key["dns.ns-lame", f"ns{number}.dns-host.net"]
        assert lame["status"] == "pass"
        assert place[family] in " ".join(lame["evidence"])
    for name in ("example.com", "www.example.com"):
        reachable = by_key["tls.unreachable", name]
        assert reachable["status"] == "pass"
        assert SITE[family] in " ".join(reachable["evidence"])


def test_ipv6_is_judged_only_where_there_is_some(findings: tuple[str, list[dict[str, Any]]]) -> None:
    family, found = findings
    statuses = {f["status"] for f in found if f["check"] == "web.ipv6-broken"}
    assert statuses == ({"skipped"} if family == "4" else {"pass"})

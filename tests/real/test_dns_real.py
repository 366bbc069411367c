"""DNS checks against real servers: NSD for root, registry and zones, unbound as the validating resolver."""

from __future__ import annotations

from typing import Any

import pytest

from tests.namespace import told_in_namespace
from tests.programs import need

pytestmark = pytest.mark.real

FIRST, EMPTY, SILENT, SHORT = (f"{name}.hosts.example" for name in ("first", "empty", "silent", "short"))
ELSEWHERE = ("dns.registration", "dns.caa-blocks")
"""What needs a registry's or a web server beside the DNS."""
EXPECTED = {
    "healthy": set(),
    "edwards": set(),
    "unsigned": set(),
    "unknownds": set(),
    "expired": {("dns.dnssec-bogus", "expired.example", "fail")},
    "wrongds": {("dns.dnssec-bogus", "wrongds.example", "fail")},
    "lame": {("dns.ns-lame", EMPTY, "fail")},
    "silent": {("dns.ns-lame", SILENT, "fail")},
    "serials": {("dns.answers-differ", "serials.example", "warn")},
    "dead": {
        ("dns.name-missing", "dead.example", "fail"),
        ("dns.ns-lame", EMPTY, "fail"),
        ("dns.ns-lame", SILENT, "fail"),
    },
    "alias": {("dns.cname-broken", f"{name}.alias.example", "fail") for name in ("shop", "a", "long")},
    "gone": {("dns.name-missing", "gone.example", "fail")},
    "unsignedds": {("dns.dnssec-bogus", "unsignedds.example", "fail")},
    "partly": {("dns.dnssec-bogus", "partly.example", "fail")},
    "stale": {("dns.answers-differ", "stale.example", "warn")},
    "mismatch": {("dns.ns-mismatch", "mismatch.example", "warn")},
    "lone": {("dns.ns-single", "lone.example", "warn")},
    "noedns": set(),
    "short": {("dns.ns-lame", SHORT, "fail")},
    "wild": {("dns.wildcard", "*.wild.example", "warn")},
    "declaredwild": set(),
    "signedwild": {("dns.wildcard", "*.signedwild.example", "warn")},
    "ttl": {("dns.ttl-high", "ttl.example", "warn")},
    "private": {("dns.address-not-public", f"{name}private.example", "fail") for name in ("", "www.")},
    "noapex": {("dns.apex-address-missing", "noapex.example", "fail")},
    "byhttps": set(),
    "nowww": {("dns.www-missing", "www.nowww.example", "fail")},
    "forgotten": {
        ("dns.subdomain-undeclared", "staging.forgotten.example", "warn"),
        ("dns.cname-broken", "old.forgotten.example", "fail"),
    },
}
"""By domain: the problems to find, all of them."""


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every domain of the signed Internet, audited inside its namespace."""
    need("nsd", "unbound")
    found: dict[str, Any] = told_in_namespace("tests.dns.real_internet", tmp_path_factory.mktemp("dns"))
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_every_fault_is_found_and_nothing_else(audits: dict[str, Any], name: str) -> None:
    findings = [f for f in audits[name]["findings"] if not f["check"].startswith(ELSEWHERE)]
    problems = {(f["check"], f["target"], f["status"]) for f in findings if f["status"] in ("warn", "fail")}
    assert problems == EXPECTED[name]
    assert [f for f in findings if f["status"] == "error"] == []


def test_what_the_resolver_says_of_a_bogus_zone_is_shown(audits: dict[str, Any]) -> None:
    shown = {name: next(f for f in audits[name]["findings"] if f["check"] == "dns.dnssec-bogus") for name in audits}
    assert "vouches" in shown["healthy"]["summary"]
    assert "no DS" in shown["unsigned"]["summary"]
    assert "expired on" in shown["expired"]["summary"]
    assert "none of the zone's keys" in shown["wrongds"]["summary"]
    for name in ("expired", "wrongds"):
        assert any(line.startswith("extended error ") for line in shown[name]["evidence"])


@pytest.mark.parametrize("name", ["healthy", "unsigned", "alias", "gone", "forgotten", "wild"])
def test_no_question_is_asked_twice(audits: dict[str, Any], name: str) -> None:
    counters = audits[name]["counters"]
    assert counters["dns_queries"] == counters["dns_questions"]


def test_the_parent_names_the_servers(audits: dict[str, Any]) -> None:
    mismatch = next(f for f in audits["healthy"]["findings"] if f["check"] == "dns.ns-mismatch")
    assert mismatch["status"] == "pass"
    assert any(FIRST in line for line in mismatch["evidence"])

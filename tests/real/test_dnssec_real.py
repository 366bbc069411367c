"""DNSSEC judged against real servers: by a resolver that validates, and by our own reckoning where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.namespace import told_in_namespace
from tests.programs import need

pytestmark = pytest.mark.real

HOLDING = (
    "nsec",
    "nsec3",
    "iterated",
    "optout",
    "child",
    "child3",
    "optchild",
    "alias",
    "alias3",
    "wild",
    "wild3",
    "wildopt",
)
BROKEN = {
    "halfexpired": "at second.hosts.example: halfexpired.example DNSKEY: its signature expired on",
    "halfunsigned": "at first.hosts.example: the zone publishes no DNSKEY",
    "halfkey": "at second.hosts.example: none of the zone's keys",
    "expired": "do not validate: expired.example DNSKEY: its signature expired on",
    "nomx": "do not validate: nomx.example MX carries no signature",
    "nowww": "do not validate: www.nowww.example CNAME carries no signature",
    "nomail": "do not validate: mail.nomail.example A carries no signature",
    "nonsec": "do not validate: nonsec.example NSEC carries no signature",
    "baddenial": "do not validate: baddenial.example NSEC: its signature by key",
    "lying": "lying.example AAAA: no NSEC or NSEC3 record proves that there is none",
}
"""What is said of each, whoever validates."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    need("nsd", "unbound")
    found: dict[str, Any] = told_in_namespace("tests.dns.real_signed", tmp_path_factory.mktemp("signed"))
    return found


@pytest.mark.parametrize("resolver", ["validated", "plain"])
@pytest.mark.parametrize("name", HOLDING)
def test_what_holds_raises_nothing(judged: dict[str, Any], name: str, resolver: str) -> None:
    one = judged[name][resolver]
    assert one["bogus"]["status"] == "pass"
    assert ("vouches" if resolver == "validated" else "signatures hold") in one["bogus"]["summary"]
    assert one["problems"] == []
    assert one["counters"]["dns_queries"] == one["counters"]["dns_questions"]


@pytest.mark.parametrize("resolver", ["validated", "plain"])
@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_named(judged: dict[str, Any], name: str, resolver: str) -> None:
    bogus = judged[name][resolver]["bogus"]
    assert bogus["status"] == "fail"
    assert BROKEN[name] in bogus["summary"]
    one_server = name.startswith("half")
    assert ("Keep the DS" in bogus["fix"], "delete the DS" in bogus["fix"]) == (one_server, not one_server)
    assert ("for some and not for others" in bogus["cost"], "do not exist" in bogus["cost"]) == (
        one_server,
        not one_server,
    )
    assert judged[name][resolver]["problems"] == ["dns.dnssec-bogus"]

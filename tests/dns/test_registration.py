"""RDAP: reading it, finding it, and what it says of the registration."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.dns.rdap import BadAnswer, parse_bootstrap, parse_registration
from launchready_tui.lab.web_server import Reply, Request, redirect
from tests.dns.conftest import Dns

RDAP = "198.41.3.44"
LOCKED = ("client transfer prohibited", "active")


def answer(days: float | None = 400, statuses: tuple[str, ...] | None = LOCKED, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "objectClassName": "domain",
        "ldhName": "EXAMPLE.COM",
        "entities": [{"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "Good Names Ltd"]]]}],
        "nameservers": [{"ldhName": "NS1.DNS-HOST.NET"}],
    }
    if days is not None:
        moment = datetime.now(UTC) + timedelta(days=days, minutes=1)
        made["events"] = [
            {"eventAction": "registration", "eventDate": "2001-01-01T00:00:00Z"},
            {"eventAction": "expiration", "eventDate": moment.isoformat()},
        ]
    if statuses is not None:
        made["status"] = list(statuses)
    return made | more


def reply(data: Any, status: int = 200) -> Reply:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Reply(status, (("content-type", "application/rdap+json"),), body)


async def ask(dns: Dns, check_id: str, told: Reply, domain: str = "example.com") -> Any:
    """Run a check against an RDAP service at a base that the user gave."""
    await dns.start()
    dns.world.zone("rdap.net", {"@": [f"A {RDAP}"]})

    def handle(request: Request) -> Reply:
        assert request.header("accept").startswith("application/rdap+json")
        return told if request.path == f"/v1/domain/{domain}" else reply({}, 404)

    await dns.world.web(RDAP, handle, dns.world.authority.issue("rdap.net"))
    (finding,) = (await dns.check(check_id, rdap_base="https://rdap.net/v1/")).values()
    return finding


@pytest.mark.parametrize(
    ("days", "status"), [(400, "pass"), (30, "pass"), (29.9, "warn"), (14, "warn"), (13.9, "fail"), (-3, "fail")]
)
async def test_expiry(dns: Dns, days: float, status: str) -> None:
    finding = await ask(dns, "dns.registration-expiring", reply(answer(days)))
    assert finding.status == status
    assert finding.target == "example.com"
    if status != "pass":
        assert finding.triage == "now"
        assert "At Good Names Ltd (your registrar), renew example.com" in finding.fix


@pytest.mark.parametrize(
    "status",
    [
        "redemption period",
        "pending restore",
        "pending delete",
        "client hold",
        "server hold",
        "serverHold",
        "pendingDelete",
    ],
)
async def test_statuses_that_end_it(dns: Dns, status: str) -> None:
    finding = await ask(dns, "dns.registration-expiring", reply(answer(400, (status, *LOCKED))))
    assert finding.status == "fail"


@pytest.mark.parametrize("status", ["auto renew period", "client delete prohibited", "pending transfer", "active"])
async def test_statuses_that_do_not(dns: Dns, status: str) -> None:
    assert (await ask(dns, "dns.registration-expiring", reply(answer(400, (status,))))).status == "pass"


async def test_an_answer_that_leaves_out_the_name_is_about_the_one_asked_for(dns: Dns) -> None:
    told = answer(5)
    del told["ldhName"]
    finding = await ask(dns, "dns.registration-expiring", reply(told))
    assert (finding.status, finding.target) == ("fail", "example.com")
    assert "name servers: ns1.dns-host.net" in finding.evidence


async def test_asked_too_often_says_when_to_ask_again(dns: Dns) -> None:
    finding = await ask(dns, "dns.registration-expiring", reply({}, 429))
    assert finding.status == "error"
    assert "run this again later" in finding.summary


async def test_no_expiry_given(dns: Dns) -> None:
    assert (await ask(dns, "dns.registration-expiring", reply(answer(None)))).status == "skipped"


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (LOCKED, "pass"),
        (("server transfer prohibited",), "pass"),
        (("clientTransferProhibited",), "pass"),
        (("transfer prohibited",), "pass"),
        (("locked",), "pass"),
        (("active", "client delete prohibited"), "warn"),
        ((), "warn"),
        (None, "skipped"),
    ],
)
async def test_lock(dns: Dns, statuses: tuple[str, ...] | None, status: str) -> None:
    assert (await ask(dns, "dns.registration-unlocked", reply(answer(400, statuses)))).status == status


@pytest.mark.parametrize(
    "told",
    [
        reply({}, 404),
        reply({}, 400),
        reply({}, 429),
        reply({}, 500),
        reply(b"<html>"),
        reply([]),
        reply({"objectClassName": "entity"}),
    ],
)
async def test_cannot_tell(dns: Dns, told: Reply) -> None:
    assert (await ask(dns, "dns.registration-unlocked", told)).status == "error"


async def test_no_service_answers(dns: Dns) -> None:
    await dns.start()
    (finding,) = (await dns.check("dns.registration-expiring", rdap_base="https://rdap.net/")).values()
    assert finding.status == "error"


async def bootstrap(dns: Dns, services: Any, handle: Any) -> None:
    await dns.start()
    dns.world.zone("iana.org", {"data": ["A 198.41.3.43"]})
    dns.world.zone("rdap.net", {"@": [f"A {RDAP}"]})
    listed = reply({"services": services})
    await dns.world.web("198.41.3.43", lambda request: listed, dns.world.authority.issue("data.iana.org"))
    await dns.world.web(RDAP, handle, dns.world.authority.issue("rdap.net"))


async def test_both_checks_by_bootstrap_and_redirect_cost_one_look(dns: Dns) -> None:
    asked: list[str] = []

    def handle(request: Request) -> Reply:
        asked.append(request.path)
        return redirect("/new/domain/example.com") if request.path.startswith("/com") else reply(answer())

    await bootstrap(
        dns, [[["net"], ["https://x.invalid/"]], [["com"], ["http://rdap.net/", "https://rdap.net/com/"]]], handle
    )
    async with dns.world.network() as network:
        from checks.runner import collect
        from checks.subject import Subject

        only = ["dns.registration-expiring", "dns.registration-unlocked"]
        findings = await collect(Subject.of("example.com"), network, only=only)
    assert {finding.status for finding in findings} == {"pass"}
    assert asked == ["/com/domain/example.com", "/new/domain/example.com"]


async def test_a_registry_without_rdap(dns: Dns) -> None:
    await bootstrap(dns, [[["net"], ["https://rdap.net/"]]], lambda request: reply({}))
    (finding,) = (await dns.check("dns.registration-expiring")).values()
    assert finding.status == "skipped"


async def test_a_redirect_without_end(dns: Dns) -> None:
    await bootstrap(dns, [[["com"], ["https://rdap.net/"]]], lambda request: redirect(request.target))
    (finding,) = (await dns.check("dns.registration-expiring")).values()
    assert finding.status == "error"


def test_the_earlier_expiry_counts() -> None:
    events = [
        {"eventAction": "expiration", "eventDate": "2030-01-01T00:00:00Z"},
        {"eventAction": "registrar expiration", "eventDate": "2029-01-01T01:00:00+01:00"},
        {"eventAction": "expiration", "eventDate": "soon"},
        {"eventAction": "expiration", "eventDate": "0001-01-01T00:00:00+14:00"},
    ]
    found = parse_registration(json.dumps(answer(None, events=events)).encode(), "example.com")
    assert found.expires == datetime(2029, 1, 1, tzinfo=UTC)
    assert found.registrar == "Good Names Ltd"
    assert found.nameservers == ("ns1.dns-host.net",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["ldhName", "status", "events", "entities", "nameservers", "services", "objectClassName"]), JSON
    )
)
def test_any_json_is_read_or_refused(data: dict[str, Any]) -> None:
    for read in (lambda raw: parse_registration(raw, "example.com"), lambda raw: parse_bootstrap(raw, "com")):
        try:
            read(json.dumps(data).encode())
        except BadAnswer:
            pass


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_registration(raw, "example.com")

"""MTA-STS: grammars, matching, and the finding."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.mail.mta_sts import StsPolicy, parse_policy, record_errors
from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.web_server import HangUp, Reply, Request, redirect
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit
from tests.mail.signing import zone_txt

POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.mail.example.com\r\nmax_age: 604800\r\n"
PLAIN = (("content-type", "text/plain; charset=utf-8"),)
RECORD = "v=STSv1; id=20260101T000000;"


@pytest.mark.parametrize("text", [RECORD, "v=STSv1;id=a", "v=STSv1 ; id=1 ; other=x y", "v=STSv1; a=b; id=9"])
def test_valid_records(text: str) -> None:
    assert record_errors(text) == ()


@pytest.mark.parametrize(
    "text", ["v=STSv1", "v=STSv1; id=", "v=STSv1; id=a-b", f"v=STSv1; id={'1' * 33}", "v=stsv1; id=1", "v=STSv2; id=1",
             "id=1; v=STSv1", "v=STSv1; id=1; id=2", "v=STSv1 id=1", "v = STSv1; id=1", "v=STSv1; id = 1"]
)  # fmt: skip
def test_faulty_records(text: str) -> None:
    assert record_errors(text)


def test_policies() -> None:
    policy = parse_policy(POLICY)
    assert policy == StsPolicy("enforce", 604800, ("mx1.example.com", "*.mail.example.com"))
    assert parse_policy(POLICY.replace("\r\n", "\n").rstrip() + "\nfuture: thing\nmode: none").errors == ()
    assert parse_policy("version: STSv1\nmode: none\nmax_age: 0").errors == ()


@pytest.mark.parametrize(
    "text",
    ["", "<html>", "version: STSv1\nmode: enforce\nmax_age: 1", POLICY.replace("STSv1", "STSv2"),
     POLICY.replace("enforce", "Enforce"), POLICY.replace("604800", "99999999"), POLICY.replace("604800", "1 day"),
     POLICY.replace("*.mail", "*mail"), POLICY.replace("example.com", "example.com."), "\ufeff" + POLICY,
     POLICY.replace("mode:", "mode :"), POLICY.replace("mx1.example.com", "https://mx1"), POLICY + "no colon\r\n"],
)  # fmt: skip
def test_faulty_policies(text: str) -> None:
    assert parse_policy(text).errors


def test_wildcards_stand_for_one_label() -> None:
    policy = parse_policy(POLICY)
    covered = {"mx1.example.com", "MX1.example.com.", "a.mail.example.com"}
    assert all(policy.covers(host) for host in covered)
    assert not any(policy.covers(host) for host in ("mail.example.com", "a.b.mail.example.com", "mx2.example.com", "x"))


@given(st.text(max_size=300))
def test_never_raises(text: str) -> None:
    record_errors(text)
    parse_policy(text).covers(text)


async def sts(
    world: World, answer: object, *records: str, mx: Iterable[str] = ("mx1.example.com.",), **more: object
) -> Findings:
    world.zone(
        "example.com",
        {
            "@": [f"MX 10 {host}" for host in mx],
            "_mta-sts": [zone_txt(text) for text in records or (RECORD,)],
            "mta-sts": ["A 203.0.113.80"],
        },
    )

    def handler(request: Request) -> Reply:
        assert request.path == "/.well-known/mta-sts.txt" and request.host == "mta-sts.example.com"
        if answer is None:
            raise HangUp
        return answer if isinstance(answer, Reply) else Reply(200, PLAIN, str(answer).encode())

    issued = more.get("certificate") or world.authority.issue("mta-sts.example.com")
    await world.web("203.0.113.80", handler, issued)  # type: ignore[arg-type]
    return await audit(world, "mta-sts")


async def test_healthy(world: World) -> None:
    found = await sts(world, POLICY, mx=("mx1.example.com.", "in.mail.example.com."))
    assert found.status("mta-sts.invalid") == "pass"
    assert found.one("mta-sts.invalid").target == "_mta-sts.example.com"


async def test_not_used(world: World) -> None:
    world.zone("example.com", {"@": ["MX 10 mx1.example.com."], "_mta-sts": ['TXT "something else"']})
    unused = (await audit(world, "mta-sts")).one("mta-sts.invalid")
    assert str(unused.status) == "pass" and "mx: mx1.example.com" in unused.evidence[0]


@pytest.mark.parametrize("mx", [[], ["MX 0 ."]])
async def test_who_receives_no_mail_is_told_no_way_to_begin(world: World, mx: list[str]) -> None:
    world.zone("example.com", {"@": ["A 192.0.2.1", *mx]})
    assert (await audit(world, "mta-sts")).one("mta-sts.invalid").evidence == ()


async def test_mode_none_covers_nobody_and_is_right(world: World) -> None:
    assert (await sts(world, "version: STSv1\nmode: none\nmax_age: 60\n")).status("mta-sts.invalid") == "pass"


async def test_uncovered_exchanger(world: World) -> None:
    found = await sts(world, POLICY.replace("enforce", "testing"), mx=("mx1.example.com.", "mx2.example.com."))
    invalid = found.one("mta-sts.invalid")
    assert found.problems == {"mta-sts.invalid"} and str(invalid.triage) == "now"
    assert "mx2.example.com" in invalid.summary and "mx: mx2.example.com" in invalid.fix


async def test_the_way_out_is_valid_and_gives_an_id_that_senders_do_not_know(world: World) -> None:
    invalid = (await sts(world, POLICY.replace("enforce", "enfroce"), "v=STSv1; id=1")).one("mta-sts.invalid")
    served, _, published = invalid.fix.partition("Then publish")
    assert parse_policy("version:" + served.partition("version:")[2].rstrip()) == StsPolicy(
        "testing", 604800, ("mx1.example.com",)
    )
    record = published.partition('"')[2].partition('"')[0]
    assert record_errors(record) == () and record != "v=STSv1; id=1"


async def test_no_exchanger_to_cover(world: World) -> None:
    invalid = (await sts(world, "", mx=(".",))).one("mta-sts.invalid")
    assert "mode:" not in invalid.fix and "delete _mta-sts.example.com" in invalid.fix


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (redirect("https://example.com/.well-known/mta-sts.txt"), "301"),
        (Reply(404, PLAIN, POLICY.encode()), "404"),
        (Reply(200, (("content-type", "text/html"),), POLICY.encode()), "text/html"),
        (Reply(200, (), POLICY.encode()), "not as text/plain"),
        (POLICY + "x: y\r\n" * 12_000, "larger than 65536"),
        ("mode: enforce", "parse"),
        (None, "fetched"),
    ],
)
async def test_policy_that_cannot_be_had(world: World, answer: object, word: str) -> None:
    found = await sts(world, answer)
    assert found.problems == {"mta-sts.invalid"}
    assert word in found.one("mta-sts.invalid").summary


async def test_certificate_must_verify(world: World) -> None:
    for certificate in (world.authority.issue("example.com"), Authority("Nobody").issue("mta-sts.example.com")):
        found = await sts(world, POLICY, certificate=certificate)
        assert found.problems == {"mta-sts.invalid"}


async def test_host_without_address_or_server(world: World) -> None:
    world.zone("example.com", {"@": ["MX 10 mx1.example.com."], "_mta-sts": [zone_txt(RECORD)]})
    assert (await audit(world, "mta-sts")).problems == {"mta-sts.invalid"}
    world.zones["example.com"].add("mta-sts", "A 203.0.113.81")
    assert (await audit(world, "mta-sts")).problems == {"mta-sts.invalid"}


async def test_faulty_or_double_record(world: World) -> None:
    assert (await sts(world, POLICY, "v=STSv1; id=not-ok")).problems == {"mta-sts.invalid"}
    assert (await sts(world, POLICY, "id=20260101")).problems == {"mta-sts.invalid"}
    assert (await sts(world, POLICY, RECORD, "v=STSv1; id=2")).problems == {"mta-sts.invalid"}


@pytest.mark.parametrize("beside", ["v=STSv2; id=2", "V=stsv1; id=2", "id=2", "abcv=sts"])
async def test_senders_discard_what_does_not_begin_right(world: World, beside: str) -> None:
    """RFC 8461 s3.1: one record is left, and it is good."""
    assert (await sts(world, POLICY, beside, RECORD)).problems == set()


@pytest.mark.parametrize("name", ["_mta-sts.example.com", "mta-sts.example.com", "example.com"])
async def test_no_answer_is_an_error(world: World, name: str) -> None:
    world.resolver.says("SERVFAIL", name)
    found = await sts(world, POLICY)
    assert found.errors == {"mta-sts.invalid"}

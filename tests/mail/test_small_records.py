"""TLS-RPT, BIMI, and the streams of mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.mail import bimi, tls_rpt
from checks.mail.taglist import parse_tags
from checks.subject import MailPlan, Stream
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit
from tests.mail.signing import zone_txt


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ((), "pass"),
        (("something else",), "pass"),
        (("v=TLSRPTv1; rua=mailto:tls@example.com",), "pass"),
        (("v=TLSRPTv1;rua=https://report.example/in,mailto:a@example.com;",), "pass"),
        (("v=TLSRPTv1; rua=mailto:tls@example.com", "noise"), "pass"),
        (("v=TLSRPTv1; rua=mailto:tls@example.com", "v=TLSRPTv2; rua=mailto:b@example.com"), "pass"),
        (("v=TLSRPTv1 ; rua=mailto:a@example.com , https://report.example/in; later=x",), "pass"),
        (("v=TLSRPTv1; rua = mailto:tls@example.com",), "warn"),
        (("v=TLSRPTv1; rua=mailto:a@example.com,b@example.com",), "warn"),
        (("v=TLSRPTv1; rua=mailto:",), "warn"),
        (("v=TLSRPTv1; rua=https://",), "warn"),
        (("v=TLSRPTv1",), "warn"),
        (("v=tlsrptv1; rua=mailto:tls@example.com",), "warn"),
        (("v=TLSRPTv1; rua=tls@example.com",), "warn"),
        (("v=TLSRPTv1; rua=http://report.example/",), "warn"),
        (("v=TLSRPTv1; rua=",), "warn"),
        (("rua=mailto:tls@example.com; v=TLSRPTv1",), "warn"),
        (("v=TLSRPTv1 rua=mailto:tls@example.com",), "warn"),
        (("rua=mailto:tls@example.com",), "warn"),
        (("v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"), "warn"),
    ],
)
async def test_tls_rpt(world: World, records: tuple[str, ...], status: str) -> None:
    world.zone("example.com", {"_smtp._tls": [zone_txt(text) for text in records], "@": ["A 192.0.2.1"]})
    found = await audit(world, "tls-rpt")
    assert found.status("tls-rpt.syntax") == status
    assert bool(found.one("tls-rpt.syntax").fix) is (status == "warn")


async def test_tls_rpt_without_answer(world: World) -> None:
    world.resolver.says("SERVFAIL", "_smtp._tls.example.com")
    assert (await audit(world, "tls-rpt")).errors == {"tls-rpt.syntax"}


async def test_bimi_is_a_note(world: World) -> None:
    world.zone("example.com", {"default._bimi": [zone_txt("v=BIMI1; l=http://x.example/logo.svg")]})
    found = await audit(world, "bimi")
    note = found.one("bimi.record")
    assert str(note.status) == "info" and found.problems == set()
    assert "https" in note.summary and "DMARC" in note.summary
    world.zone(
        "example.com",
        {
            "default._bimi": [zone_txt("v=BIMI1; l=https://x.example/logo.svg; a=https://x.example/vmc.pem")],
            "_dmarc": [zone_txt("v=DMARC1; p=reject")],
        },
    )
    assert "valid" in (await audit(world, "bimi")).one("bimi.record").summary
    assert bimi.record_errors("v=BIMI1; l=; a=;") == ()


async def streams(world: World, *declared: Stream) -> Findings:
    return await audit(world, "mail.streams-mixed", plan=MailPlan(streams=declared))


async def test_streams(world: World) -> None:
    receipts = Stream("transactional", "example.com", "s1")
    for mixed in (Stream("marketing", "Example.com.", "S1"), Stream("marketing", "", "s1._domainkey.example.com")):
        found = await streams(world, receipts, mixed)
        assert found.problems == {"mail.streams-mixed"}
    for apart in (Stream("marketing", "news.example.com", "s1"), Stream("marketing", "example.com", "k2")):
        assert (await streams(world, receipts, apart)).status("mail.streams-mixed") == "pass"
    assert (await streams(world, receipts)).status("mail.streams-mixed") == "skipped"
    assert (await streams(world)).status("mail.streams-mixed") == "skipped"
    unknown = await streams(world, Stream("transactional"), Stream("marketing"))
    assert unknown.status("mail.streams-mixed") == "skipped"


@given(st.text(max_size=200))
def test_grammars_never_raise(text: str) -> None:
    tls_rpt.record_errors(text)
    bimi.record_errors(text)
    tags = parse_tags(text)
    assert all(name for name, _ in tags.tags)

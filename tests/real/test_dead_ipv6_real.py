"""Silence over IPv6: the site's own where others answer over it, this machine's where nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.namespace import told_in_namespace
from tests.programs import need

pytestmark = pytest.mark.real


def told(dead: str) -> list[dict[str, str]]:
    if not Path("/dev/net/tun").exists():
        need("a TUN device")
    findings: list[dict[str, str]] = told_in_namespace("tests.real.dead_ipv6", dead)
    return findings


def test_a_machine_whose_ipv6_leads_nowhere_blames_nobody() -> None:
    findings = told("machine")
    assert [(f["check"], f["summary"]) for f in findings if f["status"] in ("warn", "fail", "error")] == []
    ipv6 = [f for f in findings if f["check"] == "web.ipv6-broken"]
    assert ipv6 and {f["status"] for f in ipv6} == {"skipped"}
    assert all("nothing else answers this machine over IPv6" in f["summary"] for f in ipv6)
    conflict = next(f for f in findings if f["check"] == "dns.apex-conflict")
    assert conflict["status"] == "pass"
    # What IPv4 shows is judged as ever.
    assert {f["status"] for f in findings if f["check"] == "tls.cert-expired"} == {"pass"}


def test_a_site_that_is_silent_over_ipv6_is_told_where_others_answer_over_it() -> None:
    broken = {f["check"] for f in told("site") if f["status"] in ("warn", "fail")}
    assert broken == {"web.ipv6-broken"}

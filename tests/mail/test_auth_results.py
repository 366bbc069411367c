"""Authentication-Results as RFC 8601 and real receivers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.mail.auth_results import parse_auth_results
from tests.growth import assert_linear

GMAIL = """mx.google.com;
       dkim=pass header.i=@example.com header.s=s1 header.b=AbC+/1=;
       dkim=pass header.i=@amazonses.com header.s=abc header.b="x y";
       spf=pass (google.com: domain of bounce+a=b.com@send.example.com designates 192.0.2.1 as permitted sender)
 smtp.mailfrom="bounce+a=b.com@send.example.com";
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.com"""
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.com; dkim=pass (signature was verified)"
    " header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100"
)


def test_gmail() -> None:
    found = parse_auth_results(GMAIL)
    assert found.server == "mx.google.com" and found.errors == ()
    assert [(r.method, r.result, r.domain) for r in found.results] == [
        ("dkim", "pass", "example.com"),
        ("dkim", "pass", "amazonses.com"),
        ("spf", "pass", "send.example.com"),
        ("dmarc", "pass", "example.com"),
    ]
    assert found.of("dkim")[0].get("header.b") == "AbC+/1="
    assert "permitted sender" in found.of("spf")[0].comment


def test_microsoft_names_no_server() -> None:
    found = parse_auth_results(MICROSOFT)
    assert found.server == ""
    assert [(r.method, r.result) for r in found.results] == [
        ("spf", "pass"), ("dkim", "pass"), ("dmarc", "pass"), ("compauth", "pass"),
    ]  # fmt: skip
    assert found.of("compauth")[0].reason == "100"


@pytest.mark.parametrize(
    ("text", "server", "results"),
    [
        ("example.org 1; none", "example.org", []),
        ("example.org; none", "example.org", []),
        ("example.org", "example.org", []),
        ("Example.ORG 1; spf=fail smtp.mailfrom=a.example", "example.org", [("spf", "fail")]),
        ("foo.example (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
         ' policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn\'t expecting it) 1362471462',
         "foo.example", [("dkim", "fail")]),
        ('"quoted id" 1; auth=pass (cram-md5) smtp.auth=sender@example.net; x=y reason="why; not (so)"',
         "quoted id", [("auth", "pass"), ("x", "y")]),
        ("a.example; dkim=fail reason=\"signature verification failed\" (2048-bit key) header.d=b.example", "a.example",
         [("dkim", "fail")]),
        ("a.example; ; spf=pass;", "a.example", [("spf", "pass")]),
        ("a.example; nonsense; dkim=none", "a.example", [("dkim", "none")]),
        ("", "", []),
    ],
)  # fmt: skip
def test_forms(text: str, server: str, results: list[tuple[str, str]]) -> None:
    found = parse_auth_results(text)
    assert found.server == server
    assert [(r.method, r.result) for r in found.results] == results


def test_details_of_the_standard() -> None:
    text = (
        'a.example; dkim/1=pass reason="fine; really" header . d = "b.example" (ok); spf=pass smtp.mailfrom=@c.example'
    )
    found = parse_auth_results(text)
    dkim, spf = found.results
    assert (dkim.reason, dkim.domain, dkim.comment) == ("fine; really", "b.example", "ok")
    assert spf.domain == "c.example"
    assert dkim.describe == "dkim=pass header.d=b.example (ok)"


@given(st.text(max_size=300) | st.text(alphabet='ab=;."\\()/ 1\r\n', max_size=300))
def test_never_raises(text: str) -> None:
    found = parse_auth_results(text)
    assert all(result.method and result.result for result in found.results)


@pytest.mark.parametrize("piece", ["(", "\\(", '"', ";", "=", "a=b ", "a.b=c;", " ", "((a)", "a. b"])
def test_linear_time(piece: str) -> None:
    assert_linear(lambda text: parse_auth_results(f"a.example; {text}"), piece)

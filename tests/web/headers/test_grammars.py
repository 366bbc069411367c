"""The grammars of security headers: what browsers make of each form, and that nothing breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.network import Headers
from checks.web.headers.alt_svc import offers_http3
from checks.web.headers.cors import Sharing, sharing
from checks.web.headers.csp import (
    frame_ancestors,
    parse_meta_policy,
    parse_policies,
    parse_policy,
    script_openings,
    tightened,
)
from checks.web.headers.frame_options import keeps_frames_out, parse_frame_options
from checks.web.headers.hsts import BadTransportSecurity, TransportSecurity, parse_hsts
from checks.web.headers.referrer_policy import header_policy, meta_policy
from checks.web.headers.set_cookie import BadCookie, Cookie, parse_cookie_date, parse_set_cookie
from checks.web.link_header import parse_links
from tests.growth import assert_linear

YEAR = 31_536_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max-age=31536000", TransportSecurity(YEAR)),
        ('MAX-AGE="31536000" ; IncludeSubDomains; preload', TransportSecurity(YEAR, True, True)),
        ('max-age="3153\\6000"', TransportSecurity(YEAR)),
        (" ;; max-age = 31536000 ;", TransportSecurity(YEAR)),
        ("max-age=0", TransportSecurity(0)),
        ("includeSubDomains; max-age=1; unknown=x; other", TransportSecurity(1, True)),
        (f"max-age={'9' * 5000}", TransportSecurity(10**12)),
        ("max-age=000000000000000000001", TransportSecurity(1)),
    ],
)
def test_hsts(text: str, expected: TransportSecurity) -> None:
    assert parse_hsts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "includeSubDomains",
        "max-age",
        "max-age=",
        "max-age=abc",
        "max-age=-1",
        "max-age=1.5",
        "max-age=1; max-age=1",
        "max-age=1; includeSubDomains; includesubdomains",
        "max-age=31536000, max-age=31536000",
        'max-age="31536000',
        "max-age=31536000 includeSubDomains",
        "max-age=\u0661",
    ],
)
def test_hsts_that_browsers_ignore(text: str) -> None:
    assert isinstance(parse_hsts(text), BadTransportSecurity)


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'",
        "script-src 'none'",
        "script-src",
        "script-src 'self' https://cdn.example *.example.com",
        "script-src 'nonce-abc123' 'unsafe-inline'",
        "script-src 'sha256-YWJj' 'unsafe-inline'",
        "script-src 'nonce-abc' 'strict-dynamic' https: http: 'unsafe-inline'",
        "script-src 'strict-dynamic' 'unsafe-inline'",
        "default-src *; script-src 'self'",
        "script-src 'self'; script-src *",
        "SCRIPT-SRC 'SELF'",
        "script-src 'self' 'wasm-unsafe-eval'; object-src *",
        "default-src 'none'; script-src-elem 'self' 'unsafe-eval'; script-src-attr https:",
        "script-src 'self'; script-src-elem 'nonce-abc' 'unsafe-inline'; script-src-attr 'unsafe-inline' 'sha256-YWJj'",
    ],
)
def test_csp_that_keeps_script_in(policy: str) -> None:
    assert script_openings(parse_policy(policy)) == ()


@pytest.mark.parametrize(
    "policy",
    [
        "img-src 'self'",
        "frame-ancestors 'none'",
        "default-src *",
        "script-src https:",
        "script-src 'self' DATA:",
        "script-src blob:",
        "script-src https://*",
        "script-src https://*:443",
        "script-src *:*",
        "script-src http://cdn.example",
        "script-src 'unsafe-inline'",
        "script-src 'self' 'unsafe-eval'",
        "script-src 'nonce-abc' 'strict-dynamic' 'unsafe-eval'",
        "script-src 'nonce-' 'unsafe-inline'",
        "script-src 'sha512-' 'unsafe-inline'",
        "script-src *; script-src 'self'",
        "default-src 'self'; script-src 'unsafe-inline'",
        "default-src 'self'; script-src-elem *",
        "script-src 'nonce-abc'; script-src-attr 'unsafe-inline'",
        "script-src 'self'; SCRIPT-SRC-ELEM 'self' 'unsafe-inline'",
        "script-src-elem 'self'; script-src-attr 'none'",
    ],
)
def test_csp_that_lets_script_in(policy: str) -> None:
    read = parse_policy(policy)
    assert script_openings(read)
    assert script_openings(parse_policy(tightened(read))) == ()


def test_a_tightened_policy_keeps_what_is_right() -> None:
    policy = parse_policy("default-src 'self' https: 'UNSAFE-INLINE' *.cdn.example 'unsafe-eval'; img-src *")
    assert tightened(policy) == "script-src 'self' *.cdn.example"
    policy = parse_policy("script-src-elem 'self' data:; script-src-attr 'unsafe-inline'")
    assert tightened(policy) == "script-src 'self'; script-src-elem 'self'; script-src-attr 'none'"


def test_a_header_holds_several_policies() -> None:
    policies = parse_policies(["default-src 'self', script-src *", "", " , ;;"])
    assert [bool(script_openings(policy)) for policy in policies] == [False, True]


def test_a_meta_element_cannot_say_everything() -> None:
    policy = parse_meta_policy("frame-ancestors 'none'; script-src 'self'; report-uri /x; sandbox")
    assert [name for name, _ in policy.directives] == ["script-src"]


def test_repeated_and_foreign_directives() -> None:
    policy = parse_policy("frame-ancestors 'none';frame-ancestors *; scr\u00efpt-src *;\tframe-src\n'self'")
    assert policy.repeated == ("frame-ancestors",)
    assert frame_ancestors([policy]) == (("'none'",),)
    assert policy.get("frame-src") == ("'self'",)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["DENY"], True),
        (["sameorigin"], True),
        (["SAMEORIGIN, SAMEORIGIN"], True),
        (["SAMEORIGIN", "DENY"], True),
        (["ALLOW-FROM https://example.com"], False),
        (["ALLOWALL"], False),
        (["DENY;"], False),
        ([""], False),
        ([], False),
    ],
)
def test_frame_options(lines: list[str], kept: bool) -> None:
    assert keeps_frames_out(parse_frame_options(lines)) is kept


def test_referrer_policies() -> None:
    assert header_policy(["no-referrer, strict-origin-when-cross-origin", "unknown"]) == (
        "strict-origin-when-cross-origin"
    )
    assert header_policy(["UNSAFE-URL"]) == "unsafe-url"
    assert header_policy(["", "x"]) == ""
    assert meta_policy(["always"]) == "unsafe-url"
    assert meta_policy(["origin", "bad"]) == "origin"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=b", Cookie("a", "b")),
        (' a = "b c" ; Secure', Cookie("a", '"b c"', secure=True)),
        ("a=b=c; HTTPONLY; secure=no", Cookie("a", "b=c", secure=True, http_only=True)),
        ("lonely", Cookie("", "lonely")),
        ("a=", Cookie("a", "")),
        ("a=b; SameSite=lax; SameSite=NONE", Cookie("a", "b", same_site="None")),
        ("a=b; SameSite=odd", Cookie("a", "b")),
        ("a=b; Domain=.Example.com; Path=/x", Cookie("a", "b", domain="example.com", path="/x")),
        ("a=b; Path=x; Domain=", Cookie("a", "b")),
        ("a=b; Max-Age=10; Max-Age=-5", Cookie("a", "b", max_age=-5)),
        ("a=b; Max-Age=ten", Cookie("a", "b")),
        (f"a=b; Path=/{'x' * 1100}", Cookie("a", "b")),
        ("a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT", Cookie("a", "b", expires=1623233894.0)),
    ],
)
def test_cookies(line: str, expected: Cookie) -> None:
    assert parse_set_cookie(line) == expected


@pytest.mark.parametrize("line", ["", "=", " ; Secure", "a=b\x00", "a=b\x7f", f"a={'x' * 4096}", "=__Host-a"])
def test_cookies_that_browsers_ignore(line: str) -> None:
    assert isinstance(parse_set_cookie(line), BadCookie)


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("__Host-a=b; Secure; Path=/", False),
        ("__Host-a=b; Secure; Path=/; Domain=example.com", True),
        ("__Host-a=b; Secure", True),
        ("__host-a=b; Path=/", True),
        ("__Secure-a=b; Secure", False),
        ("__SECURE-a=b", True),
        ("__Hosta=b", False),
    ],
)
def test_cookie_prefixes(line: str, broken: bool) -> None:
    cookie = parse_set_cookie(line)
    assert isinstance(cookie, Cookie)
    assert bool(cookie.broken_prefix) is broken


def test_cookies_that_only_delete() -> None:
    for line, deletes in [
        ("a=b; Max-Age=0", True),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:01 GMT", True),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=60", False),
        ("a=b", False),
    ]:
        cookie = parse_set_cookie(line)
        assert isinstance(cookie, Cookie)
        assert cookie.deletes() is deletes, line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777.0),
        ("Sun Nov  6 08:49:37 1994", 784111777.0),
        ("1994 6 November 8:49:37", 784111777.0),
        ("30 Feb 2020 00:00:00", None),
        ("1 Jan 1600 00:00:00", None),
        ("1 Jan 2020 24:00:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_cookie_dates(text: str, expected: float | None) -> None:
    assert parse_cookie_date(text) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), Sharing.NOTHING),
        ((("access-control-allow-origin", "https://a.example"),), Sharing.PUBLIC),
        (
            (("access-control-allow-origin", "https://a.example"), ("access-control-allow-credentials", "true")),
            Sharing.PRIVATE,
        ),
        (
            (("access-control-allow-origin", "https://a.example"), ("access-control-allow-credentials", "TRUE")),
            Sharing.PUBLIC,
        ),
        ((("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")), Sharing.REFUSED),
        ((("access-control-allow-origin", "*"),), Sharing.PUBLIC),
        (
            (("access-control-allow-origin", "https://b.example"), ("access-control-allow-credentials", "true")),
            Sharing.NOTHING,
        ),
    ],
)
def test_cors(fields: tuple[tuple[str, str], ...], expected: Sharing) -> None:
    assert sharing(Headers(fields), "https://a.example") is expected


@pytest.mark.parametrize(
    ("lines", "offered"),
    [
        (['h3=":443"; ma=86400'], True),
        (['h2="alt.example:443", h3-29=":443";ma=3600;persist=1'], True),
        (['h3=":443"; ma=0'], False),
        (['h3=":443"; ma=0, h3-29=":443"'], True),
        (['h3=":443"', "clear"], False),
        (["clear"], False),
        (['h2=":443"; note="h3="', "h3=443", 'xh3=":443"'], False),
        ([], False),
    ],
)
def test_alt_svc(lines: list[str], offered: bool) -> None:
    assert offers_http3(lines) is offered


@given(st.text())
def test_no_text_breaks_a_grammar(text: str) -> None:
    parse_hsts(text)
    script_openings(parse_policy(text))
    parse_policies([text])
    parse_meta_policy(text)
    keeps_frames_out(parse_frame_options([text]))
    header_policy([text])
    meta_policy([text])
    offers_http3([text])
    parse_links([text], "https://example.com/")
    cookie = parse_set_cookie(text)
    if isinstance(cookie, Cookie):
        cookie.deletes()
        assert isinstance(cookie.broken_prefix, str)
    parse_cookie_date(text)


@given(st.from_regex(r"(max-age|includeSubDomains|x)?[ =\";,\\0-9a]{0,40}", fullmatch=True))
def test_hsts_of_its_own_letters(text: str) -> None:
    parse_hsts(text)


@given(st.lists(st.sampled_from("1 01 1994 94 Nov 8:49:37 : - , x 99".split()), max_size=8).map(" ".join))
def test_dates_of_their_own_letters(text: str) -> None:
    parse_cookie_date(text)


@pytest.mark.parametrize(
    "piece", ['"', "max-age=", ";", " ", 'a="', "a\\", "1:", "'nonce-", "a,", "<", "<>;a ", 'h3="";']
)
def test_long_lines_are_read_in_linear_time(piece: str) -> None:
    for read in (
        parse_hsts,
        lambda line: script_openings(parse_policy(line)),
        parse_set_cookie,
        parse_cookie_date,
        lambda line: offers_http3([line]),
        lambda line: parse_links([line], "https://example.com/"),
    ):
        assert_linear(read, piece)

"""What a shared cache may do with an answer, by RFC 9111."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.network import Headers
from checks.web.headers.cache_control import (
    MOST_SECONDS,
    SharedCaching,
    cache_evidence,
    delta_seconds,
    http_date,
    parse_cache_control,
    shared_caching,
)
from tests.growth import assert_linear


def judged(*fields: tuple[str, str], status: int = 200, authorized: bool = False) -> SharedCaching:
    return shared_caching(status, Headers(fields), authorized=authorized, received=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("", ()),
        ("no-store", (("no-store", None),)),
        ("Public, Max-Age=60", (("public", None), ("max-age", "60"))),
        ('private="Set-Cookie, X-Token", max-age="60"', (("private", "Set-Cookie, X-Token"), ("max-age", "60"))),
        (",, no-cache ,,\tno-store", (("no-cache", None), ("no-store", None))),
        ('x="a\\"b"', (("x", 'a"b'),)),
        ("max-age=60;public", (("max-age", "60"),)),
        ("max-age = 60", (("max-age", "60"),)),
        ("@@, public", (("public", None),)),
        ("max-age=", (("max-age", ""),)),
        ('x="open, no-store', (("x", "open, no-store"),)),
    ],
)
def test_directives_are_read(text: str, directives: object) -> None:
    assert parse_cache_control(text).directives == directives


@pytest.mark.parametrize(
    ("control", "lifetime"),
    [
        ("max-age=3600", 3600),
        ("max-age=60, s-maxage=7200", 7200),
        ("s-maxage=0, max-age=7200", 0),
        ("max-age=60, max-age=7200", 60),
        ("max-age=1.5", 0),
        ("max-age=-1", 0),
        ("max-age", 0),
        ('max-age="600"', 600),
        ("max-age=99999999999999999999", MOST_SECONDS),
        ("public", None),
        ("", None),
    ],
)
def test_the_lifetime_that_counts_for_a_shared_cache(control: str, lifetime: int | None) -> None:
    assert judged(("cache-control", control)).lifetime == lifetime


@pytest.mark.parametrize(
    ("expires", "date", "lifetime"),
    [
        ("Thu, 01 Jan 2026 02:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT", 7200),
        ("Thursday, 01-Jan-26 02:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT", 7200),
        ("Thu Jan  1 02:00:00 2026", "Thu, 01 Jan 2026 00:00:00 GMT", 7200),
        ("Thu, 01 Jan 2026 02:00:00 GMT", "", 7200),
        ("Thu, 01 Jan 2026 02:00:00 GMT", "Thu, 01 Jan 2026 03:00:00 GMT", 0),
        ("0", "", 0),
        ("-1", "", 0),
        ("tomorrow", "", 0),
    ],
)
def test_expires_counts_from_date(expires: str, date: str, lifetime: int) -> None:
    fields = [("expires", expires)] + ([("date", date)] if date else [])
    assert judged(*fields).lifetime == lifetime
    assert judged(*fields, ("cache-control", "max-age=5")).lifetime == 5


@pytest.mark.parametrize(
    ("control", "status", "storable"),
    [
        ("", 200, True),
        ("", 302, False),
        ("", 401, False),
        ("", 404, True),
        ("max-age=60", 302, True),
        ("public", 401, True),
        ("no-store", 200, False),
        ("private", 200, False),
        ('private="X-Token"', 200, True),
        ("private, max-age=600", 200, False),
        ("no-cache", 200, True),
        ("must-understand, no-store, max-age=60", 200, True),
        ("must-understand, no-store", 299, False),
        ("NO-STORE", 200, False),
    ],
)
def test_what_may_be_stored(control: str, status: int, storable: bool) -> None:
    assert judged(("cache-control", control), status=status).storable is storable


@pytest.mark.parametrize(
    ("control", "storable"),
    [
        ("max-age=60", False),
        ("public", True),
        ("s-maxage=60", True),
        ("must-revalidate, max-age=60", True),
        ("", False),
    ],
)
def test_an_authorized_answer_needs_leave(control: str, storable: bool) -> None:
    assert judged(("cache-control", control), authorized=True).storable is storable


@pytest.mark.parametrize(
    ("fields", "keeps"),
    [
        ([("cache-control", "max-age=3600")], True),
        ([("cache-control", "max-age=3599")], False),
        ([("cache-control", "max-age=31536000, immutable")], True),
        ([("cache-control", "private, max-age=31536000")], False),
        ([("cache-control", "no-cache, max-age=31536000")], False),
        ([("cache-control", 'no-cache="Set-Cookie", max-age=31536000')], True),
        ([("cache-control", "max-age=31536000"), ("vary", "*")], False),
        ([("cache-control", "max-age=31536000"), ("vary", "Accept-Encoding")], True),
        ([("cache-control", "max-age=0"), ("cdn-cache-control", "max-age=86400")], True),
        ([("cache-control", "max-age=86400"), ("cdn-cache-control", "no-store")], False),
        ([("cache-control", "max-age=86400"), ("age", "86000")], True),
        ([("cache-control", "no-store"), ("cache-control", "max-age=86400")], False),
        ([("etag", '"a"'), ("last-modified", "Thu, 01 Jan 2015 00:00:00 GMT")], False),
        ([("pragma", "no-cache"), ("cache-control", "max-age=86400")], True),
    ],
)
def test_keeping_for_an_hour(fields: list[tuple[str, str]], keeps: bool) -> None:
    assert judged(*fields).keeps_for(3600) is keeps


@pytest.mark.parametrize(
    ("control", "outright"),
    [("", False), ("no-cache", False), ("max-age=0", False), ("max-age=1", True), ("public, max-age=0", True),
     ("private, max-age=9", False), ('max-age=9, private="X-Name, Set-Cookie"', False),
     ('public, max-age=9, no-cache="set-cookie"', False), ('public, max-age=9, no-cache="X-Name"', True)],
)  # fmt: skip
def test_cookies_handed_out(control: str, outright: bool) -> None:
    assert judged(("cache-control", control)).hands_out_cookies is outright


def test_evidence_shows_the_fields_that_decide() -> None:
    assert (
        cache_evidence(Headers((("cache-control", "max-age=5"), ("age", "3"), ("x", "y"))))
        == "cache-control: max-age=5; age: 3"
    )
    assert cache_evidence(Headers()) == "no Cache-Control, no Expires"


@given(st.text(max_size=200) | st.text(alphabet='max-age=,"\\ \t;private0no', max_size=200))
def test_no_text_makes_the_readers_raise(text: str) -> None:
    control = parse_cache_control(text)
    assert all(name == name.lower() for name, _ in control.directives)
    judged(("cache-control", text), ("expires", text), ("date", text), ("vary", text))
    http_date(text)
    delta_seconds(text)


@pytest.mark.parametrize(
    ("before", "piece"), [("", '"'), ("", "a="), ("", 'a="'), ("", ", "), ("", "\\"), ('x="', "\\a")]
)
def test_reading_takes_linear_time(before: str, piece: str) -> None:
    assert_linear(lambda text: parse_cache_control(before + text), piece)

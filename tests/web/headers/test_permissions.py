"""Structured fields, Permissions-Policy, and the check on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.headers.permissions_policy import parse_permissions
from checks.web.headers.structured import InnerList, Item, Malformed, parse_dictionary
from tests.growth import assert_linear
from tests.web.site_under_test import Site, healthy, html


def test_a_dictionary() -> None:
    found = parse_dictionary('a=1, b=2.5;x;y="q\\"", c=("s" t;z=?0 :aGk=:);k,\td, e=@-1, f=%"f%c3%bc", a=?0')
    assert found == {
        "a": Item("boolean", "0"),
        "b": Item("decimal", "2.5", (("x", Item("boolean", "1")), ("y", Item("string", 'q"')))),
        "c": InnerList(
            (Item("string", "s"), Item("token", "t", (("z", Item("boolean", "0")),)), Item("bytes", "aGk=")),
            (("k", Item("boolean", "1")),),
        ),
        "d": Item("boolean", "1"),
        "e": Item("date", "-1"),
        "f": Item("display", "f%c3%bc"),
    }


@pytest.mark.parametrize(
    "text",
    ["camera 'none'", "a=", "a=1,", "a=1 b=2", "A=1", "a=(1", 'a=("x""y")', 'a="x', "a=1.2345", "a=1234567890123456",
     "a=:a:b", "a=?2", "=1", ",", "a;=1", "a=\u00e9", 'a="\u00e9"', "a=1;", "a=@1.5"],
)  # fmt: skip
def test_what_is_ignored_as_a_whole(text: str) -> None:
    assert isinstance(parse_dictionary(text), Malformed)


def test_nothing_is_an_empty_dictionary() -> None:
    assert parse_dictionary("") == parse_dictionary("  ") == {}


def test_permissions() -> None:
    assert parse_permissions(
        ['camera=(), geolocation=(self "https://a.example")', "usb=*, midi=self, hid=(* self)"]
    ) == {
        "camera": (),
        "geolocation": ("self", "https://a.example"),
        "usb": ("*",),
        "midi": ("self",),
        "hid": ("*",),
    }
    assert parse_permissions(["camera=(1 other)"]) == {"camera": ()}


@given(st.text(alphabet='ab=(),;"\\ 1.?@:%*\t-', max_size=40) | st.text())
def test_no_text_breaks_it(text: str) -> None:
    found = parse_permissions([text])
    assert isinstance(found, Malformed) or all(isinstance(allowed, tuple) for allowed in found.values())


@pytest.mark.parametrize("piece", ["a=(", '"', "a=1,", "a;", " ", 'a="', "a=:", "a=(x "])
def test_long_lines_are_read_in_linear_time(piece: str) -> None:
    assert_linear(parse_dictionary, piece)


@pytest.mark.parametrize(
    ("line", "status"),
    [("camera=(), microphone=()", "pass"), ("camera 'none'; microphone 'none'", "warn"), ("", "pass")],
)
async def test_the_check(site: Site, line: str, status: str) -> None:
    headers = [("permissions-policy", line)] if line else []
    await site.serve(lambda request: html("<p>x", *headers) if request.path == "/" else healthy(request))
    finding = (await site.look("headers.permissions")).only
    assert (finding.status, finding.triage) == (status, "note")

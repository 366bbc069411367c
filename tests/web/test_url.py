"""URLs as browsers read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.subject import Subject
from checks.web.url import first_party, host, origin, resolve

BASE = "https://example.com/a/b?c=d"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("x", "https://example.com/a/x"),
        ("/x", "https://example.com/x"),
        ("?q", "https://example.com/a/b?q"),
        ("", "https://example.com/a/b?c=d"),
        ("#top", "https://example.com/a/b?c=d"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("../../../x", "https://example.com/x"),
        ("./%2e%2E/y", "https://example.com/y"),
        (" \thttps://Example.COM:443/a b\n", "https://example.com/a%20b"),
        ("HTTP://EXAMPLE.com:80", "http://example.com/"),
        ("http://example.com:8080/x#y", "http://example.com:8080/x"),
        ("https:\\\\example.com\\x", "https://example.com/x"),
        ("\\x", "https://example.com/x"),
        ("https:x", "https://example.com/a/x"),
        ("http:x.example", "http://x.example/"),
        ("https:///x.example/y", "https://x.example/y"),
        ("https://user:pw@example.com/", "https://example.com/"),
        ("https://bücher.example/ü?ü", "https://xn--bcher-kva.example/%C3%BC?%C3%BC"),
        ("https://[2001:DB8:0::1]/", "https://[2001:db8::1]/"),
        ("https://example.com./", "https://example.com/"),
        ("https://exa%6dple.com/", "https://example.com/"),
        ("/a?x=\\y", "https://example.com/a?x=\\y"),
        ("ht\ntps://example.com/", "https://example.com/"),
        ("mailto:a@example.com", "mailto:a@example.com"),
        ("data:text/plain,x", "data:text/plain,x"),
        ("wss://example.com:443/s", "wss://example.com/s"),
        ("https://", ""),
        ("https://exa mple.com/", ""),
        ("https://example.com:99999/", ""),
        ("https://example.com:x/", ""),
        ("https://[::1", ""),
        ("https://a..b/", ""),
        ("//", ""),
    ],
)
def test_resolve(reference: str, expected: str) -> None:
    assert resolve(reference, BASE) == expected


def test_parts() -> None:
    assert origin("https://example.com:8443/x?y") == "https://example.com:8443"
    assert origin("https://example.com?y") == "https://example.com"
    assert host("https://[2001:db8::1]:8443/") == "2001:db8::1"
    assert host("mailto:x") == ""


def test_first_party() -> None:
    subject = Subject.of("example.com", variants=["example.net"])
    site = "https://www.shop.example/"
    for url in ("https://cdn.example.com/x", "https://example.net/", "https://img.shop.example/"):
        assert first_party(url, subject, site)
    for url in ("https://notexample.com/", "https://example.com.evil.example/", "mailto:x"):
        assert not first_party(url, subject, site)


@given(st.text(), st.sampled_from([BASE, "", "http://a/"]))
def test_no_text_breaks_it_and_its_answer_is_stable(text: str, base: str) -> None:
    found = resolve(text, base)
    if found.startswith(("http://", "https://")):
        assert resolve(found) == found
        assert host(found)

"""The grammar of RFC 7208 s12: every term, every error, and never an exception whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.mail.spf import Directive, Modifier, is_spf, parse
from checks.mail.spf.fix import repair, repaired
from checks.mail.spf.grammar import parse_explanation
from checks.mail.spf.macro import BadMacro, dns_name, read_domain, read_macros, shortened
from tests.growth import assert_linear


def term(text):
    record = parse(f"v=spf1 {text}")
    assert not record.problems, record.problems
    (only,) = record.terms
    return only


@pytest.mark.parametrize(
    ("text", "spf"),
    [
        ("v=spf1", True),
        ("v=spf1 -all", True),
        ("V=SPF1 -all", True),
        ("v=spf1 ", True),
        ("v=spf10", False),
        ("v=spf1\t-all", False),
        (" v=spf1 -all", False),
        ("v=spf1;-all", False),
        ("", False),
    ],
)
def test_which_records_are_spf(text, spf):
    assert is_spf(text) is spf


@pytest.mark.parametrize(
    ("text", "result"), [("all", "pass"), ("+all", "pass"), ("-all", "fail"), ("~all", "softfail"), ("?aLL", "neutral")]
)
def test_qualifiers(text, result):
    directive = term(text)
    assert isinstance(directive, Directive)
    assert (directive.mechanism, directive.result) == ("all", result)


@pytest.mark.parametrize(
    ("text", "domain", "prefix4", "prefix6"),
    [
        ("a", None, 32, 128),
        ("MX", None, 32, 128),
        ("a/24", None, 24, 128),
        ("a//64", None, 32, 64),
        ("mx/0//0", None, 0, 0),
        ("a:example.com", "example.com", 32, 128),
        ("a:example.com.", "example.com.", 32, 128),
        ("mx:example.com/24//64", "example.com", 24, 64),
        ("a:%{d}/24", "%{d}", 24, 128),
        ("a:foo:bar/baz.example.com", "foo:bar/baz.example.com", 32, 128),
        ("a:example.xn--p1ai", "example.xn--p1ai", 32, 128),
        ("a:under_score.example.com", "under_score.example.com", 32, 128),
        ("a:x.%{l1r+-}", "x.%{l1r+-}", 32, 128),
        ("a:x.%%", "x.%%", 32, 128),
    ],
)
def test_names_and_prefixes(text, domain, prefix4, prefix6):
    directive = term(text)
    assert isinstance(directive, Directive)
    assert (directive.domain.text if directive.domain else None) == domain
    assert (directive.prefix4, directive.prefix6) == (prefix4, prefix6)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("ip4:192.0.2.1", "192.0.2.1/32"),
        ("ip4:192.0.2.77/24", "192.0.2.0/24"),
        ("ip4:0.0.0.0/0", "0.0.0.0/0"),
        ("IP6:2001:DB8::1", "2001:db8::1/128"),
        ("ip6:2001:db8::/32", "2001:db8::/32"),
        ("ip6:::1.2.3.4/0", "::/0"),
    ],
)
def test_networks(text, network):
    directive = term(text)
    assert isinstance(directive, Directive)
    assert str(directive.network) == network


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("redirect=_spf.example.com", "redirect", "_spf.example.com"),
        ("Exp=explain.%{d}", "exp", "explain.%{d}"),
        ("x-note=a/b:c=d", "x-note", "a/b:c=d"),
        ("moo.cow-far_out=", "moo.cow-far_out", ""),
        ("ra=postmaster", "ra", "postmaster"),
    ],
)
def test_modifiers(text, name, value):
    modifier = term(text)
    assert isinstance(modifier, Modifier)
    assert (modifier.name, modifier.value.text) == (name, value)


@pytest.mark.parametrize(
    "text",
    [
        "moo", "=all", "1up=foo", "+redirect=a.example", "-", "+", "--all", "all.", "all:x", "all/8", "-all=x y=%", "-al",
        "include", "include:", "include:museum", "include:museum.", "include:a.example/24", "include:x.123",
        "include:example.-com", "include:example.com-", "include:a..example.com", "include:.example.com",
        "include:" + "a" * 64 + ".example.com", "include:%{d}com", "include:%{d}.",
        "exists", "exists:", "exists:a.example/24", "ptr:", "ptr/0", "ptr:a.example/24",
        "a:", "a/", "a/33", "a/032", "a//129", "a//033", "a/24/64", "a///64", "a:example.com:8080", "a:1.2.3.4",
        "mx:", "mx/33", "mx:::1", "a:2001:db8::1",
        "ip4", "ip4:", "ip4:1.2.3", "ip4:1.2.3.4/33", "ip4:1.2.3.4/032", "ip4:1.2.3.4/", "ip4:1.2.3.4//32",
        "ip4:1.2.3.4:8080", "ip4:01.2.3.4", "ip4:256.1.1.1", "ip4:2001:db8::1", "ip4/24", "ip4: 1.2.3.4",
        "ip6", "ip6:", "ip6::CAFE::BABE", "ip6:::1/129", "ip6:::1//33", "ip6:1.2.3.4", "ip6:fe80::1%eth0", "ip6:::1/064",
        "redirect=", "redirect=-all", "redirect=museum", "exp=", "exp=-all", "exp=%{c}.example.com", "redirect:a.example",
        "x=%", "x=%abc", "x=%{", "x=%{}", "x=%{x}", "x=%{d", "x=%{d0}", "x=%{d!}", "x=%{dr2}", "x=%(d)", "x=%{ d}",
        "exists:%{c}.example.com", "exists:%{t}.example.com", "exists:%{r}.example.com", "x=%{c}",
        "a:caf\xe9.example.com", "\x80all", "a:ctrl.example.com\rptr", "ip4:1.2.3.4\n", "a:nul.example.com\0", "x=\x7f",
    ],
)  # fmt: skip
def test_errors(text):
    record = parse(f"v=spf1 {text} -all")
    assert record.problems
    assert all(str(problem) for problem in record.problems)


@pytest.mark.parametrize("text", ["redirect=a.example redirect=a.example", "exp=a.example -all exp=b.example"])
def test_modifiers_that_may_stand_only_once(text):
    assert parse(f"v=spf1 {text}").problems


def test_other_modifiers_may_stand_twice():
    assert not parse("v=spf1 x=1 x=2 -all").problems


def test_terms_are_separated_by_one_space_or_more():
    record = parse("v=spf1  a   mx -all  ")
    assert [t.text for t in record.terms] == ["a", "mx", "-all"]
    assert not record.problems


def test_all_ends_a_record():
    record = parse("v=spf1 a ~all mx redirect=x.example exp=y.example")
    assert [t.text for t in record.directives] == ["a", "~all"]
    assert [t.text for t in record.querying] == ["a"]
    assert record.redirect is None
    assert record.exp is not None
    assert record.all is not None


def test_a_redirect_is_followed_last():
    record = parse("v=spf1 redirect=x.example a")
    assert [t.text for t in record.querying] == ["a", "redirect=x.example"]


def test_every_error_is_told_with_what_is_meant():
    said = " ".join(str(problem) for problem in parse("v=spf1 ipv4:1.2.3.4 a:192.0.2.1 all: -all, -all").problems)
    assert "ip4:1.2.3.4 may be meant" in said
    assert "ip4:192.0.2.1" in said


VALUES = {
    "s": "strong-bad@email.example.com",
    "l": "strong-bad",
    "o": "email.example.com",
    "d": "email.example.com",
    "i": "192.0.2.3",
    "v": "in-addr",
    "h": "mx.example.net",
    "p": "mx.example.org",
}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{d99999999999}", "email.example.com"),
        ("%{d002}", "example.com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{D2R}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{s1.@-}", "com"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("a%%b%_c%-d", "a%b c%20d"),
        ("%%{d}", "%{d}"),
    ],
)
def test_macros(text, expanded):
    if "@" in text:
        with pytest.raises(BadMacro):
            read_macros(text)
    else:
        assert read_macros(text).expand(VALUES) == expanded


@pytest.mark.parametrize("text", ["a.%%_", "%{d}x", "", ".", "com", "a.b%"])
def test_what_ends_in_no_top_level_label_is_no_domain(text):
    with pytest.raises(BadMacro):
        read_domain(text)


def test_explanations():
    text = parse_explanation("See http://%{d}/why.html?s=%{S}&i=%{c}%_now")
    assert text is not None
    assert text.letters == {"d", "s", "c"}
    for bad in ("%{x}", "caf\xe9", "a\nb", "a\tb", "100%"):
        assert parse_explanation(bad) is None


def test_long_names_lose_labels_on_the_left():
    name = ".".join(["label"] * 60)
    assert shortened(name) == ".".join(["label"] * 42)
    assert len(shortened(name)) <= 253
    assert shortened("a.example.com.") == "a.example.com"
    exact = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert len(exact) == 253
    assert shortened(exact) == exact


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("a.example", True),
        ("a b%/:.example.", True),
        ("", False),
        ("a..b", False),
        ("a" * 64 + ".b", False),
        ("\xe9.b", False),
    ],
)
def test_names_that_dns_can_hold(text, possible):
    assert (dns_name(text) is not None) is possible


WORDS = st.sampled_from(
    ["v=spf1", "all", "-all", "include:", "a:", "mx/", "//", "ip4:", "ip6:", "192.0.2.1", "::1", "/24", "exp=", "redirect=",
     "%{d}", "%{", "%", "}", "example.com", ".", " ", "=", ":", "\x00", "\xe9", "r", "-", "9" * 5000]
)  # fmt: skip


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=30).map("".join)))
def test_any_text_is_read_without_an_exception(text):
    for whole in (text, f"v=spf1 {text}"):
        record = parse(whole)
        assert len(record.querying) <= len(record.terms)
        if is_spf(whole):
            assert not parse(repaired(record)).problems
        for word in whole.split(" "):
            repair(word)
    parse_explanation(text)
    dns_name(shortened(text))


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["a", "mx", "ip4:192.0.2.0/24", "ip6:::/0", "include:x.example", "exists:%{i}.x.example"]))
)
def test_a_record_of_right_terms_comes_back_as_written(terms):
    record = parse(" ".join(["v=spf1", *terms, "-all"]))
    assert not record.problems
    assert [t.text for t in record.terms] == [*terms, "-all"]


@pytest.mark.parametrize(
    "unit", ["a ", "%{", "%%", "a:", "/24", "ip4:1.2.3.4 ", "x=%{d9999r.-+,/_=} ", "0", "-", "a.", "\xe9 ", "%{d}"]
)
def test_time_grows_with_the_length_alone(unit):
    assert_linear(lambda text: parse(f"v=spf1 a:{text}"), unit)

"""check_host() of RFC 7208: every mechanism, modifier, macro, limit and error, asked of a real name server."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest

from checks.mail.spf import check_host as module
from checks.mail.spf import evaluate

HOST = {"mx.example.net": ["A 192.0.2.1", "AAAA 2001:db8::1"]}


def reverse(ip):
    return ipaddress.ip_address(ip).reverse_pointer


async def result(check_host, publish, record, *, names=None, **message):
    publish({"example.com": [record], **HOST, **(names or {})})
    return (await check_host("user@example.com", **message)).result


class TestMessage:
    @pytest.mark.parametrize("sender", ["", "<>"])
    async def test_no_sender_stands_for_postmaster_at_helo(self, publish, check_host, sender):
        publish(
            {
                "mx.example.net": ["v=spf1 exists:%{l}.%{o}.%{d} -all"],
                "postmaster.mx.example.net.mx.example.net": ["A 127.0.0.2"],
            }
        )
        assert (await check_host(sender)).result == "pass"

    async def test_no_local_part_stands_for_postmaster(self, publish, check_host):
        publish({"example.com": ["v=spf1 exp=e.example -all"], "e.example": ['TXT "%{s}"']})
        for sender in ("@example.com", "example.com"):
            assert (await check_host(sender)).explanation == "postmaster@example.com"

    @pytest.mark.parametrize(
        "domain",
        [
            "localhost",
            "[192.0.2.1]",
            "a..example.com",
            "a" * 64 + ".example.com",
            ".example.com",
            "a." * 127 + "com",
            "\xe9" * 64 + ".com",
        ],
    )
    async def test_no_domain_to_check(self, publish, check_host, world, domain):
        publish({})
        assert (await check_host(f"user@{domain}")).result == "none"
        assert not world.resolver.queries

    async def test_helo_that_is_no_domain(self, publish, check_host):
        publish({})
        for helo in ("OEMCOMPUTER", "[192.0.2.1]", ""):
            assert (await check_host("", helo=helo)).result == "none"

    async def test_a_label_of_63_characters_and_a_last_dot(self, publish, check_host):
        publish({"a" * 63 + ".example.com": ["v=spf1 -all"]})
        assert (await check_host("user@" + "a" * 63 + ".Example.COM.")).result == "fail"

    async def test_international_domains_are_asked_in_ascii(self, publish, check_host):
        publish({"xn--bcher-kva.example": ["v=spf1 ip4:192.0.2.1 -all"]})
        assert (await check_host("user@b\xfccher.example")).result == "pass"

    async def test_an_international_local_part_matches_no_name(self, publish, check_host):
        publish({"example.com": ["v=spf1 exists:%{l}.example.com ~all"]})
        assert (await check_host("j\xf6rg@example.com")).result == "softfail"

    async def test_the_last_at_sign_parts_the_address(self, publish, check_host):
        publish({"example.com": ["v=spf1 exp=e.example -all"], "e.example": ['TXT "%{l}|%{o}"']})
        assert (await check_host("a@b@example.com")).explanation == "a@b|example.com"

    async def test_a_mapped_address_is_ipv4(self, publish, check_host):
        publish({"example.com": ["v=spf1 ip6:::ffff:192.0.2.1 ip4:192.0.2.1 -all"]})
        assert (await check_host("u@example.com", ip="::ffff:192.0.2.1")).reason.endswith("ip4:192.0.2.1")

    async def test_no_address(self, check_host):
        with pytest.raises(ValueError, match="address"):
            await check_host("u@example.com", ip="nonsense")


class TestRecords:
    async def test_none(self, publish, check_host):
        publish({"empty.example": ["A 192.0.2.1"], "text.example": ['TXT "v=spf10 -all"', 'TXT "v=spf1x"']})
        for domain in ("gone.example", "empty.example", "text.example"):
            assert (await check_host(f"u@{domain}")).result == "none"

    async def test_the_type_spf_is_never_asked(self, publish, check_host, world):
        publish({"example.com": ['SPF "v=spf1 -all"']})
        assert (await check_host("u@example.com")).result == "none"
        assert {rdtype for _, rdtype in world.resolver.queries} == {"TXT"}

    async def test_several(self, publish, check_host):
        assert (
            await result(check_host, publish, "v=spf1 -all", names={"example.com": ["v=spf1 -all", "V=sPf1 +all"]})
            == "permerror"
        )

    async def test_strings_are_joined_without_a_space(self, publish, check_host):
        publish({"example.com": ['TXT "v=spf1 ip4:192." "0.2.1" " -all"'], "glued.example": ['TXT "v=spf1" "mx"']})
        assert (await check_host("u@example.com")).result == "pass"
        assert (await check_host("u@glued.example")).result == "none"

    @pytest.mark.parametrize(
        "record", ["v=spf1 a:\xef\xbb\xbfg.example -all", "v=spf1 \x80all", "v=spf1 a \x96all", "v=spf1 a\rptr"]
    )
    async def test_only_ascii(self, publish, check_host, record):
        assert await result(check_host, publish, record) == "permerror"

    async def test_other_records_may_hold_anything(self, publish, check_host):
        publish({"example.com": ['TXT "\\150\\239"', "v=spf1 -all"]})
        assert (await check_host("u@example.com")).result == "fail"

    async def test_an_alias(self, publish, check_host):
        publish({"alias.example": ["CNAME example.com."], "example.com": ["v=spf1 -all"]})
        assert (await check_host("u@alias.example")).result == "fail"

    async def test_a_record_too_long_for_udp(self, publish, check_host):
        many = " ".join(f"ip4:198.51.100.{n}" for n in range(200))
        assert await result(check_host, publish, f"v=spf1 {many} ip4:192.0.2.1 -all") == "pass"


class TestEvaluation:
    @pytest.mark.parametrize(
        ("record", "expected"),
        [
            ("v=spf1", "neutral"),
            ("v=spf1 ip4:198.51.100.1", "neutral"),
            ("v=spf1 all", "pass"),
            ("v=spf1 ?all", "neutral"),
            ("v=spf1 ~all -all", "softfail"),
            ("v=spf1 -ip4:192.0.2.1 +all", "fail"),
            ("v=spf1 ?ip4:192.0.2.1 -all", "neutral"),
            ("v=spf1 ip4:192.0.2.1 -all moo", "permerror"),
            ("v=spf1 +all ip4:1", "permerror"),
            ("v=spf1 redirect=loop.example ~all", "softfail"),
            ("v=spf1 unknown=%{l} ip4:192.0.2.1 -all", "pass"),
            ("v=spf1 default=pass", "neutral"),
        ],
    )
    async def test_records(self, publish, check_host, record, expected):
        assert await result(check_host, publish, record) == expected

    @pytest.mark.parametrize(
        ("record", "ip", "expected"),
        [
            ("ip4:192.0.2.0/24", "192.0.2.200", "pass"),
            ("ip4:192.0.2.0/24", "192.0.3.1", "fail"),
            ("ip4:1.1.1.1/0", "192.0.2.1", "pass"),
            ("ip4:1.1.1.1/0", "2001:db8::1", "fail"),
            ("ip6:2001:db8::/32", "2001:db8:ffff::1", "pass"),
            ("ip6:::/0", "192.0.2.1", "fail"),
            ("a:host.example", "192.0.2.1", "pass"),
            ("a:host.example", "192.0.2.2", "fail"),
            ("a:host.example/24", "192.0.2.2", "pass"),
            ("a:host.example//64", "192.0.2.2", "fail"),
            ("a:host.example/24//64", "2001:db8::9", "pass"),
            ("a:host.example/24", "2001:db8::9", "fail"),
            ("a:v4.example/0", "2001:db8::9", "fail"),
            ("a:gone.example/0", "192.0.2.1", "fail"),
            ("a:alias.example", "192.0.2.1", "pass"),
            ("mx:mail.example", "192.0.2.1", "pass"),
            ("mx:mail.example", "2001:db8::1", "pass"),
            ("mx:mail.example", "192.0.2.3", "fail"),
            ("mx:mail.example/24", "192.0.2.3", "pass"),
            ("mx:host.example", "192.0.2.1", "fail"),
            ("mx:null.example", "192.0.2.1", "fail"),
            ("exists:v4.example", "2001:db8::9", "pass"),
            ("exists:v6.example", "2001:db8::9", "fail"),
            ("exists:gone.example", "192.0.2.1", "fail"),
        ],
    )
    async def test_mechanisms(self, publish, check_host, record, ip, expected):
        names = {
            "host.example": ["A 192.0.2.1", "AAAA 2001:db8::1"],
            "alias.example": ["CNAME host.example."],
            "v4.example": ["A 192.0.2.50"],
            "v6.example": ["AAAA 2001:db8::50"],
            "mail.example": ["MX 10 other.example.", "MX 20 host.example."],
            "other.example": ["A 198.51.100.7"],
            "null.example": ["MX 0 ."],
        }
        assert await result(check_host, publish, f"v=spf1 {record} -all", names=names, ip=ip) == expected

    @pytest.mark.parametrize(
        ("inner", "expected"),
        [
            ("v=spf1 ip4:192.0.2.1 -all", "pass"),
            ("v=spf1 -all", "softfail"),
            ("v=spf1 ~all", "softfail"),
            ("v=spf1 ?all", "softfail"),
            ("v=spf1 moo", "permerror"),
            (None, "permerror"),
        ],
    )
    async def test_include(self, publish, check_host, inner, expected):
        names = {"inner.example": [inner]} if inner else {}
        assert await result(check_host, publish, "v=spf1 include:inner.example ~all", names=names) == expected

    async def test_include_with_a_qualifier(self, publish, check_host):
        names = {"inner.example": ["v=spf1 ip4:192.0.2.1 -all"]}
        assert await result(check_host, publish, "v=spf1 -include:inner.example +all", names=names) == "fail"

    @pytest.mark.parametrize("term", ["include:%{h}", "redirect=%{h}"])
    async def test_a_target_of_one_label_is_no_domain(self, publish, check_host, term):
        assert await result(check_host, publish, f"v=spf1 {term}", helo="localhost") == "permerror"

    async def test_redirect(self, publish, check_host):
        own = {"example.com": ["v=spf1 redirect=target.example", "A 192.0.2.1"]}
        target = {"target.example": ["v=spf1 a -all", "A 192.0.2.7"]}
        publish(own | target)
        assert (await check_host("u@example.com", ip="192.0.2.7")).result == "pass"
        assert (await check_host("u@example.com", ip="192.0.2.1")).result == "fail"

    async def test_redirect_to_no_record(self, publish, check_host):
        assert await result(check_host, publish, "v=spf1 redirect=target.example") == "permerror"

    @pytest.mark.parametrize("term", ["a:%{h}", "mx:%{h}", "exists:%{h}", "ptr:%{h}"])
    @pytest.mark.parametrize("helo", ["JUMPIN' JUPITER", "a..b", "x" * 70 + ".example", ""])
    async def test_a_name_that_dns_cannot_hold_matches_nothing(self, publish, check_host, term, helo):
        assert await result(check_host, publish, f"v=spf1 {term} -all", helo=helo) == "fail"

    async def test_names_of_any_characters(self, publish, check_host):
        names = {"a%b\\032c/d:e.example": ["A 192.0.2.1"]}
        assert await result(check_host, publish, "v=spf1 a:a%%b%_c/d:e.example -all", names=names) == "pass"


class TestPtr:
    @pytest.mark.parametrize(
        ("record", "pointers", "expected"),
        [
            ("ptr", ["mail.example.com."], "pass"),
            ("ptr", ["MAIL.Example.COM."], "pass"),
            ("ptr", ["example.com."], "fail"),
            ("ptr:example.org", ["mail.example.com."], "fail"),
            ("ptr:example.org", ["mail.example.com.", "x.example.org."], "pass"),
            ("ptr", ["mail.notexample.com."], "fail"),
            ("ptr", ["lying.example.com."], "fail"),
            ("ptr", [], "fail"),
        ],
    )
    @pytest.mark.parametrize("ip", ["192.0.2.1", "2001:db8::1"])
    async def test_validated_names(self, publish, check_host, record, pointers, expected, ip):
        both = ["A 192.0.2.1", "AAAA 2001:db8::1"]
        names = {
            reverse(ip): [f"PTR {name}" for name in pointers] or ['TXT "none"'],
            "mail.example.com": both,
            "x.example.org": both,
            "mail.notexample.com": both,
            "lying.example.com": ["A 198.51.100.1", "AAAA 2001:db8::99"],
        }
        assert await result(check_host, publish, f"v=spf1 {record} -all", names=names, ip=ip) == expected

    async def test_at_most_ten_names_are_looked_at(self, publish, check_host, world):
        pointers = [f"PTR n{number}.example.com." for number in range(30)]
        names = {f"n{number}.example.com": ["A 198.51.100.1"] for number in range(30)}
        assert (
            await result(check_host, publish, "v=spf1 ptr -all", names={reverse("192.0.2.1"): pointers, **names})
            == "fail"
        )
        assert sum(rdtype == "A" for _, rdtype in world.resolver.queries) == 10

    @pytest.mark.parametrize("broken", [reverse("192.0.2.1"), "mail.example.com"])
    async def test_an_error_in_dns_is_no_match(self, publish, check_host, world, broken):
        world.resolver.says("SERVFAIL", broken)
        names = {reverse("192.0.2.1"): ["PTR mail.example.com."], "mail.example.com": ["A 192.0.2.1"]}
        assert await result(check_host, publish, "v=spf1 ptr ~all", names=names) == "softfail"


class TestExplanation:
    async def test_only_with_fail(self, publish, check_host, world):
        publish({"example.com": ["v=spf1 ip4:192.0.2.1 ~all exp=e.example"], "e.example": ['TXT "no"']})
        for ip in ("192.0.2.1", "192.0.2.2"):
            assert (await check_host("u@example.com", ip=ip)).explanation is None
        assert ("e.example", "TXT") not in world.resolver.queries

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('"%{i} is not %{d}\'s."', "192.0.2.9 is not example.com's."),
            (
                '"%{c} %{r} %{h} %{v} %{p} %{s} %{l} %{o}"',
                "192.0.2.9 unknown mx.example.net in-addr unknown a&b@example.com a&b example.com",
            ),
            ('"see ?l=%{L}" "&d=%{D}"', "see ?l=a%26b&d=example.com"),
            ('"Ends with a dot."', "Ends with a dot."),
            ('"caf\\195\\169"', None),
            ('"%{x}"', None),
            ('"100%"', None),
            ('"a\\009b"', None),
        ],
    )
    async def test_text(self, publish, check_host, text, said):
        publish({"example.com": ["v=spf1 exp=%{l}.e.example -all"], "a&b.e.example": [f"TXT {text}"]})
        outcome = await check_host("a&b@example.com", ip="192.0.2.9")
        assert (outcome.result, outcome.explanation) == ("fail", said)

    async def test_ipv6_and_time(self, publish, check_host):
        publish({"example.com": ["v=spf1 exp=e.example -all"], "e.example": ['TXT "%{c} %{ir}.%{v}.arpa %{t}"']})
        address, name, stamp = (await check_host("u@example.com", ip="2001:DB8::CB01")).explanation.split()
        assert address == "2001:db8::cb01"
        assert name.lower() == f"{reverse('2001:db8::cb01')}"
        assert stamp.isdigit()

    @pytest.mark.parametrize("records", [[], ['TXT "one"', 'TXT "two"'], ["A 192.0.2.1"]])
    async def test_none_or_several(self, publish, check_host, records):
        publish({"example.com": ["v=spf1 exp=e.example -all"], **({"e.example": records} if records else {})})
        outcome = await check_host("u@example.com")
        assert (outcome.result, outcome.explanation) == ("fail", None)

    async def test_trouble_with_it_changes_no_result(self, publish, check_host, world):
        publish({"example.com": ["v=spf1 exp=e.example a:x1.example a:x2.example -all"]})
        world.resolver.silent("e.example")
        assert (await check_host("u@example.com")).result == "fail"
        world.resolver.says("SERVFAIL", "e.example")
        assert (await check_host("u@example.com")).result == "fail"

    async def test_that_of_the_redirect_holds_and_that_of_an_include_does_not(self, publish, check_host):
        texts = {f"{name}.example": [f'TXT "{name}"'] for name in ("own", "inner", "target")}
        publish(
            {
                "example.com": ["v=spf1 include:i.example -all exp=own.example"],
                "i.example": ["v=spf1 -all exp=inner.example"],
                "redirected.example": ["v=spf1 exp=own.example redirect=t.example"],
                "t.example": ["v=spf1 -all exp=target.example"],
                "silent.example": ["v=spf1 exp=own.example redirect=i2.example"],
                "i2.example": ["v=spf1 -all"],
                **texts,
            }
        )
        assert (await check_host("u@example.com")).explanation == "own"
        assert (await check_host("u@redirected.example")).explanation == "target"
        assert (await check_host("u@silent.example")).explanation is None


class TestMacros:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("%{ir}.%{v}._spf.%{d2}", "1.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{s}.x.example", "strong-bad@email.example.com.x.example"),
            ("%{h1}.x.example", "net.x.example"),
            ("%{p}.x.example", "host.email.example.com.x.example"),
            ("%{P1r}.x.example", "host.x.example"),
            ("%{S}.x.example", "strong-bad%40email.example.com.x.example"),
        ],
    )
    async def test_expansion(self, publish, check_host, text, name):
        publish(
            {
                "email.example.com": [f"v=spf1 exists:{text} -all"],
                name.replace("@", "\\@"): ["A 127.0.0.2"],
                reverse("192.0.2.1"): ["PTR elsewhere.example.", "PTR host.email.example.com."],
                "host.email.example.com": ["A 192.0.2.1"],
                "elsewhere.example": ["A 192.0.2.1"],
            }
        )
        assert (await check_host("strong-bad@email.example.com")).result == "pass"

    async def test_ipv6_nibbles(self, publish, check_host):
        nibbles = reverse("2001:db8::cb01").removesuffix(".ip6.arpa")
        publish(
            {"example.com": ["v=spf1 exists:%{ir}.%{v}.x.example -all"], f"{nibbles}.ip6.x.example": ["A 127.0.0.2"]}
        )
        assert (await check_host("u@example.com", ip="2001:db8::cb01")).result == "pass"

    async def test_too_long_a_name_loses_labels_on_the_left(self, publish, check_host):
        long_name = ".".join(["example.com"] * 30)
        while len(long_name) > 253:
            long_name = long_name.partition(".")[2]
        publish({"example.com": ["v=spf1 exists:" + ".".join(["%{d}"] * 30) + " -all"], long_name: ["A 127.0.0.2"]})
        assert (await check_host("u@example.com")).result == "pass"

    @pytest.mark.parametrize(
        ("pointers", "said"),
        [
            (["other.example.", "example.com."], "example.com"),
            (["other.example.", "sub.example.com."], "sub.example.com"),
            (["other.example."], "other.example"),
            (["lying.example."], "unknown"),
        ],
    )
    async def test_the_best_validated_name(self, publish, check_host, pointers, said):
        names = {name: ["A 192.0.2.1"] for name in ("other.example", "sub.example.com")}
        publish(
            {
                "example.com": ["v=spf1 -all exp=e.example", "A 192.0.2.1"],
                "e.example": ['TXT "%{p}"'],
                "lying.example": ["A 198.51.100.1"],
                reverse("192.0.2.1"): [f"PTR {pointer}" for pointer in pointers],
                **names,
            }
        )
        assert (await check_host("u@example.com")).explanation == said

    async def test_the_domain_is_that_of_the_record(self, publish, check_host):
        publish(
            {
                "example.com": ["v=spf1 include:in.example -all"],
                "in.example": ["v=spf1 exists:%{d}.%{o}.x.example -all"],
                "in.example.example.com.x.example": ["A 127.0.0.2"],
            }
        )
        assert (await check_host("u@example.com")).result == "pass"


class TestLimits:
    @pytest.mark.parametrize(("count", "expected"), [(10, "pass"), (11, "permerror")])
    async def test_ten_querying_terms(self, publish, check_host, count, expected):
        record = f"v=spf1 {' '.join(['a:host.example'] * count)} ip4:192.0.2.1 -all"
        assert await result(check_host, publish, record, names={"host.example": ["A 198.51.100.1"]}) == expected

    @pytest.mark.parametrize(("end", "expected"), [("ip4:192.0.2.1", "pass"), ("redirect=end.example", "permerror")])
    async def test_every_kind_counts_and_includes_with_what_they_hold(self, publish, check_host, end, expected):
        names = {
            "in.example": ["v=spf1 a:host.example mx:host.example ptr exists:host2.example"],
            "host.example": ["A 198.51.100.1", "MX 1 host.example."],
            reverse("192.0.2.1"): ["PTR host.example."],
            "host2.example": ["AAAA ::1"],
            "end.example": ["v=spf1 ip4:192.0.2.1 -all"],
        }
        record = f"v=spf1 include:in.example include:in.example {end}"
        assert await result(check_host, publish, record, names=names) == expected

    async def test_terms_that_need_no_look_up_do_not_count(self, publish, check_host):
        record = "v=spf1 " + "ip4:198.51.100.1 ip6:::1 x=1 " * 20 + "ip4:192.0.2.1 -all"
        assert await result(check_host, publish, record) == "pass"

    async def test_a_match_before_the_limit_ends_the_evaluation(self, publish, check_host):
        record = "v=spf1 ip4:192.0.2.1 " + "a:host.example " * 20 + "-all"
        assert await result(check_host, publish, record) == "pass"

    @pytest.mark.parametrize(
        "record", ["v=spf1 include:example.com -all", "v=spf1 redirect=example.com", "v=spf1 include:b.example"]
    )
    async def test_circles(self, publish, check_host, record):
        assert (
            await result(check_host, publish, record, names={"b.example": ["v=spf1 include:example.com"]})
            == "permerror"
        )

    @pytest.mark.parametrize(("count", "expected"), [(10, "pass"), (11, "permerror")])
    async def test_ten_mail_exchangers(self, publish, check_host, count, expected):
        names = {"mail.example": [f"MX {n} h{n}.example." for n in range(count)]}
        names |= {f"h{n}.example": ["A 192.0.2.1" if n == count - 1 else "A 198.51.100.1"] for n in range(count)}
        assert await result(check_host, publish, "v=spf1 mx:mail.example -all", names=names) == expected

    async def test_addresses_are_not_limited(self, publish, check_host):
        names = {"host.example": [f"A 198.51.100.{n}" for n in range(30)] + ["A 192.0.2.1"]}
        assert await result(check_host, publish, "v=spf1 a:host.example -all", names=names) == "pass"

    @pytest.mark.parametrize(
        ("terms", "expected"),
        [
            ("a:x1.example a:x2.example", "softfail"),
            ("a:x1.example a:x2.example exists:x3.example", "permerror"),
            ("mx:x1.example ptr exists:x3.example", "permerror"),
            ("a:empty.example mx:empty.example exists:x3.example", "permerror"),
        ],
    )
    async def test_two_void_lookups(self, publish, check_host, terms, expected):
        names = {"empty.example": ['TXT "something else"']}
        assert await result(check_host, publish, f"v=spf1 {terms} ~all", names=names) == expected

    async def test_time(self, publish, check_host, world, impatient, monkeypatch):
        monkeypatch.setattr(module, "SECONDS", 0.05)
        publish({"example.com": ["v=spf1 a:slow.example -all"]})
        world.resolver.silent("slow.example")
        started = asyncio.get_running_loop().time()
        outcome = await evaluate(ip="192.0.2.1", sender="u@example.com", helo="mx.example.net", network=impatient)
        assert outcome.result == "temperror"
        assert asyncio.get_running_loop().time() - started < 0.15


class TestDnsErrors:
    @pytest.mark.parametrize(
        ("record", "broken"),
        [
            ("v=spf1 -all", "example.com"),
            ("v=spf1 a:h.example -all", "h.example"),
            ("v=spf1 mx:h.example -all", "h.example"),
            ("v=spf1 mx:m.example -all", "h.example"),
            ("v=spf1 exists:h.example -all", "h.example"),
            ("v=spf1 include:h.example -all", "h.example"),
            ("v=spf1 redirect=h.example", "h.example"),
        ],
    )
    @pytest.mark.parametrize("fault", ["silent", "SERVFAIL", "REFUSED", "NOTIMP", "FORMERR"])
    async def test_temperror(self, publish, check_host, world, record, broken, fault):
        if fault == "silent":
            world.resolver.silent(broken)
        else:
            world.resolver.says(fault, broken)
        assert await result(check_host, publish, record, names={"m.example": ["MX 1 h.example."]}) == "temperror"

    async def test_what_comes_before_a_match_is_not_asked(self, publish, check_host, world):
        world.resolver.silent("slow.example")
        assert await result(check_host, publish, "v=spf1 ip4:192.0.2.1 a:slow.example -all") == "pass"

    async def test_one_mail_exchanger_that_matches_is_enough(self, publish, check_host, world):
        world.resolver.says("SERVFAIL", "sick.example")
        names = {"m.example": ["MX 1 sick.example.", "MX 2 well.example."], "well.example": ["A 192.0.2.1"]}
        assert await result(check_host, publish, "v=spf1 mx:m.example -all", names=names) == "pass"

    async def test_no_server_at_all(self, publish, world, impatient):
        await world.resolver.stop()
        outcome = await evaluate(ip="192.0.2.1", sender="u@example.com", helo="mx.example.net", network=impatient)
        assert outcome.result == "temperror"


async def test_no_question_is_asked_twice(publish, check_host, world):
    publish(
        {
            "example.com": ["v=spf1 a a mx mx a:h.example a:h.example -all", "A 198.51.100.1", "MX 1 h.example."],
            "h.example": ["A 192.0.2.1"],
        }
    )
    assert (await check_host("u@example.com")).result == "pass"
    assert len(world.resolver.queries) == len(set(world.resolver.queries))

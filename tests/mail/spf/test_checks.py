"""Each SPF check: what is healthy, each way to fail, and what cannot be told."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest

from checks.mail.spf import parse

GOOGLE = {
    "_spf.google.com": [
        "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com ~all",
    ],
    "_netblocks.google.com": ["v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ~all"],
    "_netblocks2.google.com": ["v=spf1 ip6:2607:f8b0:4000::/36 ~all"],
}
SENDGRID = {"sendgrid.net": ["v=spf1 ip4:167.89.0.0/17 ip4:208.117.48.0/20 ~all"]}


def problems(found):
    return {name for name, findings in found.items() if any(f.is_problem for f in findings)}


def statuses(found, name):
    return [str(finding.status) for finding in found[name]]


def proposed(finding):
    """The record in a fix, which must always be one that receivers can use."""
    strings = re.search(r'example\.com TXT ((?:"[^"]*" ?)+)', finding.fix)
    assert strings, finding.fix
    text = "".join(re.findall(r'"([^"]*)"', strings[1]))
    record = parse(text)
    assert not record.problems
    assert len(record.querying) <= 10
    return text


async def test_a_healthy_record(publish, audit):
    publish({"example.com": ["v=spf1 include:_spf.google.com -all", 'TXT "other=1"'], **GOOGLE})
    found = await audit("Google Workspace")
    assert {str(f.status) for findings in found.values() for f in findings} == {"pass"}
    assert len(found) >= 10


async def test_a_domain_that_sends_no_mail_is_healthy(publish, audit):
    publish({"example.com": ["v=spf1 -all"]})
    found = await audit()
    assert not problems(found)
    assert statuses(found, "all-permissive") == ["pass"]
    assert statuses(found, "sender-missing") == ["skipped"]


async def test_nothing_answers(publish, audit, world):
    publish({"example.com": ["v=spf1 -all"]})
    world.resolver.silent("example.com", "TXT")
    found = await audit("SendGrid")
    assert {str(f.status) for findings in found.values() for f in findings} == {"error"}


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
async def test_a_server_failure_is_no_missing_record(publish, audit, world, rcode):
    publish({"example.com": ["v=spf1 -all"]})
    world.resolver.says(rcode, "example.com", "TXT")
    found = await audit()
    assert statuses(found, "missing") == ["error"]
    assert not problems(found)


class TestMissing:
    async def test_no_record(self, publish, audit):
        publish({"example.com": ['TXT "google-site-verification=1"', "MX 10 aspmx.l.google.com."], **GOOGLE})
        found = await audit()
        assert problems(found) == {"missing"}
        assert proposed(found["missing"][0]) == "v=spf1 include:_spf.google.com ~all"
        assert statuses(found, "syntax") == ["skipped"]

    async def test_a_domain_without_mail_is_told_to_say_so(self, publish, audit):
        publish({"example.com": ["A 192.0.2.1"]})
        assert proposed((await audit())["missing"][0]) == "v=spf1 -all"

    async def test_own_mail_servers_are_kept_in(self, publish, audit):
        publish({"example.com": ["MX 10 mail.example.com."], "mail.example.com": ["A 192.0.2.9"]})
        assert proposed((await audit())["missing"][0]) == "v=spf1 mx ~all"

    async def test_approved_senders_make_the_record(self, publish, audit):
        publish({"example.com": ["A 192.0.2.1"], **GOOGLE, **SENDGRID})
        found = await audit("google workspace", "sendgrid", "ip4:192.0.2.5")
        assert proposed(found["missing"][0]) == "v=spf1 include:_spf.google.com include:sendgrid.net ip4:192.0.2.5 ~all"

    @pytest.mark.parametrize("text", ["v=spf1;ip4:192.0.2.1 -all", " v=spf1 -all", "v=spf10 -all", "spf1 -all"])
    async def test_what_is_only_meant_as_spf_is_shown(self, publish, audit, text):
        publish({"example.com": [f'TXT "{text}"']})
        found = await audit()
        assert problems(found) == {"missing"}
        assert any(text.strip() in line for line in found["missing"][0].evidence)

    async def test_a_domain_that_does_not_exist(self, publish, audit):
        publish({"example.net": ["A 192.0.2.1"]})
        assert statuses(await audit(), "missing") == ["skipped"]


class TestMultiple:
    async def test_two_records_are_merged(self, publish, audit):
        publish(
            {
                "example.com": [
                    "v=spf1 include:_spf.google.com ~all",
                    "V=SPF1 include:sendgrid.net ip4:192.0.2.1 -all",
                ],
                **GOOGLE,
                **SENDGRID,
            }
        )
        found = await audit()
        assert problems(found) == {"multiple"}
        assert proposed(found["multiple"][0]) == (
            "v=spf1 include:sendgrid.net ip4:192.0.2.1 include:_spf.google.com ~all"
        )
        assert statuses(found, "syntax") == ["skipped"]


class TestSyntax:
    @pytest.mark.parametrize(
        ("record", "mended"),
        [
            ("v=spf1 ipv4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1 a:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1 ip4:192.0.2.1, -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1 ip4:192.0.2.0/33 -all", "v=spf1 -all"),
            ("v=spf1 ip4:192.0.2.1 -all moo", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1 ip4:192.0.2.1 redirect=a.example redirect=b.example -all", "v=spf1 ip4:192.0.2.1 -all"),
        ],
    )
    async def test_an_error_anywhere(self, publish, audit, record, mended):
        publish({"example.com": [record]})
        found = await audit()
        assert problems(found) == {"syntax"}
        assert proposed(found["syntax"][0]) == mended

    async def test_an_error_in_an_own_include(self, publish, audit):
        publish({"example.com": ["v=spf1 include:_spf.example.com -all"], "_spf.example.com": ["v=spf1 ip5:1 ?all"]})
        found = await audit()
        assert problems(found) == {"syntax"}
        assert found["syntax"][0].target == "_spf.example.com"

    async def test_an_error_in_a_redirect_of_somebody_else(self, publish, audit):
        publish({"example.com": ["v=spf1 redirect=spf.example.net"], "spf.example.net": ["v=spf1 ip4:1.2.3 -all"]})
        found = await audit()
        assert problems(found) == {"syntax"}
        assert "operator of spf.example.net" in found["syntax"][0].fix

    async def test_what_no_receiver_reads_is_not_judged(self, publish, audit):
        publish(
            {
                "example.com": ["v=spf1 ip4:192.0.2.1 -all include:bad.example redirect=bad.example"],
                "bad.example": ["v=spf1 nonsense"],
            }
        )
        assert not problems(await audit())

    async def test_an_include_that_cannot_be_asked(self, publish, audit, world):
        publish({"example.com": ["v=spf1 include:slow.example -all"]})
        world.resolver.silent("slow.example", "TXT")
        found = await audit()
        assert not problems(found)
        for name in ("syntax", "lookup-limit", "void-lookups", "include-broken", "ptr"):
            assert statuses(found, name) == ["error"]
        assert statuses(found, "all-permissive") == ["pass"]

    async def test_an_error_that_is_seen_counts_though_another_include_is_silent(self, publish, audit, world):
        publish({"example.com": ["v=spf1 include:slow.example include:bad.example -all"], "bad.example": ["v=spf1 x"]})
        world.resolver.silent("slow.example", "TXT")
        assert "syntax" in problems(await audit())


class TestLookupLimit:
    @pytest.mark.parametrize(("count", "expected"), [(10, set()), (11, {"lookup-limit"})])
    async def test_the_limit(self, publish, audit, count, expected):
        terms = " ".join(f"a:a{number}.example.com" for number in range(count))
        hosts = {f"a{number}.example.com": ["A 192.0.2.1"] for number in range(count)}
        publish({"example.com": [f"v=spf1 {terms} -all"], **hosts})
        assert problems(await audit()) == expected

    async def test_includes_are_counted_through_and_each_time(self, publish, audit):
        publish(
            {
                "example.com": ["v=spf1 include:one.example include:two.example -all"],
                "one.example": ["v=spf1 include:four.example ?all"],
                "two.example": ["v=spf1 include:four.example -all"],
                "four.example": ["v=spf1 a mx exists:%{i}.four.example ptr -all"],
            }
        )
        found = await audit()
        assert "12 look-ups" in found["lookup-limit"][0].summary
        assert any("as above" in line for line in found["lookup-limit"][0].evidence)

    async def test_a_redirect_beside_all_costs_nothing_and_one_without_does(self, publish, audit):
        hosts = {f"a{n}.example.com": ["A 192.0.2.1"] for n in range(10)}
        ten = " ".join(f"a:{name}" for name in hosts)
        publish({"example.com": [f"v=spf1 {ten} redirect=r.example -all"], **hosts, "r.example": ["v=spf1 a -all"]})
        assert not problems(await audit())
        publish({"example.com": [f"v=spf1 {ten} redirect=r.example"], **hosts, "r.example": ["v=spf1 -all"]})
        assert problems(await audit()) == {"lookup-limit"}

    async def test_the_redirect_counts_with_what_it_leads_to(self, publish, audit):
        hosts = {f"a{n}.example.com": ["A 192.0.2.1"] for n in range(9)}
        nine = " ".join(f"a:{name}" for name in hosts)
        publish({"example.com": [f"v=spf1 {nine} redirect=r.example"], **hosts, "r.example": ["v=spf1 mx -all"]})
        found = await audit()
        assert "lookup-limit" in problems(found)
        assert "11 look-ups" in found["lookup-limit"][0].summary

    async def test_the_fix_stays_within_the_limit(self, publish, audit):
        services = {
            f"s{n}.example": [f"v=spf1 a:h{n}.example a:i{n}.example ip4:198.51.100.{n} -all"] for n in range(5)
        }
        hosts = {f"{letter}{n}.example": [f"A 203.0.113.{n}"] for letter in "hi" for n in range(5)}
        publish({"example.com": [f"v=spf1 {' '.join(f'include:{s}' for s in services)} -all"], **services, **hosts})
        found = await audit()
        assert problems(found) == {"lookup-limit"}
        record = parse(proposed(found["lookup-limit"][0]))
        kept = [term for term in record.directives if term.mechanism == "include"]
        assert len(kept) == 3
        assert record.all.text == "-all"


class TestVoidLookups:
    @pytest.mark.parametrize(
        ("terms", "count"),
        [
            ("a:x1.example a:x2.example", 2),
            ("a:x1.example a:x2.example a:x3.example", 3),
            ("a:x1.example mx:x1.example exists:x1.example", 3),
            ("a:x1.example a:x1.example a:x1.example", 3),
            ("mx:dead.example a:x1.example a:x2.example", 3),
            ("mx:null.example a:x1.example a:x2.example", 2),
            ("exists:%{i}.x.example a:x1.example a:x2.example", 2),
            ("include:inner.example include:inner.example", 4),
            ("ip4:192.0.2.1 a:x1.example -all a:x2.example a:x3.example", 1),
        ],
    )
    async def test_counted_over_every_term(self, publish, audit, terms, count):
        publish(
            {
                "example.com": [f"v=spf1 {terms} -all"],
                "dead.example": ["MX 10 gone.example."],
                "null.example": ["MX 0 ."],
                "inner.example": ["v=spf1 a:x1.example a:x2.example -all"],
            }
        )
        found = await audit()
        assert problems(found) == ({"void-lookups"} if count > 2 else set())
        assert found["void-lookups"][0].summary.startswith(str(count))

    async def test_the_fix_drops_them(self, publish, audit):
        publish({"example.com": ["v=spf1 ip4:192.0.2.1 a:x1.example a:x2.example a:x3.example ~all"]})
        assert proposed((await audit())["void-lookups"][0]) == "v=spf1 ip4:192.0.2.1 ~all"

    async def test_a_silent_host_leaves_it_open(self, publish, audit, world):
        publish({"example.com": ["v=spf1 a:x1.example a:x2.example a:slow.example ~all"]})
        world.resolver.silent("slow.example")
        assert statuses(await audit(), "void-lookups") == ["error"]


class TestIncludeBroken:
    @pytest.mark.parametrize(
        ("record", "word"),
        [
            ("v=spf1 include:gone.example -all", "no SPF record"),
            ("v=spf1 include:other.example -all", "no SPF record"),
            ("v=spf1 include:two.example -all", "several SPF records"),
            ("v=spf1 include:example.com -all", "leads back"),
            ("v=spf1 include:back.example -all", "leads back"),
            ("v=spf1 redirect=gone.example", "no SPF record"),
            ("v=spf1 redirect=example.com", "leads back"),
        ],
    )
    async def test_each_way(self, publish, audit, record, word):
        publish(
            {
                "example.com": [record],
                "other.example": ['TXT "not spf"'],
                "two.example": ["v=spf1 -all", "v=spf1 ~all"],
                "back.example": ["v=spf1 include:example.com -all"],
            }
        )
        found = await audit()
        assert problems(found) == {"include-broken"}
        assert word in found["include-broken"][0].summary

    async def test_in_an_include_of_an_include(self, publish, audit):
        publish(
            {
                "example.com": ["v=spf1 include:one.example -all"],
                "one.example": ["v=spf1 include:gone.example -all"],
            }
        )
        found = await audit()
        assert problems(found) == {"include-broken"}
        assert found["include-broken"][0].target == "one.example"

    async def test_a_macro_is_expanded_where_the_message_has_no_part_in_it(self, publish, audit):
        publish({"example.com": ["v=spf1 include:_spf.%{d} -all"], "_spf.example.com": ["v=spf1 ip4:192.0.2.1 -all"]})
        assert not problems(await audit())

    async def test_what_the_message_decides_is_not_broken(self, publish, audit):
        publish({"example.com": ["v=spf1 include:%{i}._ip.%{h}._ehlo.%{d}._spf.vali.example -all"]})
        assert not problems(await audit())


class TestAllPermissive:
    @pytest.mark.parametrize(
        ("record", "permissive"),
        [
            ("v=spf1 ip4:192.0.2.1 +all", True),
            ("v=spf1 ip4:192.0.2.1 all", True),
            ("v=spf1 ip4:192.0.2.1 ?all", True),
            ("v=spf1 ip4:192.0.2.1", True),
            ("v=spf1", True),
            ("v=spf1 +all -all", True),
            ("v=spf1 ip4:192.0.2.1 ~all", False),
            ("v=spf1 ip4:192.0.2.1 -ALL", False),
            ("v=spf1 redirect=strict.example", False),
            ("v=spf1 redirect=open.example", True),
            ("v=spf1 redirect=endless.example", True),
            ("v=spf1 redirect=open.example -all", False),
        ],
    )
    async def test_ends(self, publish, audit, record, permissive):
        publish(
            {
                "example.com": [record],
                "strict.example": ["v=spf1 -all"],
                "open.example": ["v=spf1 ip4:192.0.2.1 ?all"],
                "endless.example": ["v=spf1 ip4:192.0.2.1"],
            }
        )
        found = await audit()
        assert problems(found) == ({"all-permissive"} if permissive else set())
        if permissive:
            assert proposed(found["all-permissive"][0]).endswith(("~all", "-all"))

    async def test_an_end_that_is_only_misspelt_is_a_matter_of_syntax(self, publish, audit):
        publish({"example.com": ["v=spf1 ip4:192.0.2.1 -al"]})
        found = await audit()
        assert problems(found) == {"syntax"}
        assert proposed(found["syntax"][0]) == "v=spf1 ip4:192.0.2.1 ~all"


async def test_ptr(publish, audit):
    publish({"example.com": ["v=spf1 ip4:192.0.2.1 ptr ptr:example.net -all"]})
    found = await audit()
    assert problems(found) == {"ptr"}
    assert proposed(found["ptr"][0]) == "v=spf1 ip4:192.0.2.1 -all"


async def test_wide_networks(publish, audit):
    publish(
        {
            "example.com": ["v=spf1 ip4:10.0.0.0/8 include:big.example -all"],
            "big.example": ["v=spf1 ip4:0.0.0.0/0 -all"],
        }
    )
    found = await audit()
    assert problems(found) == {"network-wide"}


class TestSenders:
    ZONE: ClassVar = {**GOOGLE, **SENDGRID}

    @pytest.mark.parametrize(
        ("record", "senders", "missing"),
        [
            ("v=spf1 include:_spf.google.com -all", ["Google Workspace"], False),
            ("v=spf1 include:_spf.google.com -all", ["GMAIL"], False),
            ("v=spf1 redirect=_spf.google.com", ["google"], False),
            ("v=spf1 include:wrap.example -all", ["Google Workspace"], False),
            ("v=spf1 ip4:167.89.0.0/16 ip4:208.117.48.0/20 -all", ["SendGrid"], False),
            ("v=spf1 ip4:167.89.0.0/17 -all", ["SendGrid"], True),
            ("v=spf1 include:_spf.google.com -all", ["SendGrid"], True),
            ("v=spf1 include:_spf.google.com -all include:sendgrid.net", ["SendGrid", "google"], True),
            ("v=spf1 ?include:sendgrid.net -all", ["SendGrid"], True),
            ("v=spf1 ip4:192.0.2.0/24 -all", ["ip4:192.0.2.77"], False),
            ("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", ["ip4:192.0.2.0/24"], False),
            ("v=spf1 -ip4:192.0.2.77 ip4:192.0.2.0/24 -all", ["ip4:192.0.2.77"], True),
            ("v=spf1 ip4:192.0.2.0/28 -all", ["ip4:192.0.2.77"], True),
            ("v=spf1 a -all", ["ip4:192.0.2.80"], False),
            ("v=spf1 ip6:2001:db8::/32 -all", ["ip6:2001:db8:1::/48"], False),
            ("v=spf1 include:wrap.example -all", ["include:wrap.example"], False),
            ("v=spf1 -all", ["include:wrap.example"], True),
        ],
    )
    async def test_missing(self, publish, audit, record, senders, missing):
        names = {"wrap.example": ["v=spf1 include:_spf.google.com -all"], **self.ZONE}
        publish({"example.com": [record, "A 192.0.2.80"], **names})
        found = await audit(*senders)
        assert ("sender-missing" in problems(found)) is missing
        if missing:
            publish({"example.com": [proposed(found["sender-missing"][0]), "A 192.0.2.80"], **names})
            assert not problems(await audit(*senders))

    @pytest.mark.parametrize(
        ("record", "senders", "stranger"),
        [
            ("v=spf1 include:_spf.google.com -all", ["Google Workspace"], ""),
            ("v=spf1 include:_spf.google.com include:sendgrid.net -all", ["Google Workspace"], "SendGrid"),
            ("v=spf1 include:_spf.google.com ip4:198.51.100.0/24 -all", ["google"], "198.51.100.0/24"),
            ("v=spf1 ip4:198.51.100.0/24 -all", ["ip4:198.51.100.0/23"], ""),
            ("v=spf1 ip4:64.233.160.0/20 -all", ["google"], ""),
            ("v=spf1 a mx -all", ["google"], ""),
            ("v=spf1 ip4:192.0.2.80 -all", ["google"], ""),
            ("v=spf1 a:elsewhere.example -all", ["google"], "elsewhere.example"),
            ("v=spf1 include:agency.example -all", ["google"], "agency.example"),
            ("v=spf1 include:wrap.example -all", ["google"], ""),
            ("v=spf1 include:_spf.example.com -all", ["google"], "203.0.113.9"),
            ("v=spf1 ?include:sendgrid.net -all", ["google"], ""),
            ("v=spf1 include:%{i}.lists.example -all", ["google"], "lists.example"),
            ("v=spf1 mx:shop.example -all", ["google"], "Zoho Mail"),
        ],
    )
    async def test_unapproved(self, publish, audit, record, senders, stranger):
        publish(
            {
                "example.com": [record, "A 192.0.2.80", "MX 10 mail.example.com."],
                "mail.example.com": ["A 192.0.2.25"],
                "elsewhere.example": ["A 203.0.113.1"],
                "agency.example": ["v=spf1 ip4:203.0.113.0/24 -all"],
                "wrap.example": ["v=spf1 include:_spf.google.com -all"],
                "_spf.example.com": ["v=spf1 include:_spf.google.com ip4:203.0.113.9 -all"],
                "shop.example": ["MX 10 mx.zoho.com."],
                **self.ZONE,
            }
        )
        found = await audit(*senders)
        assert ("sender-unapproved" in problems(found)) is bool(stranger)
        if stranger:
            assert stranger in found["sender-unapproved"][0].summary

    async def test_a_stranger_in_an_own_include_is_taken_out_there(self, publish, audit):
        publish(
            {
                "example.com": ["v=spf1 include:_spf.example.com -all"],
                "_spf.example.com": ["v=spf1 include:_spf.google.com ip4:203.0.113.9 -all"],
                **self.ZONE,
            }
        )
        fix = (await audit("google"))["sender-unapproved"][0].fix
        assert "take ip4:203.0.113.9 out of the record at _spf.example.com" in fix

    async def test_what_stood_after_all_is_not_let_in_by_the_fix(self, publish, audit):
        publish({"example.com": ["v=spf1 ip4:192.0.2.1 ptr -all include:sendgrid.net"], **self.ZONE})
        assert proposed((await audit())["ptr"][0]) == "v=spf1 ip4:192.0.2.1 -all"

    async def test_a_redirect_that_is_right_stays(self, publish, audit):
        publish({"example.com": ["v=spf1 ip4:192.0.2.1 ptr redirect=sendgrid.net"], **self.ZONE})
        assert proposed((await audit())["ptr"][0]) == "v=spf1 ip4:192.0.2.1 redirect=sendgrid.net"

    async def test_a_wildcard_is_no_return_path(self, publish, audit):
        publish(
            {
                "example.com": ["v=spf1 -all"],
                "*.example.com": ["MX 10 mx.example.net.", "v=spf1 include:_spf.google.com -all"],
                "mx.example.net": ["A 192.0.2.1"],
                **self.ZONE,
            }
        )
        assert problems(await audit("Google Workspace")) == {"sender-missing"}

    async def test_the_record_with_one_out_and_one_in(self, publish, audit):
        publish({"example.com": ["v=spf1 include:sendgrid.net ip4:198.51.100.1 ~all"], **self.ZONE})
        found = await audit("Google Workspace", "ip4:198.51.100.1")
        assert problems(found) == {"sender-missing", "sender-unapproved"}
        assert proposed(found["sender-missing"][0]) == "v=spf1 ip4:198.51.100.1 include:_spf.google.com ~all"

    async def test_a_service_with_a_return_path_of_its_own_needs_nothing_here(self, publish, audit):
        publish(
            {
                "example.com": ["v=spf1 include:_spf.google.com -all"],
                "send.example.com": [
                    "MX 10 feedback-smtp.us-east-1.amazonses.com.",
                    "v=spf1 include:amazonses.com ~all",
                ],
                "amazonses.com": ["v=spf1 ip4:199.255.192.0/22 -all"],
                **self.ZONE,
            }
        )
        assert not problems(await audit("Google Workspace", "Resend"))

    async def test_a_name_that_nobody_knows(self, publish, audit):
        publish({"example.com": ["v=spf1 -all"]})
        found = await audit("Carrier Pigeons Ltd")
        assert statuses(found, "sender-missing") == ["error"]

    async def test_a_service_whose_list_depends_on_the_message_cannot_be_judged(self, publish, audit):
        publish({"example.com": ["v=spf1 include:%{i}._spf.example.com -all"], **self.ZONE})
        found = await audit("SendGrid")
        assert statuses(found, "sender-missing") == ["error"]

    async def test_a_sender_kept_out_by_a_slip_of_the_pen_is_a_matter_of_syntax(self, publish, audit):
        publish({"example.com": ["v=spf1 inlcude:sendgrid.net -all"], **self.ZONE})
        found = await audit("SendGrid")
        assert problems(found) == {"syntax"}
        assert proposed(found["syntax"][0]) == "v=spf1 include:sendgrid.net -all"


async def test_no_question_is_asked_twice(publish, audit, world):
    publish({"example.com": ["v=spf1 include:_spf.google.com include:sendgrid.net mx -all"], **GOOGLE, **SENDGRID})
    await audit("Google Workspace", "SendGrid")
    assert len(world.resolver.queries) == len(set(world.resolver.queries))


@pytest.mark.parametrize("inner", ["+all", "ip4:0.0.0.0/0 -all", "ip6:::/0 -all", "include:b.example.net -all"])
async def test_an_include_that_lets_everybody_send(publish, audit, inner):
    publish(
        {
            "example.com": ["v=spf1 include:a.example.net -all"],
            "a.example.net": [f"v=spf1 {inner}"],
            "b.example.net": ["v=spf1 all"],
        }
    )
    found = await audit()
    assert problems(found) == {"network-wide"}
    (told,) = found["network-wide"]
    assert (str(told.status), str(told.triage)) == ("fail", "now")
    assert "lets everybody send" in told.summary


@pytest.mark.parametrize(
    ("own", "inner"),
    [("include:a.example.net", "?all"), ("include:a.example.net", "-all +all"), ("?include:a.example.net", "+all")],
)
async def test_an_include_that_passes_nobody_more(publish, audit, own, inner):
    publish({"example.com": [f"v=spf1 {own} -all"], "a.example.net": [f"v=spf1 ip4:192.0.2.1 {inner}"]})
    assert problems(await audit()) == set()


@pytest.mark.parametrize(("count", "expected"), [(10, set()), (11, {"lookup-limit"})])
async def test_an_mx_term_with_too_many_exchangers(publish, audit, count, expected):
    publish(
        {
            "example.com": ["v=spf1 mx:m.example.net -all"],
            "m.example.net": [f"MX {number} h{number}.example.net." for number in range(count)],
            **{f"h{number}.example.net": ["A 192.0.2.1"] for number in range(count)},
        }
    )
    found = await audit()
    assert problems(found) == expected
    if expected:
        assert "more than 10 mail exchangers" in found["lookup-limit"][0].summary
        assert "example.com" in found["lookup-limit"][0].fix

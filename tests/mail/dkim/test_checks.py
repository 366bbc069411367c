"""The findings of the dkim checks."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from checks.subject import MailPlan, Stream
from launchready_tui.lab.world import World
from tests.mail.auditing import Findings, audit
from tests.mail.signing import public_of_bits, record, rsa_key, zone_txt

KEY = rsa_key()
GOOD = zone_txt(record(KEY))
GOOGLE = {"@": ["MX 1 smtp.google.com.", zone_txt("v=spf1 include:_spf.google.com ~all")]}


def of_bits(bits: int) -> str:
    return zone_txt(f"v=DKIM1; k=rsa; p={public_of_bits(bits)}")


async def dkim(world: World, records: dict[str, Iterable[str]], *selectors: str, **plan: object) -> Findings:
    world.zone("example.com", {"@": ["A 192.0.2.1"]} | records)
    return await audit(world, "dkim", plan=MailPlan(selectors=selectors, **plan))  # type: ignore[arg-type]


async def test_healthy(world: World) -> None:
    found = await dkim(world, {"s1._domainkey": [GOOD]}, "s1")
    assert {str(finding.status) for finding in found} == {"pass"}
    assert found.one("dkim.syntax").target == "s1._domainkey.example.com"
    assert "RSA 2048" in found.one("dkim.missing").evidence[0]


async def test_selector_of_the_service_in_use(world: World) -> None:
    found = await dkim(world, GOOGLE | {"google._domainkey": [GOOD]})
    assert found.status("dkim.missing") == "pass"


async def test_no_key_at_all(world: World) -> None:
    found = await dkim(world, GOOGLE)
    missing = found.one("dkim.missing")
    assert found.problems == {"dkim.missing"}
    assert str(missing.triage) == "now"
    assert "Google Workspace" in missing.fix and "google._domainkey.example.com" in missing.fix
    assert any("no selector does" in line for line in missing.evidence)
    assert found.status("dkim.syntax") == "skipped"


async def test_each_service_in_use_is_told_its_part(world: World) -> None:
    names = "v=spf1 include:_spf.google.com include:servers.mcsv.net include:77.spf04.hubspotemail.net ~all"
    found = await dkim(world, {"@": ["MX 1 smtp.google.com.", zone_txt(names)]})
    fix = found.one("dkim.missing").fix
    assert "Google Workspace and publish at google._domainkey.example.com the TXT record that it shows." in fix
    assert "Mailchimp and publish at k2._domainkey.example.com and k3._domainkey.example.com the CNAMEs" in fix
    assert "HubSpot and publish at hs1-77._domainkey.example.com and hs2-77._domainkey.example.com the CNAMEs" in fix


async def test_selectors_that_follow_from_the_include(world: World) -> None:
    names = {"@": [zone_txt("v=spf1 include:77.spf04.hubspotemail.net ~all")]}
    assert (await dkim(world, {**names, "other._domainkey": [GOOD]})).problems == {"dkim.missing"}
    found = await dkim(world, {**names, "hs2-77._domainkey": [GOOD]})
    assert found.problems == set() and found.one("dkim.syntax").target == "hs2-77._domainkey.example.com"


async def test_declared_selectors_without_a_key(world: World) -> None:
    found = await dkim(world, {"other._domainkey": [GOOD]}, "s1", "s2._domainkey.example.com")
    assert found.problems == {"dkim.missing"}
    elsewhere = await dkim(world, {"k1._domainkey": [GOOD]}, "s1")
    assert elsewhere.problems == {"dkim.missing"} and "A key stands at k1" in elsewhere.one("dkim.missing").fix
    some = await dkim(world, {"s1._domainkey": [GOOD]}, "s1", "s2")
    assert some.problems == set()
    assert "s2" in some.one("dkim.missing").summary


async def test_selector_that_cannot_be_known_is_told_honestly(world: World) -> None:
    ses = {"@": [zone_txt("v=spf1 include:amazonses.com ~all")], "qwerty123._domainkey": [GOOD]}
    found = await dkim(world, ses)
    assert found.status("dkim.missing") == "skipped"
    assert "s= of its DKIM-Signature" in found.one("dkim.missing").summary
    own = await dkim(world, {"2024a._domainkey": [GOOD]})
    assert own.status("dkim.missing") == "skipped"
    nothing = await dkim(world, {"@": [zone_txt("v=spf1 include:amazonses.com ~all")]})
    assert nothing.problems == {"dkim.missing"}


async def test_wildcards_are_no_sign_of_a_key(world: World) -> None:
    wild = await dkim(world, GOOGLE | {"*": [zone_txt("v=spf1 -all"), "A 192.0.2.1"]})
    assert wild.problems == {"dkim.missing"}
    revoked = await dkim(world, GOOGLE | {"*._domainkey": [zone_txt("v=DKIM1; p=")]})
    assert revoked.problems == {"dkim.missing"}
    unknown = await dkim(world, {"*": ["A 192.0.2.1"]})
    assert unknown.status("dkim.missing") == "skipped"
    answered = await dkim(world, {"*._domainkey": [GOOD]}, "anything")
    assert answered.problems == set()
    assert "by a wildcard" in answered.one("dkim.missing").evidence[0]


@pytest.mark.parametrize("text", [record(KEY), "v=DKIM1; p="])
async def test_a_wildcard_alias_is_a_wildcard(world: World, text: str) -> None:
    world.zone("keys.example", {"all": [zone_txt(text)]})
    alias = {"*._domainkey": ["CNAME all.keys.example."]}
    assert (await dkim(world, GOOGLE | alias)).problems == {"dkim.missing"}
    beside = await dkim(world, GOOGLE | alias | {"google._domainkey": [GOOD]})
    assert {str(finding.status) for finding in beside} == {"pass"}


async def test_domain_without_mail_needs_no_key(world: World) -> None:
    found = await dkim(world, {"@": ["MX 0 .", zone_txt("v=spf1 -all")]})
    assert found.status("dkim.missing") == "skipped"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("s1.domainkey.u1234.wl123.sendgrid.net.", "SendGrid"),
        ("k2", ""),
    ],
)
async def test_cname_names_the_service(world: World, host: str, name: str) -> None:
    if not name:
        world.zone("mcsv.net", {"dkim2": [GOOD]})
        found = await dkim(world, {"k2._domainkey": ["CNAME dkim2.mcsv.net."]})
        assert "Mailchimp" in found.one("dkim.missing").evidence[0]
        return
    world.zone("sendgrid.net", {"s1.domainkey.u1234.wl123": [GOOD]})
    found = await dkim(world, {"s1._domainkey": [f"CNAME {host}"]})
    assert found.problems == set()
    assert name in found.one("dkim.missing").evidence[0]


async def test_cname_that_leads_nowhere_is_missing(world: World) -> None:
    found = await dkim(world, {"s1._domainkey": ["CNAME s1.domainkey.u1.wl1.sendgrid.net."]})
    assert found.problems == {"dkim.missing"}
    assert "sendgrid" in found.one("dkim.missing").evidence[0]


async def test_microsoft_has_one_active_selector_of_two(world: World) -> None:
    world.zone("contoso.onmicrosoft.com", {"selector1-example-com._domainkey": [GOOD]})
    found = await dkim(
        world,
        {
            "@": ["MX 0 example-com.mail.protection.outlook.com."],
            "selector1._domainkey": ["CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com."],
            "selector2._domainkey": ["CNAME selector2-example-com._domainkey.contoso.onmicrosoft.com."],
        },
    )
    assert found.problems == set()


@pytest.mark.parametrize(
    "text", ["v=DKIM1; k=rsa; p=short", "k=rsa; v=DKIM1; p=AAAA", "v=DKIM1; k=dsa; p=AAAA", "MIGfMA0GCSq", ""]
)
async def test_unusable_is_syntax_and_not_missing(world: World, text: str) -> None:
    found = await dkim(world, {"s1._domainkey": [zone_txt(text)]}, "s1")
    assert found.problems == {"dkim.syntax"}


@pytest.mark.parametrize("text", ["google-site-verification=x", "v=DMARC1; p=none", "MS=ms123", "just a note"])
async def test_what_stands_beside_a_key_is_no_second_one(world: World, text: str) -> None:
    found = await dkim(world, {"s1._domainkey": [GOOD, zone_txt(text)]}, "s1")
    assert found.problems == set()
    syntax = found.one("dkim.syntax")
    assert str(syntax.status) == "info" and f"also there: {text}" in syntax.evidence and "Delete" in syntax.fix


@pytest.mark.parametrize("text", ["v=spf1 -all", "v=DMARC1; p=none"])
async def test_a_record_of_another_kind_is_no_key(world: World, text: str) -> None:
    assert (await dkim(world, {"s1._domainkey": [zone_txt(text)]}, "s1")).problems == {"dkim.missing"}


async def test_two_keys_at_one_selector(world: World) -> None:
    found = await dkim(world, {"s1._domainkey": [GOOD, zone_txt("v=DKIM1; p=")]}, "s1")
    assert "dkim.syntax" in found.problems


@pytest.mark.parametrize(
    ("bits", "status", "triage"), [(512, "fail", "now"), (1023, "fail", "now"), (1024, "warn", "later"),
                                   (2047, "warn", "later"), (2048, "pass", "later"), (4096, "pass", "later")]
)  # fmt: skip
async def test_sizes(world: World, bits: int, status: str, triage: str) -> None:
    found = await dkim(world, {"s1._domainkey": [of_bits(bits)]}, "s1")
    weak = found.one("dkim.key-weak")
    assert (str(weak.status), str(weak.triage)) == (status, triage)
    assert found.status("dkim.syntax") == "pass"


async def test_ed25519(world: World) -> None:
    ed = zone_txt(record(ed25519.Ed25519PrivateKey.generate()))
    alone = await dkim(world, {"ed._domainkey": [ed]}, "ed")
    assert alone.problems == set() and alone.status("dkim.key-weak") == "info"
    both = await dkim(world, {"ed._domainkey": [ed], "s1._domainkey": [GOOD]}, "ed", "s1")
    assert {str(finding.status) for finding in both} == {"pass"}


async def test_revoked(world: World) -> None:
    declared = await dkim(world, {"s1._domainkey": [zone_txt("v=DKIM1; t=y; p=")]}, "s1")
    assert declared.problems == {"dkim.revoked"}
    undeclared = await dkim(world, GOOGLE | {"google._domainkey": [zone_txt("v=DKIM1; p=")]})
    assert undeclared.problems == set()
    assert undeclared.status("dkim.revoked") == "info"


async def test_testing(world: World) -> None:
    found = await dkim(world, {"s1._domainkey": [zone_txt(record(KEY, "t=y:s; "))]}, "s1")
    assert found.problems == {"dkim.testing"}
    assert str(found.one("dkim.testing").triage) == "now"


async def test_selectors_of_declared_streams(world: World) -> None:
    world.zone("news.example.com", {"n1._domainkey": [GOOD]})
    found = await dkim(world, {}, streams=(Stream("marketing", "news.example.com", "n1"),))
    assert found.one("dkim.syntax").target == "n1._domainkey.news.example.com"
    assert found.problems == set()


@pytest.mark.parametrize("fault", ["SERVFAIL", "REFUSED", "silence"])
async def test_no_answer_is_never_missing(world: World, fault: str) -> None:
    def break_it(name: str) -> None:
        if fault == "silence":
            world.resolver.silent(name)
        else:
            world.resolver.says(fault, name)

    break_it("s1._domainkey.example.com")
    found = await dkim(world, {"s1._domainkey": [GOOD]}, "s1")
    assert found.problems == set()
    assert {"dkim.missing", "dkim.syntax", "dkim.key-weak", "dkim.revoked", "dkim.testing"} == found.errors
    break_it("example.com")
    unknown = await dkim(world, {"x._domainkey": [GOOD]})
    assert unknown.problems == set() and unknown.status("dkim.missing") == "error"


async def test_services_by_return_path_and_by_name(world: World) -> None:
    resend = {"send": ["MX 10 feedback-smtp.eu-west-1.amazonses.com.", zone_txt("v=spf1 include:amazonses.com ~all")]}
    found = await dkim(world, resend | {"resend._domainkey": [GOOD]})
    assert found.status("dkim.missing") == "pass"
    named = await dkim(world, {"mailjet._domainkey": [GOOD]}, senders=("mailjet",))
    assert named.status("dkim.missing") == "pass"
    nested = await dkim(
        world,
        {
            "@": [zone_txt("v=spf1 include:spf.example.com -all")],
            "spf": [zone_txt("v=spf1 include:_spf.google.com -all")],
            "google._domainkey": [GOOD],
        },
    )
    assert nested.status("dkim.missing") == "pass"


async def test_a_forwarder_does_not_sign_for_the_domain(world: World) -> None:
    found = await dkim(world, {"@": ["MX 1 route1.mx.cloudflare.net."], "mine2026._domainkey": [GOOD]})
    assert found.status("dkim.missing") == "skipped"
    assert (await dkim(world, {"@": ["MX 1 route1.mx.cloudflare.net."]})).problems == {"dkim.missing"}


async def test_asks_nothing_twice(world: World) -> None:
    await dkim(world, GOOGLE | {"google._domainkey": [GOOD]})
    asked = world.resolver.queries
    assert len(asked) == len(set(asked))

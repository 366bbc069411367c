"""The provider table: every row is usable, and hosts are told by whole labels, the longest match first."""

from __future__ import annotations

import pytest

from checks.mail.providers import (
    Pattern,
    by_dkim_target,
    by_mx,
    by_return_path,
    by_spf,
    by_verification,
    provider_named,
    providers,
)


def names(found):
    return [provider.name for provider in found]


def test_the_table_is_whole():
    assert len(providers()) == 36
    assert sum(len(provider.dkim) for provider in providers()) >= 64
    for provider in providers():
        assert provider.kind in {"mailbox", "transactional", "marketing", "support", "forwarding", "gateway"}
        assert provider.bounce in {"domain", "subdomain", "optional", "service"}
        assert provider.known in {"vendor", "several", "one"}
        assert all(sign.rdtype in {"TXT", "CNAME"} for sign in provider.dkim)


@pytest.mark.parametrize("provider", providers(), ids=lambda provider: provider.name)
def test_a_service_is_found_under_its_names_in_any_writing(provider):
    for name in (provider.name, provider.name.upper(), provider.name.replace(" ", "-"), *provider.aliases):
        assert provider_named(name) is provider
    assert provider_named("no such service") is None


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ("_spf.google.com", ["Google Workspace"]),
        ("_SPF.Google.com.", ["Google Workspace"]),
        ("spf.protection.outlook.com", ["Microsoft 365"]),
        ("u1234.wl001.sendgrid.net", ["SendGrid"]),
        ("amazonses.com", ["Resend", "Amazon SES"]),
        ("mailgun.org", ["Mailgun", "Customer.io"]),
        ("7052064.spf03.hubspotemail.net", ["HubSpot"]),
        ("spf-a.pphosted.com", ["Proofpoint"]),
        ("one.zoho.com", ["Zoho Mail"]),
        ("sendgrid.net.attacker.example", []),
        ("notsendgrid.net", []),
        ("pphosted.com", []),
        ("google.com", []),
    ],
)
def test_includes(include, expected):
    assert names(by_spf(include)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("aspmx.l.google.com", "Google Workspace"),
        ("ASPMX2.GOOGLEMAIL.COM.", "Google Workspace"),
        ("example-com.mail.protection.outlook.com", "Microsoft 365"),
        ("example-com.a-v1.mx.microsoft", "Microsoft 365"),
        ("route1.mx.cloudflare.net", "Cloudflare Email Routing"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "Amazon SES"),
    ],
)
def test_mail_exchangers(host, expected):
    provider = by_mx(host)
    assert provider is not None
    assert provider.name == expected


@pytest.mark.parametrize("host", ["mail.protection.outlook.com", "mx.example.com", "aspmx.l.google.com.evil.example"])
def test_other_mail_exchangers_are_nobodys(host):
    assert by_mx(host) is None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("s1.domainkey.u123.wl4.sendgrid.net", "SendGrid"),
        ("selector1-example-com._domainkey.tenant.onmicrosoft.com", "Microsoft 365"),
        ("selector1-example-com._domainkey.tenant.n-v1.dkim.mail.microsoft", "Microsoft 365"),
        ("dkim2.mcsv.net", "Mailchimp"),
        ("abc.dkim.amazonses.com", "Amazon SES"),
        ("b1.example-com.dkim.brevo.com", "Brevo"),
    ],
)
def test_dkim_targets(target, expected):
    provider = by_dkim_target(target, "example.com")
    assert provider is not None
    assert provider.name == expected


def test_return_paths_and_ownership_records():
    assert names(by_return_path("feedback-smtp.us-east-1.amazonses.com")) == ["Resend", "Amazon SES"]
    assert names(by_return_path("u1.wl1.sendgrid.net")) == ["SendGrid"]
    assert names(by_return_path("pm.mtasv.net")) == ["Postmark"]
    assert names(by_verification("MS=ms12345678")) == ["Microsoft 365"]
    assert names(by_verification("brevo-code:abc")) == ["Brevo"]
    assert by_verification("hello") == ()


def test_patterns_stand_for_a_domain():
    pattern = Pattern("b1.{dash}.dkim.brevo.com")
    assert pattern.matches("b1.example-com.dkim.brevo.com", "example.com")
    assert not pattern.matches("b1.other-com.dkim.brevo.com", "example.com")

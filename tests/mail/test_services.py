"""The table of services that send: usual set-ups of small businesses, each recognised and judged."""

from __future__ import annotations

import pytest

from checks.facts import Facts
from checks.mail.services import services
from checks.subject import MailPlan, Subject
from tests.mail.provider_cases import (
    DMARC,
    GOOGLE,
    MX_GOOGLE,
    google_and_resend,
    google_and_sendgrid,
    microsoft_and_mailchimp,
    postmark_mailgun_and_hubspot,
    ses_alone,
    zoho_and_brevo,
)
from tests.mail.signing import record, rsa_key, zone_txt


@pytest.fixture(scope="module")
def key():
    """A DKIM key record."""
    return zone_txt(record(rsa_key(2048)))


@pytest.fixture
def table(world, network):
    """The table of example.com as DNS has it, by service."""

    async def made(names, *senders, selectors=()):
        world.zone(".", {f"{name}.": records for name, records in names.items()})
        facts = Facts(Subject.of("example.com", mail=MailPlan(senders=senders, selectors=selectors)), network)
        try:
            return {row.name: row for row in await services(facts)}
        finally:
            await facts.aclose()

    return made


def states(row):
    return {name: str(getattr(row, name).state) for name in ("spf", "dkim", "return_path", "dmarc")}


ALL_RIGHT = {"spf": "right", "dkim": "right", "return_path": "right", "dmarc": "right"}


async def test_google_workspace_with_sendgrid(table, key):
    rows = await table(google_and_sendgrid(key))
    assert list(rows) == ["Google Workspace", "SendGrid"]
    assert states(rows["Google Workspace"]) == ALL_RIGHT
    assert states(rows["SendGrid"]) == ALL_RIGHT
    assert any("MX smtp.google.com" in line for line in rows["Google Workspace"].evidence)
    assert any("s1._domainkey" in line for line in rows["SendGrid"].evidence)


async def test_microsoft_365_with_mailchimp(table, key):
    rows = await table(microsoft_and_mailchimp(key))
    assert list(rows) == ["Microsoft 365", "Mailchimp"]
    assert states(rows["Microsoft 365"]) == ALL_RIGHT
    assert "TXT MS=ms12345678" in rows["Microsoft 365"].evidence
    assert states(rows["Mailchimp"]) == ALL_RIGHT
    assert "own return path" in rows["Mailchimp"].spf.why


async def test_resend_on_its_usual_name(table, key):
    rows = await table(google_and_resend(key))
    assert list(rows) == ["Google Workspace", "Resend"]
    assert states(rows["Resend"]) == ALL_RIGHT
    assert states(rows["Google Workspace"]) == {**ALL_RIGHT, "dkim": "unknown"}


async def test_amazon_ses_with_selectors_that_nobody_can_guess(table, key):
    rows = await table(ses_alone(key))
    assert list(rows) == ["Amazon SES"]
    assert states(rows["Amazon SES"]) == {
        "spf": "right",
        "dkim": "unknown",
        "return_path": "unknown",
        "dmarc": "unknown",
    }
    assert "cannot be guessed" in rows["Amazon SES"].dkim.why


async def test_amazon_ses_once_its_selector_is_given(table, key):
    token = "b" * 32
    rows = await table(
        {
            "example.com": [MX_GOOGLE, 'TXT "v=spf1 include:_spf.google.com ~all"'],
            "bounce.example.com": [
                "MX 10 feedback-smtp.eu-west-1.amazonses.com.",
                'TXT "v=spf1 include:amazonses.com ~all"',
            ],
            "amazonses.com": ['TXT "v=spf1 ip4:199.255.192.0/22 -all"'],
            f"{token}._domainkey.example.com": [f"CNAME {token}.dkim.amazonses.com."],
            f"{token}.dkim.amazonses.com": [key],
            **GOOGLE,
            **DMARC,
        },
        selectors=(token,),
    )
    assert states(rows["Amazon SES"]) == ALL_RIGHT


async def test_fastmail_with_postmark_mailgun_and_hubspot(table, key):
    rows = await table(postmark_mailgun_and_hubspot(key))
    assert list(rows) == ["Fastmail", "HubSpot", "Mailgun", "Postmark"]
    assert states(rows["Fastmail"]) == ALL_RIGHT
    assert states(rows["HubSpot"]) == ALL_RIGHT
    assert "hs1-1234567" in rows["HubSpot"].dkim.why
    # Neither key can be found without a message, but an own return path that passes SPF speaks for the domain.
    assert states(rows["Mailgun"]) == {**ALL_RIGHT, "dkim": "unknown"}
    assert states(rows["Postmark"]) == {**ALL_RIGHT, "dkim": "unknown"}


async def test_hubspot_whose_number_is_known_and_whose_keys_are_not_published(table, key):
    names = {name: lines for name, lines in postmark_mailgun_and_hubspot(key).items() if "._domainkey." not in name} | {
        "other._domainkey.example.com": [key]
    }
    rows = await table(names)
    assert rows["HubSpot"].dkim.state == "wrong"
    assert rows["HubSpot"].dkim.why == "no record at hs1-1234567, hs2-1234567"
    assert rows["HubSpot"].dmarc.state == "wrong"


async def test_zoho_with_brevo(table, key):
    rows = await table(zoho_and_brevo(key))
    assert list(rows) == ["Zoho Mail", "Brevo"]
    assert states(rows["Zoho Mail"]) == ALL_RIGHT
    assert states(rows["Brevo"]) == ALL_RIGHT


async def test_what_is_found_and_was_not_approved_says_so(table, key):
    rows = await table(google_and_sendgrid(key), "Google Workspace")
    assert rows["SendGrid"].evidence[-1] == "not approved by you"
    assert "not approved by you" not in rows["Google Workspace"].evidence
    rows = await table(google_and_sendgrid(key))
    assert not any("approved" in line for row in rows.values() for line in row.evidence)


async def test_what_is_approved_and_not_set_up(table):
    rows = await table(
        {"example.com": [MX_GOOGLE, 'TXT "v=spf1 -all"'], **GOOGLE, **DMARC},
        "SendGrid",
        "Google Workspace",
        "Mailchimp",
    )
    assert states(rows["Google Workspace"]) == {
        "spf": "wrong",
        "dkim": "wrong",
        "return_path": "right",
        "dmarc": "wrong",
    }
    assert states(rows["SendGrid"]) == {"spf": "wrong", "dkim": "wrong", "return_path": "unknown", "dmarc": "wrong"}
    assert states(rows["Mailchimp"]) == {"spf": "wrong", "dkim": "wrong", "return_path": "right", "dmarc": "wrong"}
    assert rows["SendGrid"].spf.why == "missing: approved by you, but not in the record of example.com"
    assert "approved by you" in rows["SendGrid"].evidence


async def test_an_approved_include_names_its_service(table):
    rows = await table({"example.com": ['TXT "v=spf1 -all"']}, "include:sendgrid.net")
    assert rows["SendGrid"].spf.why.startswith("missing:")
    assert "approved by you" in rows["SendGrid"].evidence


async def test_an_approved_service_that_wants_nothing_in_the_record(table):
    rows = await table({"example.com": ['TXT "v=spf1 -all"']}, "HubSpot", "Kit")
    assert {name: row.spf.state for name, row in rows.items()} == {"HubSpot": "right", "Kit": "right"}


async def test_a_return_path_whose_record_is_missing(table):
    rows = await table({"example.com": ['TXT "x"'], "pm-bounces.example.com": ["CNAME pm.mtasv.net."]})
    assert states(rows["Postmark"])["return_path"] == "wrong"
    assert states(rows["Postmark"])["spf"] == "wrong"
    assert states(rows["Postmark"])["dmarc"] == "wrong"


async def test_strict_alignment_takes_a_return_path_below_the_domain_out(table):
    names = {
        "example.com": ['TXT "x"'],
        "pm-bounces.example.com": ["CNAME pm.mtasv.net."],
        "pm.mtasv.net": ['TXT "v=spf1 ip4:50.31.156.0/24 -all"'],
        "x._domainkey.example.com": ['TXT "other"'],
    }
    rows = await table({**names, **DMARC})
    assert states(rows["Postmark"])["dmarc"] == "right"


async def test_strict_alignment(table):
    rows = await table(
        {
            "example.com": ['TXT "x"'],
            "pm-bounces.example.com": ["CNAME pm.mtasv.net."],
            "pm.mtasv.net": ['TXT "v=spf1 ip4:50.31.156.0/24 -all"'],
            "x._domainkey.example.com": ['TXT "other"'],
            "_dmarc.example.com": ['TXT "v=DMARC1; p=reject; aspf=s"'],
        }
    )
    assert states(rows["Postmark"])["dmarc"] == "unknown"


async def test_a_proof_of_ownership_names_a_sender_but_no_mailbox(table):
    rows = await table({"example.com": ['TXT "brevo-code:abc"', 'TXT "MS=ms123"', 'TXT "google-site-verification=x"']})
    assert list(rows) == ["Brevo"]


async def test_selectors_as_txt_are_not_microsofts(table, key):
    rows = await table(
        {
            "example.com": ["MX 0 example-com.mail.protection.outlook.com."],
            "selector1._domainkey.example.com": [key],
        }
    )
    assert rows["Microsoft 365"].dkim.state == "wrong"


async def test_silence_is_unknown(table, world):
    world.resolver.silent("example.com", "TXT")
    world.resolver.silent("_dmarc.example.com")
    rows = await table({"example.com": [MX_GOOGLE]})
    assert states(rows["Google Workspace"])["spf"] == "unknown"
    assert states(rows["Google Workspace"])["dmarc"] == "unknown"


async def test_nobody_sends(table):
    assert await table({"example.com": ['TXT "v=spf1 -all"', "MX 0 ."]}) == {}


def _mailgun_below(key, *, mx=True, policy="p=none", selector="mx"):
    names = {
        "example.com": [MX_GOOGLE, 'TXT "v=spf1 include:_spf.google.com ~all"'],
        "mg.example.com": ['TXT "v=spf1 include:mailgun.org ~all"', *(["MX 10 mxa.mailgun.org."] if mx else [])],
        "mailgun.org": ['TXT "v=spf1 ip4:192.0.2.0/24 -all"'],
        "google._domainkey.example.com": [key],
        **GOOGLE,
        "_dmarc.example.com": [f'TXT "v=DMARC1; {policy}"'],
    }
    return names | ({f"{selector}._domainkey.mg.example.com": [key]} if selector else {})


@pytest.mark.parametrize("selector", ["mx", "krs"])
@pytest.mark.parametrize("mx", [True, False])
async def test_mailgun_has_its_keys_below_its_own_name(table, key, selector, mx):
    rows = await table(_mailgun_below(key, mx=mx, selector=selector))
    assert list(rows) == ["Google Workspace", "Mailgun"]
    assert states(rows["Mailgun"]) == ALL_RIGHT
    assert rows["Mailgun"].dkim.why == f"a key at {selector}._domainkey.mg.example.com"


async def test_mailgun_below_by_cname(table, key):
    linked = _mailgun_below(key, selector="") | {
        "pdk1._domainkey.mg.example.com": ["CNAME pdk1._domainkey.abc.dkim1.eu.mgsend.org."],
        "pdk1._domainkey.abc.dkim1.eu.mgsend.org": [key],
    }
    assert states((await table(linked))["Mailgun"]) == ALL_RIGHT


async def test_mailgun_below_under_another_selector(table, key):
    assert (await table(_mailgun_below(key, selector="s9")))["Mailgun"].dkim.state == "unknown"


async def test_a_key_below_the_domain_does_not_align_strictly(table, key):
    rows = await table(_mailgun_below(key, policy="p=reject; adkim=s; aspf=s"))
    assert states(rows["Mailgun"]) == {**ALL_RIGHT, "dmarc": "unknown"}


async def test_a_wildcard_of_a_sending_service_is_no_return_path(table, key):
    names = {"example.com": [MX_GOOGLE], "*.example.com": ['TXT "v=spf1 include:mailgun.org ~all"'], **GOOGLE}
    assert list(await table(names)) == ["Google Workspace"]

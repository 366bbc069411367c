"""Usual mail set-ups of small businesses, as their DNS has them: each owner's records by name."""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[str, list[str]]

DMARC: Names = {"_dmarc.example.com": ['TXT "v=DMARC1; p=none; rua=mailto:d@example.com"']}
GOOGLE: Names = {"_spf.google.com": ['TXT "v=spf1 ip4:64.233.160.0/19 ~all"']}
MX_GOOGLE = "MX 1 smtp.google.com."
SES_TOKEN = "a" * 32


def google_and_sendgrid(key: str) -> Names:
    """Google Workspace for people, SendGrid by CNAMEs and a return path of its own."""
    return {
        "example.com": [MX_GOOGLE, 'TXT "v=spf1 include:_spf.google.com include:sendgrid.net ~all"'],
        "google._domainkey.example.com": [key],
        "s1._domainkey.example.com": ["CNAME s1.domainkey.u123.wl4.sendgrid.net."],
        "s2._domainkey.example.com": ["CNAME s2.domainkey.u123.wl4.sendgrid.net."],
        "s1.domainkey.u123.wl4.sendgrid.net": [key],
        "s2.domainkey.u123.wl4.sendgrid.net": [key],
        "em.example.com": ["CNAME u123.wl4.sendgrid.net."],
        "u123.wl4.sendgrid.net": [
            'TXT "v=spf1 include:sendgrid.net -all"',
            "A 167.89.0.1",
            "MX 10 mx.sendgrid.net.",
        ],
        "sendgrid.net": ['TXT "v=spf1 ip4:167.89.0.0/17 ~all"'],
        **GOOGLE,
        **DMARC,
    }


def microsoft_and_mailchimp(key: str) -> Names:
    """Microsoft 365 for people, Mailchimp by its two CNAMEs."""
    target = "selector1-example-com._domainkey.tenant.onmicrosoft.com"
    return {
        "example.com": [
            "MX 0 example-com.mail.protection.outlook.com.",
            'TXT "v=spf1 include:spf.protection.outlook.com -all"',
            'TXT "MS=ms12345678"',
        ],
        "spf.protection.outlook.com": ['TXT "v=spf1 ip4:40.92.0.0/15 -all"'],
        "selector1._domainkey.example.com": [f"CNAME {target}."],
        target: [key],
        "selector2._domainkey.example.com": ["CNAME selector2-example-com._domainkey.tenant.onmicrosoft.com."],
        "k2._domainkey.example.com": ["CNAME dkim2.mcsv.net."],
        "k3._domainkey.example.com": ["CNAME dkim3.mcsv.net."],
        "dkim2.mcsv.net": [key],
        "dkim3.mcsv.net": [key],
        **DMARC,
    }


def google_and_resend(key: str) -> Names:
    """Google Workspace for people, Resend on `send.`."""
    return {
        "example.com": [MX_GOOGLE, 'TXT "v=spf1 include:_spf.google.com ~all"'],
        "send.example.com": [
            "MX 10 feedback-smtp.us-east-1.amazonses.com.",
            'TXT "v=spf1 include:amazonses.com ~all"',
        ],
        "amazonses.com": ['TXT "v=spf1 ip4:199.255.192.0/22 -all"'],
        "resend._domainkey.example.com": [key.replace("v=DKIM1; k=rsa; ", "")],
        **GOOGLE,
        **DMARC,
    }


def ses_alone(key: str) -> Names:
    """Amazon SES, whose selectors are random."""
    return {
        "example.com": ['TXT "v=spf1 include:amazonses.com ~all"'],
        "amazonses.com": ['TXT "v=spf1 ip4:199.255.192.0/22 -all"'],
        f"{SES_TOKEN}._domainkey.example.com": [f"CNAME {SES_TOKEN}.dkim.amazonses.com."],
        f"{SES_TOKEN}.dkim.amazonses.com": [key],
        **DMARC,
    }


def postmark_mailgun_and_hubspot(key: str) -> Names:
    """Fastmail for people, Postmark on `pm-bounces.`, Mailgun on `mg.`, HubSpot by its portal's number."""
    portal = "1234567"
    return {
        "example.com": [
            "MX 10 in1-smtp.messagingengine.com.",
            f'TXT "v=spf1 include:spf.messagingengine.com include:{portal}.spf04.hubspotemail.net ~all"',
        ],
        "spf.messagingengine.com": ['TXT "v=spf1 ip4:103.168.172.0/24 ?all"'],
        f"{portal}.spf04.hubspotemail.net": ['TXT "v=spf1 ip4:198.51.100.0/24 -all"'],
        **{f"fm{n}._domainkey.example.com": [f"CNAME fm{n}.example.com.dkim.fmhosted.com."] for n in (1, 2, 3)},
        **{f"fm{n}.example.com.dkim.fmhosted.com": [key] for n in (1, 2, 3)},
        **{
            f"hs{n}-{portal}._domainkey.example.com": [f"CNAME example-com.hs0{n}a.dkim.hubspotemail.net."]
            for n in (1, 2)
        },
        **{f"example-com.hs0{n}a.dkim.hubspotemail.net": [key] for n in (1, 2)},
        "pm-bounces.example.com": ["CNAME pm.mtasv.net."],
        "pm.mtasv.net": ['TXT "v=spf1 ip4:50.31.156.0/24 -all"'],
        "mg.example.com": ["MX 10 mxa.mailgun.org.", "MX 10 mxb.mailgun.org.", 'TXT "v=spf1 include:mailgun.org ~all"'],
        "mailgun.org": ['TXT "v=spf1 ip4:192.0.2.0/24 -all"'],
        **DMARC,
    }


def zoho_and_brevo(key: str) -> Names:
    """Zoho Mail for people, Brevo by its two CNAMEs and its code."""
    return {
        "example.com": [
            "MX 10 mx.zoho.com.",
            'TXT "v=spf1 include:zohomail.com ~all"',
            'TXT "brevo-code:0123456789"',
        ],
        "zohomail.com": ['TXT "v=spf1 ip4:136.143.188.0/24 -all"'],
        "zmail._domainkey.example.com": [key],
        **{f"brevo{n}._domainkey.example.com": [f"CNAME b{n}.example-com.dkim.brevo.com."] for n in (1, 2)},
        **{f"b{n}.example-com.dkim.brevo.com": [key] for n in (1, 2)},
        **DMARC,
    }

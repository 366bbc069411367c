"""Which Authentication-Results is the receiver's own, and the verdict on pasted headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.mail.message import parse_message
from checks.mail.seeds.receivers import receiver_results
from tests.mail.seeds import headers
from tests.mail.seeds.pasted import judge_pasted

GMAIL = """Delivered-To: ann@gmail.com
Received: by 2002:a05:7000:1 with SMTP id a1; Mon, 5 Jan 2026 10:00:00 -0800 (PST)
ARC-Authentication-Results: i=1; mx.google.com; spf=fail
Return-Path: <bounce@send.example.com>
Received: from send.example.com (send.example.com. [192.0.2.1]) by mx.google.com with ESMTPS id b2
Authentication-Results: mx.google.com;
       dkim=pass header.i=@example.com header.s=s1;
       spf=pass (google.com: designates 192.0.2.1 as permitted sender) smtp.mailfrom=bounce@send.example.com;
       dmarc=pass (p=REJECT) header.from=example.com
Received: from app by send.example.com
Authentication-Results: send.example.com; dkim=fail
From: Shop <hello@example.com>
To: ann@gmail.com
Subject: hi
"""
MICROSOFT = """Received: from A.prod.outlook.com by B.eurprd05.prod.outlook.com with HTTPS
Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none
 (message not signed) header.d=none;dmarc=pass action=none header.from=example.com;compauth=pass reason=100
Received-SPF: Pass
From: hello@example.com
To: ann@contoso.example
"""


def test_gmail() -> None:
    verdict = judge_pasted(GMAIL, "example.com")
    assert str(verdict.status) == "pass"
    assert not any("dkim=fail" in line for line in verdict.evidence)


def test_microsoft_without_signature() -> None:
    verdict = judge_pasted(MICROSOFT, "example.com")
    assert str(verdict.status) == "fail" and verdict.summary == "dkim=none"


def test_no_message_is_no_verdict() -> None:
    assert str(judge_pasted("", "example.com").status) == "error"
    assert str(judge_pasted("hello there", "example.com").status) == "error"


def head(*lines: str) -> str:
    return "\n".join((*lines, "From: a@example.com", "To: seed@inbox.example", ""))


@pytest.mark.parametrize(
    ("lines", "server"),
    [
        (("Authentication-Results: mx.inbox.example; spf=pass", "Received: by mx.inbox.example"), "mx.inbox.example"),
        (("Received: by store.inbox.example", "Authentication-Results: mx.inbox.example; spf=pass"), "mx.inbox.example"),
        (("Received: by mx.other.test", "Authentication-Results: mx2.other.test; spf=pass"), "mx2.other.test"),
        (("Authentication-Results: inbox.example; spf=pass",), "inbox.example"),
        # Ours, not the receiver's: it took the message in and wrote nothing.
        (("Received: by mx.hosting.test", "Authentication-Results: send.example.com; spf=pass",
          "Received: by send.example.com"), ""),
        (("Received: by mx.hosting.test", "Authentication-Results: evil.test; spf=pass"), ""),
        (("Received: by mx.hosting.test", "Authentication-Results: spf=pass"), ""),
        (("Received: by x.example", "Authentication-Results: test; spf=pass"), ""),
        # The receiver wrote nothing, and the sender's own server below it a field under its true name.
        (("Received: from send.example.com by mx.hosting.test", "Received: from app by send.example.com",
          "Authentication-Results: send.example.com; spf=pass"), ""),
        # What Microsoft 365 writes into mail that leaves it, in a mailbox that is elsewhere.
        (("Received: from A.outbound.protection.outlook.com by mx.hosting.test",
          "Received: from B.prod.outlook.com by C.prod.outlook.com", "Authentication-Results: dkim=none header.d=none"),
         ""),
        # Servers of one system that hand over by LMTP, or name nobody.
        (("Received: from mx1.hosting.test by store7 with LMTP", "Authentication-Results: mx1.hosting.test; spf=pass",
          "Received: from send.example.com by mx1.hosting.test"), "mx1.hosting.test"),
        (("Received: by 2002:a05:7000:1 with SMTP id a1", "Received: from send.example.com by mx.google.com with ESMTPS",
          "Authentication-Results: mx.google.com; spf=pass"), "mx.google.com"),
        # An appliance of the receiver's that writes under a name of its own does not hide the server's own word.
        (("Authentication-Results: appliance; spf=fail", "Received: from mx1.hosting.test by mx1.hosting.test",
          "Authentication-Results: mx1.hosting.test; spf=pass", "Received: from send.example.com by mx1.hosting.test"),
         "mx1.hosting.test"),
    ],
)  # fmt: skip
def test_whose_results(lines: tuple[str, ...], server: str) -> None:
    receiver = receiver_results(parse_message(head(*lines).encode()), "seed@inbox.example")
    assert receiver.server == server and bool(receiver.results) is bool(server)
    assert bool(receiver.untrusted) is not bool(server)


@pytest.mark.parametrize("service", headers.EVERY)
def test_services_as_they_write_to_a_customers_own_domain(service: str) -> None:
    text = headers.EVERY[service] + "From: Shop <a@example.com>\nTo: ann@own.test\n"
    receiver = receiver_results(parse_message(text.encode()), "ann@own.test")
    assert {method: [r.result for r in receiver.of(method)] for method in ("spf", "dkim", "dmarc")} == {
        "spf": ["pass"], "dkim": ["pass"], "dmarc": ["pass"],
    }  # fmt: skip
    assert str(judge_pasted(text, "example.com").status) == "pass"


@pytest.mark.parametrize("service", headers.EVERY)
def test_a_forged_field_below_the_receivers_hop_counts_for_nothing(service: str) -> None:
    """The receiver wrote nothing; what its sender put there bears the receiver's own name."""
    own = headers.EVERY[service]
    hops = [field.raw.decode() for field in parse_message(own.encode()).fields if field.name == "received"]
    kept = "\n".join(hop for hop in hops if "by send.example.com" not in hop)
    forged = own[own.index("Authentication-Results") :]
    text = f"{kept}\nReceived: from a by send.example.com\n{forged}From: Shop <a@example.com>\nTo: ann@own.test\n"
    receiver = receiver_results(parse_message(text.encode()), "ann@own.test")
    assert receiver.results == () and receiver.untrusted


@pytest.mark.parametrize(
    ("peer", "server"),
    [
        ("filter (localhost [127.0.0.1])", "filter"),
        ("filter (filter [fd00::1])", "filter"),
        ("send.example.com (unknown [192.0.2.1])", ""),
        # What the client calls itself proves nothing.
        ("[127.0.0.1] (unknown [192.0.2.1])", ""),
        ("[127.0.0.1] (192.0.2.1)", ""),
        ("send.example.com", ""),
    ],
)
def test_a_hop_from_an_inner_address_is_the_receivers(peer: str, server: str) -> None:
    assert behind(peer, "mailhost", "filter") == server


@pytest.mark.parametrize(
    ("by", "following", "trusted"),
    [
        ("mx.inbox.example", "mx.inbox.example", True),
        ("store.inbox.example", "mx.inbox.example", True),
        ("mx.inbox.example", "filter.internal", True),
        ("mx.inbox.example", "10.0.0.7", True),
        ("mx.inbox.example", "203.0.113.7", False),
        ("mx.inbox.example", "send.example.com", False),
        ("mailhost", "send.example.com", False),
    ],
)
def test_a_proxy_lends_every_sender_a_private_address(by: str, following: str, trusted: bool) -> None:
    assert behind("send.example.com (unknown [172.17.0.1])", by, following) == (following if trusted else "")


def behind(peer: str, by: str, following: str) -> str:
    """Whose results are believed of the host that handed over to `by`, coming from `peer`."""
    text = head(
        f"Received: from {peer} by {by} with ESMTP",
        f"Received: from app by {following}",
        f"Authentication-Results: {following}; spf=pass",
    )
    return receiver_results(parse_message(text.encode()), "seed@inbox.example").server


def test_several_fields_of_one_hop_count_together() -> None:
    text = head(
        "Authentication-Results: mx.inbox.example; dmarc=pass header.from=example.com",
        "Authentication-Results: mx.inbox.example; spf=pass smtp.mailfrom=example.com",
        "Received: by mx.inbox.example",
        "Authentication-Results: mx.inbox.example; dkim=fail",
    )
    assert [r.method for r in receiver_results(parse_message(text.encode())).results] == ["dmarc", "spf"]


@pytest.mark.parametrize(
    ("mailbox", "servers", "hop"),
    [
        ("ann@me.com", ("dmarc.icloud.com", "dkim-verifier.icloud.com", "spf.icloud.com"), "smtpin.me-server.test"),
        ("ann@fastmail.com", ("mx4.messagingengine.com",), "compute1.internal"),
        ("ann@aol.com", ("atlas3.free.mail.bf1.yahoo.com",), "10.0.0.1"),
        ("ann@gmail.com", ("mx.google.com",), "2002:a05:7000:1"),
    ],
)
def test_services_that_write_under_another_name_than_their_mailboxes(
    mailbox: str, servers: tuple[str, ...], hop: str
) -> None:
    fields = [
        f"Authentication-Results: {server}; {method}=pass"
        for server, method in zip(servers, ("dmarc", "dkim", "spf"), strict=False)
    ]
    text = head(f"Received: from mx by {hop} with LMTP", *fields, "Received: from send.example.com by mx")
    receiver = receiver_results(parse_message(text.encode()), mailbox)
    assert len(receiver.results) == len(servers)
    foreign = receiver_results(parse_message(text.encode()), "ann@elsewhere.test")
    assert foreign.results == () and foreign.untrusted == servers[0]


def test_the_best_result_of_a_method_counts() -> None:
    text = head(
        "Authentication-Results: mx.inbox.example; dkim=fail header.d=list.example; dkim=pass header.d=example.com;"
        " spf=none smtp.helo=x.example; spf=pass smtp.mailfrom=b@example.com",
        "Received: by mx.inbox.example",
    )
    assert str(judge_pasted(text, "example.com").status) == "pass"


def test_no_alignment() -> None:
    text = head(
        "Authentication-Results: mx.inbox.example; dkim=pass header.d=sendgrid.net; spf=pass smtp.mailfrom=b@sendgrid.net",
        "Received: by mx.inbox.example",
    )
    verdict = judge_pasted(text, "example.com")
    assert str(verdict.status) == "fail" and "neither SPF nor DKIM" in verdict.summary


@given(st.text(max_size=300))
def test_never_raises(text: str) -> None:
    judge_pasted(text, "example.com")
    judge_pasted(f"Authentication-Results: {text}\nReceived: by {text}", "example.com")

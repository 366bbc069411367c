"""Verification of signed messages: canonicalization, tags and keys as RFC 6376 has them."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import Offline
from checks.mail.dkim import canonical
from checks.mail.dkim.signature import parse_signature
from checks.mail.dkim.verify import verify
from checks.mail.message import parse_message
from checks.network import Network
from launchready_tui.lab.world import World
from tests.mail.signing import public_of_bits, record, rsa_key, sign, zone_txt

RSA = rsa_key()
SMALL = rsa_key(1024)
ED = ed25519.Ed25519PrivateKey.generate()
MESSAGE = (
    "Received: from a by b\r\nFrom: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject:  Hello \r\n  there \r\n"
    "\r\nDear Bob,  \r\n\r\n\tspaces\t here \r\n\r\n\r\n"
)


@pytest.fixture
def keys(world: World) -> World:
    world.zone(
        "example.com",
        {
            "s1._domainkey": [zone_txt(record(RSA))],
            "ed._domainkey": [zone_txt(record(ED))],
            "small._domainkey": [zone_txt(record(SMALL))],
            "strict._domainkey": [zone_txt(record(RSA, "t=s; "))],
            "sha1._domainkey": [zone_txt(record(RSA, "h=sha1; "))],
            "tls._domainkey": [zone_txt(record(RSA, "s=tlsrpt; "))],
            "gone._domainkey": [zone_txt("v=DKIM1; p=")],
            "away._domainkey": ["CNAME s1._domainkey.example.com."],
            "bad._domainkey": [zone_txt("v=DKIM1; p=AAAA")],
        },
    )
    return world


@pytest.mark.parametrize("c", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"])
@pytest.mark.parametrize(("key", "selector"), [(RSA, "s1"), (ED, "ed"), (RSA, "away"), (SMALL, "small")])
async def test_good_signatures(keys: World, network: Network, c: str, key: object, selector: str) -> None:
    (outcome,) = await verify(sign(MESSAGE, key, c=c, selector=selector), network)  # type: ignore[arg-type]
    assert (outcome.result, outcome.reason) == ("pass", "")
    assert "dkim=pass d=example.com" in outcome.describe


async def test_padding_of_a_signature_may_be_left_out(keys: World, network: Network) -> None:
    raw = sign(MESSAGE, ED, selector="ed", c="simple/simple")
    assert raw.count(b"==\r\n") == 1, "b= of Ed25519 ends in two equals signs, and nothing signs b= itself"
    assert (await verify(raw.replace(b"==\r\n", b"\r\n"), network))[0].result == "pass"
    tags = {"v": "1", "a": "rsa-sha256", "b": "AA", "bh": "AAA", "d": "a.example", "h": "from", "s": "x"}
    bare = parse_signature("; ".join(f"{name}={value}" for name, value in tags.items()))
    assert (bare.errors, bare.value, bare.body_hash) == ((), b"\0", b"\0\0")


async def test_relaxed_survives_what_simple_does_not(keys: World, network: Network) -> None:
    changed = [
        sign(MESSAGE, RSA, c=c).replace(b"Subject:  Hello \r\n  there \r\n", b"subject: Hello there\r\n")
        for c in ("relaxed/relaxed", "simple/relaxed")
    ]
    results = [(await verify(raw, network))[0].result for raw in changed]
    assert results == ["pass", "fail"]


async def test_bare_line_feeds_and_mailbox_line(keys: World, network: Network) -> None:
    raw = b"From ann Mon Jan 1\n" + sign(MESSAGE, RSA).replace(b"\r\n", b"\n")
    assert [o.result for o in await verify(raw, network)] == ["pass"]


async def test_empty_bodies(keys: World, network: Network) -> None:
    head = MESSAGE.partition("\r\n\r\n")[0]
    for c in ("simple/simple", "relaxed/relaxed"):
        assert (await verify(sign(f"{head}\r\n\r\n", RSA, c=c), network))[0].result == "pass"
        assert (await verify(sign(f"{head}\r\n\r\n\r\n\r\n", RSA, c=c), network))[0].result == "pass"


async def test_tampering_is_seen(keys: World, network: Network) -> None:
    raw = sign(MESSAGE, RSA)
    (body,) = await verify(raw.replace(b"Dear Bob", b"Dear Eve"), network)
    assert body.result == "fail" and "body" in body.reason
    (head,) = await verify(raw.replace(b"ann@", b"eve@"), network)
    assert head.result == "fail" and "header" in head.reason


async def test_oversigned_header_cannot_be_added(keys: World, network: Network) -> None:
    first, rest = sign(MESSAGE, RSA).split(b"Received:", 1)
    (outcome,) = await verify(first + b"From: eve@evil.example\r\nReceived:" + rest, network)
    assert outcome.result == "fail"
    (unsigned,) = await verify(sign(MESSAGE, RSA, h="from:subject").replace(b"To: bob", b"To: eve"), network)
    assert unsigned.result == "pass"


async def test_body_length(keys: World, network: Network) -> None:
    raw = sign(MESSAGE, RSA, length=9)
    assert (await verify(raw + b"appended", network))[0].result == "pass"
    short, _, _ = raw.partition(b"\r\n\r\n")
    assert "l=" in (await verify(short + b"\r\n\r\nDear\r\n", network))[0].reason


@pytest.mark.parametrize(
    ("selector", "extra", "result", "word"),
    [
        ("nobody", "", "permerror", "no key"),
        ("gone", "", "permerror", "revoked"),
        ("bad", "", "permerror", "cannot be used"),
        ("sha1", "", "permerror", "sha256"),
        ("tls", "", "permerror", "email"),
        ("ed", "", "permerror", "ed25519"),
        ("s1", "x=1000; ", "permerror", "expired"),
        ("s1", "t=1000; x=4000000000; ", "pass", ""),
        ("s1", "t=1000; x=900; ", "permerror", "x="),
        ("s1", "i=@sub.example.com; ", "pass", ""),
        ("strict", "i=@sub.example.com; ", "permerror", "t=s"),
        ("strict", "i=ann@example.com; ", "pass", ""),
        ("s1", "i=@example.net; ", "permerror", "outside"),
        ("s1", "q=dns/txt:other; ", "pass", ""),
        ("s1", "q=finger; ", "permerror", "q="),
    ],
)
async def test_tags(keys: World, network: Network, selector: str, extra: str, result: str, word: str) -> None:
    (outcome,) = await verify(sign(MESSAGE, RSA, selector=selector, extra=extra), network)
    assert outcome.result == result, outcome
    assert word in outcome.reason


@pytest.mark.parametrize("right", [True, False])
async def test_each_of_several_keys_is_tried_and_told_of(world: World, network: Network, right: bool) -> None:
    key = RSA if right else SMALL
    world.zone("example.com", {"s1._domainkey": [zone_txt(record(other)) for other in (rsa_key(), key, rsa_key())]})
    (outcome,) = await verify(sign(MESSAGE, RSA), network)
    assert outcome.result == ("pass" if right else "fail")
    assert "one of 3 keys at s1._domainkey.example.com" in outcome.reason


async def test_key_that_cannot_be_asked(keys: World, network: Network) -> None:
    keys.resolver.says("SERVFAIL", "s1._domainkey.example.com")
    assert (await verify(sign(MESSAGE, RSA), network))[0].result == "temperror"
    keys.resolver.silent("small._domainkey.example.com")
    assert (await verify(sign(MESSAGE, SMALL, selector="small"), network))[0].result == "temperror"


async def test_small_key_and_old_algorithm(world: World, network: Network) -> None:
    world.zone("example.com", {"s1._domainkey": [zone_txt(f"v=DKIM1; p={public_of_bits(512)}")]})
    (outcome,) = await verify(sign(MESSAGE, RSA), network)
    assert outcome.result == "permerror" and "512 bits" in outcome.reason
    (sha1,) = await verify(sign(MESSAGE, RSA, algorithm="rsa-sha1"), network)
    assert sha1.result == "permerror" and "8301" in sha1.reason


async def test_no_signature_and_offline(world: World) -> None:
    async with world.network(offline=True) as network:
        assert await verify(MESSAGE.encode(), network) == ()
        with pytest.raises(Offline):
            await verify(sign(MESSAGE, RSA), network)


@pytest.mark.parametrize("missing", ["v", "a", "b", "bh", "d", "h", "s"])
def test_required_tags(missing: str) -> None:
    tags = {"v": "1", "a": "rsa-sha256", "b": "AAAA", "bh": "AAAA", "d": "a.example", "h": "from", "s": "x"}
    del tags[missing]
    signature = parse_signature("; ".join(f"{k}={v}" for k, v in tags.items()))
    assert f"{missing}= is missing" in signature.errors


def test_from_must_be_signed() -> None:
    assert "From" in parse_signature("v=1; a=rsa-sha256; b=AAAA; bh=AAAA; d=a.example; h=to; s=x").errors[0]


@given(st.text(max_size=200))
def test_signature_grammar_never_raises(text: str) -> None:
    parse_signature(text)


def test_only_space_and_tab_are_white_space() -> None:
    assert canonical.header(b"Subject \t: \t a \t b\x0c\t ", "relaxed") == b"subject:a b\x0c"


@given(st.binary(max_size=400))
def test_messages_never_raise_and_canonical_bodies_are_stable(raw: bytes) -> None:
    message = parse_message(raw)
    for method in ("simple", "relaxed"):
        once = canonical.body(message.body, method)
        assert canonical.body(once, method) == once
        for field in message.fields:
            canonical.header(field.raw, method)


def test_signature_value_is_cut_out_of_its_own_tag_only() -> None:
    field = b"DKIM-Signature: v=1; bh=abc b=no;\r\n b=AA\r\n BB; d=x"
    assert canonical.without_signature(field) == b"DKIM-Signature: v=1; bh=abc b=no;\r\n b=; d=x"


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        ("a@example.com", "example.com"),
        ("Ann <a@Example.com.>", "example.com"),
        ('"Doe, Ann (x@evil.test) <y@evil.test>" <a@example.com> (and (more) z@evil.test)', "example.com"),
        ('"quoted \\" @" <a@example.com>', "example.com"),
        ("a@example.com, b@example.com", "example.com"),
        ("a@example.com, b@other.example", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_domain_of_the_author(value: str, domain: str) -> None:
    assert parse_message(f"From: {value}\r\n\r\n".encode()).from_domain == domain

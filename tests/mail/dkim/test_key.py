"""The grammar of DKIM key records."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from checks.mail.dkim.key import foreign, meant_as_key, parse_key
from tests.mail.signing import public, record, rsa_key

RSA = rsa_key(1024)
P = public(RSA)
ED = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    "text",
    [
        f"v=DKIM1; k=rsa; p={P}",
        f"v=DKIM1;k=rsa;p={P};",
        f"p={P}",
        f"k=rsa; p={P}; v2=later; unknown=whatever",
        f" v = DKIM1 ;\t p = {P[:40]} {P[40:]} ; n=a note; s=email; h=sha1:sha256; t=y:s:z",
        f"v=DKIM1; p={public(RSA, 'pkcs1')}",
        f"v=DKIM1; g=*; s=*; p={P}",
        f"v=DKIM1; h=SHA256; p={P}",
        f"v=DKIM1; s=tlsrpt; p={P}",
    ],
)
def test_valid_rsa_records(text: str) -> None:
    key = parse_key(text)
    assert key.errors == ()
    assert key.usable and key.bits == 1024 and not key.revoked


def test_ed25519() -> None:
    key = parse_key(record(ED))
    assert key.usable and key.bits is None and key.summary == "Ed25519"


def test_padding_may_be_left_out() -> None:
    two = public(rsa_key(1040), "pkcs1")
    assert public(ED).endswith("=") and two.endswith("==")
    for text in (record(ED), f"v=DKIM1; k=rsa; p={two}"):
        bare = parse_key(text.rstrip("="))
        assert bare.usable and bare.summary == parse_key(text).summary, bare.errors
    folded = parse_key(f"p={two[:-2]} =\t= ")
    assert folded.usable and folded.bits == 1040
    assert "base64" in parse_key(f"p={two}=").errors[0]


def test_flags_and_revocation() -> None:
    key = parse_key(f"v=DKIM1; t=y:s; p={P}")
    assert key.testing and key.strict_identity
    revoked = parse_key("v=DKIM1; k=rsa; p=")
    assert revoked.revoked and not revoked.usable and revoked.errors == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"k=rsa; v=DKIM1; p={P}", "first"),
        (f"v=DKIM2; p={P}", "not DKIM1"),
        (f"v=dkim1; p={P}", "not DKIM1"),
        (f"v=DKIM1\\; k=rsa\\; p={P}", "not DKIM1"),
        (f"v=DKIM1 k=rsa p={P}", "not DKIM1"),
        (f"v=DKIM1; k=dsa; p={P}", "k=dsa"),
        (f"v=DKIM1; k=; p={P}", "k="),
        ("v=DKIM1; k=rsa", "missing"),
        ("", "missing"),
        ("v=DKIM1; p=%%%", "base64"),
        (f"v=DKIM1; p={P[:-3]}", "base64"),
        (f"v=DKIM1; p={P[:100]}", "cut short"),
        (f"v=DKIM1; p={P}; p={P}", "more than once"),
        (f"v=DKIM1; rsa; p={P}", "no = sign"),
        (f"v=DKIM1;; p={P}", "nothing between"),
        (f"v=DKIM1; 1k=rsa; p={P}", "no tag name"),
        (f"v=DKIM1; h=sha1; p={P}", "sha256"),
        (f"v=DKIM1; s=chat; p={P}", "email"),
        (f"v=DKIM1; k=ed25519; p={P}", "32"),
        (f"v=DKIM1; k=rsa; p={public(ED)}", "without k=ed25519"),
    ],
    # Keys are made anew in each process, and the names of tests must be alike in all.
    ids=lambda text: text[:16],
)
def test_unusable_records(text: str, word: str) -> None:
    key = parse_key(text)
    assert not key.usable
    assert any(word in error for error in key.errors), key.errors


def test_key_of_another_kind() -> None:
    der = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    assert "not RSA" in parse_key(f"p={base64.b64encode(der).decode()}").errors[0]


def test_published_private_key_is_named() -> None:
    der = RSA.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    assert "PRIVATE" in parse_key(f"v=DKIM1; p={base64.b64encode(der).decode()}").errors[0]


def test_what_is_meant_as_a_key() -> None:
    assert meant_as_key("v=dkim1; x") and meant_as_key("k=rsa;p=") and meant_as_key('"v=DKIM1; p=')
    assert not meant_as_key("v=spf1 -all")
    assert foreign("v=spf1 -all") and foreign("google-site-verification=abc") and not foreign("MIGfMA0GCSq")


@given(st.text(max_size=300) | st.from_regex(r"(v=DKIM1;)?([vkhpstn ]=[A-Za-z0-9+/:; =]{0,20};?){0,8}", fullmatch=True))
def test_never_raises(text: str) -> None:
    key = parse_key(text)
    assert key.usable is (key.public is not None and not key.errors)
    assert isinstance(meant_as_key(text), bool)

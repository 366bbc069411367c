"""What a certificate says, and which hosts it covers (RFC 9525)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.tls.certificate import BadCertificate, Certificate, read_certificate
from checks.web.tls.intermediates import read_bundle
from checks.web.tls.trust import linked, misordered
from launchready_tui.lab.certificates import Authority, Issued
from tests.web.tls.weakly_signed import resigned


def read(issued: Issued) -> Certificate:
    return read_certificate(issued.der)


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (["example.com", "www.example.com"], "www.example.com", True),
        (["WWW.Example.COM"], "www.example.com", True),
        (["www.example.com"], "WWW.EXAMPLE.COM.", True),
        (["example.com"], "www.example.com", False),
        (["*.example.com"], "www.example.com", True),
        (["*.example.com"], "xn--bcher-kva.example.com", True),
        (["*.example.com"], "example.com", False),
        (["*.example.com"], "a.b.example.com", False),
        (["w*.example.com"], "www.example.com", False),
        (["*w.example.com"], "www.example.com", False),
        (["www.*.com"], "www.example.com", False),
        (["*.*.com"], "www.example.com", False),
        (["*"], "localhost", False),
        (["*"], "*", False),
        (["*.com"], "example.com", True),
        (["192.0.2.1"], "192.0.2.1", True),
        (["2001:db8::1"], "2001:0db8:0::1", True),
        (["192.0.2.1"], "192.0.2.2", False),
        (["xn--bcher-kva.example"], "xn--bcher-kva.example", True),
    ],
)
def test_names_are_matched_as_rfc_9525_says(authority: Authority, names: list[str], host: str, covered: bool) -> None:
    assert read(authority.issue(*names)).covers(host) is covered


def test_an_address_written_as_a_name_covers_no_address(authority: Authority) -> None:
    certificate = read(authority.issue("example.com"))
    assert not certificate.covers("192.0.2.1")
    assert not certificate.covers("")


@pytest.mark.parametrize(
    ("kind", "key"),
    [("rsa2048", ("RSA", 2048)), ("rsa1024", ("RSA", 1024)), ("ec", ("EC", 256)), ("ed25519", ("other", 256))],
)
def test_keys_are_told_by_kind_and_size(authority: Authority, kind: str, key: tuple[str, int]) -> None:
    found = read(authority.issue("example.com", key=kind)).key
    assert found[0] == key[0]
    assert found[1] == pytest.approx(key[1], abs=3)


@pytest.mark.parametrize("algorithm", ["md5", "sha1"])
def test_weak_signatures_are_seen(algorithm: str) -> None:
    root = Authority(key="rsa2048")
    issued = root.issue("example.com")
    strong = read(issued)
    weak = read(Issued(resigned(issued.certificate, root.key, algorithm), issued.key))
    assert (strong.signature_hash, strong.weakly_signed) == ("sha256", False)
    assert (weak.signature_hash, weak.weakly_signed) == (algorithm, True)


def test_both_ends_of_the_validity_are_valid(authority: Authority) -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    certificate = read(authority.issue("example.com", not_before=begin, not_after=end))
    assert certificate.valid_at(begin) and certificate.valid_at(end)
    assert not certificate.valid_at(begin - timedelta(seconds=1))
    assert not certificate.valid_at(end + timedelta(seconds=1))
    assert certificate.lifetime == timedelta(days=31)


def test_a_chain_is_followed_by_name_whatever_its_order(authority: Authority) -> None:
    upper = Authority("Upper", parent=authority)
    lower = Authority("Lower", parent=upper)
    leaf, *others = (read(lower.issue("example.com")), *map(_of, (authority, upper, lower)))
    assert [c.subject for c in linked(leaf, others)] == ["example.com", "Lower", "Upper", "Launch Ready Lab Root"]
    assert misordered((leaf, *others))
    assert not misordered((leaf, *reversed(others)))


def _of(authority: Authority) -> Certificate:
    return read_bundle(authority.pem)[0]


@given(st.binary(max_size=400))
def test_no_bytes_make_the_readers_raise_anything_else(data: bytes) -> None:
    assert read_bundle(data) == ()
    with pytest.raises(BadCertificate):
        read_certificate(data)


@pytest.fixture(scope="module")
def whole(authority: Authority) -> bytes:
    return authority.issue("example.com").der


@given(st.data())
def test_a_damaged_certificate_is_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    der = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        certificate = read_certificate(bytes(der))
    except BadCertificate:
        return
    assert certificate.covers("example.com") in (True, False)
    assert isinstance(certificate.self_issued, bool)
    assert isinstance(certificate.signature_hash, str)
    assert certificate.describe()

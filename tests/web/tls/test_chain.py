"""tls.cert-untrusted, tls.chain-incomplete and tls.key-weak against real handshakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from checks.network import Handshake, Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab import certificates
from launchready_tui.lab.certificates import Authority, Issued, self_signed
from launchready_tui.lab.web_server import Reply, pages, redirect
from launchready_tui.lab.world import World
from tests.web.tls.conftest import ADDRESS, Audit, Results, Serve
from tests.web.tls.weakly_signed import resigned

AIA = "http://ca.example.net/issuer.der"
AIA_ADDRESS = "198.18.7.99"


async def offer_by_aia(world: World, body: bytes, status: int = 200) -> None:
    """Serve `body` where AIA points to."""
    world.zone("example.net", {"ca": [f"A {AIA_ADDRESS}"]})
    table = {"/issuer.der": Reply(status, (("content-type", "application/pkix-cert"),), body)}
    await world.web(AIA_ADDRESS, pages(table))


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


# -------------------------------------------------------------------- trusted


async def test_intermediates_root_sent_along_and_any_order_are_fine(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    upper = Authority("Upper", parent=authority)
    issued = Authority("Lower", parent=upper).issue("example.com")
    await serve(issued.sending(authority.certificate, upper.certificate, issued.chain[0]))
    results = await audit()
    assert not results.problems and not results.untold
    assert "out of order" in results.of("tls.chain-incomplete").evidence[-1]


async def test_a_cross_signed_root_whose_other_root_nobody_trusts_is_fine(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    forgotten = Authority("Forgotten Root", not_after=datetime.now(UTC) - timedelta(days=30))
    issued = Authority("Issuer", parent=authority).issue("example.com")
    await serve(issued.sending(*issued.chain, signed_across(authority, forgotten)))
    results = await audit()
    assert not results.problems and not results.untold


async def test_a_new_root_reaches_trust_through_its_cross_signature(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    newcomer = Authority("New Root")
    issued = newcomer.issue("example.com")
    await serve(issued.sending(signed_across(newcomer, authority), newcomer.certificate))
    results = await audit()
    assert not results.problems and not results.untold


@pytest.mark.parametrize("trusted_first", [True, False])
async def test_an_issuer_signed_by_two_roots_is_fine_in_either_order(
    serve: Serve, audit: Audit, authority: Authority, trusted_first: bool
) -> None:
    issuer = Authority("Issuer", parent=authority)
    both = (issuer.certificate, signed_across(issuer, Authority("Forgotten Root")))
    await serve(issuer.issue("example.com").sending(*(both if trusted_first else reversed(both))))
    results = await audit()
    assert not results.problems and not results.untold


async def test_two_crossings_one_above_the_other_are_followed(serve: Serve, audit: Audit, authority: Authority) -> None:
    forgotten, upper = Authority("Forgotten Root"), Authority("Upper")
    lower = Authority("Lower", parent=upper)
    crossed = (signed_across(upper, forgotten), signed_across(upper, authority))
    await serve(lower.issue("example.com").sending(signed_across(lower, forgotten), lower.certificate, *crossed))
    results = await audit()
    assert not results.problems and not results.untold


async def test_the_next_intermediate_staged_beside_the_present_one_is_fine(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    issuer = Authority("Issuer", parent=authority)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    staged = signed_across(issuer, authority, not_before=tomorrow)
    await serve(issuer.issue("example.com").sending(staged, issuer.certificate))
    results = await audit()
    assert not results.problems and not results.untold


async def test_a_crossing_that_is_needed_and_out_of_date_is_expired_not_untrusted(
    serve: Serve, audit: Audit, authority: Authority
) -> None:
    issuer = Authority("Issuer", parent=Authority("Forgotten Root"))
    past = signed_across(issuer, authority, not_after=datetime.now(UTC) - timedelta(days=3))
    await serve(issuer.issue("example.com").sending(issuer.certificate, past))
    assert (await audit()).problems == {("tls.cert-expired", "example.com", "fail")}


async def test_many_issuers_of_one_name_cost_little(serve: Serve, audit: Audit, authority: Authority) -> None:
    lower, upper = Authority("Lower", parent=Authority("Upper")), Authority("Upper")
    crossed = [
        signed_across(one, Authority(name)) for one, name in ((lower, "Upper"), (upper, "Lower")) for _ in range(20)
    ]
    await serve(lower.issue("example.com").sending(*crossed))
    assert (await audit("tls.cert-untrusted")).status("tls.cert-untrusted") == "fail"


def signed_across(
    subject: Authority, by: Authority, *, not_before: datetime | None = None, not_after: datetime | None = None
) -> x509.Certificate:
    """The subject's name and key in a certificate that another authority signed."""
    return certificates._build(
        subject=subject.certificate.subject,
        public_key=subject.key,
        issuer=by.certificate.subject,
        signer=by.key,
        issuer_key=by.key,
        not_before=not_before or datetime.now(UTC) - timedelta(days=300),
        not_after=not_after or datetime.now(UTC) + timedelta(days=300),
        digest=None,
        extensions=[(x509.BasicConstraints(ca=True, path_length=None), True)],
    )


# -------------------------------------------------------------------- tls.cert-untrusted


async def test_a_self_signed_certificate(serve: Serve, audit: Audit) -> None:
    await serve(self_signed("example.com"))
    results = await audit()
    assert results.problems == {("tls.cert-untrusted", "example.com", "fail")}
    assert results.untold == {("tls.chain-incomplete", "skipped")}
    assert "self-signed" in results.of("tls.cert-untrusted").summary


@pytest.mark.parametrize("with_root", [True, False])
async def test_a_private_authority(serve: Serve, audit: Audit, with_root: bool) -> None:
    private = Authority("Private Root")
    issued = Authority("Private Issuer", parent=private).issue("example.com")
    await serve(issued.sending(*issued.chain, *([private.certificate] * with_root)))
    results = await audit()
    assert results.problems == {("tls.cert-untrusted", "example.com", "fail")}
    assert results.untold == {("tls.chain-incomplete", "skipped")}


async def test_a_certificate_for_clients_alone(
    serve: Serve, audit: Audit, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ExtendedKeyUsageOID, "SERVER_AUTH", ExtendedKeyUsageOID.CLIENT_AUTH)
        issued = authority.issue("example.com")
    await serve(issued)
    results = await audit()
    assert results.problems == {("tls.cert-untrusted", "example.com", "fail")}
    assert "extended key usage" in results.of("tls.cert-untrusted").summary


async def test_an_issuer_found_by_aia_that_leads_nowhere_stays_untrusted(
    world: World, serve: Serve, audit: Audit
) -> None:
    issuer = Authority("Private Issuer", parent=Authority("Private Root"), aia=AIA)
    await offer_by_aia(world, der(issuer.certificate))
    await serve(issuer.issue("example.com").sending())
    results = await audit()
    assert results.problems == {("tls.cert-untrusted", "example.com", "fail")}
    assert any("Private Issuer" in line and AIA in line for line in results.of("tls.cert-untrusted").evidence)


@pytest.mark.parametrize("body", [b"", b"<html>gone</html>", b"\x30\x03\x02\x01\x00"])
async def test_what_aia_holds_is_told_when_it_is_of_no_use(
    world: World, serve: Serve, audit: Audit, authority: Authority, body: bytes
) -> None:
    issuer = Authority("Issuer", parent=authority, aia=AIA)
    await offer_by_aia(world, body)
    await serve(issuer.issue("example.com").sending())
    results = await audit("tls.cert-untrusted", "tls.chain-incomplete")
    assert results.status("tls.cert-untrusted") == "fail"
    assert f"caIssuers {AIA}: holds no certificate that can be read" in results.of("tls.cert-untrusted").evidence


async def test_an_unreachable_aia_is_told(serve: Serve, audit: Audit, authority: Authority, world: World) -> None:
    world.zone("example.net", {"ca": [f"A {AIA_ADDRESS}"]})
    await serve(Authority("Issuer", parent=authority, aia=AIA).issue("example.com").sending())
    results = await audit("tls.cert-untrusted")
    assert results.status("tls.cert-untrusted") == "fail"
    assert any("refuses the connection" in line for line in results.of("tls.cert-untrusted").evidence)


# -------------------------------------------------------------------- tls.chain-incomplete


@pytest.mark.parametrize(
    "form",
    [
        der,
        lambda c: c.public_bytes(Encoding.PEM),
        lambda c: pkcs7.serialize_certificates([c], Encoding.DER),
        lambda c: pkcs7.serialize_certificates([c], Encoding.PEM),
    ],
    ids=["der", "pem", "p7c", "p7b"],
)
async def test_a_missing_intermediate_is_found_by_aia(
    world: World, serve: Serve, audit: Audit, authority: Authority, form: Callable[[x509.Certificate], bytes]
) -> None:
    issuer = Authority("Issuer", parent=authority, aia=AIA)
    await offer_by_aia(world, form(issuer.certificate))
    await serve(issuer.issue("example.com").sending())
    results = await audit()
    assert results.problems == {("tls.chain-incomplete", "example.com", "fail")}
    assert not results.untold
    assert "certificate of Issuer" in results.of("tls.chain-incomplete").fix


async def test_a_crossing_is_found_by_aia_though_the_new_root_itself_is_sent(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    newcomer = Authority("New Root", aia=AIA)
    await offer_by_aia(world, der(signed_across(newcomer, authority)))
    await serve(newcomer.issue("example.com").sending(newcomer.certificate))
    assert (await audit()).problems == {("tls.chain-incomplete", "example.com", "fail")}


async def test_the_leafs_own_aia_is_asked_where_the_chain_that_was_sent_leads_astray(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    # The same issuer, signed by a root that nobody trusts and that says nothing of itself.
    issuer = Authority("Issuer", parent=authority, aia=AIA)
    await offer_by_aia(world, der(issuer.certificate))
    await serve(issuer.issue("example.com").sending(signed_across(issuer, Authority("Forgotten Root"))))
    assert (await audit()).problems == {("tls.chain-incomplete", "example.com", "fail")}


async def test_aia_may_redirect(world: World, serve: Serve, audit: Audit, authority: Authority) -> None:
    issuer = Authority("Issuer", parent=authority, aia=AIA)
    world.zone("example.net", {"ca": [f"A {AIA_ADDRESS}"]})
    table = {"/issuer.der": redirect("/moved.der"), "/moved.der": Reply(200, (), der(issuer.certificate))}
    await world.web(AIA_ADDRESS, pages(table))
    await serve(issuer.issue("example.com").sending())
    assert (await audit()).problems == {("tls.chain-incomplete", "example.com", "fail")}


async def test_the_wrong_intermediate_is_sent(world: World, serve: Serve, audit: Audit, authority: Authority) -> None:
    issuer = Authority("Issuer E2", parent=authority, aia=AIA)
    await offer_by_aia(world, der(issuer.certificate))
    await serve(issuer.issue("example.com").sending(Authority("Issuer E1", parent=authority).certificate))
    assert (await audit()).problems == {("tls.chain-incomplete", "example.com", "fail")}


async def test_a_missing_intermediate_is_found_at_another_host(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]})
    issuer = Authority("Issuer", parent=authority)
    await serve({"example.com": issuer.issue("example.com").sending(), "": issuer.issue("www.example.com")})
    results = await audit()
    assert results.problems == {("tls.chain-incomplete", "example.com", "fail")}
    assert any("another host" in line for line in results.of("tls.chain-incomplete").evidence)


async def test_incomplete_and_expired_are_both_told(
    world: World, serve: Serve, audit: Audit, authority: Authority
) -> None:
    issuer = Authority("Issuer", parent=authority, aia=AIA)
    await offer_by_aia(world, der(issuer.certificate))
    begin, end = datetime.now(UTC) - timedelta(days=90), datetime.now(UTC) - timedelta(days=1)
    await serve(issuer.issue("example.com", not_before=begin, not_after=end).sending())
    assert (await audit()).problems == {
        ("tls.chain-incomplete", "example.com", "fail"),
        ("tls.cert-expired", "example.com", "fail"),
    }


# -------------------------------------------------------------------- tls.key-weak


async def test_a_short_rsa_key(serve: Serve, audit: Audit, authority: Authority) -> None:
    await serve(authority.issue("example.com", key="rsa1024"))
    results = await audit()
    assert results.problems == {("tls.key-weak", "example.com", "fail")}
    assert "RSA key has 1024 bits" in results.of("tls.key-weak").summary


@pytest.mark.parametrize(("curve", "status"), [(ec.SECP192R1(), "fail"), (ec.SECP224R1(), "pass")])
async def test_small_curves(
    world: World, network: Network, audit: Audit, monkeypatch: pytest.MonkeyPatch, curve: ec.EllipticCurve, status: str
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    with monkeypatch.context() as patched:
        patched.setattr(certificates, "new_key", lambda kind="ec": ec.generate_private_key(curve))
        issued = world.authority.issue("example.com")

    # Our own TLS library makes no handshake with such a key, so the certificate comes without one.
    async def shown(host: str) -> Handshake:
        return Handshake(host, ADDRESS, "TLSv1.2", "", "", (issued.der,), 0.0)

    monkeypatch.setattr(network, "handshake", shown)
    results = await audit("tls.key-weak", "tls.cert-untrusted")
    assert results.status("tls.key-weak") == status
    assert results.status("tls.cert-untrusted") == "pass"


@pytest.mark.parametrize("algorithm", ["sha1", "md5"])
async def test_weak_signatures_on_leaf_or_intermediate_but_not_on_the_root(algorithm: str) -> None:
    root = Authority("Old Root", key="rsa2048")
    root.certificate = resigned(root.certificate, root.key, algorithm)
    upper = Authority("Weakly Signed", parent=root)
    leaf = root.issue("example.com")
    sites = {
        "example.com": Issued(resigned(leaf.certificate, root.key, algorithm), leaf.key),
        "www.example.com": upper.issue("www.example.com").sending(resigned(upper.certificate, root.key, algorithm)),
        "": root.issue("old.example.com").sending(root.certificate),
    }
    async with World(root) as world:
        world.zone("example.com", {name: [f"A {ADDRESS}"] for name in ("@", "www", "old")})
        await world.web(ADDRESS, pages({}), sites)
        subject = Subject.of("example.com", subdomains=["old"])
        async with world.network() as network:
            results = Results(await collect(subject, network, only={"tls.key-weak", "tls.cert-untrusted"}))
    assert results.problems == {
        ("tls.key-weak", "example.com", "fail"),
        ("tls.key-weak", "www.example.com", "fail"),
    }
    assert not results.untold
    assert f"Weakly Signed uses {algorithm.upper()}" in results.of("tls.key-weak", "www.example.com").summary


async def test_a_self_signed_leaf_is_no_trusted_root_whose_signature_does_not_matter(
    serve: Serve, audit: Audit
) -> None:
    alone = Authority("example.com", key="rsa2048")
    await serve(Issued(resigned(alone.certificate, alone.key, "sha1"), alone.key))
    results = await audit("tls.key-weak", "tls.cert-untrusted")
    assert results.status("tls.key-weak") == results.status("tls.cert-untrusted") == "fail"

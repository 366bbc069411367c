"""Fetching an issuer's certificate from where the certificate below says it is (RFC 5280 s4.2.2.1)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from urllib.parse import urljoin

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from checks.errors import CannotTell, HttpFailed
from checks.facts import Facts, fact
from checks.web.tls.certificate import Certificate, read_certificate

HOPS = 4
"""Intermediates that are fetched one above the other; real chains need one, seldom two."""
URLS = 2
"""Places tried for one issuer."""
BYTES = 100_000
SECONDS = 8.0
_REDIRECTS = 2

_LOADERS: tuple[Callable[[bytes], list[x509.Certificate]], ...] = (
    lambda data: [x509.load_der_x509_certificate(data)],
    x509.load_pem_x509_certificates,
    pkcs7.load_der_pkcs7_certificates,
    pkcs7.load_pem_pkcs7_certificates,
)


async def fetched_issuers(facts: Facts, top: Certificate) -> tuple[tuple[Certificate, ...], tuple[str, ...]]:
    """Climb from `top` by authorityInfoAccess. Returns the issuers found, and a line of evidence for each try."""
    found: list[Certificate] = []
    notes: list[str] = []
    while not top.self_issued and len(found) < HOPS:
        if not top.issuer_urls:
            notes.append(f"{top.subject} does not say where its issuer's certificate is (no caIssuers)")
        issuer = None
        for url in top.issuer_urls[:URLS]:
            try:
                certificates = await certificates_at(facts, url)
            except CannotTell as problem:
                notes.append(f"caIssuers {url}: {problem.reason}")
                continue
            issuer = next((c for c in certificates if top.issued_by(c) and c not in found), None)
            notes.append(f"caIssuers {url}: {issuer.describe() if issuer else 'not the issuer'}")
            if issuer:
                break
        if issuer is None:
            break
        found.append(issuer)
        top = issuer
    return tuple(found), tuple(notes)


@fact
async def certificates_at(facts: Facts, url: str) -> tuple[Certificate, ...]:
    """GET the certificates at `url`: DER, PEM or PKCS #7. Raises CannotTell (HttpFailed, ConnectFailed ...)."""
    for _ in range(_REDIRECTS + 1):
        answer = await facts.network.http("GET", url, limit=BYTES, seconds=SECONDS)
        location = answer.headers.get("location")
        if not (300 <= answer.status < 400 and location):
            break
        url = _joined(url, location)
    if not answer.ok:
        raise HttpFailed(f"answers {answer.status}")
    certificates = read_bundle(answer.body)
    if not certificates:
        raise HttpFailed("holds no certificate that can be read")
    return certificates


def read_bundle(data: bytes) -> tuple[Certificate, ...]:
    """Certificates from DER, PEM or PKCS #7 in either coding; empty where it is none of these. Never raises."""
    with warnings.catch_warnings():
        # The library warns of PKCS #7 in BER, which some authorities serve.
        warnings.simplefilter("ignore")
        for load in _LOADERS:
            try:
                return tuple(read_certificate(c.public_bytes(Encoding.DER)) for c in load(data))
            except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
                continue
    return ()


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as problem:
        raise HttpFailed(f"leads to {location[:200]!r}, which is no URL") from problem

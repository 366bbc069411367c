"""A private certificate authority that also makes every kind of wrong certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def new_key(kind: str = "ec") -> PrivateKey:
    """A key: "ec" (P-256), "ed25519", or "rsa" with its bits, such as "rsa1024"."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa") or 2048))


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key and what a server sends with it."""

    certificate: x509.Certificate
    key: PrivateKey
    chain: tuple[x509.Certificate, ...] = ()
    """Sent after the leaf: the intermediates."""

    @property
    def pem(self) -> bytes:
        """The leaf and the chain, as a server's certificate file."""
        return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (self.certificate, *self.chain))

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sending(self, *chain: x509.Certificate) -> Issued:
        """The same leaf, sent with another chain."""
        return Issued(self.certificate, self.key, chain)


class Authority:
    """An issuer: a root, or an intermediate below one.

    Args:
        name: the common name.
        parent: who signs this one; None makes a self-signed root.
        aia: URL of the issuer's certificate, written into what this one issues.
    """

    def __init__(
        self,
        name: str = "Launch Ready Lab Root",
        *,
        parent: Authority | None = None,
        aia: str = "",
        key: str = "ec",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        digest: hashes.HashAlgorithm | None = None,
    ) -> None:
        self.parent = parent
        self.aia = aia
        self.key = new_key(key)
        now = datetime.now(UTC)
        self.certificate: x509.Certificate = _build(
            subject=_name(name),
            public_key=self.key,
            issuer=parent.certificate.subject if parent else _name(name),
            signer=parent.key if parent else self.key,
            issuer_key=parent.key if parent else self.key,
            not_before=not_before or now - timedelta(days=400),
            not_after=not_after or now + timedelta(days=3650),
            digest=digest,
            extensions=[
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (
                    x509.KeyUsage(
                        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                        decipher_only=False,
                    ),
                    True,
                ),
            ],
        )  # fmt: skip

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """This issuer and those above it, the root left out."""
        return (self.certificate, *self.parent.chain) if self.parent else ()

    def issue(
        self,
        *names: str,
        key: str = "ec",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        days: float = 90,
        digest: hashes.HashAlgorithm | None = None,
        organization: str = "",
    ) -> Issued:
        """Issue a leaf for host names or addresses. It lasts `days` from yesterday unless dates are given."""
        begin = not_before or datetime.now(UTC) - timedelta(days=1)
        end = not_after or datetime.now(UTC) + timedelta(days=days)
        leaf_key = new_key(key)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.SubjectAlternativeName([_general(name) for name in names]), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (usage, False),
        ]
        if self.aia:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(self.aia)
            )
            extensions.append((x509.AuthorityInformationAccess([access]), False))
        certificate = _build(
            subject=_name(names[0][:64] if names else "nobody", organization),
            public_key=leaf_key,
            issuer=self.certificate.subject,
            signer=self.key,
            issuer_key=self.key,
            not_before=begin,
            not_after=end,
            digest=digest,
            extensions=extensions,
        )
        return Issued(certificate, leaf_key, self.chain)


def self_signed(*names: str, days: float = 90) -> Issued:
    """A leaf that vouches for itself."""
    key = new_key()
    now = datetime.now(UTC)
    certificate = _build(
        subject=_name(names[0]),
        public_key=key,
        issuer=_name(names[0]),
        signer=key,
        issuer_key=key,
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=days),
        digest=None,
        extensions=[(x509.SubjectAlternativeName([_general(name) for name in names]), False)],
    )
    return Issued(certificate, key)


def _name(common: str, organization: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _build(
    *,
    subject: x509.Name,
    public_key: PrivateKey,
    issuer: x509.Name,
    signer: PrivateKey,
    issuer_key: PrivateKey,
    not_before: datetime,
    not_after: datetime,
    digest: hashes.HashAlgorithm | None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256()
    return builder.sign(signer, algorithm)  # type: ignore[arg-type]

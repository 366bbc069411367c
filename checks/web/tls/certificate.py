"""One X.509 certificate as typed values (RFC 5280), and whether it covers a host name (RFC 9525)."""

from __future__ import annotations

import ipaddress
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from OpenSSL import crypto

E = TypeVar("E", bound=x509.ExtensionType)

_KEY_KINDS = {6: "RSA", 912: "RSA", 116: "DSA", 408: "EC"}
"""By OpenSSL's number (NID) of the key's type."""

_WEAK_HASHES = frozenset({"md5", "sha1"})
_WEAK_OIDS = {
    "1.2.840.113549.1.1.2": "md2",
    "1.2.840.113549.1.1.3": "md4",
    "1.3.14.3.2.3": "md5",
    "1.3.14.3.2.13": "sha1",
    "1.3.14.3.2.27": "sha1",
    "1.3.14.3.2.29": "sha1",
}
"""Signature algorithms too old for the library to name their hash."""


_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises, now or when asked for details, for bytes that it cannot make sense of."""


class BadCertificate(ValueError):
    """Bytes that are no certificate that can be read."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. Two are equal where their bytes are."""

    der: bytes = field(repr=False)
    parsed: x509.Certificate = field(compare=False, repr=False)
    native: crypto.X509 = field(compare=False, repr=False)
    subject: str = field(compare=False)
    """A short name for people: the common name, else the organization, else all of it."""
    issuer: str = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    dns_names: tuple[str, ...] = field(compare=False)
    """subjectAltName's dNSName entries as they stand."""
    addresses: tuple[str, ...] = field(compare=False)
    """subjectAltName's iPAddress entries."""
    issuer_urls: tuple[str, ...] = field(compare=False)
    """Where its issuer's certificate can be fetched (authorityInfoAccess, caIssuers)."""
    serves: bool = field(compare=False)
    """Whether its extendedKeyUsage, where it has one, allows a TLS server."""
    subject_key: bytes = field(compare=False, repr=False)
    """The subjectKeyIdentifier; empty where it has none."""
    authority_key: bytes = field(compare=False, repr=False)
    """Its issuer's, as it says (authorityKeyIdentifier)."""
    unreadable: str = field(compare=False)
    """Why its extensions cannot be read; empty where they can."""

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer: a root, or a self-signed leaf."""
        return bool(self.parsed.subject == self.parsed.issuer)

    @property
    def lifetime(self) -> timedelta:
        return self.not_after - self.not_before

    @property
    def signature_hash(self) -> str:
        """The hash of the issuer's signature, such as "sha256"; empty where the algorithm has none of its own."""
        try:
            algorithm = self.parsed.signature_hash_algorithm
        except UnsupportedAlgorithm:
            return _WEAK_OIDS.get(self.parsed.signature_algorithm_oid.dotted_string, "")
        return algorithm.name if algorithm else ""

    @property
    def weakly_signed(self) -> bool:
        return self.signature_hash in _WEAK_HASHES or self.signature_hash in ("md2", "md4")

    @property
    def key(self) -> tuple[str, int]:
        """Kind ("RSA", "EC", "DSA" or "other") and size in bits of its public key. Raises BadCertificate."""
        try:
            key = self.native.get_pubkey()
        except crypto.Error as problem:
            raise BadCertificate("its public key cannot be read") from problem
        return _KEY_KINDS.get(key.type(), "other"), key.bits()

    def valid_at(self, moment: datetime) -> bool:
        """Whether `moment` lies in its validity, both ends included (RFC 5280 s4.1.2.5)."""
        return self.not_before <= moment <= self.not_after

    def issued_by(self, other: Certificate) -> bool:
        """Whether `other` can be its issuer by name and key identifiers. Signatures are left to verification."""
        if self.parsed.issuer != other.parsed.subject:
            return False
        return not self.authority_key or not other.subject_key or self.authority_key == other.subject_key

    def covers(self, host: str) -> bool:
        """Whether its subjectAltName covers `host`, a name in A-labels or an IP address.

        The subject's common name does not count; a wildcard counts as the whole leftmost label only, for
        exactly one label (RFC 9525 s6.3, s6.4, s6.5).
        """
        try:
            return str(ipaddress.ip_address(host)) in self.addresses
        except ValueError:
            return any(_matches(pattern, host) for pattern in self.dns_names)

    def describe(self) -> str:
        """One line of evidence."""
        return (
            f"{self.subject}, issued by {self.issuer}, valid {self.not_before:%Y-%m-%d %H:%M} to "
            f"{self.not_after:%Y-%m-%d %H:%M} UTC"
        )


def read_certificate(der: bytes) -> Certificate:
    """Read one certificate from DER. Raises BadCertificate."""
    with warnings.catch_warnings():
        # The library warns of what some authorities got slightly wrong long ago; nobody here can act on it.
        warnings.simplefilter("ignore")
        try:
            parsed = x509.load_der_x509_certificate(der)
            native = crypto.load_certificate(crypto.FILETYPE_ASN1, der)
            subject, issuer = _label(parsed.subject), _label(parsed.issuer)
        except (*_UNREADABLE, crypto.Error) as problem:
            raise BadCertificate("it is no X.509 certificate that can be read") from problem
        unreadable = ""
        try:
            extensions = parsed.extensions
        except _UNREADABLE as problem:
            extensions, unreadable = x509.Extensions([]), str(problem)
    names = _extension(extensions, x509.SubjectAlternativeName)
    usage = _extension(extensions, x509.ExtendedKeyUsage)
    access = _extension(extensions, x509.AuthorityInformationAccess)
    own_key = _extension(extensions, x509.SubjectKeyIdentifier)
    issuer_key = _extension(extensions, x509.AuthorityKeyIdentifier)
    return Certificate(
        der=der,
        parsed=parsed,
        native=native,
        subject=subject,
        issuer=issuer,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
        addresses=tuple(str(address) for address in names.get_values_for_type(x509.IPAddress)) if names else (),
        issuer_urls=_issuer_urls(access) if access else (),
        serves=usage is None
        or not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}.isdisjoint(usage),
        subject_key=own_key.digest if own_key else b"",
        authority_key=(issuer_key.key_identifier or b"") if issuer_key else b"",
        unreadable=unreadable,
    )


def now() -> datetime:
    return datetime.now(UTC)


def _matches(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower(), host.lower().rstrip(".")
    if not pattern.startswith("*."):
        return pattern == host and "*" not in pattern
    label, dot, rest = host.partition(".")
    return bool(label and dot) and rest == pattern[2:] and "*" not in rest


def _label(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)
    return name.rfc4514_string() or "(no name)"


def _extension(extensions: x509.Extensions, kind: type[E]) -> E | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _issuer_urls(access: x509.AuthorityInformationAccess) -> tuple[str, ...]:
    return tuple(
        entry.access_location.value
        for entry in access
        if entry.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(entry.access_location, x509.UniformResourceIdentifier)
        and entry.access_location.value.lower().startswith(("http://", "https://"))
    )

"""Certificates signed with MD5 or SHA-1, which no current library makes any more."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from launchready_tui.lab.certificates import PrivateKey

_PREFIX = bytes.fromhex("2a864886f70d0101")
_SHA256 = b"\x0b"
_HASHES = {"sha1": (b"\x05", hashes.SHA1()), "md5": (b"\x04", hashes.MD5())}  # noqa: S303 - weak on purpose


def resigned(certificate: x509.Certificate, signer: PrivateKey, algorithm: str) -> x509.Certificate:
    """The same certificate, signed anew by its issuer's RSA key with "sha1" or "md5"."""
    assert isinstance(signer, rsa.RSAPrivateKey)
    number, digest = _HASHES[algorithm]
    tbs = certificate.tbs_certificate_bytes.replace(_PREFIX + _SHA256, _PREFIX + number, 1)
    signature = signer.sign(tbs, padding.PKCS1v15(), digest)  # type: ignore[arg-type]
    name = _tlv(0x30, _tlv(0x06, _PREFIX + number) + b"\x05\x00")
    return x509.load_der_x509_certificate(_tlv(0x30, tbs + name + _tlv(0x03, b"\x00" + signature)))


def _tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body

"""The DKIM key record: its grammar and the public key in it (RFC 6376 s3.6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from checks.mail.taglist import base64_of, parse_tags, split_list, without_white

RSA_LEAST = 1024
"""Bits below which a verifier must not accept a signature (RFC 8301 s3.2)."""
RSA_GOOD = 2048

PublicKey = RSAPublicKey | Ed25519PublicKey

_MEANT = re.compile(r"\A\s*\"?v\s*=\s*dkim|(?:^|;)\s*[pk]\s*=", re.IGNORECASE)
_OTHER_KIND = re.compile(r"\s*\"?(?:v\s*=\s*(?:spf|dmarc|stsv|tlsrptv|bimi)\d|spf2\.0/)", re.IGNORECASE)
_PROOF = re.compile(r"\s*\"?[\w.-]*verif[\w.-]*[=:]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A key record as read. Of a record with errors the fields hold what could be read."""

    text: str
    kind: str = "rsa"
    """k=, in lower case."""
    hashes: tuple[str, ...] = ()
    """h=; empty allows every hash."""
    services: tuple[str, ...] = ("*",)
    flags: tuple[str, ...] = ()
    notes: str = ""
    public: PublicKey | None = None
    """None where the key is revoked or cannot be read."""
    revoked: bool = False
    errors: tuple[str, ...] = ()
    """Why the record cannot be used, a sentence's half each."""

    @property
    def bits(self) -> int | None:
        """Size of an RSA key; None for other kinds and for unreadable keys."""
        return self.public.key_size if isinstance(self.public, RSAPublicKey) else None

    @property
    def usable(self) -> bool:
        """Whether a verifier can check a signature with it (a small key is another matter)."""
        return self.public is not None and not self.errors

    @property
    def testing(self) -> bool:
        return "y" in self.flags

    @property
    def strict_identity(self) -> bool:
        """t=s: the domain of i= must be d= itself."""
        return "s" in self.flags

    @property
    def summary(self) -> str:
        """A few words: "RSA 2048 bits", "Ed25519", "revoked"."""
        if self.revoked:
            return "revoked (p= is empty)"
        if isinstance(self.public, RSAPublicKey):
            return f"RSA {self.bits} bits"
        return "Ed25519" if self.public is not None else "unreadable"


def meant_as_key(text: str) -> bool:
    """Whether a TXT record is plainly meant as a DKIM key: v=DKIM..., or a p= or k= tag and no other v=."""
    return _MEANT.search(text) is not None and _OTHER_KIND.match(text) is None


def foreign(text: str) -> bool:
    """Whether a TXT record is plainly meant as something else, such as SPF or a proof of ownership."""
    return not meant_as_key(text) and any(kind.match(text) for kind in (_OTHER_KIND, _PROOF))


def parse_key(text: str) -> DkimKey:
    """Read a key record. Never raises; see `DkimKey.errors`."""
    tags = parse_tags(text)
    errors = list(tags.errors)
    if "v" in tags:
        if tags.first != "v":
            errors.append("v= is not the first tag")
        if tags.get("v") != "DKIM1":
            errors.append(f"v= is {(tags.get('v') or '')[:40]!r} and not DKIM1")
    kind = (tags.get("k", "rsa") or "").lower()
    if kind not in ("rsa", "ed25519"):
        errors.append(f"k={kind[:40]} is no key type that receivers know")
    hashes = tuple(item.lower() for item in split_list(tags.get("h") or "") if item)
    if "h" in tags and "sha256" not in hashes:
        errors.append(f"h={(tags.get('h') or '')[:40]} does not allow sha256, the only hash still accepted")
    services = tuple(item.lower() for item in split_list(tags.get("s") or "") if item) or ("*",)
    # RFC 8460 s3 gives keys that sign TLS reports and no mail a service type of their own.
    if not {"*", "email", "tlsrpt"} & set(services):
        errors.append(f"s={(tags.get('s') or '')[:40]} does not allow the key for email")
    public: PublicKey | None = None
    encoded = tags.get("p")
    revoked = encoded is not None and not without_white(encoded)
    if encoded is None:
        errors.append("p=, the key itself, is missing")
    elif not revoked and kind in ("rsa", "ed25519"):
        public, problem = _read_public(kind, encoded)
        if problem:
            errors.append(problem)
    return DkimKey(
        text=text,
        kind=kind,
        hashes=hashes,
        services=services,
        flags=tuple(item for item in split_list(tags.get("t") or "") if item),
        notes=tags.get("n") or "",
        public=public,
        revoked=revoked,
        errors=tuple(dict.fromkeys(errors)),
    )


def _read_public(kind: str, encoded: str) -> tuple[PublicKey | None, str]:
    """The key, or None and why it cannot be read."""
    data = base64_of(encoded)
    if data is None:
        return None, "p= is not valid base64; part of it is lost or it holds foreign characters"
    if kind == "ed25519":
        if len(data) == 32:
            return Ed25519PublicKey.from_public_bytes(data), ""
        return None, f"p= holds {len(data)} bytes where an Ed25519 key is 32 (RFC 8463 s4.2)"
    if len(data) == 32:
        return None, "p= holds an Ed25519 key without k=ed25519"
    try:
        # Reads both SubjectPublicKeyInfo and the bare RSAPublicKey that RFC 6376 names.
        public = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        if _is_private(data):
            return None, "p= holds the PRIVATE key, which everybody can read: make a new pair now"
        return None, "p= does not hold an RSA public key; it is cut short or damaged"
    if not isinstance(public, RSAPublicKey):
        return None, "p= holds a key that is not RSA, which k= says it is"
    return public, ""


def _is_private(data: bytes) -> bool:
    try:
        load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True

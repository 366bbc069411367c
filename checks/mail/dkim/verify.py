"""Verifies the DKIM signatures of a whole message, as a receiver does (RFC 6376 s6, RFC 8301, RFC 8463)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, replace
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from checks.errors import NetworkError
from checks.mail.dkim import canonical
from checks.mail.dkim.key import RSA_LEAST, DkimKey, meant_as_key, parse_key
from checks.mail.dkim.signature import Signature, parse_signature
from checks.mail.message import Field, Message, parse_message
from checks.network import Network

Result = Literal["pass", "fail", "permerror", "temperror"]
MOST = 8
"""Signatures that are looked at; a message with hundreds is an attack on the verifier."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one signature, in the words of RFC 8601 s2.7.1."""

    result: Result
    reason: str
    """Why, in a few words; empty for a pass, unless another receiver may come to something else."""
    signature: Signature
    key: DkimKey | None = None
    """None where it did not come to reading it."""

    @property
    def describe(self) -> str:
        """One line of evidence: "dkim=pass d=example.com s=s1 (rsa-sha256, RSA 2048 bits)"."""
        signed = self.signature
        about = ", ".join(
            part for part in (signed.algorithm, self.key.summary if self.key else "", self.reason) if part
        )
        return f"dkim={self.result} d={signed.domain} s={signed.selector} ({about})"


async def verify(raw: bytes, network: Network, *, now: float | None = None) -> tuple[Outcome, ...]:
    """Verify every DKIM-Signature of a message, topmost first; none gives an empty tuple.

    Args:
        raw: the message as received, header and body; line breaks may have become LF.
        now: seconds since 1970, for x=; the present where None.

    Raises Offline.
    """
    message = parse_message(raw)
    moment = time.time() if now is None else now
    found = message.all("dkim-signature")[:MOST]
    return tuple(await asyncio.gather(*(_verify_one(message, field, network, moment) for field in found)))


async def _verify_one(message: Message, field: Field, network: Network, now: float) -> Outcome:
    signature = parse_signature(field.value)
    if signature.errors:
        return Outcome("permerror", "; ".join(signature.errors), signature)
    if signature.expires is not None and signature.expires < now:
        return Outcome("permerror", "the signature has expired (x=)", signature)
    try:
        answer = await network.resolve(signature.key_name, "TXT")
    except NetworkError as problem:
        return Outcome("temperror", f"the key cannot be fetched: {problem.reason}", signature)
    if not (answer.ok or answer.nxdomain):
        return Outcome("temperror", f"the key cannot be fetched: {answer.rcode}", signature)
    records = [text for text in answer.texts if meant_as_key(text)]
    if not records:
        return Outcome("permerror", f"no key at {signature.key_name}", signature)
    outcomes = [judge(message, field, signature, parse_key(text)) for text in records[:MOST]]
    # Each receiver takes what key it likes, or all in turn as here (s6.1.2).
    best = next((outcome for outcome in outcomes if outcome.result == "pass"), outcomes[0])
    if len(outcomes) == 1:
        return best
    told = f"one of {len(records)} keys at {signature.key_name}, of which a receiver may take another"
    return replace(best, reason="; ".join(part for part in (best.reason, told) if part))


def judge(message: Message, field: Field, signature: Signature, key: DkimKey) -> Outcome:
    """Check a well-formed signature against a key; no I/O."""

    def outcome(result: Result, reason: str = "") -> Outcome:
        return Outcome(result, reason, signature, key)

    problem = _mismatch(signature, key)
    if problem:
        return outcome("permerror", problem)
    content = canonical.body(message.body, signature.body_method)
    if signature.length is not None:
        if signature.length > len(content):
            return outcome("permerror", "l= counts more than the body holds")
        content = content[: signature.length]
    if hashlib.sha256(content).digest() != signature.body_hash:
        return outcome("fail", "the body was changed after signing (bh= differs)")
    data = canonical.signed_data(message.fields, signature.headers, field.raw, signature.header_method)
    try:
        _check(key, signature.value, data)
    except InvalidSignature:
        return outcome("fail", "the signature does not match: a signed header was changed, or the key is another")
    return outcome("pass")


def _mismatch(signature: Signature, key: DkimKey) -> str:
    """Why this key may not speak for this signature; empty where it may."""
    kind, _, digest = signature.algorithm.partition("-")
    if key.revoked:
        return "the key is revoked"
    if key.public is None or key.errors:
        return f"the key record cannot be used: {'; '.join(key.errors)}"
    if key.kind != kind:
        return f"the key is {key.kind} and the signature {kind}"
    if key.hashes and digest not in key.hashes:
        return f"the key does not allow {digest}"
    if not {"*", "email"} & set(key.services):
        return "the key is not for email"
    if key.strict_identity and signature.identity != signature.domain:
        return "the key demands that i= be d= itself (t=s)"
    if key.bits is not None and key.bits < RSA_LEAST:
        return f"the key has {key.bits} bits, fewer than {RSA_LEAST}"
    return ""


def _check(key: DkimKey, value: bytes, data: bytes) -> None:
    """Raises InvalidSignature."""
    if isinstance(key.public, RSAPublicKey):
        key.public.verify(value, data, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key.public, Ed25519PublicKey):
        # Ed25519 signs the hash of the data and not the data (RFC 8463 s3).
        key.public.verify(value, hashlib.sha256(data).digest())

"""Whether a zone's signatures hold against the DS of its parent (RFC 4035 s5): pure, by dnspython's cryptography."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dns.dnssec
import dns.exception
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from checks.dns.denial import PROOFS, end_of_aliases, why_unproven

ALGORITHMS = frozenset({8, 10, 13, 14, 15, 16})
"""What is judged: RSA with SHA-2, ECDSA and EdDSA. Validators treat others, SHA-1 too (RFC 9905), as unsigned."""
_SHA1 = 1
DIGESTS = frozenset({_SHA1, 2, 4})
"""SHA-1, SHA-256 and SHA-384."""
_ZONE_KEY = 0x0100
"""The flag without which a DNSKEY signs nothing of the zone (RFC 4034 s2.1.1)."""
_POLICY = dns.dnssec.SimpleDeny(set(), set(), set(), set())  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Chain:
    """The outcome of validating. `broken` says why it fails, `unsupported` why it cannot be judged; else it holds."""

    broken: str = ""
    unsupported: str = ""
    alone: bool = False
    """Whether a broken one does hold by itself, and fails only beside other servers."""

    @property
    def holds(self) -> bool:
        return not self.broken and not self.unsupported


def judge_chain(
    zone: dns.name.Name,
    ds: Iterable[Any],
    dnskey: dns.message.Message,
    signed: Iterable[dns.message.Message],
    *,
    cuts: Collection[dns.name.Name] = (),
    now: float | None = None,
) -> Chain:
    """Validate the zone's keys against the DS records, and what `signed` says or denies against the keys.

    Args:
        ds: records of the parent.
        dnskey: the answer to DNSKEY of the zone, asked with DO.
        signed: further answers of the zone's servers, asked with DO; what lies outside the zone is passed over.
        cuts: tops of zones below this one, whose records it does not sign.
        now: seconds since 1970 (default: now).
    """
    moment = time.time() if now is None else now
    judged = _judged(ds)
    if not judged:
        return Chain(unsupported="the DS uses an algorithm or digest that is not judged here")
    keys = keys_of(zone, dnskey)
    if not keys:
        return Chain("the zone publishes no DNSKEY, though its parent has a DS")
    matching = [key for key in keys if any(_named_by(record, zone, key) for record in judged)]
    if not matching:
        published = ", ".join(str(dns.dnssec.key_id(key)) for key in keys)
        named = ", ".join(str(record.key_tag) for record in judged)
        return Chain(f"none of the zone's keys ({published}) is the one that the parent's DS names ({named})")
    entry = dns.rrset.from_rdata_list(zone, keys.ttl, matching)
    if problem := _why_unsigned(dnskey.answer, keys, {zone: entry}, moment):
        return Chain(problem)
    return judge_answers(zone, keys, signed, cuts=cuts, now=moment)


def judge_answers(
    zone: dns.name.Name,
    keys: dns.rrset.RRset,
    signed: Iterable[dns.message.Message],
    *,
    cuts: Collection[dns.name.Name] = (),
    now: float | None = None,
) -> Chain:
    """Validate what the answers say and deny against keys that are trusted already."""
    moment = time.time() if now is None else now
    for message in signed:
        below = {*cuts, *cuts_in(zone, message)}
        denies = [rrset for rrset in message.authority if rrset.rdtype in (*PROOFS, dns.rdatatype.SOA)]
        for section, rrsets in ((message.answer, message.answer), (message.authority, denies)):
            for rrset in rrsets:
                if not _signed_by(zone, rrset, section) or _is_under(rrset.name, below):
                    continue
                if problem := _why_unsigned(section, rrset, {zone: keys}, moment):
                    return Chain(problem)
        if not _is_under(end_of_aliases(message), below) and (problem := why_unproven(zone, message)):
            return Chain(problem)
    return Chain()


def cuts_in(zone: dns.name.Name, message: dns.message.Message) -> set[dns.name.Name]:
    """The tops of zones below `zone` that an answer shows: by their SOA, or by a referral."""
    tops = [rrset.name for rrset in (*message.answer, *message.authority) if rrset.rdtype == dns.rdatatype.SOA]
    tops += [rrset.name for rrset in message.authority if rrset.rdtype == dns.rdatatype.NS]
    return {name for name in tops if name != zone and name.is_subdomain(zone)}


def unsigned_names(zone: dns.name.Name, message: dns.message.Message) -> set[dns.name.Name]:
    """Names below the apex that an answer says something of without a signature."""
    names = {
        rrset.name
        for rrset in message.answer
        if _signed_by(zone, rrset, message.answer) and not _signatures(message.answer, rrset)
    }
    if not message.answer and not any(rrset.rdtype == dns.rdatatype.RRSIG for rrset in message.authority):
        names.add(message.question[0].name)
    return {name for name in names if name != zone and name.is_subdomain(zone)}


def _is_under(name: dns.name.Name, cuts: Iterable[dns.name.Name]) -> bool:
    return any(name.is_subdomain(cut) for cut in cuts)


def keys_of(zone: dns.name.Name, dnskey: dns.message.Message) -> dns.rrset.RRset | None:
    """The zone's keys in an answer to DNSKEY."""
    return dnskey.get_rrset(dnskey.answer, zone, dns.rdataclass.IN, dns.rdatatype.DNSKEY)


def _judged(ds: Iterable[Any]) -> list[Any]:
    """The DS records that count: a SHA-1 digest does not where a stronger one stands beside it (RFC 4509 s3)."""
    judged = [record for record in ds if record.algorithm in ALGORITHMS and record.digest_type in DIGESTS]
    return [record for record in judged if record.digest_type != _SHA1] or judged


def _signed_by(zone: dns.name.Name, rrset: dns.rrset.RRset, section: list[dns.rrset.RRset]) -> bool:
    """Whether it is for this zone to sign `rrset`, not for another or for one below it on the same server."""
    if rrset.rdtype == dns.rdatatype.RRSIG:
        return False
    signatures = _signatures(section, rrset)
    signers = {signature.signer for signature in signatures or ()} - {zone}
    below = any(rrset.name.is_subdomain(signer) and signer.is_subdomain(zone) for signer in signers)
    return rrset.name.is_subdomain(zone) and not below and not _made_by_dname(rrset, section)


def _made_by_dname(rrset: dns.rrset.RRset, section: list[dns.rrset.RRset]) -> bool:
    """Whether it is the CNAME that a server makes of a DNAME, whose signature speaks for both (RFC 6672 s5.3.1)."""
    return rrset.rdtype == dns.rdatatype.CNAME and any(
        other.rdtype == dns.rdatatype.DNAME and rrset.name.is_subdomain(other.name) and rrset.name != other.name
        for other in section
    )


def _signatures(section: list[dns.rrset.RRset], rrset: dns.rrset.RRset) -> dns.rrset.RRset | None:
    return next(
        (
            found
            for found in section
            if found.name == rrset.name and found.rdtype == dns.rdatatype.RRSIG and found.covers == rrset.rdtype
        ),
        None,
    )


def _named_by(ds: Any, zone: dns.name.Name, key: Any) -> bool:
    """Whether the DS is this key's (RFC 4035 s5.2)."""
    if key.algorithm != ds.algorithm or dns.dnssec.key_id(key) != ds.key_tag or not key.flags & _ZONE_KEY:
        return False
    made = dns.dnssec.make_ds(zone, key, ds.digest_type, policy=_POLICY, validating=True)
    return bool(made.digest == ds.digest)


def _why_unsigned(
    section: list[dns.rrset.RRset], rrset: dns.rrset.RRset, keys: dict[dns.name.Name, Any], now: float
) -> str:
    """Why no signature over `rrset` in `section` holds; empty where one does."""
    what = f"{rrset.name.to_text(omit_final_dot=True)} {dns.rdatatype.to_text(rrset.rdtype)}"
    signatures = _signatures(section, rrset)
    if not signatures:
        return f"{what} carries no signature (RRSIG)"
    try:
        dns.dnssec.validate(rrset, signatures, keys, now=now, policy=_POLICY)
    except (dns.exception.DNSException, ValueError):
        return f"{what}: {_why_invalid(signatures, keys, now)}"
    return ""


def _why_invalid(signatures: Iterable[Any], keys: dict[dns.name.Name, Any], now: float) -> str:
    known = {dns.dnssec.key_id(key) for rrset in keys.values() for key in rrset}
    reasons = []
    for signature in signatures:
        if signature.expiration < now:
            reasons.append(f"its signature expired on {_day(signature.expiration)}")
        elif signature.inception > now:
            reasons.append(f"its signature is not valid before {_day(signature.inception)}")
        elif signature.key_tag not in known:
            reasons.append(f"it is signed with key {signature.key_tag}, which is not the right one")
        else:
            reasons.append(f"its signature by key {signature.key_tag} does not verify")
    return "; ".join(dict.fromkeys(reasons))


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")

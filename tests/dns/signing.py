"""Signed zones for the lab's servers: keys, DS, and answers that carry their signatures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from dns.dnssectypes import Algorithm
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from launchready_tui.lab.dns_server import TTL, DnsServer, Zone

HOUR = 3600


@dataclass
class Key:
    """A zone's one key: ECDSA P-256, or Ed25519."""

    private: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> DNSKEY:
        edwards = isinstance(self.private, ed25519.Ed25519PrivateKey)
        algorithm = Algorithm.ED25519 if edwards else Algorithm.ECDSAP256SHA256
        return dns.dnssec.make_dnskey(self.private.public_key(), algorithm, flags=257)

    def ds(self, origin: str, digest: str = "SHA256") -> str:
        """The DS record of this key in presentation form."""
        name = dns.name.from_text(origin)
        return "DS " + dns.dnssec.make_ds(name, self.public, digest, policy=dns.dnssec.allow_all_policy).to_text()


def sign_text(text: str, origin: str, key: Key, *, begins: float = -HOUR, ends: float = 30 * 24 * HOUR) -> str:
    """A zone file, signed. `begins` and `ends` are seconds from now."""
    zone = dns.zone.from_text(text, origin=origin, relativize=False)
    now = time.time()
    dns.dnssec.sign_zone(zone, keys=[(key.private, key.public)], inception=now + begins, expiration=now + ends)
    return zone.to_text(relativize=False)


def sign_text_nsec3(text: str, origin: str, key: Key, *, iterations: int = 0, opt_out: bool = False) -> str:
    """A zone file, signed, that denies by NSEC3 without salt (RFC 5155 s7.1), unsigned delegations left out or not."""
    zone = dns.zone.from_text(sign_text(text, origin, key), origin=origin, relativize=False)
    assert zone.origin is not None
    for node in zone.nodes.values():
        node.rdatasets = [kept for kept in node.rdatasets if dns.rdatatype.NSEC not in (kept.rdtype, kept.covers)]

    def add(name: dns.name.Name, kind: str, text: str) -> None:
        rdata = dns.rdata.from_text("IN", kind, text, origin=zone.origin, relativize=False)
        now = time.time()
        signature = dns.dnssec.sign(
            dns.rrset.from_rdata(name, TTL, rdata), key.private, zone.origin, key.public, now - HOUR, now + 24 * HOUR
        )
        for one in (rdata, signature):
            zone.find_rdataset(name, one.rdtype, one.covers(), create=True).add(one, TTL)

    add(zone.origin, "NSEC3PARAM", f"1 0 {iterations} -")
    hashed: dict[str, str] = {}
    for name, node in zone.nodes.items():
        types = {dns.rdatatype.to_text(one.rdtype) for one in node.rdatasets}
        cut = "NS" in types and name != zone.origin
        if not (opt_out and cut and "DS" not in types):
            hashed[dns.dnssec.nsec3_hash(name, "", iterations, 1)] = " ".join(sorted(types))
            while (name := name.parent()).is_subdomain(zone.origin):
                hashed.setdefault(dns.dnssec.nsec3_hash(name, "", iterations, 1), "")
    owners = sorted(hashed)
    for owner, following in zip(owners, (*owners[1:], owners[0]), strict=True):
        text = f"1 {int(opt_out)} {iterations} - {following} {hashed[owner]}"
        add(dns.name.from_text(owner, zone.origin), "NSEC3", text)
    return zone.to_text(relativize=False)


def text_of_zone(zone: Zone) -> str:
    return "\n".join(rrset.to_text() for node in zone.nodes.values() for rrset in node.values())


def serve_signed(
    server: DnsServer,
    zone: Zone,
    key: Key,
    *,
    begins: float = -HOUR,
    ends: float = 30 * 24 * HOUR,
    beside: Sequence[Key] = (),
) -> None:
    """Let a lab server answer with the zone's signatures and proofs where DO asks for them.

    Args:
        beside: keys that are published, too, and sign nothing here.
    """
    origin = zone.origin.to_text()
    zone.set("@", "DNSKEY", *(one.public.to_text() for one in (key, *beside)))
    signed = dns.zone.from_text(
        sign_text(text_of_zone(zone), origin, key, begins=begins, ends=ends), origin=origin, relativize=False
    )

    def how(query: dns.message.Message, reply: dns.message.Message) -> dns.message.Message:
        if query.ednsflags & dns.flags.DO:
            for rrset in list(reply.answer):
                signatures = signed.get_rdataset(rrset.name, dns.rdatatype.RRSIG, rrset.rdtype)
                if signatures is not None:
                    reply.answer.append(dns.rrset.from_rdata_list(rrset.name, rrset.ttl, list(signatures)))
            if reply.authority:
                reply.authority = [
                    dns.rrset.from_rdata_list(name, TTL, list(rdataset))
                    for name, rdataset in signed.iterate_rdatasets()
                    if rdataset.rdtype == dns.rdatatype.NSEC
                    or rdataset.covers == dns.rdatatype.NSEC
                    or (name == zone.origin and dns.rdatatype.SOA in (rdataset.rdtype, rdataset.covers))
                ]
        return reply

    server.twist(".", "*", how)

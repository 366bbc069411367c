"""Signed zones for the lab's servers: keys, DS, and answers that carry their signatures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from dns.dnssectypes import Algorithm
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from launchready_tui.lab.dns_server import DnsServer, Zone

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

    def ds(self, origin: str) -> str:
        """The DS record of this key in presentation form."""
        return "DS " + dns.dnssec.make_ds(dns.name.from_text(origin), self.public, "SHA256").to_text()


def sign_text(text: str, origin: str, key: Key, *, begins: float = -HOUR, ends: float = 30 * 24 * HOUR) -> str:
    """A zone file, signed. `begins` and `ends` are seconds from now."""
    zone = dns.zone.from_text(text, origin=origin, relativize=False)
    now = time.time()
    dns.dnssec.sign_zone(zone, keys=[(key.private, key.public)], inception=now + begins, expiration=now + ends)
    return zone.to_text(relativize=False)


def text_of_zone(zone: Zone) -> str:
    return "\n".join(rrset.to_text() for node in zone.nodes.values() for rrset in node.values())


def serve_signed(
    server: DnsServer, zone: Zone, key: Key, *, begins: float = -HOUR, ends: float = 30 * 24 * HOUR, keys: bool = True
) -> None:
    """Let a lab server answer with the zone's signatures where DO asks for them; without its keys if not `keys`."""
    origin = zone.origin.to_text()
    signed = dns.zone.from_text(
        sign_text(text_of_zone(zone), origin, key, begins=begins, ends=ends), origin=origin, relativize=False
    )
    if keys:
        zone.set("@", "DNSKEY", key.public.to_text())

    def how(query: dns.message.Message, reply: dns.message.Message) -> dns.message.Message:
        if query.ednsflags & dns.flags.DO:
            for rrset in list(reply.answer):
                signatures = signed.get_rdataset(rrset.name, dns.rdatatype.RRSIG, rrset.rdtype)
                if signatures is not None:
                    reply.answer.append(dns.rrset.from_rdata_list(rrset.name, rrset.ttl, list(signatures)))
        return reply

    server.twist(".", "*", how)

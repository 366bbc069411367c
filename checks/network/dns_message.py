"""DNS messages: what a question looks like on the wire, and how an answer is read that is not quite right."""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.wire

EDNS_PAYLOAD = 1232
"""Bytes: the size that DNS Flag Day 2020 agreed on, which no usual path fragments."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: with RD where `recurse`, CD where `checking_disabled`, DO where `dnssec`."""

    name: dns.name.Name
    rdtype: str
    recurse: bool
    checking_disabled: bool
    dnssec: bool

    def message(self, *, edns: bool) -> dns.message.QueryMessage:
        """A query; AD is set to ask for the resolver's word on validation (RFC 6840 s5.7)."""
        flags = dns.flags.Flag(0)
        if self.recurse:
            flags |= dns.flags.RD | dns.flags.AD
        if self.checking_disabled:
            flags |= dns.flags.CD
        query = dns.message.make_query(self.name, self.rdtype, want_dnssec=self.dnssec)
        query.flags = flags
        if edns:
            query.use_edns(0, dns.flags.DO if self.dnssec else 0, EDNS_PAYLOAD)
        else:
            query.use_edns(-1)
        return query


def read_message(wire: bytes) -> dns.message.Message:
    """Read a message; a TXT record without any string in it, which is none by RFC 1035, does not hide the others.

    Raises DNSException, ValueError.
    """
    try:
        return dns.message.from_wire(wire, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        message = dns.message.from_wire(wire, ignore_trailing=True, continue_on_error=True)
        if len(message.errors) != _empty_texts(wire):
            raise
        return message


def _empty_texts(wire: bytes) -> int:
    """How many TXT (or SPF) records of a message hold no string. Raises DNSException where its frame is broken."""
    parser = dns.wire.Parser(wire)
    parser.seek(4)
    questions, *sections = parser.get_struct("!HHHH")
    for _ in range(questions):
        parser.get_name(decompress=True)
        parser.get_bytes(4)
    empty = 0
    for _ in range(sum(sections)):
        parser.get_name(decompress=True)
        rdtype, _, _, length = parser.get_struct("!HHIH")
        parser.get_bytes(length)
        empty += not length and rdtype in (dns.rdatatype.TXT, dns.rdatatype.SPF)
    return empty

"""Whether the NSEC or NSEC3 records of an answer prove what it denies (RFC 4035 s5.4, RFC 5155 s8): pure.

Their signatures are judged elsewhere, by `checks.dns.chain_of_trust`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Protocol

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

MOST_ITERATIONS = 50
"""Of NSEC3. Beyond, resolvers treat the answer as unsigned, the strictest from here on (RFC 9276 s3.2)."""
OPT_OUT = 1
"""The flag of NSEC3 by which a span may hold unsigned delegations (RFC 5155 s6)."""
PROOFS = frozenset({dns.rdatatype.NSEC, dns.rdatatype.NSEC3})


def why_unproven(zone: dns.name.Name, message: dns.message.Message) -> str:
    """Why a server's answer, asked with DO, does not prove what it denies; empty where it does or denies nothing.

    Proofs that a validator takes as "may be unsigned" are good here: an opt-out span (RFC 5155 s6), an unknown hash.
    """
    question = message.question[0]
    name = end_of_aliases(message)
    if not name.is_subdomain(zone) or not message.flags & dns.flags.AA:
        return ""
    proof = _proof(zone, message)
    answered = message.get_rrset(message.answer, name, dns.rdataclass.IN, question.rdtype)
    told = f"{name.to_text(omit_final_dot=True)} {dns.rdatatype.to_text(question.rdtype)}"
    for owner, closer in _made_by_wildcards(zone, message):
        if not proof.denies(closer):
            return f"{owner.to_text(omit_final_dot=True)}: nothing proves that a wildcard may answer for it"
    if answered:
        return ""
    if message.rcode() == dns.rcode.NXDOMAIN and not proof.no_name(name):
        return f"{told}: no NSEC or NSEC3 record proves that the name does not exist"
    if message.rcode() == dns.rcode.NOERROR and not proof.no_data(name, question.rdtype):
        return f"{told}: no NSEC or NSEC3 record proves that there is none"
    return ""


def end_of_aliases(message: dns.message.Message) -> dns.name.Name:
    """The name that a message answers for in the end, CNAMEs followed as far as it holds them."""
    name, seen = message.question[0].name, set()
    while name not in seen:
        seen.add(name)
        alias = message.get_rrset(message.answer, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if not alias or message.question[0].rdtype == dns.rdatatype.CNAME:
            break
        name = alias[0].target
    return name


def _made_by_wildcards(
    zone: dns.name.Name, message: dns.message.Message
) -> Iterator[tuple[dns.name.Name, dns.name.Name]]:
    """(owner, next closer name, which must not exist) of what a wildcard made: its signature counts fewer labels."""
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.RRSIG and rrset.name.is_subdomain(zone) and not rrset.name.is_wild():
            labels = len(rrset.name) - 1
            if rrset[0].labels < labels:
                yield rrset.name, rrset.name.split(rrset[0].labels + 2)[1]


class _Proof(Protocol):
    def denies(self, name: dns.name.Name) -> bool:
        """Whether nothing stands at `name`, nor below it."""
        ...

    def no_name(self, name: dns.name.Name) -> bool:
        """Whether neither `name` nor a wildcard for it exists."""
        ...

    def no_data(self, name: dns.name.Name, rdtype: int) -> bool:
        """Whether neither `name` nor a wildcard for it holds this type."""
        ...


def _proof(zone: dns.name.Name, message: dns.message.Message) -> _Proof:
    records = [
        (rrset.name, record)
        for rrset in message.authority
        if rrset.rdtype in PROOFS and rrset.name.is_subdomain(zone)
        for record in rrset
    ]
    hashed = [(owner, record) for owner, record in records if record.rdtype == dns.rdatatype.NSEC3]
    if any(record.algorithm != 1 or record.iterations > MOST_ITERATIONS for _, record in hashed):
        return _Unsigned()
    return _Nsec3(zone, hashed) if hashed else _Nsec(zone, records)


def _lacks(record: Any, rdtype: int) -> bool:
    """Whether the record's bitmap has neither this type nor a CNAME."""
    return not (_has(record, rdtype) or _has(record, dns.rdatatype.CNAME))


def _has(record: Any, rdtype: int) -> bool:
    window, bit = divmod(rdtype, 256)
    octets = next((octets for number, octets in record.windows if number == window), b"")
    return bit // 8 < len(octets) and bool(octets[bit // 8] & (0x80 >> bit % 8))


def _star(name: dns.name.Name) -> dns.name.Name:
    return dns.name.Name((b"*", *name.labels))


class _Unsigned:
    """What no validator looks at: everything is possible, nothing is broken."""

    def denies(self, name: dns.name.Name) -> bool:
        return True

    def no_name(self, name: dns.name.Name) -> bool:
        return True

    def no_data(self, name: dns.name.Name, rdtype: int) -> bool:
        return True


class _Nsec:
    """Names in canonical order, each with the next one."""

    def __init__(self, zone: dns.name.Name, records: list[tuple[dns.name.Name, Any]]) -> None:
        self._zone = zone
        self._records = records

    def denies(self, name: dns.name.Name) -> bool:
        return self._covering(name) is not None

    def no_name(self, name: dns.name.Name) -> bool:
        covering = self._covering(name)
        return covering is not None and self.denies(_star(self._closest(name, covering)))

    def no_data(self, name: dns.name.Name, rdtype: int) -> bool:
        if (record := self._at(name)) is not None:
            return _lacks(record, rdtype)
        if any(
            self._between(name, owner, record) and record.next.is_subdomain(name) for owner, record in self._records
        ):
            # An empty non-terminal: names exist below it alone.
            return True
        covering = self._covering(name)
        made = self._at(_star(self._closest(name, covering))) if covering is not None else None
        return made is not None and _lacks(made, rdtype)

    def _at(self, name: dns.name.Name) -> Any:
        return next((record for owner, record in self._records if owner == name), None)

    def _between(self, name: dns.name.Name, owner: dns.name.Name, record: Any) -> bool:
        return owner < name and bool(name < record.next or record.next == self._zone)

    def _covering(self, name: dns.name.Name) -> tuple[dns.name.Name, Any] | None:
        """The record that spans `name`; one at a cut or a DNAME above it cannot speak of it (RFC 6840 s4.1)."""
        return next(
            (
                (owner, record)
                for owner, record in self._records
                if self._between(name, owner, record)
                and not record.next.is_subdomain(name)
                and not (name.is_subdomain(owner) and _leads_away(record))
            ),
            None,
        )

    def _closest(self, name: dns.name.Name, covering: tuple[dns.name.Name, Any]) -> dns.name.Name:
        """The nearest name above `name` that exists: the longest that it shares with either end of the span."""
        owner, record = covering
        shared = (name.fullcompare(other)[2] for other in (owner, record.next))
        return name.split(max(shared))[1]


def _leads_away(record: Any) -> bool:
    """Whether the record stands at a delegation or a DNAME, below which another zone or name speaks."""
    cut = _has(record, dns.rdatatype.NS) and not _has(record, dns.rdatatype.SOA)
    return cut or _has(record, dns.rdatatype.DNAME)


class _Nsec3:
    """Hashes of names, each with the next one."""

    def __init__(self, zone: dns.name.Name, records: list[tuple[dns.name.Name, Any]]) -> None:
        self._zone = zone
        self._records = [(owner.labels[0].decode("ascii", "replace").upper(), record) for owner, record in records]
        first = records[0][1]
        self._salt, self._iterations = first.salt, first.iterations

    def denies(self, name: dns.name.Name) -> bool:
        return self._covering(name) is not None

    def no_name(self, name: dns.name.Name) -> bool:
        closer = self._next_closer(name)
        return closer is not None and self.denies(closer) and self.denies(_star(closer.parent()))

    def no_data(self, name: dns.name.Name, rdtype: int) -> bool:
        if (record := self._at(name)) is not None:
            return _lacks(record, rdtype)
        closer = self._next_closer(name)
        span = self._covering(closer) if closer is not None else None
        if closer is None or span is None:
            return False
        if (made := self._at(_star(closer.parent()))) is not None:
            return _lacks(made, rdtype)
        # In a span that opts out an unsigned delegation may stand, so that the answer need not be signed (s9.2).
        return bool(span.flags & OPT_OUT)

    def _next_closer(self, name: dns.name.Name) -> dns.name.Name | None:
        """One label more than the nearest name above `name` that is proved to exist; None where none is."""
        while name != self._zone:
            if self._at(name.parent()) is not None:
                return name
            name = name.parent()
        return None

    def _hash(self, name: dns.name.Name) -> str:
        return dns.dnssec.nsec3_hash(name, self._salt, self._iterations, 1)

    def _at(self, name: dns.name.Name) -> Any:
        wanted = self._hash(name)
        return next((record for owner, record in self._records if owner == wanted), None)

    def _covering(self, name: dns.name.Name) -> Any:
        wanted = self._hash(name)
        for owner, record in self._records:
            end = base64.b32hexencode(record.next).decode().rstrip("=")
            if owner < wanted < end or (end <= owner and (wanted > owner or wanted < end)):
                return record
        return None

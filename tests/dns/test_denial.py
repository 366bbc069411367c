"""Proofs that a name or a type does not exist, taken from signed zones and from hostile bytes."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.dns.denial import why_unproven
from tests.dns.signing import Key, sign_text, sign_text_nsec3

ORIGIN = dns.name.from_text("example.com")
TEXT = """
@ 300 SOA ns1 hostmaster 1 3600 600 86400 300
@ 300 NS ns1
@ 300 A 93.184.215.14
ns1 300 A 93.184.215.15
a.b 300 A 93.184.215.16
shop 300 NS ns1
star 300 TXT x
*.star 300 A 93.184.215.17
"""
KEY = Key()
ZONES = {
    "NSEC": sign_text(TEXT, "example.com", KEY),
    "NSEC3": sign_text_nsec3(TEXT, "example.com", KEY),
    "opt-out": sign_text_nsec3(TEXT, "example.com", KEY, opt_out=True),
    "iterated": sign_text_nsec3(TEXT, "example.com", KEY, iterations=51),
}


def denial(kind: str, name: str, rdtype: str, rcode: str = "NOERROR", *, proofs: bool = True) -> dns.message.Message:
    """An authoritative answer without a record, with every NSEC or NSEC3 record of the zone beside it, or none."""
    message = dns.message.make_response(dns.message.make_query(name, rdtype))
    message.flags |= dns.flags.AA
    message.set_rcode(dns.rcode.from_text(rcode))
    zone = dns.zone.from_text(ZONES[kind], origin=ORIGIN, relativize=False)
    if proofs:
        message.authority += [
            dns.rrset.from_rdata_list(owner, 300, list(found))
            for owner, found in zone.iterate_rdatasets()
            if found.rdtype in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
        ]
    return message


@pytest.mark.parametrize("kind", ["NSEC", "NSEC3", "opt-out"])
@pytest.mark.parametrize(
    ("name", "rdtype", "rcode", "proved"),
    [
        ("example.com", "AAAA", "NOERROR", True),
        ("example.com", "A", "NOERROR", False),
        ("b.example.com", "A", "NOERROR", True),  # an empty non-terminal
        ("b.example.com", "A", "NXDOMAIN", False),
        ("gone.example.com", "A", "NXDOMAIN", True),
        ("x.gone.example.com", "A", "NXDOMAIN", True),
        ("gone.example.com", "A", "NOERROR", False),
        ("ns1.example.com", "A", "NXDOMAIN", False),
        ("x.star.example.com", "AAAA", "NOERROR", True),  # the wildcard has none
        ("x.star.example.com", "A", "NOERROR", False),  # the wildcard has one
        ("x.star.example.com", "A", "NXDOMAIN", False),
        ("elsewhere.net", "A", "NXDOMAIN", True),  # not this zone's to prove
    ],
)
def test_what_is_proved(kind: str, name: str, rdtype: str, rcode: str, proved: bool) -> None:
    if kind == "opt-out" and (name, rcode) == ("gone.example.com", "NOERROR"):
        # An unsigned delegation may stand in the span.
        proved = True
    problem = why_unproven(ORIGIN, denial(kind, name, rdtype, rcode))
    assert (not problem) == proved
    assert not problem or name in problem


def test_a_delegation_cannot_speak_of_names_below_it() -> None:
    assert why_unproven(ORIGIN, denial("NSEC", "x.shop.example.com", "A", "NXDOMAIN"))


def test_opting_out_leaves_room_for_unsigned_delegations_alone() -> None:
    # The span of the delegation opts out, so that nothing there is broken; the same span without it proves nothing.
    assert not why_unproven(ORIGIN, denial("opt-out", "shop.example.com", "A"))
    assert why_unproven(ORIGIN, denial("opt-out", "example.com", "A"))
    assert not why_unproven(ORIGIN, denial("NSEC3", "shop.example.com", "DS"))


def test_no_proof_at_all() -> None:
    assert why_unproven(ORIGIN, denial("NSEC", "gone.example.com", "A", "NXDOMAIN", proofs=False))
    assert why_unproven(ORIGIN, denial("NSEC3", "example.com", "AAAA", proofs=False))


def test_more_iterations_than_resolvers_compute_are_not_judged() -> None:
    assert not why_unproven(ORIGIN, denial("iterated", "ns1.example.com", "A", "NXDOMAIN"))


@pytest.mark.parametrize("kind", ["NSEC", "NSEC3"])
def test_what_a_wildcard_makes_needs_the_proof_that_no_nearer_name_exists(kind: str) -> None:
    zone = dns.zone.from_text(ZONES[kind], origin=ORIGIN, relativize=False)
    signatures = zone.get_rdataset("*.star.example.com.", "RRSIG", "A")
    for proofs in (True, False):
        message = denial(kind, "x.star.example.com", "A", proofs=proofs)
        owner = message.question[0].name
        message.answer = [
            dns.rrset.from_text(owner, 300, "IN", "A", "93.184.215.17"),
            dns.rrset.from_rdata_list(owner, 300, list(signatures)),
        ]
        assert (not why_unproven(ORIGIN, dns.message.from_wire(message.to_wire()))) == proofs


@given(st.sampled_from([*ZONES]), st.randoms(use_true_random=False))
def test_any_answer_is_judged_without_an_error(kind: str, chance: object) -> None:
    message = denial(kind, "x.star.example.com", "A", "NXDOMAIN")
    wire = bytearray(message.to_wire())
    for _ in range(chance.randrange(1, 8)):  # type: ignore[attr-defined]
        wire[chance.randrange(12, len(wire))] = chance.randrange(256)  # type: ignore[attr-defined]
    try:
        read = dns.message.from_wire(bytes(wire))
    except (dns.exception.DNSException, ValueError):
        return
    if read.question:
        assert isinstance(why_unproven(ORIGIN, read), str)

"""DNSSEC judged: the resolver's word, and our own where it does not validate."""

from __future__ import annotations

from typing import Any

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
import dns.zone
import pytest
from dns.message import Message

from checks.dns.chain_of_trust import judge_chain
from tests.dns.conftest import HEALTHY, Dns
from tests.dns.signing import HOUR, Key, serve_signed, sign_text

ORIGIN = dns.name.from_text("example.com")
TEXT = """
@ 300 SOA ns1 hostmaster 1 3600 600 86400 300
@ 300 NS ns1
@ 300 A 93.184.215.14
ns1 300 A 93.184.215.15
"""


def answers(text: str, *types: str) -> list[dns.message.Message]:
    zone = dns.zone.from_text(text, origin=ORIGIN, relativize=False)
    made = []
    for rdtype in types:
        message = dns.message.make_response(dns.message.make_query(ORIGIN, rdtype))
        for kind, covers in ((rdtype, "NONE"), ("RRSIG", rdtype)):
            found = zone.get_rdataset(ORIGIN, kind, covers)
            if found:
                message.answer.append(dns.rrset.from_rdata_list(ORIGIN, found.ttl, list(found)))
        made.append(dns.message.from_wire(message.to_wire()))
    return made


def ds_of(key: Key) -> list[Any]:
    return [dns.dnssec.make_ds(ORIGIN, key.public, "SHA256")]


@pytest.fixture(scope="module")
def key() -> Key:
    return Key()


def test_a_chain_that_holds(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "SOA", "A")
    assert judge_chain(ORIGIN, ds_of(key), dnskey, signed).holds


@pytest.mark.parametrize(
    ("begins", "ends", "word"), [(-3 * HOUR, -HOUR, "expired on"), (HOUR, 2 * HOUR, "not valid before")]
)
def test_dates(key: Key, begins: float, ends: float, word: str) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key, begins=begins, ends=ends), "DNSKEY", "SOA")
    assert word in judge_chain(ORIGIN, ds_of(key), dnskey, signed).broken


def test_wrong_key(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "SOA")
    assert "none of the zone's keys" in judge_chain(ORIGIN, ds_of(Key()), dnskey, signed).broken


def test_missing_key_and_missing_signature(key: Key) -> None:
    signed_text = sign_text(TEXT, "example.com", key)
    (dnskey,) = answers(signed_text, "DNSKEY")
    (empty,) = answers(TEXT, "DNSKEY")
    unsigned = answers(TEXT, "SOA", "A")
    assert "publishes no DNSKEY" in judge_chain(ORIGIN, ds_of(key), empty, unsigned).broken
    assert "carries no signature" in judge_chain(ORIGIN, ds_of(key), dnskey, unsigned).broken


def test_what_a_zone_below_signs_is_left_to_it(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "A")
    below = dns.zone.from_text(
        sign_text(TEXT, "shop.example.com", Key()), origin=dns.name.from_text("shop.example.com"), relativize=False
    )
    for covers in ("NONE", "A"):
        found = below.get_rdataset(below.origin, "RRSIG" if covers == "A" else "A", covers)
        signed[0].answer.append(dns.rrset.from_rdata_list(below.origin, 300, list(found)))
    assert judge_chain(ORIGIN, ds_of(key), dnskey, signed).holds
    # Without the other zone's signature nobody answers for it.
    del signed[0].answer[-1]
    assert "carries no signature" in judge_chain(ORIGIN, ds_of(key), dnskey, signed).broken


def test_changed_data(key: Key) -> None:
    dnskey, a = answers(sign_text(TEXT, "example.com", key).replace("93.184.215.14", "93.184.215.99"), "DNSKEY", "A")
    assert "does not verify" in judge_chain(ORIGIN, ds_of(key), dnskey, [a]).broken


def test_a_second_ds_may_be_wrong(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "SOA")
    assert judge_chain(ORIGIN, [*ds_of(Key()), *ds_of(key)], dnskey, signed).holds


def test_a_wrong_digest_of_the_better_kind_counts(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "SOA")
    old, new = (dns.dnssec.make_ds(ORIGIN, key.public, kind, policy=ANY) for kind in ("SHA1", "SHA256"))
    assert judge_chain(ORIGIN, [old], dnskey, signed).holds
    assert judge_chain(ORIGIN, [old, new], dnskey, signed).holds
    wrong = new.replace(digest=bytes(32))
    assert "none of the zone's keys" in judge_chain(ORIGIN, [old, wrong], dnskey, signed).broken


def test_a_key_that_is_no_zone_key_signs_nothing(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "SOA")
    other = key.public.replace(flags=1)
    dnskey.answer[0] = dns.rrset.from_rdata(ORIGIN, 300, other)
    ds = dns.dnssec.make_ds(ORIGIN, other, "SHA256", validating=True)
    assert "none of the zone's keys" in judge_chain(ORIGIN, [ds], dnskey, signed).broken


def test_unknown_algorithm_is_not_judged(key: Key) -> None:
    dnskey, *signed = answers(sign_text(TEXT, "example.com", key), "DNSKEY", "SOA")
    ds = dns.rdata.from_text("IN", "DS", f"1 253 2 {'00' * 32}")
    assert judge_chain(ORIGIN, [ds], dnskey, signed).unsupported


async def test_unsigned(dns: Dns) -> None:
    await dns.start()
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "pass"
    assert "no DS" in finding.summary


async def test_the_resolver_vouches(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))

    def vouch(query: Message, reply: Message) -> Message:
        reply.flags |= AD
        return reply

    dns.world.resolver.twist("example.com", "A", vouch)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "pass"
    assert "vouches" in finding.summary


async def test_own_judgement_where_the_resolver_does_not_validate(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))
    serve_signed(dns.first, dns.zone, key)
    serve_signed(dns.second, dns.zone, key)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "pass"
    assert "signatures hold" in finding.summary


async def test_own_judgement_finds_expired_signatures(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))
    for server in (dns.first, dns.second):
        serve_signed(server, dns.zone, key, begins=-3 * HOUR, ends=-HOUR)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "fail"
    assert "expired on" in finding.summary
    assert "delete the DS" in finding.fix
    assert "do not exist" in finding.cost


async def test_own_judgement_finds_no_signatures_at_all(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))
    assert (await dns.check("dns.dnssec-bogus"))["example.com"].status == "fail"


async def test_one_record_changed_after_signing_is_named_without_an_extended_error(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))
    for server in (dns.first, dns.second):
        serve_signed(server, dns.zone, key)
    dns.zone.set("www", "CNAME", "mail.example.com.")

    def refuse(query: Message, reply: Message) -> Message:
        if not query.flags & CD:
            reply.set_rcode(SERVFAIL)
            reply.answer.clear()
        return reply

    dns.world.resolver.twist("www.example.com", "*", refuse)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "fail"
    assert "www.example.com CNAME: its signature by key" in finding.summary
    assert (await dns.check("dns.www-missing"))["example.com"].status == "skipped"


async def test_an_alias_to_a_broken_zone_of_others_is_not_this_zones_fault(dns: Dns, key: Key) -> None:
    await dns.start({**HEALTHY, "www": ["CNAME shop.host.net."]})
    dns.world.zone("host.net", {"shop": ["A 93.184.215.99"]})
    dns.com.add("example", key.ds("example.com"))
    for server in (dns.first, dns.second):
        serve_signed(server, dns.zone, key)

    def refuse(query: Message, reply: Message) -> Message:
        if query.question[0].rdtype != CNAME and not query.flags & CD:
            reply.set_rcode(SERVFAIL)
            reply.answer.clear()
        return reply

    dns.world.resolver.twist("www.example.com", "*", refuse)
    assert (await dns.check("dns.dnssec-bogus"))["example.com"].status == "pass"
    assert (await dns.check("dns.www-missing"))["example.com"].status == "error"


async def test_each_of_two_hosts_that_sign_publishes_the_others_key(dns: Dns, key: Key) -> None:
    """RFC 8901: a resolver may take the keys of one host and the answers of the other."""
    await dns.start()
    other, second = Key(), dns.world.zone("example.com", HEALTHY)
    dns.com.add("example", key.ds("example.com"))
    dns.com.add("example", other.ds("example.com"))
    dns.second.zones = [second]
    serve_signed(dns.first, dns.zone, key)
    serve_signed(dns.second, second, other)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "fail"
    assert "the DNSKEY records at ns1.dns-host.net lack a key that ns2.dns-host.net signs with" in finding.summary
    assert "let each publish the zone keys" in finding.fix
    assert "for some and not for others" in finding.cost
    serve_signed(dns.first, dns.zone, key, beside=[other])
    serve_signed(dns.second, second, other, beside=[key])
    assert (await dns.check("dns.dnssec-bogus"))["example.com"].status == "pass"


async def test_servers_that_drop_edns_can_send_no_signature_that_could_be_judged(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))
    for server in (dns.first, dns.second):
        server.twist(".", "*", lambda query, reply: reply if query.edns < 0 else None)
    finding = (await dns.check("dns.dnssec-bogus"))["example.com"]
    assert finding.status == "error"


async def test_cannot_tell(dns: Dns, key: Key) -> None:
    await dns.start()
    dns.com.add("example", key.ds("example.com"))
    dns.first.silent()
    dns.second.silent()
    assert (await dns.check("dns.dnssec-bogus"))["example.com"].status == "error"
    dns.world.resolver.says("SERVFAIL", "example.com", "DS")
    assert (await dns.check("dns.dnssec-bogus"))["example.com"].status == "error"


ANY = dns.dnssec.allow_all_policy
AD, CD = dns.flags.AD, dns.flags.CD
SERVFAIL, CNAME = dns.rcode.SERVFAIL, dns.rdatatype.CNAME

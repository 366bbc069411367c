"""Proves that drafted SPF records give every address the verdict of the one that they stand for."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Mapping
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from checks.mail.spf.check_host import evaluate
from checks.mail.spf.grammar import Directive, IPNetwork, parse
from checks.network import Answer, Network

MOST_PROBES = 64
"""Addresses that are tried: enough that a network lost or an order turned shows."""


class _Drafts:
    """A DNS that holds the drafts. Every other name gives one made-up answer, so that nobody is asked."""

    def __init__(self, records: Mapping[str, str]) -> None:
        self._records = {dns.name.from_text(name): text for name, text in records.items()}
        self._known: dict[tuple[str, str], Answer] = {}

    async def resolve(self, name: str | dns.name.Name, rdtype: str) -> Answer:
        text = name if isinstance(name, str) else name.to_text()
        if (text, rdtype) not in self._known:
            self._known[text, rdtype] = self._answer(dns.name.from_text(text), rdtype)
        return self._known[text, rdtype]

    def _answer(self, name: dns.name.Name, rdtype: str) -> Answer:
        message = dns.message.QueryMessage()
        message.flags = dns.flags.from_text("QR AA")
        found = dns.rrset.from_text(name, 60, "IN", rdtype, self._made_up(name, rdtype))
        message.find_rrset(message.answer, name, found.rdclass, found.rdtype, create=True).update(found)  # type: ignore[no-untyped-call]
        return Answer(name.to_text(omit_final_dot=True), rdtype, "draft", message, 0.0)

    def _made_up(self, name: dns.name.Name, rdtype: str) -> str:
        if rdtype == "TXT":
            # A service's list lets a quarter of all addresses send, told by its name alone.
            quarter = zlib.crc32(name.to_wire() or b"") % 4 * 64
            text = self._records.get(name, f"v=spf1 ip4:{quarter}.0.0.0/2 -all")
            return " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
        return {"A": "192.0.2.1", "AAAA": "2001:db8::1", "MX": "10 mx.example.", "PTR": "host.example."}[rdtype]


async def same_verdicts(domain: str, whole: str, drafts: Mapping[str, str]) -> bool:
    """Whether check_host() over the records in `drafts`, by name, gives what it gives over `whole` at `domain`."""
    one, several = (cast(Network, _Drafts(records)) for records in ({domain: whole}, drafts))
    for probe in _probes(network for directive in parse(whole).directives if (network := _network(directive))):
        asked = {"ip": probe, "sender": f"probe@{domain}", "helo": f"mail.{domain}"}
        before, after = [(await evaluate(**asked, network=network)).result for network in (one, several)]
        if before != after:
            return False
        await asyncio.sleep(0)
    return True


def _network(directive: Directive) -> IPNetwork | None:
    return directive.network


def _probes(networks: Iterable[IPNetwork]) -> list[str]:
    """The first and last address of every network and their neighbours, evenly thinned; and some of nobody's."""
    edges: dict[str, None] = dict.fromkeys(
        ("192.0.2.1", "2001:db8::1", "1.1.1.1", "65.1.1.1", "129.1.1.1", "193.1.1.1")
    )
    for network in networks:
        low, high = network.network_address, network.broadcast_address
        edges |= dict.fromkeys((str(low), str(high)))
        edges |= {str(low - 1): None} if int(low) else {}
        edges |= {str(high + 1): None} if int(high) + 1 < 2**network.max_prefixlen else {}
    every = list(edges)
    return every[:: max(1, -(-len(every) // MOST_PROBES))]

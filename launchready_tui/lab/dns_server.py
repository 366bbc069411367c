"""DNS servers on loopback: authoritative ones for given zones, and one that resolves over all of them."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

TTL = 300
Records = Mapping[str, Iterable[str]]
"""Owner (relative to the origin, "@" for it, or absolute with a last dot) to lines such as "A 192.0.2.1" or
"3600 MX 10 mx.example." with the TTL first where it is not the usual."""
Twist = Callable[[dns.message.Message, dns.message.Message], "dns.message.Message | bytes | None"]
"""Query and regular reply to what is really sent: another message, raw bytes, or None for silence."""


class Zone:
    """A zone's records, by owner and type. A SOA is made where none is given."""

    def __init__(self, origin: str, records: Records, *, serial: int = 1, cut: bool = True) -> None:
        self.origin = dns.name.from_text(origin)
        self.nodes: dict[dns.name.Name, dict[dns.rdatatype.RdataType, dns.rrset.RRset]] = {}
        for owner, lines in records.items():
            for line in lines:
                self.add(owner, line)
        if dns.rdatatype.SOA not in self.nodes.get(self.origin, {}):
            self.add("@", f"SOA ns1 hostmaster {serial} 3600 600 86400 300")

    def add(self, owner: str, line: str) -> None:
        """Add one record."""
        name = self.origin if owner == "@" else dns.name.from_text(owner, self.origin)
        first, _, rest = line.partition(" ")
        ttl = TTL
        if first.isdigit():
            ttl = int(first)
            first, _, rest = rest.partition(" ")
        rdtype = dns.rdatatype.from_text(first)
        rdata = dns.rdata.from_text(dns.rdataclass.IN, rdtype, rest.strip(), origin=self.origin, relativize=False)
        rrset = self.nodes.setdefault(name, {}).setdefault(rdtype, dns.rrset.RRset(name, dns.rdataclass.IN, rdtype))
        rrset.add(rdata, ttl)

    def set(self, owner: str, kind: str, *values: str) -> None:
        """Replace all records of one type at one owner; no values removes them."""
        name = self.origin if owner == "@" else dns.name.from_text(owner, self.origin)
        self.nodes.get(name, {}).pop(dns.rdatatype.from_text(kind), None)
        if name in self.nodes and not self.nodes[name]:
            del self.nodes[name]
        for value in values:
            self.add(owner, f"{kind} {value}")

    def exists(self, name: dns.name.Name) -> bool:
        """Whether the name owns records or is an empty non-terminal (RFC 8020)."""
        return name in self.nodes or any(other.is_subdomain(name) for other in self.nodes)

    def node(self, name: dns.name.Name) -> dict[dns.rdatatype.RdataType, dns.rrset.RRset] | None:
        """The records at a name, wildcards applied (RFC 4592); None where it does not exist."""
        if self.exists(name):
            return self.nodes.get(name, {})
        closest = name
        while not self.exists(closest):
            closest = closest.parent()
        wild = self.nodes.get(dns.name.Name((b"*", *closest.labels)))
        if wild is None:
            return None
        made = {}
        for rdtype, rrset in wild.items():
            made[rdtype] = dns.rrset.from_rdata_list(name, rrset.ttl, list(rrset))
        return made

    def delegation(self, name: dns.name.Name) -> dns.rrset.RRset | None:
        """The NS set of the zone cut above or at `name`, below the origin; None where there is none."""
        cut = name
        found = None
        while cut != self.origin and cut.is_subdomain(self.origin):
            found = self.nodes.get(cut, {}).get(dns.rdatatype.NS) or found
            cut = cut.parent()
        return found


@dataclass
class _Faults:
    """What one server does wrong, by (name, type); type "*" stands for any."""

    twists: dict[tuple[dns.name.Name, str], Twist] = field(default_factory=dict)

    def find(self, name: dns.name.Name, rdtype: str) -> Twist | None:
        return self.twists.get((name, rdtype)) or self.twists.get((name, "*")) or self.twists.get((dns.name.root, "*"))


class DnsServer:
    """One server on loopback with a port of its own, UDP and TCP.

    Args:
        zones: what it is authoritative for, or with `recursive` the whole Internet that it knows.
        recursive: answer as a resolver: RA, CNAMEs followed through all zones, no AA.
    """

    def __init__(self, zones: Iterable[Zone] = (), *, recursive: bool = False) -> None:
        self.zones = list(zones)
        self.recursive = recursive
        self.queries: list[tuple[str, str]] = []
        """(name, type) of every message that came in."""
        self.host = "127.0.0.1"
        self.port = 0
        self._faults = _Faults()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    # ---------------------------------------------------------------- faults

    def twist(self, name: str, rdtype: str, how: Twist) -> None:
        """Change this server's answers to one question ("." and "*" for all)."""
        self._faults.twists[(dns.name.from_text(name), rdtype)] = how

    def mend(self, name: str, rdtype: str) -> None:
        """Take a twist back."""
        self._faults.twists.pop((dns.name.from_text(name), rdtype), None)

    def silent(self, name: str = ".", rdtype: str = "*") -> None:
        """Never answer."""
        self.twist(name, rdtype, lambda query, reply: None)

    def says(self, rcode: str, name: str = ".", rdtype: str = "*", *, ede: int | None = None) -> None:
        """Answer with this RCODE and nothing else, an extended error (RFC 8914) added where given."""

        def how(query: dns.message.Message, reply: dns.message.Message) -> dns.message.Message:
            bare = dns.message.make_response(query, recursion_available=self.recursive)
            bare.set_rcode(dns.rcode.from_text(rcode))
            if ede is not None:
                bare.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.make(ede), "lab")])
            return bare

        self.twist(name, rdtype, how)

    # ---------------------------------------------------------------- life

    async def start(self) -> None:
        """Bind UDP and TCP to one port of the system's choice."""
        loop = asyncio.get_running_loop()
        for _ in range(20):
            server = await asyncio.start_server(self._serve_tcp, self.host, 0)
            self.port = server.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Udp(self), local_addr=(self.host, self.port)
                )
            except OSError:
                server.close()
                continue
            self._tcp = server
            return
        raise OSError("no port is free for both UDP and TCP")

    async def close_tcp(self) -> None:
        """Answer over UDP alone from now on."""
        if self._tcp:
            self._tcp.close()
            await self._tcp.wait_closed()

    async def stop(self) -> None:
        if self._udp:
            self._udp.close()
        if self._tcp:
            self._tcp.close()

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = self.respond(await reader.readexactly(length), limit=65535)
                if answer is None:
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError, dns.exception.DNSException):
            return
        finally:
            writer.close()

    # ---------------------------------------------------------------- answers

    def respond(self, wire: bytes, *, limit: int) -> bytes | None:
        """The bytes to send for a query; None for silence. Over UDP, what exceeds `limit` is truncated."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        rdtype = dns.rdatatype.to_text(question.rdtype)
        self.queries.append((question.name.to_text(omit_final_dot=True).lower(), rdtype))
        reply: dns.message.Message | bytes | None = self._regular(query)
        how = self._faults.find(question.name, rdtype)
        if how is not None:
            assert isinstance(reply, dns.message.Message)  # noqa: S101 - _regular returns nothing else
            reply = how(query, reply)
        if reply is None or isinstance(reply, bytes):
            return reply
        limit = min(limit, query.payload if query.edns >= 0 else 512) if limit < 65535 else limit
        try:
            return reply.to_wire(max_size=limit)
        except dns.exception.TooBig:
            short = dns.message.make_response(query, recursion_available=self.recursive)
            short.flags |= dns.flags.TC
            return short.to_wire()

    def _regular(self, query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query, recursion_available=self.recursive)
        question = query.question[0]
        zone = self._zone_for(question.name, question.rdtype)
        if zone is None:
            reply.set_rcode(dns.rcode.NXDOMAIN if self.recursive else dns.rcode.REFUSED)
            return reply
        if not self.recursive:
            cut = zone.delegation(question.name)
            at_cut = cut is not None and cut.name == question.name and question.rdtype == dns.rdatatype.DS
            if cut is not None and not at_cut:
                return self._referral(reply, zone, cut)
            reply.flags |= dns.flags.AA
        self._answer(reply, question.name, question.rdtype, zone)
        return reply

    def _answer(
        self, reply: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, zone: Zone | None
    ) -> None:
        for _ in range(17):
            node = zone.node(name) if zone else None
            if zone is None or node is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            elif rdtype in node:
                reply.answer.append(node[rdtype])
                return
            elif dns.rdatatype.CNAME in node:
                rrset = node[dns.rdatatype.CNAME]
                if rrset in reply.answer:
                    if self.recursive:
                        reply.set_rcode(dns.rcode.SERVFAIL)
                    return
                reply.answer.append(rrset)
                name = rrset[0].target
                zone = self._zone_for(name, rdtype)
                if zone is None and not self.recursive:
                    return
                continue
            if zone is not None:
                reply.authority.append(zone.nodes[zone.origin][dns.rdatatype.SOA])
            return

    def _referral(self, reply: dns.message.Message, zone: Zone, cut: dns.rrset.RRset) -> dns.message.Message:
        reply.authority.append(cut)
        for record in cut:
            for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                glue = zone.nodes.get(record.target, {}).get(rdtype)
                if glue is not None:
                    reply.additional.append(glue)
        return reply

    def _zone_for(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> Zone | None:
        fitting = [zone for zone in self.zones if name.is_subdomain(zone.origin)]
        if rdtype == dns.rdatatype.DS and len(fitting) > 1:
            # The parent speaks for DS (RFC 4035 s3.1.4.1).
            fitting = [zone for zone in fitting if zone.origin != name]
        return max(fitting, key=lambda zone: len(zone.origin), default=None)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            answer = self._server.respond(data, limit=1232)
        except dns.exception.DNSException:
            return
        if answer is not None:
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]

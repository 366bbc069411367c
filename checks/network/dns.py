"""DNS over UDP and TCP: one question to one server, and recursive resolution by the configured resolvers.

Messages, names and records are dnspython's; this file owns the asking: retries, truncation, deadlines.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import struct
import time
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from checks.errors import DnsFailed, NetworkError, Offline
from checks.network.counters import Counters
from checks.network.dns_message import Question, read_message
from checks.network.stream import Stream
from checks.text import decoded

MAX_CHAIN = 16
NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})

for _rdtype in "A AAAA CAA CNAME DNSKEY DS HTTPS MX NS NSEC NSEC3 PTR RRSIG SOA TXT".split():
    # dnspython imports a type's module with its first record, which would hold the event loop.
    dns.rdata.get_rdata_class(dns.rdataclass.IN, dns.rdatatype.from_text(_rdtype))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a CNAME chain. Names are absolute text without the last dot."""

    owner: str
    target: str
    ttl: int


@dataclass(frozen=True)
class Answer:
    """One DNS answer as it came from `server`, with NXDOMAIN and SERVFAIL being answers too.

    What is read from the message is kept, since many checks ask for it.
    """

    name: str
    rdtype: str
    server: str
    message: dns.message.Message
    seconds: float

    @property
    def rcode(self) -> str:
        """ "NOERROR", "NXDOMAIN", "SERVFAIL" ..."""
        return dns.rcode.to_text(self.message.rcode())

    @property
    def ok(self) -> bool:
        return self.message.rcode() == dns.rcode.NOERROR

    @property
    def nxdomain(self) -> bool:
        return self.message.rcode() == dns.rcode.NXDOMAIN

    @property
    def authoritative(self) -> bool:
        return bool(self.message.flags & dns.flags.AA)

    @property
    def from_resolver(self) -> bool:
        """Whether a recursive server answered from what it has learnt (RA, no AA), not one that speaks for a zone."""
        return bool(self.message.flags & dns.flags.RA) and not self.authoritative

    @property
    def edns(self) -> bool:
        """Whether the server speaks EDNS, without which it can send no signature."""
        return self.message.edns >= 0

    @property
    def authenticated(self) -> bool:
        """Whether a validating resolver vouches for it (AD)."""
        return bool(self.message.flags & dns.flags.AD)

    @functools.cached_property
    def chain(self) -> tuple[Link, ...]:
        """The CNAME steps from `name` on that the answer holds; a loop ends at its first repetition."""
        links: list[Link] = []
        owner, seen = name_of(self.name), set()
        while owner not in seen and len(links) < MAX_CHAIN:
            seen.add(owner)
            rrset = self.message.get_rrset(self.message.answer, owner, dns.rdataclass.IN, dns.rdatatype.CNAME)
            if not rrset or self.rdtype == "CNAME":
                break
            target = rrset[0].target
            links.append(Link(text_of(owner), text_of(target), rrset.ttl))
            owner = target
        return tuple(links)

    @property
    def owner(self) -> str:
        """The name that the records stand at: the end of the CNAME chain."""
        return self.chain[-1].target if self.chain else self.name

    @functools.cached_property
    def records(self) -> tuple[dns.rdata.Rdata, ...]:
        """The records of the type asked for, CNAMEs followed."""
        return tuple(self._rrset) if self._rrset else ()

    @functools.cached_property
    def texts(self) -> tuple[str, ...]:
        """The same in presentation form; of TXT the strings joined and unescaped (foreign text!)."""
        if self.rdtype in ("TXT", "SPF"):
            return tuple(decoded(b"".join(record.strings)) for record in self.records)  # type: ignore[attr-defined]
        return tuple(record.to_text() for record in self.records)

    @property
    def ttl(self) -> int | None:
        return self._rrset.ttl if self._rrset else None

    @property
    def extended_errors(self) -> tuple[tuple[int, str], ...]:
        """Extended DNS Errors (RFC 8914): (info code, extra text)."""
        return tuple((int(e.code), e.text or "") for e in self.message.extended_errors())

    @functools.cached_property
    def _rrset(self) -> dns.rrset.RRset | None:
        wanted = dns.rdatatype.from_text(self.rdtype)
        return self.message.get_rrset(self.message.answer, name_of(self.owner), dns.rdataclass.IN, wanted)

    def describe(self) -> str:
        """One line of evidence: "www.example.com A: NXDOMAIN (from 192.0.2.1)"."""
        said = ", ".join(self.texts) if self.records else (self.rcode if not self.ok else "no record")
        via = "".join(f" -> {link.target}" for link in self.chain)
        return f"{self.name} {self.rdtype}{via}: {said} (from {self.server})"


def name_of(name: str | dns.name.Name) -> dns.name.Name:
    """An absolute dnspython name. Raises DnsFailed for what cannot be a DNS name."""
    if isinstance(name, dns.name.Name):
        return name if name.is_absolute() else name.concatenate(dns.name.root)
    return _read_name(name)


@functools.lru_cache(maxsize=4096)
def _read_name(name: str) -> dns.name.Name:
    try:
        return dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError) as problem:
        raise DnsFailed(f"{name[:80]!r} is not a valid DNS name") from problem


def text_of(name: dns.name.Name) -> str:
    """Presentation form, lower case, without the last dot (the root is ".")."""
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else "."


class _Datagram(asyncio.DatagramProtocol):
    """Collects datagrams of one connected socket; the kernel lets only the peer's through."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes | OSError] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.incoming.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self.incoming.put_nowait(exc if isinstance(exc, OSError) else OSError(str(exc)))


RESOLVER_LIMIT = 128
"""Questions that all audits of a process have open at the resolvers: a home router drops what it cannot buffer."""
_RESOLVER_SLOTS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()


def _resolver_slots() -> asyncio.Semaphore:
    return _RESOLVER_SLOTS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(RESOLVER_LIMIT))


class DnsClient:
    """Asks DNS questions on behalf of a `Network`.

    Args:
        locate: maps (address, port) of a server to where the packet really goes.
        open_tcp: opens a TCP stream through the same map.
        timeout: seconds for one try.
    """

    def __init__(
        self,
        *,
        nameservers: Sequence[tuple[str, int]],
        locate: Callable[[str, int], tuple[str, int]],
        open_tcp: Callable[[str, int], Awaitable[Stream]],
        open_resolver_tcp: Callable[[str, int], Awaitable[Stream]],
        counters: Counters,
        timeout: float,
        limit: int = 64,
    ) -> None:
        self.nameservers = tuple(nameservers)
        self._locate = locate
        self._open_tcp = open_tcp
        self._open_resolver_tcp = open_resolver_tcp
        self._counters = counters
        self._timeout = timeout
        self._slots = asyncio.Semaphore(limit)
        self._without_edns: set[tuple[str, int]] = set()
        """Servers that keep silent where a question has EDNS, and answer it without."""
        self.answered = False
        """Whether any server ever answered in this run."""

    async def resolve(
        self, name: dns.name.Name, rdtype: str, *, checking_disabled: bool = False, dnssec: bool = False
    ) -> Answer:
        """Ask the resolvers in turn until one gives a usable answer.

        SERVFAIL and REFUSED are kept as the answer only where no other resolver says better.
        Raises DnsFailed where none answers, Offline where there is no way to any.
        """
        if not self.nameservers:
            raise Offline("offline: this machine has no DNS resolver configured")
        # A lone resolver is asked twice, since a packet may be lost; of several, each once.
        question = Question(name, rdtype, True, checking_disabled, dnssec)
        ask = self._persistent if len(self.nameservers) == 1 else self._exchange
        worst: Answer | None = None
        problems: list[DnsFailed | Offline] = []
        for host, port in self.nameservers[:3]:
            try:
                answer = await ask(host, port, question, resolver=True)
            except (DnsFailed, Offline) as problem:
                problems.append(problem)
                continue
            if answer.ok or answer.nxdomain:
                return answer
            worst = worst or answer
        if worst is not None:
            return worst
        raise next((problem for problem in problems if isinstance(problem, DnsFailed)), problems[0])

    async def ask(
        self,
        server: str,
        name: dns.name.Name,
        rdtype: str,
        *,
        port: int = 53,
        recurse: bool = False,
        dnssec: bool = False,
    ) -> Answer:
        """Ask one server by its address, without recursion unless told. Raises DnsFailed, Offline."""
        return await self._persistent(server, port, Question(name, rdtype, recurse, False, dnssec), resolver=False)

    async def _persistent(self, host: str, port: int, question: Question, *, resolver: bool) -> Answer:
        """Ask again after a silence, without EDNS: some servers drop what has it, against RFC 6891.

        Where that is answered, a third try tells such a server from a lost packet. Raises DnsFailed, Offline.
        """
        plain_only = (host, port) in self._without_edns
        try:
            return await self._exchange(host, port, question, resolver=resolver, edns=not plain_only)
        except DnsFailed as problem:
            if not problem.timed_out:
                raise
        plain = await self._exchange(host, port, question, resolver=resolver, edns=False)
        if plain_only:
            return plain
        try:
            return await self._exchange(host, port, question, resolver=resolver)
        except DnsFailed:
            self._without_edns.add((host, port))
            return plain

    async def _exchange(self, host: str, port: int, question: Question, *, resolver: bool, edns: bool = True) -> Answer:
        """One question to one server: UDP, then TCP if truncated, then without EDNS if it is not understood."""
        target = (host, port) if resolver else self._locate(host, port)
        started = time.monotonic()
        while True:
            query = question.message(edns=edns)
            async with self._slots, _resolver_slots() if resolver else contextlib.nullcontext():
                reply = await self._udp(query, target, host, port, question.rdtype)
                if reply.flags & dns.flags.TC:
                    opener = self._open_resolver_tcp if resolver else self._open_tcp
                    reply = await self._tcp(query, opener, host, port, question.rdtype)
            self.answered = True
            if edns and reply.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS):
                edns = False
                continue
            break
        return Answer(text_of(question.name), question.rdtype, _shown(host, port), reply, time.monotonic() - started)

    async def _udp(
        self, query: dns.message.QueryMessage, target: tuple[str, int], host: str, port: int, rdtype: str
    ) -> dns.message.Message:
        shown = _shown(host, port)
        loop = asyncio.get_running_loop()
        wire = query.to_wire()
        self._counters.asked(shown, text_of(query.question[0].name), rdtype)
        problem = "no answer"
        transport = None
        try:
            async with asyncio.timeout(self._timeout):
                transport, protocol = await loop.create_datagram_endpoint(_Datagram, remote_addr=target)
                transport.sendto(wire)
                while True:
                    data = await protocol.incoming.get()
                    if isinstance(data, OSError):
                        raise data
                    self._counters.bytes += len(data)
                    try:
                        reply = read_message(data)
                    except (dns.exception.DNSException, ValueError):
                        # A forged or damaged packet must not end the wait for the real one.
                        problem = "an answer that cannot be read"
                        continue
                    if query.is_response(reply):
                        return reply
                    problem = "an answer to another question"
        except TimeoutError:
            raise DnsFailed(
                f"{shown} gave {problem} to {text_of(query.question[0].name)} {rdtype} within {self._timeout:g} s",
                timed_out=True,
            ) from None
        except OSError as error:
            if error.errno in NO_ROUTE:
                raise Offline(f"offline: no way to the DNS server {shown}") from error
            raise DnsFailed(f"the DNS server {shown} refuses packets on its port") from error
        finally:
            if transport is not None:
                transport.close()

    async def _tcp(
        self,
        query: dns.message.QueryMessage,
        opener: Callable[[str, int], Awaitable[Stream]],
        host: str,
        port: int,
        rdtype: str,
    ) -> dns.message.Message:
        shown = _shown(host, port)
        wire = query.to_wire()
        try:
            # Two round trips and a large answer: twice the time of a UDP try.
            async with asyncio.timeout(self._timeout * 2):
                stream = await opener(host, port)
                self._counters.asked(shown, text_of(query.question[0].name), rdtype)
                try:
                    await stream.write(struct.pack("!H", len(wire)) + wire)
                    (length,) = struct.unpack("!H", await stream.read_exactly(2))
                    reply = read_message(await stream.read_exactly(length))
                finally:
                    await stream.aclose()
        except TimeoutError:
            raise DnsFailed(
                f"{shown} cut its UDP answer short and gave none over TCP in time", timed_out=True
            ) from None
        except NetworkError as error:
            raise DnsFailed(f"{shown} cut its UDP answer short and TCP failed: {error.reason}") from error
        except (dns.exception.DNSException, ValueError) as error:
            raise DnsFailed(f"{shown} gave an answer over TCP that cannot be read") from error
        if not query.is_response(reply):
            raise DnsFailed(f"{shown} answered another question over TCP")
        return reply


def _shown(host: str, port: int) -> str:
    if port == 53:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

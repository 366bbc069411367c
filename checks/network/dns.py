"""DNS over UDP and TCP: one question to one server, and recursive resolution by the configured resolvers.

Messages, names and records are dnspython's; this file owns the asking: whom, how often, and in which form.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
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

from checks.errors import DnsFailed, Offline
from checks.network.counters import Counters
from checks.network.dns_message import Question
from checks.network.dns_transport import DnsTransport
from checks.network.stream import Stream
from checks.text import decoded

MAX_CHAIN = 16
MOST_RESOLVERS = 3
COMPLAINTS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS})
"""What servers answer that do not understand EDNS, or not this version of it (RFC 6891 s7)."""

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
    failure: str = ""
    """Why there is none: what stands in for an answer that did not come (see `unanswered`)."""

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
        if self.failure:
            return f"{self.name} {self.rdtype}: {self.failure}"
        said = ", ".join(self.texts) if self.records else (self.rcode if not self.ok else "no record")
        via = "".join(f" -> {link.target}" for link in self.chain)
        return f"{self.name} {self.rdtype}{via}: {said} (from {self.server})"


def unanswered(name: str, rdtype: str, problem: DnsFailed) -> Answer:
    """What stands in for the answer to a question that nobody answers, beside one that was answered."""
    message = dns.message.make_response(dns.message.make_query(name_of(name), rdtype))
    message.set_rcode(dns.rcode.SERVFAIL)
    return Answer(text_of(name_of(name)), rdtype, "", message, 0.0, problem.reason)


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
        self._transport = DnsTransport(counters, timeout)
        self._slots = asyncio.Semaphore(limit)
        self._without_edns: set[tuple[str, int]] = set()
        """Servers that keep silent or complain where a question has EDNS, and answer it without."""
        self._with_edns: set[tuple[str, int]] = set()
        """Servers that were seen to speak EDNS."""
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
        question = Question(name, rdtype, True, checking_disabled, dnssec)
        problems: list[DnsFailed | Offline] = []
        answer = await self._in_turn(question, problems)
        if answer is None and len(self.nameservers) == 2 and self.answered:
            # The network works, so that two lost packets are likelier than two dead resolvers.
            answer = await self._in_turn(question, problems)
        if answer is None:
            raise next((problem for problem in problems if isinstance(problem, DnsFailed)), problems[0])
        return answer

    async def _in_turn(self, question: Question, problems: list[DnsFailed | Offline]) -> Answer | None:
        """The first usable answer, else the first other one; None where no resolver answers, `problems` says why."""
        # A lone resolver is asked again after a silence, since a packet may be lost; of several, each in turn.
        ask = self._persistent if len(self.nameservers) == 1 else self._exchange
        worst: Answer | None = None
        for host, port in self.nameservers[:MOST_RESOLVERS]:
            try:
                answer = await ask(host, port, question, resolver=True)
            except (DnsFailed, Offline) as problem:
                problems.append(problem)
                continue
            if answer.ok or answer.nxdomain:
                return answer
            worst = worst or answer
        return worst

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
        """Ask again where there is silence: a packet may be lost. Where others do answer, three are not by chance.

        Of a server that was never seen to speak EDNS the second try is without: some drop what has it, against
        RFC 6891. Where that one is answered, the third tells such a server from a lost packet.

        Raises DnsFailed, Offline.
        """
        server = (host, port)
        edns = server not in self._without_edns
        unknown = edns and server not in self._with_edns
        plain: Answer | None = None
        silence: DnsFailed | None = None
        for number, with_edns in enumerate((edns, edns and not unknown, edns)):
            if number == 2 and not self.answered:
                break
            try:
                answer = await self._exchange(host, port, question, resolver=resolver, edns=with_edns)
            except DnsFailed as problem:
                if not problem.timed_out and plain is None:
                    raise
                silence = problem
                continue
            if with_edns or not unknown:
                return answer
            plain = answer
        if plain is None:
            assert silence is not None  # noqa: S101 - each try either returned, raised or was silent
            raise silence
        self._without_edns.add(server)
        return plain

    async def _exchange(self, host: str, port: int, question: Question, *, resolver: bool, edns: bool = True) -> Answer:
        """One question to one server, and once more without EDNS if it is not understood."""
        started = time.monotonic()
        reply = await self._carry(host, port, question.message(edns=edns), resolver=resolver)
        if edns and reply.edns >= 0:
            self._with_edns.add((host, port))
        if edns and reply.rcode() in COMPLAINTS:
            reply = await self._carry(host, port, question.message(edns=False), resolver=resolver)
            if reply.rcode() not in COMPLAINTS:
                self._without_edns.add((host, port))
        name, seconds = text_of(question.name), time.monotonic() - started
        return Answer(name, question.rdtype, _shown(host, port), reply, seconds)

    async def _carry(
        self, host: str, port: int, query: dns.message.QueryMessage, *, resolver: bool
    ) -> dns.message.Message:
        """The answer by UDP, by TCP where that is cut short. Raises DnsFailed, Offline."""
        target = (host, port) if resolver else self._locate(host, port)
        shown = _shown(host, port)
        async with self._slots, _resolver_slots() if resolver else contextlib.nullcontext():
            reply = await self._transport.udp(query, target, shown)
            if reply.flags & dns.flags.TC:
                opener = self._open_resolver_tcp if resolver else self._open_tcp
                reply = await self._transport.tcp(query, functools.partial(opener, host, port), shown)
        self.answered = True
        return reply


def _shown(host: str, port: int) -> str:
    if port == 53:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

"""The one seam to the network: every packet of every check goes through a `Network`."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

import dns.name

from checks.errors import CannotTell, ConnectFailed, DnsFailed, Offline
from checks.memo import Memo
from checks.network.connect_map import ConnectMap, Rule
from checks.network.counters import Counters
from checks.network.dns import Answer, DnsClient, name_of, text_of
from checks.network.http import PAGE_LIMIT, HttpClient
from checks.network.resolvers import parse_nameserver, system_nameservers
from checks.network.response import Response
from checks.network.routes import has_way, is_address
from checks.network.stream import Handshake, Stream, connect
from checks.network.tls import observing_context, verifying_context
from checks.version import VERSION

USER_AGENT = f"LaunchReady/{VERSION} (launch audit asked for by the site's owner)"
STEP_SECONDS = 8.0
"""For one TCP connection or TLS handshake."""
REQUEST_SECONDS = 20.0
"""For one whole HTTP exchange."""


class Network:
    """A resolver, a connector, TLS and HTTP behind one map, one set of limits and one set of counters.

    Use it as an asynchronous context manager; leaving it closes every connection.

    Args:
        nameservers: resolvers to ask instead of the system's, as "ADDRESS" or "ADDRESS:PORT". They are reached
            as given, never through `connect_to`.
        connect_to: rules as in curl's --connect-to, "HOST:PORT:HOST2:PORT2"; the first that matches wins. A
            `ConnectMap` is shared as it is.
        ca_file: roots in PEM to trust beside the system's.
        dns_timeout: seconds for one try of one DNS question.
        offline: stay off the network; everything raises Offline at once.
        deadline: seconds that all of it may take together; None is for ever.
    """

    def __init__(
        self,
        *,
        nameservers: Sequence[str] = (),
        connect_to: Iterable[str | Rule] | ConnectMap = (),
        ca_file: str | None = None,
        dns_timeout: float = 2.0,
        offline: bool = False,
        deadline: float | None = None,
        step_seconds: float = STEP_SECONDS,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self.counters = Counters()
        self.offline = offline
        self.own_resolver = bool(nameservers)
        """Whether resolvers were given: then nothing may be asked of any other recursive server."""
        self.ca_file = ca_file
        self.map = connect_to if isinstance(connect_to, ConnectMap) else ConnectMap(connect_to)
        self.step_seconds = step_seconds
        self.request_seconds = request_seconds
        self._ends = time.monotonic() + deadline if deadline is not None else None
        self._memo = Memo()
        self._resolved: dict[tuple[str, str], Answer] = {}
        self._slots = asyncio.Semaphore(64)
        self._roots_loaded = False
        self._dns = DnsClient(
            nameservers=[parse_nameserver(text) for text in nameservers] if nameservers else system_nameservers(),
            locate=self._locate_datagram,
            open_tcp=self._open_for_dns,
            open_resolver_tcp=self._open_resolver,
            counters=self.counters,
            timeout=dns_timeout,
        )
        self._http = HttpClient(
            opener=self._open_for_http,
            observing=observing_context,
            verifying=self.verifying_context,
            counters=self.counters,
            user_agent=USER_AGENT,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._memo.aclose()
        await self._http.aclose()

    @property
    def answered(self) -> bool:
        """Whether any DNS or web server answered anything: whether there is a network at all."""
        return self._dns.answered or self._http.answered

    @property
    def resolved(self) -> tuple[Answer, ...]:
        """Every answer that the resolvers gave so far, each question once: what the DNS map is drawn from."""
        return tuple(self._resolved.values())

    def verifying_context(self) -> ssl.SSLContext:
        """The shared context that trusts the system's roots and `ca_file`'s."""
        return verifying_context(self.ca_file)

    async def _load_roots(self) -> None:
        """Make that context in a thread: reading all roots takes some 50 ms, once a process."""
        if not self._roots_loaded:
            await asyncio.to_thread(self.verifying_context)
            self._roots_loaded = True

    # ---------------------------------------------------------------- DNS

    async def resolve(
        self, name: str | dns.name.Name, rdtype: str, *, checking_disabled: bool = False, dnssec: bool = False
    ) -> Answer:
        """Ask the resolvers; each question is asked once a run. NXDOMAIN and SERVFAIL are answers.

        Args:
            rdtype: "A", "TXT" ...
            checking_disabled: ask a validating resolver for what does not validate, too (CD=1).
            dnssec: ask for signatures (DO=1).

        Raises DnsFailed (no answer, or no valid name) and Offline.
        """
        self._admit()
        question = name_of(name)
        key = ("resolve", text_of(question), rdtype, checking_disabled, dnssec)
        answer = await self._memo.once(
            key, lambda: self._dns.resolve(question, rdtype, checking_disabled=checking_disabled, dnssec=dnssec)
        )
        self._resolved.setdefault((answer.name, rdtype), answer)
        return answer

    async def ask(
        self,
        server: str,
        name: str | dns.name.Name,
        rdtype: str,
        *,
        recurse: bool = False,
        dnssec: bool = False,
        again: bool = False,
    ) -> Answer:
        """Ask the name server at the address `server` itself, through the map; each question once a run.

        Args:
            again: ask even though it was asked before, to see whether the answer has changed.

        Raises DnsFailed and Offline.
        """
        self._admit()
        question = name_of(name)
        if again:
            return await self._dns.ask(server, question, rdtype, recurse=recurse, dnssec=dnssec)
        key = ("ask", server, text_of(question), rdtype, recurse, dnssec)
        return await self._memo.once(
            key, lambda: self._dns.ask(server, question, rdtype, recurse=recurse, dnssec=dnssec)
        )

    async def addresses(self, name: str) -> tuple[str, ...]:
        """A and AAAA of a name in the order to try them; empty where it has none. Raises DnsFailed, Offline."""
        if is_address(name):
            return (name,)
        found = await asyncio.gather(self.resolve(name, "AAAA"), self.resolve(name, "A"), return_exceptions=True)
        addresses: list[str] = []
        problems: list[BaseException] = []
        for answer in found:
            if isinstance(answer, Answer):
                addresses += [record.address for record in answer.records if hasattr(record, "address")]
            else:
                problems.append(answer)
        if not addresses and problems:
            raise problems[0]
        return tuple(addresses)

    # ---------------------------------------------------------------- TCP and TLS

    async def open(self, host: str, port: int, *, address: str | None = None) -> Stream:
        """Open a TCP connection to `host`, at `address` where one is given.

        Raises ConnectFailed, DnsFailed (the name does not resolve for want of an answer), Offline.
        """
        self._admit()
        started = time.monotonic()
        candidates = await self._candidates(host, port, address)
        async with self._slots:
            return await connect(
                candidates,
                host=host,
                port=port,
                counters=self.counters,
                timeout=self._left(self.step_seconds),
                seconds_dns=time.monotonic() - started,
            )

    async def handshake(
        self,
        host: str,
        port: int = 443,
        *,
        address: str | None = None,
        alpn: Sequence[str] = ("h2", "http/1.1"),
        verify: bool = False,
    ) -> Handshake:
        """Make one TLS connection and say what it showed. Raises ConnectFailed, TlsFailed, DnsFailed, Offline."""
        if verify:
            await self._load_roots()
        stream = await self.open(host, port, address=address)
        try:
            context = self.verifying_context() if verify else observing_context("handshake")
            # Only these two lists are ever offered, and OpenSSL copies the list at the handshake.
            context.set_alpn_protocols(list(alpn))
            await stream.start_tls(context, host, timeout=self._left(self.step_seconds))
            assert stream.handshake is not None  # noqa: S101 - set by start_tls, or it raised
            return stream.handshake
        finally:
            await stream.aclose()

    def can_reach(self, address: str, port: int = 443) -> bool:
        """Whether this machine (after the map) has a route to the address, or to the Internet of its family."""
        place = self.map.target((address,), port)
        return has_way(place[0] if place and place[0] else address)

    # ---------------------------------------------------------------- HTTP

    async def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
        address: str | None = None,
        verify: bool = False,
        fresh: bool = False,
        whole: bool = True,
        limit: int = PAGE_LIMIT,
        seconds: float | None = None,
    ) -> Response:
        """One HTTP exchange; redirects are not followed. See `HttpClient.exchange`.

        Args:
            seconds: for the whole exchange (default: `request_seconds`).

        Raises ConnectFailed, TlsFailed, HttpFailed, DnsFailed, Offline.
        """
        self._admit()
        if verify:
            await self._load_roots()
        return await self._http.exchange(
            method,
            url,
            headers=headers,
            body=body,
            address=address,
            verify=verify,
            fresh=fresh,
            whole=whole,
            limit=limit,
            deadline=self._left(seconds or self.request_seconds),
        )

    # ---------------------------------------------------------------- the way out

    def _admit(self) -> None:
        if self.offline:
            raise Offline
        self._left(1.0)

    def _left(self, step: float) -> float:
        """Seconds for the next step. Raises CannotTell where the whole run's time is used up."""
        if self._ends is None:
            return step
        left = self._ends - time.monotonic()
        if left <= 0:
            raise CannotTell("the time for the whole audit ran out before this")
        return min(step, left)

    async def _candidates(self, host: str, port: int, address: str | None) -> list[tuple[str, tuple[str, int]]]:
        """Pairs of (address in the world, where it really is), best first."""
        if address is not None:
            # A pinned address is what the connection "would go to"; rules for the name only come second.
            place = self.map.target((address,), port) or self.map.target((host,), port) or (address, port)
            return [(address, await self._real(place, address))]
        try:
            addresses = await self.addresses(host)
        except (DnsFailed, Offline):
            place_of_name = self.map.target((host,), port)
            if place_of_name is None:
                raise
            addresses = ()
            return [(host, await self._real(place_of_name, host))]
        if not addresses and (place_of_name := self.map.target((host,), port)):
            return [(host, await self._real(place_of_name, host))]
        pairs: list[tuple[str, tuple[str, int]]] = []
        for candidate in addresses:
            mapped = self.map.target((host, candidate), port)
            # A rule for the name leads away from the address, whatever way there is to that.
            if has_way(mapped[0] or candidate) if mapped else self.can_reach(candidate, port):
                pairs.append((candidate, await self._real(mapped or (candidate, port), candidate)))
        if not pairs and addresses:
            raise ConnectFailed(
                f"{host} has only addresses of a kind that this machine cannot reach",
                kind="unreachable",
                address=addresses[0],
                port=port,
            )
        # One try a distinct place: several addresses may be mapped to one.
        return list({place: (name, place) for name, place in reversed(pairs)}.values())[::-1]

    async def _real(self, place: tuple[str, int], address: str) -> tuple[str, int]:
        host, port = place
        host = host or address
        if host == "localhost":
            return "127.0.0.1", port
        if is_address(host):
            return host, port
        found = await self.addresses(host)
        if not found:
            raise ConnectFailed(f"{host} has no address", kind="other", address=host, port=port)
        return found[0], port

    def _locate_datagram(self, address: str, port: int) -> tuple[str, int]:
        place = self.map.target((address,), port)
        return (place[0] or address, place[1]) if place else (address, port)

    async def _open_for_dns(self, host: str, port: int) -> Stream:
        return await self.open(host, port, address=host)

    async def _open_resolver(self, host: str, port: int) -> Stream:
        return await connect(
            [(host, (host, port))], host=host, port=port, counters=self.counters, timeout=self.step_seconds
        )

    async def _open_for_http(self, host: str, port: int, address: str | None) -> Stream:
        stream = await self.open(host, port, address=address)
        # httpcore hands on no time limit of its own for the handshake.
        stream.tls_seconds = self._left(self.step_seconds)
        return stream

"""Carrying one DNS message to a server and its answer back, over UDP and TCP."""

from __future__ import annotations

import asyncio
import errno
import struct
from collections.abc import Awaitable, Callable

import dns.exception
import dns.message
import dns.rdatatype

from checks.errors import DnsFailed, NetworkError, Offline
from checks.network.counters import Counters
from checks.network.dns_message import read_message
from checks.network.stream import Stream

NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class _Datagram(asyncio.DatagramProtocol):
    """Collects datagrams of one connected socket; the kernel lets only the peer's through."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes | OSError] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.incoming.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self.incoming.put_nowait(exc if isinstance(exc, OSError) else OSError(str(exc)))


class DnsTransport:
    """Sends questions and waits for their answers; `shown` is how a server is called in counters and errors.

    Args:
        timeout: seconds for one try over UDP, and twice as many over TCP.
    """

    def __init__(self, counters: Counters, timeout: float) -> None:
        self._counters = counters
        self._timeout = timeout

    async def udp(self, query: dns.message.QueryMessage, target: tuple[str, int], shown: str) -> dns.message.Message:
        """The answer that comes to this question from `target`, cut short or not. Raises DnsFailed, Offline."""
        loop = asyncio.get_running_loop()
        wire = query.to_wire()
        self._counters.asked(shown, *_asked(query))
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
                    self._counters.heard(shown)
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
                f"{shown} gave {problem} to {' '.join(_asked(query))} within {self._timeout:g} s",
                timed_out=True,
            ) from None
        except OSError as error:
            if error.errno in NO_ROUTE:
                raise Offline(f"offline: no way to the DNS server {shown}") from error
            raise DnsFailed(f"the DNS server {shown} refuses packets on its port") from error
        finally:
            if transport is not None:
                transport.close()

    async def tcp(
        self, query: dns.message.QueryMessage, opener: Callable[[], Awaitable[Stream]], shown: str
    ) -> dns.message.Message:
        """The whole answer, over a connection that `opener` makes. Raises DnsFailed."""
        wire = query.to_wire()
        try:
            # Two round trips and a large answer: twice the time of a UDP try.
            async with asyncio.timeout(self._timeout * 2):
                stream = await opener()
                self._counters.asked(shown, *_asked(query))
                try:
                    await stream.write(struct.pack("!H", len(wire)) + wire)
                    (length,) = struct.unpack("!H", await stream.read_exactly(2))
                    reply = read_message(await stream.read_exactly(length))
                finally:
                    await stream.aclose()
        except TimeoutError:
            why = f"{shown} cut its UDP answer short and gave none over TCP in time"
            raise DnsFailed(why, timed_out=True, needs_tcp=True) from None
        except NetworkError as error:
            why = f"{shown} cut its UDP answer short and TCP failed: {error.reason}"
            raise DnsFailed(why, needs_tcp=True) from error
        except (dns.exception.DNSException, ValueError) as error:
            raise DnsFailed(f"{shown} gave an answer over TCP that cannot be read") from error
        if not query.is_response(reply):
            raise DnsFailed(f"{shown} answered another question over TCP")
        return reply


def _asked(query: dns.message.QueryMessage) -> tuple[str, str]:
    """Name and type of the question, as text."""
    question = query.question[0]
    return question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)

"""What one run sent: counted where it is sent, so that the figures can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Sums of one run."""

    dns_queries: int = 0
    """Messages sent, retries and TCP after truncation included."""
    connections: int = 0
    """TCP connections tried."""
    tls_handshakes: int = 0
    http_requests: int = 0
    bytes: int = 0
    """Bytes received, DNS and TCP payloads together."""
    heard_ipv6: bool = False
    """Whether anything came back over IPv6 from beyond this machine. No sum, and not told."""
    _questions: set[tuple[str, str, str]] = field(default_factory=set)

    def asked(self, server: str, name: str, rdtype: str) -> None:
        """Count one DNS message to `server`."""
        self.dns_queries += 1
        self._questions.add((server, name.lower(), rdtype))

    def heard(self, address: str) -> None:
        """Take note that something came back from `address`, wherever the connect map has it; it may bear a port."""
        if is_distant_ipv6(address):
            self.heard_ipv6 = True

    @property
    def dns_questions(self) -> int:
        """Distinct (server, name, type) among the DNS messages sent."""
        return len(self._questions)

    def as_dict(self) -> dict[str, int]:
        return {
            "dns_queries": self.dns_queries,
            "dns_questions": self.dns_questions,
            "connections": self.connections,
            "tls_handshakes": self.tls_handshakes,
            "http_requests": self.http_requests,
            "bytes": self.bytes,
        }


def is_distant_ipv6(place: str) -> bool:
    """Whether `place`, an address with or without a port, is an IPv6 one beyond this machine."""
    return place.count(":") > 1 and place != "::1" and not place.startswith("[::1]")

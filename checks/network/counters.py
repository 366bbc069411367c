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
    _questions: set[tuple[str, str, str]] = field(default_factory=set)

    def asked(self, server: str, name: str, rdtype: str) -> None:
        """Count one DNS message to `server`."""
        self.dns_queries += 1
        self._questions.add((server, name.lower(), rdtype))

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

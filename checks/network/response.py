"""What an HTTP server answered, undisguised: fields in their order, the times, the body and how it came."""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.network.stream import Handshake
from checks.text import decoded


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order, names in lower case; repeated ones stay apart."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The first field of this name."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key == wanted), default)

    def all(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key == wanted)

    def joined(self, name: str) -> str:
        """All fields of this name as one list (RFC 9110 s5.3)."""
        return ", ".join(self.all(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(key == name.lower() for key, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds of one exchange; the first three are 0.0 on a connection that was open already."""

    dns: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    """From the request's first byte out to the answer's first byte in."""
    total: float = 0.0


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Response:
    """One answer. `body` is decoded and cut at the limit, then `truncated` is True."""

    method: str
    url: str
    status: int
    http_version: str
    """ "HTTP/2", "HTTP/1.1" ..."""
    headers: Headers
    body: bytes
    wire_size: int
    """Bytes of the body as sent, before decoding."""
    truncated: bool
    address: str
    """The address that answered."""
    handshake: Handshake | None
    """None over plain http."""
    seconds: Phases = field(default_factory=Phases)
    undecoded: str = ""
    """The content coding that is not known here; `body` is as sent then."""
    broken_off: bool = False
    """Whether the connection ended before the body did."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body in the charset that it declares, else UTF-8, else Latin-1."""
        _, _, parameters = self.headers.get("content-type").partition(";")
        for parameter in parameters.split(";"):
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "charset":
                try:
                    return self.body.decode(value.strip().strip('"'), "replace")
                except (LookupError, UnicodeError):
                    break
        return decoded(self.body)

    def describe(self) -> str:
        """One line of evidence: "GET https://example.com/ -> 301 to https://www.example.com/"."""
        location = decoded(self.headers.get("location").encode("latin-1", "replace"))
        cut = ", and breaks off before its end" if self.broken_off else ""
        return f"{self.method} {self.url} -> {self.status}" + (f" to {location}" if location else "") + cut

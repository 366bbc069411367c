"""Why a check cannot tell. Raised anywhere below a check; the runner turns it into a finding.

Untold
├── NotApplicable      there is nothing to look at, or no consent: the finding is `skipped`
│   └── Offline        no network: `skipped`
└── CannotTell         the check could not do its work: the finding is `error`
    ├── NetworkError
    │   ├── DnsFailed      no usable answer from any server asked
    │   ├── ConnectFailed  no TCP connection
    │   ├── TlsFailed      the TLS handshake failed
    │   └── HttpFailed     no (whole) HTTP answer
    └── NoWay          this machine's own network leads nowhere near
"""

from __future__ import annotations

from typing import Literal

ConnectReason = Literal["refused", "timeout", "unreachable", "reset", "other"]


class Untold(Exception):
    """The reason, in a sentence that a founder understands."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotApplicable(Untold):
    """Nothing to look at here, or not without consent."""


class Offline(NotApplicable):
    """There is no network, or the user asked to stay off it."""

    def __init__(self, reason: str = "offline: this check needs the network") -> None:
        super().__init__(reason)


class CannotTell(Untold):
    """The check could not do its work; this says nothing about the site."""


class NoWay(CannotTell):
    """Nothing comes back to this machine over the address family that the place needs."""


class NetworkError(CannotTell):
    """A conversation with the network that came to nothing."""


class DnsFailed(NetworkError):
    """No usable DNS answer.

    `timed_out` is True where the last try ended without any answer, `needs_tcp` where the answer over UDP was cut short
    and none came over TCP.
    """

    def __init__(self, reason: str, *, timed_out: bool = False, needs_tcp: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        self.needs_tcp = needs_tcp


class ConnectFailed(NetworkError):
    """No TCP connection to `address` (or name) and `port`.

    `silent_ipv6` is True where nothing came back from an IPv6 address beyond this machine.
    """

    def __init__(self, reason: str, *, kind: ConnectReason, address: str, port: int, silent_ipv6: bool = False) -> None:
        super().__init__(reason)
        self.silent_ipv6 = silent_ipv6
        self.kind = kind
        self.address = address
        self.port = port


class TlsFailed(NetworkError):
    """The TLS handshake failed. `alert` is OpenSSL's short name for why, such as "WRONG_VERSION_NUMBER".

    `verify_code` is OpenSSL's X509_V_ERR number where certificate verification refused, else 0.
    """

    def __init__(self, reason: str, *, alert: str = "", verify_code: int = 0) -> None:
        super().__init__(reason)
        self.alert = alert
        self.verify_code = verify_code


class HttpFailed(NetworkError):
    """No whole HTTP answer: broken protocol, time-out, or the connection ended.

    `malformed` is True where an answer did come, with headers that this program refuses and browsers read.
    """

    def __init__(self, reason: str, *, timed_out: bool = False, malformed: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        self.malformed = malformed

"""A ClientHello that offers exactly one version of TLS, as bytes: no TLS library is asked whether it still may."""

from __future__ import annotations

import secrets

from checks.network import is_address
from checks.web.tls.versions import Version

# Cipher suites that some server of the version can still want, strongest first (IANA TLS Cipher Suites).
_SUITES_1_3 = (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)
_SUITES_1_2 = (
    0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xCCAA, 0x009E, 0x009F, 0xC023, 0xC027, 0xC024, 0xC028,
    0x0067, 0x006B, 0xC0AC, 0xC0AD, 0xC09E, 0xC09F, 0x009C, 0x009D, 0x003C, 0x003D, 0xC09C, 0xC09D, 0x00A2, 0x00A3,
)  # fmt: skip
_SUITES_OLD = (
    0xC009, 0xC013, 0xC00A, 0xC014, 0x0033, 0x0039, 0x0032, 0x0038, 0x002F, 0x0035, 0xC008, 0xC012, 0x0016, 0x000A,
    0x0041, 0x0084, 0x0045, 0x0088, 0x0096, 0x0007, 0xC007, 0xC011, 0x0005, 0x0004,
)  # fmt: skip
_RENEGOTIATION_INFO = 0x00FF
"""TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 s3.3)."""

_GROUPS = (0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x11EC, 0x0100, 0x0101)
_SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
    0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0202,
)  # fmt: skip
_X25519 = 0x001D

_HANDSHAKE = 22
_CLIENT_HELLO = 1


def client_hello(version: Version, host: str) -> bytes:
    """Return one TLS record with a ClientHello that offers `version` and nothing else (RFC 8446 s4.1.2, RFC 5246).

    `host` goes in as SNI unless it is an IP address (RFC 6066 s3).
    """
    modern = version is Version.TLS_1_3
    suites = _SUITES_1_3 if modern else (*_SUITES_1_2 * (version is Version.TLS_1_2), *_SUITES_OLD, _RENEGOTIATION_INFO)
    body = b"".join(
        (
            _u16(min(version, Version.TLS_1_2)),
            secrets.token_bytes(32),
            # A session id makes TLS 1.3 look like a resumption, which middleboxes let through (s D.4).
            _sized(1, secrets.token_bytes(32) if modern else b""),
            _sized(2, _list(suites)),
            _sized(1, b"\x00"),
            _sized(2, b"".join(_extensions(version, host))),
        )
    )
    message = bytes([_CLIENT_HELLO]) + _sized(3, body)
    return bytes([_HANDSHAKE]) + _u16(Version.TLS_1_0) + _sized(2, message)


def _extensions(version: Version, host: str) -> list[bytes]:
    made = []
    if not is_address(host):
        made.append(_extension(0, _sized(2, b"\x00" + _sized(2, host.encode("ascii", "replace")))))
    made.append(_extension(10, _sized(2, _list(_GROUPS))))
    if version is Version.TLS_1_3:
        share = _u16(_X25519) + _sized(2, secrets.token_bytes(32))
        made.append(_extension(43, _sized(1, _u16(Version.TLS_1_3))))
        made.append(_extension(51, _sized(2, share)))
        made.append(_extension(45, _sized(1, b"\x01")))
    else:
        made.append(_extension(11, _sized(1, b"\x00")))
        made.append(_extension(23, b""))
    if version >= Version.TLS_1_2:
        made.append(_extension(13, _sized(2, _list(_SIGNATURES))))
    made.append(_extension(16, _sized(2, _sized(1, b"h2") + _sized(1, b"http/1.1"))))
    return made


def _extension(number: int, body: bytes) -> bytes:
    return _u16(number) + _sized(2, body)


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _list(numbers: tuple[int, ...]) -> bytes:
    return b"".join(_u16(number) for number in numbers)


def _sized(width: int, body: bytes) -> bytes:
    """`body` behind its length in `width` bytes."""
    return len(body).to_bytes(width, "big") + body

"""What a server answers to a ClientHello, read from its bytes (RFC 8446 s4.1.3, s5.1, s6; RFC 5246)."""

from __future__ import annotations

from dataclasses import dataclass

RECORD_HEADER = 5
RECORD_LIMIT = 16384 + 2048
"""Bytes that one record may hold at most (RFC 5246 s6.2.3)."""

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO = 2
_SUPPORTED_VERSIONS = 43
_WARNING = 1
_CLOSE_NOTIFY = 0
_ALERTS = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
    70: "protocol_version", 71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback",
    90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
    116: "certificate_required", 120: "no_application_protocol",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """A ServerHello (or a HelloRetryRequest, which is one too): the version on the wire that the server chose."""

    version: int


@dataclass(frozen=True, slots=True)
class Alert:
    """The server refused, and said why."""

    description: str


@dataclass(frozen=True, slots=True)
class NotTls:
    """What came is no TLS."""


def read_answer(data: bytes) -> Chosen | Alert | NotTls | None:
    """Read the first bytes of a server's answer. None where more are needed to tell; never raises.

    A warning ahead of the ServerHello, as some servers send for an unknown name, is passed over.
    """
    handshake = b""
    while len(data) >= RECORD_HEADER:
        kind, major, length = data[0], data[1], int.from_bytes(data[3:5], "big")
        if kind not in (_ALERT, _HANDSHAKE) or major != 3 or length > RECORD_LIMIT:
            return NotTls()
        body, data = data[RECORD_HEADER : RECORD_HEADER + length], data[RECORD_HEADER + length :]
        if len(body) < length:
            return None
        if kind == _HANDSHAKE:
            handshake += body
            if (answer := _read_handshake(handshake)) is not None:
                return answer
        elif length != 2:
            return NotTls()
        elif body[0] != _WARNING or body[1] == _CLOSE_NOTIFY:
            return Alert(_ALERTS.get(body[1], f"alert {body[1]}"))
    return None


def _read_handshake(message: bytes) -> Chosen | NotTls | None:
    if len(message) < 4:
        return None
    length = int.from_bytes(message[1:4], "big")
    if message[0] != _SERVER_HELLO or length > RECORD_LIMIT:
        return NotTls()
    body = message[4 : 4 + length]
    if len(body) < length:
        return None
    # legacy_version, random, then the session id by its own length, suite, compression.
    if length < 35 or length < (extensions := 35 + body[34] + 3):
        return NotTls()
    version = int.from_bytes(body[:2], "big")
    return Chosen(_selected_version(body[extensions + 2 :]) or version)


def _selected_version(extensions: bytes) -> int | None:
    """The version in the supported_versions extension, which alone counts where it is present."""
    while len(extensions) >= 4:
        number, length = int.from_bytes(extensions[:2], "big"), int.from_bytes(extensions[2:4], "big")
        if number == _SUPPORTED_VERSIONS and length == 2:
            return int.from_bytes(extensions[4:6], "big")
        extensions = extensions[4 + length :]
    return None

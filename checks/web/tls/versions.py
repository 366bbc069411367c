"""The versions of TLS, by their number on the wire."""

from __future__ import annotations

from enum import IntEnum


class Version(IntEnum):
    TLS_1_0 = 0x0301
    TLS_1_1 = 0x0302
    TLS_1_2 = 0x0303
    TLS_1_3 = 0x0304

    @property
    def label(self) -> str:
        """As people write it: "TLS 1.2"."""
        return f"TLS 1.{self - Version.TLS_1_0}"


OLD = (Version.TLS_1_0, Version.TLS_1_1)
"""Deprecated by RFC 8996."""

_OPENSSL = {
    "TLSv1": Version.TLS_1_0,
    "TLSv1.1": Version.TLS_1_1,
    "TLSv1.2": Version.TLS_1_2,
    "TLSv1.3": Version.TLS_1_3,
}


def version_of(openssl_name: str) -> Version | None:
    """The version that OpenSSL calls by this name; None for what is older than TLS."""
    return _OPENSSL.get(openssl_name)

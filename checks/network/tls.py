"""TLS contexts, each built once a process: one that only looks, one that trusts nothing unverified."""

from __future__ import annotations

import functools
import ssl

import certifi


@functools.lru_cache(maxsize=8)
def observing_context(purpose: str = "http") -> ssl.SSLContext:
    """A context that accepts any certificate, version and strength, so that what is wrong can be seen.

    Nothing confidential may be sent over it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # OpenSSL's default level refuses old versions and small keys on our side, which would look like the
    # server's fault.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options &= ~ssl.OP_NO_RENEGOTIATION
    return context


@functools.lru_cache(maxsize=8)
def verifying_context(ca_file: str | None = None, purpose: str = "http") -> ssl.SSLContext:
    """A context that verifies against the system's roots (Mozilla's where it has none) and `ca_file`'s.

    Raises OSError where `ca_file` cannot be read and ssl.SSLError where it holds no certificate.
    """
    context = ssl.create_default_context()
    if not _has_system_roots(context):
        context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _has_system_roots(context: ssl.SSLContext) -> bool:
    paths = ssl.get_default_verify_paths()
    # Roots of a capath are loaded only when needed, so the store of a healthy system may still be empty.
    return bool(context.get_ca_certs()) or paths.capath is not None

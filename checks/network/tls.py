"""TLS contexts, each built once a process: one that only looks, one that trusts nothing unverified."""

from __future__ import annotations

import functools
import re
import ssl
from pathlib import Path

import certifi

from checks.once import made_once

_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")
"""How OpenSSL names the certificates of a folder, by the hash of their subject."""


@functools.lru_cache(maxsize=8)
def observing_context(purpose: str = "http") -> ssl.SSLContext:
    """A context that accepts any certificate, version and strength, so that what is wrong can be seen.

    Nothing confidential may be sent over it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # OpenSSL's default level refuses old versions and small keys on our side, which would look like the
    # server's fault. Suites without certificates are left out: a careless server would choose one of those, which
    # no browser offers, and show nothing of itself.
    context.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options &= ~ssl.OP_NO_RENEGOTIATION
    # SSL_OP_LEGACY_SERVER_CONNECT: servers without RFC 5746 are old, not absent. Named in ssl from 3.12 on.
    context.options |= 0x4
    return context


@made_once
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


def system_roots() -> tuple[str | None, str | None]:
    """File and folder of the system's roots, as OpenSSL wants them; Mozilla's file where the system has none."""
    paths = ssl.get_default_verify_paths()
    folder = _root_folder()
    return (paths.cafile, folder) if paths.cafile or folder else (certifi.where(), None)


def _has_system_roots(context: ssl.SSLContext) -> bool:
    # Roots of a folder are loaded only when needed, so the store of a healthy system may still be empty.
    return bool(context.get_ca_certs()) or _root_folder() is not None


def _root_folder() -> str | None:
    """The system's folder of roots; None where there is none or it holds none."""
    folder = ssl.get_default_verify_paths().capath
    if folder and any(_HASHED_NAME.fullmatch(path.name) for path in Path(folder).iterdir()):
        return folder
    return None

"""Whether this computer has a way to the Internet at all, told without sending a packet."""

from __future__ import annotations

import socket

ANYWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses for documentation: only the default route leads there."""


def has_route() -> bool:
    """Whether the system knows where to send a packet for the Internet; whether one would arrive is not asked."""
    return any(_leads(family, address) for family, address in ANYWHERE)


def _leads(family: socket.AddressFamily, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # For UDP this sends nothing: the system only looks for a route and an address of its own.
            probe.connect((address, 53))
    except OSError:
        return False
    return True

"""Whether there is a way from this machine to an address, told without sending anything."""

from __future__ import annotations

import ipaddress
import socket

_FAR_AWAY_V4, _FAR_AWAY_V6 = "8.8.8.8", "2001:4860:4860::8888"
"""Addresses that are reached by whatever leads to the Internet; nothing is sent to them."""


def is_address(text: str) -> bool:
    """Whether `text` is an IP address and not a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def has_route(address: str) -> bool:
    """Whether this machine knows a way to `address` at this moment. Sends nothing: UDP connect only routes."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
    except OSError:
        return False
    return True


def has_way(place: str) -> bool:
    """Whether this machine can try to connect to an address; of a name nothing is known before it is looked up."""
    if not is_address(place) or ipaddress.ip_address(place).is_loopback:
        return True
    # Without a way to the Internet there may still be one to this address: a laboratory's own network.
    return has_route(_FAR_AWAY_V6 if ":" in place else _FAR_AWAY_V4) or has_route(place)

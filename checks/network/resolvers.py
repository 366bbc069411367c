"""Which resolvers are asked: those that were given, or those of this machine."""

from __future__ import annotations

import ipaddress

import dns.exception
import dns.resolver


class BadServer(ValueError):
    """A name server that is no ADDRESS[:PORT]; the message says so."""


def parse_nameserver(text: str) -> tuple[str, int]:
    """Read ADDRESS, ADDRESS:PORT or [IPV6]:PORT. Raises BadServer."""
    host, port = text.strip(), 53
    if host.startswith("["):
        host, _, rest = host[1:].partition("]")
        port_text = rest.removeprefix(":")
    elif host.count(":") == 1:
        host, _, port_text = host.partition(":")
    else:
        port_text = ""
    try:
        address = str(ipaddress.ip_address(host))
        port = int(port_text) if port_text else 53
    except ValueError:
        raise BadServer(f"{text!r} is not an ADDRESS or ADDRESS:PORT of a DNS resolver") from None
    if not 0 < port < 65536:
        raise BadServer(f"{text!r}: {port} is not a port")
    return address, port


def system_nameservers() -> tuple[tuple[str, int], ...]:
    """The resolvers that this machine is set up with; empty where there is none."""
    try:
        resolver = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError):
        return ()
    return tuple((str(server), 53) for server in resolver.nameservers)

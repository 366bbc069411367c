"""Which addresses the public Internet cannot reach: IANA's special-purpose registries as a function."""

from __future__ import annotations

import ipaddress

# IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), and what lies outside global unicast. The longest
# prefix speaks; an empty reason is an address that the public reaches.
_REGISTRY = {
    ipaddress.ip_network(prefix): why
    for prefix, why in {
        "0.0.0.0/8": "no host's address (RFC 791)",
        "10.0.0.0/8": "private (RFC 1918)",
        "100.64.0.0/10": "shared by a provider's customers (RFC 6598)",
        "127.0.0.0/8": "loopback (RFC 1122)",
        "169.254.0.0/16": "link-local (RFC 3927)",
        "172.16.0.0/12": "private (RFC 1918)",
        "192.0.0.9/32": "",
        "192.0.0.10/32": "",
        "192.0.0.0/24": "reserved for protocols (RFC 6890)",
        "192.0.2.0/24": "for documentation (RFC 5737)",
        "192.168.0.0/16": "private (RFC 1918)",
        "198.18.0.0/15": "for benchmarks (RFC 2544)",
        "198.51.100.0/24": "for documentation (RFC 5737)",
        "203.0.113.0/24": "for documentation (RFC 5737)",
        "224.0.0.0/4": "multicast (RFC 5771)",
        "240.0.0.0/4": "reserved (RFC 1112)",
        "::/0": "not in use as a public address",
        "2000::/3": "",
        "64:ff9b::/96": "",
        "::/128": "unspecified (RFC 4291)",
        "::1/128": "loopback (RFC 4291)",
        "::ffff:0:0/96": "an IPv4 address in IPv6 clothes (RFC 4291)",
        "64:ff9b:1::/48": "for local translation (RFC 8215)",
        "100::/63": "discarded or a placeholder (RFC 6666, RFC 9780)",
        "2001:2::/48": "for benchmarks (RFC 5180)",
        "2001:10::/28": "withdrawn (RFC 4843)",
        "2001::/23": "reserved for protocols (RFC 2928)",
        "2001:1::1/128": "",
        "2001:1::2/128": "",
        "2001:3::/32": "",
        "2001:4:112::/48": "",
        "2001:20::/28": "",
        "2001:30::/28": "",
        "2001:db8::/32": "for documentation (RFC 3849)",
        "3fff::/20": "for documentation (RFC 9637)",
        "5f00::/16": "for segment routing inside one network (RFC 9602)",
        "fc00::/7": "private (RFC 4193)",
        "fe80::/10": "link-local (RFC 4291)",
        "fec0::/10": "site-local (RFC 3879)",
        "ff00::/8": "multicast (RFC 4291)",
    }.items()
}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST_FIRST = sorted(_REGISTRY, key=lambda network: -network.prefixlen)


def why_not_public(address: str) -> str:
    """Say why the public cannot reach `address`: "private (RFC 1918)"; empty where it can. Raises ValueError."""
    ip = ipaddress.ip_address(address)
    own = next((_REGISTRY[network] for network in _LONGEST_FIRST if ip in network), "")
    inner = _inside(ip)
    if own or inner is None:
        return own
    why = why_not_public(str(inner))
    return f"made of {inner}, which is {why}" if why else ""


def _inside(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that 6to4 (RFC 3056) and NAT64 (RFC 6052) write into theirs, and lead to."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return None
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.sixtofour

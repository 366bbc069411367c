"""Which edge network an address belongs to, by the ranges in ranges.toml."""

from __future__ import annotations

import functools
import ipaddress
import tomllib
from collections.abc import Iterable
from importlib.resources import files

Ranges = dict[int, dict[int, str]]
"""Edge names by network address, by prefix length."""


@functools.lru_cache(maxsize=1)
def _ranges() -> dict[int, Ranges]:
    """The table by IP version, longest prefix first."""
    tables: dict[int, Ranges] = {4: {}, 6: {}}
    data = tomllib.loads(files(__package__).joinpath("ranges.toml").read_text("utf-8"))
    for edge in data["edge"]:
        for text in edge["ranges"]:
            network = ipaddress.ip_network(text)
            tables[network.version].setdefault(network.prefixlen, {})[int(network.network_address)] = edge["name"]
    return {version: dict(sorted(table.items(), reverse=True)) for version, table in tables.items()}


def edge_of_address(address: str) -> str | None:
    """Return the name of the edge network that `address` belongs to; None where it is no known edge's.

    Two addresses with the same answer are one network, whatever their prefixes. Text that is no address is None's.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    for length, networks in _ranges()[ip.version].items():
        shift = ip.max_prefixlen - length
        if name := networks.get(int(ip) >> shift << shift):
            return name
    return None


def one_of_each_network(addresses: Iterable[str]) -> tuple[str, ...]:
    """The first address of each edge and every other one: an edge serves alike at all its addresses."""
    chosen: dict[str, str] = {}
    for address in addresses:
        chosen.setdefault(edge_of_address(address) or address, address)
    return tuple(chosen.values())

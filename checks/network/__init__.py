"""The seam to the network: resolver, connector, TLS, HTTP, deadlines, limits, counters and "offline"."""

from __future__ import annotations

from checks.network.connect_map import BadRule, ConnectMap, Rule, parse_map, parse_rule
from checks.network.counters import Counters
from checks.network.dns import Answer, Link
from checks.network.resolvers import BadServer, parse_nameserver
from checks.network.response import Headers, Phases, Response
from checks.network.routes import is_address
from checks.network.seam import USER_AGENT, Network
from checks.network.stream import Handshake, Stream, chain_of

__all__ = [
    "USER_AGENT",
    "Answer",
    "BadRule",
    "BadServer",
    "ConnectMap",
    "Counters",
    "Handshake",
    "Headers",
    "Link",
    "Network",
    "Phases",
    "Response",
    "Rule",
    "Stream",
    "chain_of",
    "is_address",
    "parse_map",
    "parse_nameserver",
    "parse_rule",
]

"""A small DNS of three levels for the tests of this room: a registry, a DNS host, and the domain under audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.dns_server import DnsServer, Records, Zone
from launchready_tui.lab.world import World

APEX = "93.184.215.14"
PARENT = "192.5.6.30"
NS1, NS2 = "185.10.10.1", "185.20.20.1"
HEALTHY: Mapping[str, Sequence[str]] = {
    "@": ["NS ns1.dns-host.net.", "NS ns2.dns-host.net.", f"A {APEX}", "MX 10 mail.example.com."],
    "www": ["CNAME example.com."],
    "mail": ["A 93.184.215.25"],
}


class Dns:
    """The registry of com, two name servers of dns-host.net, and example.com on both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.com: Zone
        self.zone: Zone
        self.parent: DnsServer
        self.first: DnsServer
        self.second: DnsServer

    async def start(self, records: Records = HEALTHY, *, delegated: Sequence[str] = ()) -> Dns:
        """Publish `records` on both servers; `delegated` are what the registry names (None: both servers)."""
        names = delegated or ("ns1.dns-host.net", "ns2.dns-host.net")
        com = {"@": ["NS a.registry.net."], "example": [f"NS {name}." for name in names]}
        self.com = self.world.zone("com", com)
        self.zone = self.world.zone("example.com", records)
        self.world.zone("net", {"@": ["NS a.registry.net."]})
        self.world.zone("registry.net", {"a": [f"A {PARENT}"]})
        self.world.zone("dns-host.net", {"ns1": [f"A {NS1}"], "ns2": [f"A {NS2}"]})
        self.parent = await self.world.nameserver(PARENT, [self.com])
        self.first = await self.world.nameserver(NS1, [self.zone])
        self.second = await self.world.nameserver(NS2, [self.zone])
        return self

    async def check(self, check_id: str, *, network: Network | None = None, **subject: Any) -> dict[str, Finding]:
        """Run one check and return its findings by target."""
        asked = Subject.of("example.com", **subject)
        if network is not None:
            return {finding.target: finding for finding in await collect(asked, network, only=[check_id])}
        async with self.world.network(dns_timeout=0.3) as made:
            return {finding.target: finding for finding in await collect(asked, made, only=[check_id])}


@pytest.fixture
def dns(world: World) -> Dns:
    return Dns(world)

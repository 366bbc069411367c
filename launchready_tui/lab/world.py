"""Joins servers to an Internet: public addresses and ports that lead to loopback, and nowhere else."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from checks.network import ConnectMap, Network
from launchready_tui.lab.certificates import Authority, Issued
from launchready_tui.lab.dns_server import DnsServer, Records, Zone
from launchready_tui.lab.web_server import Handler, WebServer


class Server(Protocol):
    host: str
    port: int

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class World:
    """A small Internet. What is not placed in it cannot be reached from its networks.

        async with World() as world:
            world.zone("example.com", {"@": ["A 203.0.113.10"], "www": ["CNAME example.com."]})
            await world.web("203.0.113.10", handler, world.authority.issue("example.com", "www.example.com"))
            async with world.network() as network: ...

    `resolver` is the recursive server that knows all zones; `authority` the root that networks trust; `host` is
    where the servers really listen: loopback, but for a benchmark that puts a link of its own between.
    """

    def __init__(self, authority: Authority | None = None, *, host: str = "127.0.0.1") -> None:
        self.host = host
        self.authority = authority or Authority()
        self.resolver = DnsServer(recursive=True)
        self.zones: dict[str, Zone] = {}
        self.rules: list[str] = []
        # The last rule keeps every packet that has no place here on this machine: port 1 answers nobody.
        self.map = ConnectMap(["::127.0.0.1:1"])
        self._servers: list[Server] = []
        self._folder = tempfile.TemporaryDirectory(prefix="launchready-lab-")
        self.ca_file = str(Path(self._folder.name, "root.pem"))
        Path(self.ca_file).write_bytes(self.authority.pem)

    async def __aenter__(self) -> Self:
        self.resolver.host = self.host
        await self.resolver.start()
        self._servers.append(self.resolver)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(server.stop() for server in self._servers))
        self._folder.cleanup()

    # ---------------------------------------------------------------- names

    def zone(self, origin: str, records: Records, **options: Any) -> Zone:
        """Publish a zone; the resolver knows it at once. See `Records` for the form."""
        zone = self.zones[origin] = Zone(origin, records, **options)
        self.resolver.zones = list(self.zones.values())
        return zone

    async def nameserver(self, address: str, zones: Iterable[Zone]) -> DnsServer:
        """Start an authoritative server for `zones` at a public address, port 53."""
        server = DnsServer(zones)
        await self.place(server, address, 53)
        return server

    # ---------------------------------------------------------------- servers

    async def place(self, server: Server, address: str, port: int) -> None:
        """Start a server and let `address`:`port` lead to it."""
        server.host = self.host
        await server.start()
        self._servers.append(server)
        self.route(address, port, server.port)

    def route(self, address: str, port: int, to_port: int) -> None:
        """Let `address`:`port` lead to a port of the world's host."""
        host = f"[{address}]" if ":" in address else address
        rule = f"{host}:{port}:{self.host}:{to_port}"
        self.rules.append(rule)
        self.map.prefer(rule)

    async def web(
        self,
        address: str,
        handler: Handler,
        certificates: Issued | Mapping[str, Issued] | None = None,
        *,
        port: int = 0,
        **options: Any,
    ) -> WebServer:
        """Start a web server at a public address: port 443 with certificates, else 80."""
        if isinstance(certificates, Issued):
            certificates = {"": certificates}
        server = WebServer(handler, certificates or {}, **options)
        await self.place(server, address, port or (443 if certificates else 80))
        return server

    @property
    def nameservers(self) -> list[str]:
        return [f"{self.host}:{self.resolver.port}"]

    @property
    def connect_to(self) -> list[str]:
        """The rules in the form that the command line takes."""
        return [*reversed(self.rules), "::127.0.0.1:1"]

    def network(self, **options: Any) -> Network:
        """A network that lives in this world alone."""
        given: dict[str, Any] = {"nameservers": self.nameservers, "connect_to": self.map, "ca_file": self.ca_file}
        return Network(**(given | options))

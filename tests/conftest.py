"""Fixtures that every room's tests use: a world on loopback, and nothing beyond it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import settings

from checks.network import Network
from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.world import World
from tests.patient_loop import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]

# How long an example takes says more of the machine than of the code: growth is compared, in benchmarks and by counts.
settings.register_profile("launchready", deadline=None)
settings.load_profile("launchready")


@pytest.fixture(scope="session")
def authority() -> Authority:
    """One private root for the whole run: making keys takes time."""
    return Authority()


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    """An empty Internet on loopback."""
    async with World(authority) as made:
        yield made


@pytest.fixture
async def network(world: World) -> AsyncIterator[Network]:
    """A network that asks the world's resolver. Zones and servers may be added before it is used."""
    async with world.network(dns_timeout=1.0) as made:
        yield made


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every socket that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.type == socket.SOCK_STREAM and self.family in (socket.AF_INET, socket.AF_INET6):
            host = ipaddress.ip_address(str(address[0]).partition("%")[0])
            assert host.is_loopback, f"a test tried to reach {host}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield

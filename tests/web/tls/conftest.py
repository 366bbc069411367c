"""What the tests of TLS share: a site in a small world, and its findings by check and target."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.certificates import Issued
from launchready_tui.lab.web_server import WebServer, page
from launchready_tui.lab.world import World

ADDRESS = "198.18.7.10"
Serve = Callable[..., Awaitable[WebServer]]
Audit = Callable[..., Awaitable["Results"]]


class Results:
    """Findings of one run."""

    def __init__(self, findings: list[Finding]) -> None:
        self._by_key = {(f.check, f.target): f for f in findings}
        assert len(self._by_key) == len(findings), "one finding for each check and target"

    def of(self, check: str, target: str = "example.com") -> Finding:
        return self._by_key[check, target]

    def status(self, check: str, target: str = "example.com") -> str:
        return str(self.of(check, target).status)

    @property
    def problems(self) -> set[tuple[str, str, str]]:
        return {(f.check, f.target, str(f.status)) for f in self._by_key.values() if f.is_problem}

    @property
    def untold(self) -> set[tuple[str, str]]:
        return {(f.check, str(f.status)) for f in self._by_key.values() if f.status in ("skipped", "error")}


@pytest.fixture
def serve(world: World) -> Serve:
    """Publish example.com at one address, with a web server behind port 443."""

    async def start(certificates: Issued | Mapping[str, Issued], address: str = ADDRESS, **options: Any) -> WebServer:
        if "example.com" not in world.zones:
            world.zone("example.com", {"@": [f"A {address}"]})
        return await world.web(address, lambda request: page("<title>Shop</title>"), certificates, **options)

    return start


@pytest.fixture
def audit(network: Network) -> Audit:
    """Run the TLS checks (or those given) on example.com."""

    async def run(*only: str, subject: Subject | None = None, through: Network | None = None) -> Results:
        chosen = subject or Subject.of("example.com")
        return Results(await collect(chosen, through or network, only=only or {"tls"}))

    return run

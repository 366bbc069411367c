"""What the tests of pages, headers, exposure and forms share: a site at example.com and the findings of some checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.certificates import Issued
from launchready_tui.lab.web_server import Handler, Reply, Request, WebServer, page, pages, redirect
from launchready_tui.lab.world import World

ADDRESS = "198.18.7.20"
HOME = "https://example.com/"
REAL_PAGE = "<title>Harbor Tea</title><h1>Fresh tea by the sea</h1><p>" + "We sell good tea to good people. " * 40


def html(body: str = REAL_PAGE, *headers: tuple[str, str], status: int = 200) -> Reply:
    """A page like a real one, with headers."""
    return page(body, *headers, status=status)


def script(code: str, *headers: tuple[str, str]) -> Reply:
    return Reply(200, (("content-type", "text/javascript"), *headers), code.encode())


def text(body: str, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("content-type", "text/plain"), *headers), body.encode())


def to_https(request: Request) -> Reply:
    return redirect(f"https://{request.host}{request.target}")


def healthy(request: Request) -> Reply:
    """www goes to the apex with path and query; the apex serves one page."""
    if request.host == "www.example.com":
        return redirect(f"https://example.com{request.target}")
    return html() if request.path == "/" else html("<title>No such page</title>", status=404)


class Looked:
    """The findings of the checks that ran."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

    @property
    def status(self) -> str:
        """The worst status: fail, warn, error, skipped, info, pass."""
        order = ("fail", "warn", "error", "skipped", "info", "pass")
        return min((str(f.status) for f in self.findings), key=order.index)

    @property
    def problems(self) -> dict[str, str]:
        """Status by target, of problems alone."""
        return {f.target: str(f.status) for f in self.findings if f.is_problem}

    @property
    def only(self) -> Finding:
        assert len(self.findings) == 1, [f.target for f in self.findings]
        return self.findings[0]

    def of(self, target: str) -> Finding:
        (found,) = [f for f in self.findings if f.target == target]
        return found

    @property
    def evidence(self) -> str:
        return "\n".join(line for f in self.findings for line in f.evidence)


class Site:
    """example.com and www in a small world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.server: WebServer
        self.counters: dict[str, int] = {}

    async def serve(
        self,
        secure: Handler | Mapping[str, Reply] | None = healthy,
        plain: Handler | None = to_https,
        *,
        zone: Mapping[str, list[str]] | None = None,
        certificate: Issued | None = None,
        **options: Any,
    ) -> Site:
        """Publish the names and start the servers; None leaves a port closed. A table of replies goes by path."""
        records = zone or {"@": [f"A {ADDRESS}"], "www": [f"A {ADDRESS}"]}
        self.world.zone("example.com", dict(records))
        if secure is not None:
            handler = pages(dict(secure)) if isinstance(secure, Mapping) else secure
            issued = certificate or self.world.authority.issue("example.com", "*.example.com")
            self.server = await self.world.web(ADDRESS, handler, issued, **options)
        if plain is not None:
            await self.world.web(ADDRESS, plain)
        return self

    async def look(self, check: str, *, network: Network | None = None, **subject: Any) -> Looked:
        """Run one check on the site as the subject declares it."""
        asked = Subject.of("example.com", **subject)
        if network is not None:
            return Looked(await collect(asked, network, only=[check]))
        async with self.world.network(dns_timeout=1.0, step_seconds=3.0, request_seconds=3.0) as own:
            found = await collect(asked, own, only=[check])
            self.counters = own.counters.as_dict()
        return Looked(found)

"""What the tests of the edge share: a shop in a small world, with each part of it to be changed."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.secret import Secret
from checks.subject import Subject
from launchready_tui.lab.web_server import Reply, Request, WebServer
from launchready_tui.lab.world import World

EDGE_ADDRESS = "104.16.1.1"
"""Inside Cloudflare's published ranges."""
ORIGIN_ADDRESS = "198.18.7.20"
WORDS = " ".join(f"tea{n} leaf{n} pot{n}" for n in range(120))
HTML = f"""<!doctype html><title>Harbor Tea</title><link rel=stylesheet href=/app.css><script src=/app.js></script>
<h1>Tea by the sea</h1><img src=/logo.svg><p>{WORDS}</p>"""
LONG = b"/* rules */ " * 200
KEPT = ("cache-control", "public, max-age=86400")
GZIP = ("content-encoding", "gzip")

Audit = Callable[..., Awaitable["list[Finding]"]]
OpenShop = Callable[..., Awaitable[WebServer]]


def reply(body: bytes, kind: str, *headers: tuple[str, str], status: int = 200) -> Reply:
    return Reply(status, (("content-type", kind), *headers), body)


def zipped(body: bytes, kind: str, *headers: tuple[str, str]) -> Reply:
    return reply(gzip.compress(body), kind, GZIP, *headers)


@dataclass
class Shop:
    """Replies by path. `host` answers other names with a redirect to itself."""

    host: str = "example.com"
    table: dict[str, Reply] = field(
        default_factory=lambda: {
            "/": zipped(HTML.encode(), "text/html; charset=utf-8"),
            "/app.css": zipped(LONG, "text/css", KEPT),
            "/app.js": zipped(LONG, "text/javascript", KEPT),
            "/logo.svg": zipped(b"<svg/>", "image/svg+xml", KEPT),
        }
    )

    def __call__(self, request: Request) -> Reply:
        if request.host != self.host or request.scheme != "https":
            return Reply(301, (("location", f"https://{self.host}{request.target}"),))
        return self.table.get(request.path) or reply(b"<title>Not found</title>", "text/html", status=404)

    def marked(self, *headers: tuple[str, str]) -> Callable[[Request], Reply]:
        """The same shop behind an edge that adds these headers."""

        def answer(request: Request) -> Reply:
            made = self(request)
            return Reply(made.status, (*made.headers, *headers), made.body)

        return answer


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def open_shop(world: World, shop: Shop) -> OpenShop:
    """Publish the shop at an address on 443 and 80."""

    async def start(address: str = ORIGIN_ADDRESS, *headers: tuple[str, str], **options: Any) -> WebServer:
        if "example.com" not in world.zones:
            world.zone("example.com", {"@": [f"A {address}"]})
        handler = shop.marked(*headers)
        await world.web(address, handler)
        issued = world.authority.issue("example.com", "www.example.com")
        return await world.web(address, handler, issued, **options)

    return start


@pytest.fixture
def audit(network: Network) -> Audit:
    """Run checks by id on example.com."""

    async def run(*only: str, secrets: dict[str, Secret] | None = None, **subject: Any) -> list[Finding]:
        return await collect(Subject.of("example.com", **subject), network, only=only, secrets=secrets)

    return run


def only(findings: list[Finding]) -> Finding:
    """The one finding of a check on one target."""
    (finding,) = findings
    return finding

"""A machine with one address family: run inside an empty network namespace, where what has no place has no route.

The site, its name servers and its mail exchanger have addresses of both families; those of the one that is given as
argument are reached, the others are not. Prints the findings as JSON.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys

from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.web_server import Reply, Request, page, redirect
from launchready_tui.lab.world import World

SITE = {"4": "104.16.9.1", "6": "2606:4700::9:1"}
NAME_SERVERS = ({"4": "185.10.10.1", "6": "2a01:4f8:1::1"}, {"4": "185.20.20.1", "6": "2a01:4f8:2::1"})
REGISTRY = {"4": "192.5.6.30", "6": "2001:503:a83e::2:30"}
WORDS = "<p>Good tea, delivered to offices in the harbour, every Monday before nine.</p>" * 20
SAFE = (
    ("strict-transport-security", "max-age=31536000"),
    ("content-security-policy", "default-src 'self'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
)


def records(addresses: dict[str, str]) -> list[str]:
    return [f"A {addresses['4']}", f"AAAA {addresses['6']}"]


def site(request: Request) -> Reply:
    if request.host.startswith("www."):
        return redirect(f"https://example.com{request.target}")
    if request.path != "/":
        return page("<title>No such page</title>", *SAFE, status=404)
    body = gzip.compress(f"<title>Harbor Tea</title><h1>Harbor Tea</h1>{WORDS}".encode())
    return Reply(200, (("content-type", "text/html; charset=utf-8"), ("content-encoding", "gzip"), *SAFE), body)


def to_https(request: Request) -> Reply:
    return redirect(f"https://{request.host}{request.target}")


async def publish(world: World, family: str) -> None:
    """Publish the zones, and place the servers at their addresses of this family."""
    servers = [f"NS ns{n}.dns-host.net." for n in (1, 2)]
    com = world.zone("com", {"@": ["NS a.registry.net."], "example": servers})
    world.zone("net", {"@": ["NS a.registry.net."]})
    world.zone("registry.net", {"a": records(REGISTRY)})
    world.zone("dns-host.net", {f"ns{n}": records(place) for n, place in enumerate(NAME_SERVERS, 1)})
    zone = world.zone("example.com", {"@": [*servers, *records(SITE)], "www": ["CNAME example.com."]})
    await world.nameserver(REGISTRY[family], [com])
    for place in NAME_SERVERS:
        await world.nameserver(place[family], [zone])
    await world.web(SITE[family], site, world.authority.issue("example.com", "www.example.com"))
    await world.web(SITE[family], to_https)


async def audit(family: str) -> list[dict[str, object]]:
    async with World() as world:
        await publish(world, family)
        # Without the world's last rule, which would send the other family to a closed port of this machine.
        async with Network(
            nameservers=world.nameservers, connect_to=[*reversed(world.rules)], ca_file=world.ca_file
        ) as network:
            subject = Subject.of("example.com", receives_mail=False)
            findings = await collect(subject, network, only=["dns", "tls", "web", "edge", "headers", "exposure", "mx"])
    return [finding.as_dict() for finding in findings]


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print(json.dumps(asyncio.run(audit(sys.argv[1]))))

"""Many small businesses on loopback, some of them hostile: what `bench_many` and its test audit.

    python -m tests.benchmarks.many_sites 200

serves until standard input ends, and prints one line of JSON: the domains, the hostile ones by what they do, and
the options that lead there.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from launchready_tui.lab.web_server import Reply, Request, page, redirect
from launchready_tui.lab.world import World

HOSTILE_EACH = 20
"""Of so many sites one is hostile."""
Answer = Callable[[Request], Reply | Awaitable[Reply]]

_STYLE = b"body{font:18px/1.6 Georgia,serif;max-width:42rem;margin:3rem auto}" * 100
_SCRIPT = b"document.querySelector('form')?.addEventListener('submit',()=>{document.body.dataset.sent='1'});" * 2000
"""200 kB, as a small bundle is."""


def _healthy(request: Request) -> Reply:
    if request.scheme == "http":
        return redirect(f"https://{request.host}{request.target}")
    if request.host.startswith("www."):
        return redirect(f"https://{request.host.removeprefix('www.')}{request.target}")
    kept = ("cache-control", "public, max-age=31536000, immutable")
    coded = ("content-encoding", "gzip")
    match request.path:
        case "/":
            return page(
                "<!doctype html><title>Shop</title><link rel=stylesheet href=/site.css><script src=/site.js></script>"
                f"<h1>{request.host}</h1><p>{'We make good things for good people. ' * 30}</p>"
            )
        case "/site.css":
            return Reply(200, (("content-type", "text/css"), kept, coded), gzip.compress(_STYLE, 1))
        case "/site.js":
            return Reply(200, (("content-type", "text/javascript"), kept, coded), gzip.compress(_SCRIPT, 1))
    return page("<title>Not found</title><h1>No such page</h1>", status=404)


async def _hangs(request: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


def _garbage(request: Request) -> Reply:
    return Reply(200, (("content-type", "text/html"), ("content-encoding", "br")), os.urandom(400_000))


BOMB = gzip.compress(gzip.compress(bytes(300_000_000), 9), 9)


def _bomb(request: Request) -> Reply:
    """300 MB of nothing in a kilobyte, packed twice."""
    return Reply(200, (("content-type", "text/html"), ("content-encoding", "gzip, gzip")), BOMB)


def _deep(request: Request) -> Reply:
    """A page of elements within elements, and of links that never close."""
    return page("<div><a href='x" * 200_000)


def _endless(request: Request) -> Reply:
    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"<p>more of the same</p>" * 400

    return Reply(200, (("content-type", "text/html"),), chunks=chunks)


def _circular(request: Request) -> Reply:
    return redirect(f"https://{request.host}/{len(request.path)}{request.path}")


def _wordy(request: Request) -> Reply:
    return Reply(200, tuple((f"x-{n}", "y" * 4000) for n in range(60)), b"<title>wordy</title>")


HOSTILE: dict[str, Answer] = {
    "hangs": _hangs,
    "garbage": _garbage,
    "bomb": _bomb,
    "deep": _deep,
    "endless": _endless,
    "circular": _circular,
    "wordy": _wordy,
}
"""What a hostile site does, to every request."""


@contextlib.asynccontextmanager
async def many_sites(count: int, *, hostile_each: int = HOSTILE_EACH) -> AsyncIterator[tuple[World, dict[str, str]]]:
    """A world of `count` sites; what each does ("healthy", or a name of HOSTILE) by its domain."""
    kinds = list(HOSTILE)
    does: dict[str, str] = {}
    async with World() as world:
        for number in range(count):
            at = number // hostile_each
            kind = kinds[at % len(kinds)] if number % hostile_each == hostile_each - 1 else "healthy"
            does[f"site{number:03d}.example"] = kind

        def handle(request: Request) -> Reply | Awaitable[Reply]:
            return HOSTILE.get(does.get(request.host.removeprefix("www."), ""), _healthy)(request)

        certificates = {}
        for number, domain in enumerate(does):
            address = f"93.184.{number // 250}.{number % 250 + 1}"
            world.zone(domain, {"@": [f"A {address}"], "www": [f"CNAME {domain}."]})
            certificates[domain] = certificates[f"www.{domain}"] = world.authority.issue(domain, f"www.{domain}")
        secure = await world.web("93.184.0.1", handle, certificates)
        plain = await world.web("93.184.0.1", handle)
        # One rule for all: the name that was asked for tells the sites apart.
        world.rules = [f":443:{world.host}:{secure.port}", f":80:{world.host}:{plain.port}"]
        for rule in world.rules:
            world.map.prefer(rule)
        yield world, does


async def _serve(count: int) -> None:
    async with many_sites(count) as (world, does):
        options = ["--ca-file", world.ca_file]
        for server in world.nameservers:
            options += ["--nameserver", server]
        for rule in world.connect_to:
            options += ["--connect-to", rule]
        print(json.dumps({"does": does, "options": options}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))

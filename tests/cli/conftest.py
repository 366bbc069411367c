"""A world that a real `launchready` process can be sent to: healthy, small, on loopback."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from launchready_tui.lab.web_server import Reply, Request, page, redirect
from launchready_tui.lab.world import World
from tests.programs import LONG

APEX = "93.184.215.14"


@dataclass(frozen=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def launchready(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> Done:
    """Run the real command line in a process of its own, while this loop goes on serving."""
    import os

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launchready_tui", *words,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | (env or {}),
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), LONG)
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


def lab_options(world: World) -> list[str]:
    """The options that send a process to the world."""
    words: list[str] = ["--ca-file", world.ca_file]
    for server in world.nameservers:
        words += ["--nameserver", server]
    for rule in world.connect_to:
        words += ["--connect-to", rule]
    return words


async def small_site(world: World, domain: str, *, also: Iterable[str] = ()) -> None:
    """Publish a domain whose apex and www answer."""
    world.zone(domain, {"@": [f"A {APEX}"], "www": [f"CNAME {domain}."]})

    def handle(request: Request) -> Reply:
        if request.scheme == "http" or request.host.startswith("www."):
            return redirect(f"https://{request.host.removeprefix('www.')}{request.target}")
        return page(f"<!doctype html><title>{domain}</title><h1>Welcome</h1><p>{'We make things. ' * 40}</p>")

    await world.web(APEX, handle, world.authority.issue(domain, f"www.{domain}", *also))
    await world.web(APEX, handle)


@pytest.fixture
async def site(world: World) -> list[str]:
    """example.com on loopback; the options that lead there."""
    await small_site(world, "example.com")
    return lab_options(world)

"""Who runs the zone: told by its name servers, so that a fix can say where to make it."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files

from checks.errors import NetworkError
from checks.facts import Facts, fact


@functools.lru_cache(maxsize=1)
def _suffixes() -> dict[str, str]:
    table: dict[str, str] = tomllib.loads(files(__package__).joinpath("dns_hosts.toml").read_text("utf-8"))["suffixes"]
    return table


def dns_host_of(server: str) -> str | None:
    """Return the company that runs the name server `server`; None where it is not known."""
    labels = re.sub(r"\bawsdns-\d+\b", "awsdns-*", server.lower().rstrip(".")).split(".")
    return next((name for at in range(len(labels)) if (name := _suffixes().get(".".join(labels[at:])))), None)


def dns_host_name(servers: Iterable[str]) -> str:
    """Name the one company that runs all these name servers; empty where none is known or they are several."""
    hosts = {dns_host_of(server) for server in servers}
    only = hosts.pop() if len(hosts) == 1 else None
    return only or ""


@fact
async def dns_host(facts: Facts) -> str:
    """The company that runs the zone of the domain; empty where it is not known."""
    labels = facts.subject.domain.split(".")
    for at in range(len(labels) - 1):
        try:
            answer = await facts.network.resolve(".".join(labels[at:]), "NS")
        except NetworkError:
            return ""
        if answer.records and not answer.chain:
            return dns_host_name(answer.texts)
    return ""


async def at_dns_host(facts: Facts) -> str:
    """The beginning of a fix: "At Cloudflare (your DNS host)", or "At your DNS host"."""
    host = await dns_host(facts)
    return f"At {host} (your DNS host)" if host else "At your DNS host"

"""Return-path names below a domain ("send.", "mg.", "em123.", "bounce."): whose they are, and their SPF."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.providers import Provider, by_mx, by_return_path, by_spf, providers
from checks.mail.spf.grammar import Record
from checks.mail.spf.tree import published, static_target
from checks.network import Answer

USUAL = ("send", "mg", "mail", "em", "email", "bounce", "bounces", "mailer", "news", "mta", "return")
"""Labels that senders use for the name in the return path, beside those of the provider table."""

WILD = 4
"""Usual names with one and the same record and no MX: more than anybody sets up by hand."""

_NUMBERED = re.compile(r"(?:em|e|bounces?|mg|send|mail)\d*\Z")


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """A name below the domain that bounces of a service go to."""

    name: str
    services: tuple[Provider, ...]
    """Whose it may be; several where one builds on another."""
    evidence: str
    spf: bool
    """Whether its SPF record (often the service's, behind a CNAME) lets that service send."""
    record: str = ""
    """Its own SPF record; empty where it has none."""
    alias: bool = False
    """Whether the name is a CNAME, below which nothing can stand."""


def names_to_ask(facts: Facts) -> tuple[str, ...]:
    """The names where a return path may be: usual ones, the table's, and declared ones that look like one."""
    domain = facts.subject.domain
    usual = [*USUAL, *(label for provider in providers() for label in provider.names)]
    declared = [name for name in facts.subject.subdomains if _NUMBERED.match(name.split(".")[0])]
    return tuple(dict.fromkeys([*(f"{label}.{domain}" for label in usual), *declared]))


@fact
async def return_paths(facts: Facts) -> tuple[ReturnPath, ...]:
    """The return-path names that can be found. A name that cannot be asked for is left out. Raises Offline."""
    found = await asyncio.gather(*(_look(facts, name) for name in names_to_ask(facts)))
    paths = [path for path in found if path is not None]
    # A wildcard gives every usual name the same record, and none of them is chosen by anybody.
    plain = Counter(path.evidence.partition(" ")[2] for path in paths if path.evidence.startswith(f"{path.name} TXT"))
    return tuple(path for path in paths if plain[path.evidence.partition(" ")[2]] < WILD)


async def _look(facts: Facts, name: str) -> ReturnPath | None:
    try:
        mx = await facts.network.resolve(name, "MX")
        target = mx.chain[-1].target if mx.chain else ""
        services = by_return_path(target) if target else ()
        hosts = _exchangers(mx)
        services = services or next((found for host in hosts if (found := by_return_path(host))), ())
        if not services and not mx.ok:
            return None
        record = (await published(facts, name)).record
    except CannotTell:
        return None
    by_include = _services_in(record, name)
    if not services:
        # A mailbox service's MX or include makes it a domain of its own (or a wildcard), not a return path.
        services = tuple(service for service in by_include if service.bounce in ("subdomain", "optional"))
        if not services or any(by_mx(host) for host in hosts):
            return None
    elif by_include and set(by_include) & set(services):
        services = tuple(service for service in services if service in by_include)
    spf = bool(set(by_include) & set(services)) or (bool(target) and record is not None)
    text = record.text if record else ""
    # A name that only sends needs no MX.
    seen = f"{name} -> {target}" if target else f"{name} MX {', '.join(hosts)}" if hosts else f"{name} TXT {text}"
    return ReturnPath(name, services, seen, spf, text, alias=bool(target))


def _exchangers(mx: Answer) -> tuple[str, ...]:
    return tuple(r.exchange.to_text(omit_final_dot=True).lower() for r in mx.records)  # type: ignore[attr-defined]


def _services_in(record: Record | None, name: str) -> tuple[Provider, ...]:
    """The services that the includes of the record at `name` belong to, told by their names alone."""
    followed = record.followed if record else ()
    specs = [term.domain for term in followed if term.kind in ("include", "redirect") and term.domain]
    targets = (static_target(spec, name, name) or spec.text for spec in specs)
    return tuple(dict.fromkeys(service for target in targets for service in by_spf(target)))

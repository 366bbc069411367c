"""What the mail screen shows: the services that send for a domain, and the three records with what hangs on them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from checks.dns.dns_hosts import at_dns_host
from checks.errors import CannotTell
from checks.facts import Facts
from checks.mail.dkim.selectors import DkimKeys, dkim_keys
from checks.mail.dmarc.advice import next_step
from checks.mail.dmarc.tree import InForce, policy_in_force
from checks.mail.services import Service, services
from checks.mail.spf.fix import Proposal, proposal
from checks.mail.spf.tree import Node, tree


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a record's tree."""

    depth: int
    text: str
    note: str = ""
    good: bool | None = None
    """None where it is neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """One of the three records."""

    title: str
    record: str
    """As published; empty where there is none."""
    branches: tuple[Branch, ...]
    publish: str = ""
    """The record to publish in its place, to be copied; empty where it is right or nobody can tell."""
    advice: str = ""
    problem: str = ""
    """Why it could not be read."""


@dataclass(frozen=True, slots=True)
class MailView:
    where: str
    """ "At Cloudflare (your DNS host)"."""
    services: tuple[Service, ...]
    spf: RecordView
    dkim: RecordView
    dmarc: RecordView

    @property
    def records(self) -> tuple[RecordView, ...]:
        return (self.spf, self.dkim, self.dmarc)


async def look_at_mail(facts: Facts) -> MailView:
    """Ask for everything at once. Raises Offline."""
    where, table, spf, dkim, dmarc = await asyncio.gather(
        at_dns_host(facts), services(facts), _spf(facts), _dkim(facts), _dmarc(facts)
    )
    return MailView(where, table, spf, dkim, dmarc)


async def _spf(facts: Facts) -> RecordView:
    domain = facts.subject.domain
    try:
        root, made = await asyncio.gather(tree(facts, domain), proposal(facts))
    except CannotTell as problem:
        return RecordView("SPF: who may send in your name", "", (), problem=problem.reason)
    return spf_view(root, made)


def spf_view(root: Node | None, made: Proposal) -> RecordView:
    """The SPF record with its includes as a tree, and the one to publish where it is another."""
    record = root.record.text if root else ""
    return RecordView(
        "SPF: who may send in your name",
        record,
        tuple(_includes(root, 0, set())) if root else (),
        publish=made.instruction if made.text != record else "",
        advice=f"{root.lookups} of 10 look-ups used" if root else "",
    )


def _includes(node: Node, depth: int, above: set[str]) -> Iterator[Branch]:
    for term in node.record.followed:
        branch = next((branch for branch in node.branches if branch.term is term), None)
        if branch is None:
            yield Branch(depth, term.text)
            continue
        note = branch.reason or (branch.trouble.value if branch.trouble else "")
        broken = branch.trouble is not None and branch.trouble.is_broken
        count = _look_ups(1 + branch.node.lookups) if branch.node else ""
        yield Branch(depth, term.text, note or count, False if broken else None)
        if branch.node is not None and branch.target not in above:
            yield from _includes(branch.node, depth + 1, above | {branch.target})


def _look_ups(count: int) -> str:
    return f"{count} look-up" if count == 1 else f"{count} look-ups"


async def _dkim(facts: Facts) -> RecordView:
    try:
        keys = await dkim_keys(facts)
    except CannotTell as problem:
        return RecordView("DKIM: the signature on your mail", "", (), problem=problem.reason)
    return dkim_view(keys)


def dkim_view(keys: DkimKeys) -> RecordView:
    """The selectors, each with its key or its lack."""
    branches = []
    for place in keys.places:
        via = f" -> {place.target}" if place.target else ""
        found = "; ".join(key.summary for key in place.keys)
        note = found or (place.problem.reason if place.problem else "no key")
        good = bool(place.keys) and all(key.usable for key in place.keys)
        branches.append(Branch(0, f"{place.selector}{via}", note, None if place.problem else good))
    return RecordView("DKIM: the signature on your mail", "", tuple(branches))


async def _dmarc(facts: Facts) -> RecordView:
    domain = facts.subject.domain
    title = "DMARC: what receivers do with mail that only pretends to be yours"
    try:
        force = await policy_in_force(facts, domain)
    except CannotTell as problem:
        return RecordView(title, "", (), problem=problem.reason)
    if force is None:
        return RecordView(title, "", (), advice="No policy is in force; the risk list says what to publish.")
    return dmarc_view(force, domain, title)


def dmarc_view(force: InForce, domain: str, title: str) -> RecordView:
    """The policy in force, tag by tag, and the next step."""
    branches = tuple(Branch(0, f"{name}={value}") for name, value in force.record.tags.tags)
    return RecordView(title, force.record.text, branches, advice=f"{force.told}. {next_step(force, domain)}".strip())

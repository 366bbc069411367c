"""The DNS tree walk: which DMARC record applies to a name, and which organisation it belongs to (RFC 9989 s4.10)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.asking import ask, texts
from checks.mail.dmarc.record import DmarcRecord, begins_dmarc, meant_as_dmarc, parse_record

MOST_LABELS = 8


def names_to_walk(name: str) -> tuple[str, ...]:
    """The domains whose _dmarc is asked, longest first; never more than eight."""
    labels = name.split(".")
    shorter = labels[1:] if len(labels) < MOST_LABELS else labels[-(MOST_LABELS - 1) :]
    return (name, *(".".join(shorter[at:]) for at in range(len(shorter))))


@dataclass(frozen=True, slots=True)
class Step:
    """What stands at _dmarc of one domain."""

    domain: str
    texts: tuple[str, ...] = ()
    problem: CannotTell | None = None
    """Why it could not be asked."""

    @property
    def name(self) -> str:
        return f"_dmarc.{self.domain}"

    @property
    def meant(self) -> tuple[DmarcRecord, ...]:
        """Records that are plainly meant as DMARC, usable or not."""
        return tuple(parse_record(text) for text in self.texts if meant_as_dmarc(text))

    @property
    def beginning(self) -> tuple[str, ...]:
        """Records that begin with v=DMARC1."""
        return tuple(text for text in self.texts if begins_dmarc(text))

    @property
    def record(self) -> DmarcRecord | None:
        """The one record that receivers read here; several cancel each other. Raises CannotTell."""
        if self.problem is not None:
            raise self.problem
        found = [parsed for text in self.beginning if (parsed := parse_record(text)).identified]
        return found[0] if len(self.beginning) == 1 and found else None

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(f'{self.name} TXT "{text}"' for text in self.texts) or (f"{self.name} TXT: no record",)


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps of one tree walk, from the name itself down to its last label."""

    start: str
    steps: tuple[Step, ...]

    @property
    def organization(self) -> str:
        """The organisational domain (s4.10.2). Raises CannotTell where a step that matters could not be asked."""
        fewest = self.start
        for index, step in enumerate(self.steps):
            record = step.record
            if record is None:
                continue
            if record.psd == "n":
                return step.domain
            if record.psd == "y" and index:
                return _below(step.domain, self.start)
            fewest = step.domain
            if record.psd == "y":
                break
        return fewest

    def at(self, domain: str) -> Step | None:
        return next((step for step in self.steps if step.domain == domain), None)

    @property
    def registry(self) -> Step | None:
        """The step above the start whose record says psd=y. Raises CannotTell."""
        for step in self.steps[1:]:
            record = step.record
            if record is not None and record.psd != "u":
                return step if record.psd == "y" else None
        return None

    @property
    def deciding(self) -> tuple[Step, ...]:
        """The steps whose records decide for the start: its own, or else that of its organisation (s4.10.1).

        Where neither has a record that counts, any that was meant to count may be why: all are given, public suffixes
        of one label left out. Raises CannotTell where a step that matters could not be asked.
        """
        own = self.steps[0]
        if own.problem is not None or own.record is not None:
            return (own,)
        organization = self.at(self.organization)
        if organization is not None and organization.record is not None:
            return (own, organization)
        return (own, *(step for step in self.steps[1:] if "." in step.domain))


def _below(suffix: str, name: str) -> str:
    """The domain one label below `suffix` on the way to `name`."""
    labels = name.split(".")
    return ".".join(labels[-(suffix.count(".") + 2) :])


@fact
async def tree_walk(facts: Facts, name: str) -> Walk:
    """Ask every step of the walk from `name`, all at once. Raises Offline."""

    async def step(domain: str) -> Step:
        try:
            return Step(domain, await texts(facts, f"_dmarc.{domain}"))
        except CannotTell as problem:
            return Step(domain, problem=problem)

    return Walk(name, tuple(await asyncio.gather(*(step(domain) for domain in names_to_walk(name)))))


async def organizational_domain(facts: Facts, name: str) -> str:
    """The domain of the organisation that `name` belongs to. Raises CannotTell, Offline."""
    return (await tree_walk(facts, name)).organization


async def aligned(facts: Facts, identifier: str, author: str, *, strict: bool = False) -> bool:
    """Whether an authenticated domain speaks for the author domain (RFC 9989 s4.4). Raises CannotTell, Offline."""
    if identifier == author:
        return True
    if strict:
        return False
    ours, theirs = await asyncio.gather(organizational_domain(facts, author), organizational_domain(facts, identifier))
    return ours == theirs


@dataclass(frozen=True, slots=True)
class InForce:
    """The record that applies to a name and what it asks for that name."""

    step: Step
    record: DmarcRecord
    requested: str
    """The policy as written."""
    tag: str
    """The tag that asks for it: "p", "sp" or "np"."""
    registry: bool
    """Whether it is the registry's record for all names below it and not the organisation's own."""

    @property
    def policy(self) -> str:
        """The policy as applied, t=y regarded."""
        return self.record.lowered(self.requested)

    @property
    def told(self) -> str:
        """A few words: "p=reject at _dmarc.example.com"."""
        test = ", lowered by t=y" if self.record.test and self.requested != "none" else ""
        return f"{self.tag}={self.requested} at {self.step.name}{test}"


@fact
async def policy_in_force(facts: Facts, name: str) -> InForce | None:
    """The DMARC policy of a name; None where none applies (RFC 9989 s4.10.1). Raises CannotTell, Offline."""
    walk = await tree_walk(facts, name)
    own = walk.steps[0].record
    if own is not None:
        if not own.applies:
            return None
        return InForce(walk.steps[0], own, *own.requested(), registry=False)
    registry = walk.registry
    for step in (walk.at(walk.organization), registry):
        record = step.record if step else None
        if step is None or record is None or step.domain == name:
            continue
        # An organisation's record that comes to nothing is not replaced by the registry's (s4.10.1, the last note).
        if not record.applies:
            return None
        missing = "np" in record.tags and await _missing(facts, name)
        return InForce(step, record, *record.requested(below=True, missing_name=missing), registry=step is registry)
    return None


async def _missing(facts: Facts, name: str) -> bool:
    """Whether a name does not exist by RFC 9989 s3.2.13: neither A nor AAAA nor MX."""
    answers = await asyncio.gather(*(ask(facts, name, rdtype) for rdtype in ("A", "AAAA", "MX")))
    return not any(answer.records for answer in answers)

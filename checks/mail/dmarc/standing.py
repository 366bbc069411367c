"""Which places decide about a domain's DMARC, and what a check says where no policy is in force."""

from __future__ import annotations

from checks.facts import Facts
from checks.finding import Verdict, skipped
from checks.mail.dmarc.tree import InForce, Step, policy_in_force, tree_walk

UNREAD = "the DMARC record cannot be used; dmarc.syntax or dmarc.multiple tells why"
NONE_APPLIES = "no DMARC policy applies to this domain; dmarc.missing tells"


async def deciding(facts: Facts) -> tuple[Step, ...]:
    """The places that decide for the domain. Raises CannotTell where the first could not be asked."""
    steps = (await tree_walk(facts, facts.subject.domain)).deciding
    for step in steps:
        if step.problem:
            raise step.problem
    return steps


async def spoiled(facts: Facts) -> bool:
    """Whether a record that does not count was plainly meant to."""
    return any(len(step.beginning) > 1 or any(r.problems for r in step.meant) for step in await deciding(facts))


async def in_force(facts: Facts, domain: str) -> InForce | Verdict:
    """The policy in force, or the `skipped` that says which check tells why there is none."""
    force = await policy_in_force(facts, domain)
    if force is not None:
        return force
    return skipped(domain, UNREAD if await spoiled(facts) else NONE_APPLIES)

"""The checks of the DMARC record itself: that there is one, only one, and that it can be read."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped
from checks.mail.asking import tried, uses_no_mail
from checks.mail.dmarc.advice import changed, first_record, mailbox, next_step, older_receivers, txt
from checks.mail.dmarc.record import DmarcRecord, begins_dmarc, repaired_uris
from checks.mail.dmarc.standing import UNREAD, deciding, spoiled
from checks.mail.dmarc.tree import Step, policy_in_force, tree_walk
from checks.network import Answer


@check(
    "dmarc.missing",
    title="No DMARC policy",
    when="no DMARC policy applies to the domain (itself, or by the tree walk)",
    status="fail",
    triage="now",
    risk="mail",
    item=("B08", "S5.3", "A3"),
    source="RFC 9989, RFC 7489",
    cost="Anybody can send mail in your name, and Gmail and Outlook trust your own mail less.",
)
async def dmarc_missing(facts: Facts, domain: str) -> Verdict:
    force = await policy_in_force(facts, domain)
    if force is not None:
        seen = [txt(force.step.name, force.record.text), *older_receivers(force, domain)]
        if step := next_step(force, domain):
            seen.append(f"Next step: {step}")
        return passed(domain, f"the policy is {force.policy} ({force.told})", evidence=seen)
    if await spoiled(facts):
        return skipped(domain, UNREAD)
    walk, at_domain, silent = await asyncio.gather(
        tree_walk(facts, domain), tried(facts, domain, "TXT"), uses_no_mail(facts)
    )
    found = at_domain.texts if isinstance(at_domain, Answer) else ()
    misplaced = [f"{txt(domain, text)}: in the wrong place" for text in found if begins_dmarc(text)]
    return failed(
        domain,
        f"no DMARC policy applies to {domain}",
        evidence=[*(line for step in walk.steps for line in step.evidence), *misplaced],
        fix=f"Publish: {txt(f'_dmarc.{domain}', first_record(domain, silent=silent))}"
        + ("" if silent else " (an address that somebody reads, or that a report service gives you)"),
    )


@check(
    "dmarc.multiple",
    title="Several DMARC records cancel each other",
    when="more than one record at _dmarc begins with v=DMARC1 (reported instead of dmarc.missing, not beside it)",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.3",),
    source="RFC 9989, RFC 7489 s6.6.3",
    cost="Receivers throw all of them away, so you have no protection and get no reports.",
)
async def dmarc_multiple(facts: Facts, domain: str) -> list[Verdict]:
    told = [
        failed(
            step.name,
            f"{len(step.beginning)} DMARC records stand at {step.name}, so none counts",
            evidence=step.evidence,
            fix=f"Keep one and delete the others; the strictest complete one is: {txt(step.name, _best(step))}",
        )
        for step in await deciding(facts)
        if len(step.beginning) > 1
    ]
    return told or [passed(f"_dmarc.{domain}", "not more than one DMARC record")]


def _best(step: Step) -> str:
    """The record to keep: one without faults, with reports, of the strictest policy."""
    records = [record for record in step.meant if record.text in step.beginning]
    return max(records, key=lambda r: (not r.problems, bool(r.rua), {"": 0, "none": 1}.get(r.policy("p"), 2))).text


@check(
    "dmarc.syntax",
    title="The DMARC record cannot be used",
    when="a TXT record at _dmarc that is plainly meant as DMARC is not usable: v= not first or not DMARC1 to the"
    " letter, a tag without = or given twice, no valid p= and no rua, an invalid value of p, sp, np, adkim, aspf or"
    " fo, a rua or ruf that is no URI; reported instead of dmarc.missing, not beside it",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.3", "A3"),
    source="RFC 9989, RFC 7489 s6.3",
    cost="Receivers ignore it or guess, so the protection that you think you have may not be there.",
)
async def dmarc_syntax(facts: Facts, domain: str) -> list[Verdict]:
    told = []
    for step in await deciding(facts):
        faulty = [record for record in step.meant if record.problems]
        if len(step.beginning) > 1:
            told.append(skipped(step.name, "several DMARC records stand here; dmarc.multiple tells"))
        elif faulty:
            said = "; ".join(sentence for record in faulty for _, sentence in record.problems)
            told.append(failed(step.name, said, evidence=step.evidence, fix=_mended(step, faulty[0])))
    return told or [passed(f"_dmarc.{domain}", "no fault in the grammar")]


def _mended(step: Step, record: DmarcRecord) -> str:
    if record.text not in step.beginning and step.beginning:
        return f"Delete the record that is not used, and keep: {txt(step.name, step.beginning[0])}"
    changes: dict[str, str | None] = {tag: None for tag, _ in record.problems if tag not in ("", "v", "p")}
    for tag in ("rua", "ruf"):
        if tag in changes:
            changes[tag] = repaired_uris(record.tags.get(tag) or "") or None
    if not record.policy("p") and not record.rua:
        changes["rua"] = changes.get("rua") or mailbox(step.domain)
    return f"Publish: {txt(step.name, changed(record, changes))}"

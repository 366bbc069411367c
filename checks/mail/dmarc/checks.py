"""The checks of a domain's DMARC policy and of its reports."""

from __future__ import annotations

import asyncio

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, passed, skipped, warned
from checks.mail.asking import tried, uses_no_mail
from checks.mail.dmarc.advice import changed, first_record, has_mailbox, mailbox, next_step, older_receivers, txt
from checks.mail.dmarc.record import DmarcRecord, begins_dmarc, repaired_uris
from checks.mail.dmarc.reports import permissions
from checks.mail.dmarc.tree import InForce, Step, policy_in_force, tree_walk
from checks.network import Answer

UNREAD = "the DMARC record cannot be used; dmarc.syntax or dmarc.multiple tells why"
NONE_APPLIES = "no DMARC policy applies to this domain; dmarc.missing tells"


async def _deciding(facts: Facts) -> tuple[Step, ...]:
    """The places that decide for the domain. Raises CannotTell where the first could not be asked."""
    steps = (await tree_walk(facts, facts.subject.domain)).deciding
    for step in steps:
        if step.problem:
            raise step.problem
    return steps


async def _spoiled(facts: Facts) -> bool:
    """Whether a record that does not count was plainly meant to."""
    return any(len(step.beginning) > 1 or any(r.problems for r in step.meant) for step in await _deciding(facts))


async def _force(facts: Facts, domain: str) -> InForce | Verdict:
    """The policy in force, or the `skipped` that says which check tells why there is none."""
    force = await policy_in_force(facts, domain)
    if force is not None:
        return force
    return skipped(domain, UNREAD if await _spoiled(facts) else NONE_APPLIES)


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
    if await _spoiled(facts):
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
        for step in await _deciding(facts)
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
    for step in await _deciding(facts):
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


@check(
    "dmarc.policy-none",
    title="DMARC only watches and protects nothing",
    when="the policy in force for the audited name is none (p, or sp for a subdomain, or quarantine lowered to none by"
    " t=y; reject with t=y is quarantine and no problem)",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.3",),
    source="RFC 9989",
    cost="Mail that strangers send in your name is delivered like yours.",
)
async def dmarc_policy_none(facts: Facts, domain: str) -> Verdict:
    force = await _force(facts, domain)
    if isinstance(force, Verdict):
        return force
    seen = [txt(force.step.name, force.record.text), *older_receivers(force, domain)]
    if force.policy != "none":
        return passed(domain, f"the policy is {force.policy} ({force.told})", evidence=seen)
    if force.record.faulty("p", "sp", "np"):
        return skipped(domain, UNREAD)
    return warned(domain, f"the policy is none ({force.told})", evidence=seen, fix=next_step(force, domain))


@check(
    "dmarc.subdomains-open",
    title="DMARC leaves the subdomains open",
    when="p of the organisational domain's record enforces while its sp or np is none",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.3",),
    source="RFC 9989",
    cost="Strangers can send mail from made-up addresses such as billing@pay.your-domain.",
)
async def dmarc_subdomains_open(facts: Facts, domain: str) -> Verdict:
    walk = await tree_walk(facts, domain)
    step = walk.at(walk.organization)
    record = step.record if step else None
    if step is None or record is None or not record.applies:
        return skipped(domain, UNREAD if await _spoiled(facts) else NONE_APPLIES)
    asked, _ = record.requested()
    open_tags = [tag for tag in ("sp", "np") if record.policy(tag) == "none"]
    seen = [txt(step.name, record.text)]
    if record.lowered(asked) == "none" or not open_tags:
        return passed(step.name, "subdomains are no less protected than the domain", evidence=seen)
    names = " and ".join(f"{tag}=none" for tag in open_tags)
    return warned(
        step.name,
        f"p={asked} protects {step.domain}, but {names} leaves its subdomains open",
        evidence=seen,
        fix=f"Publish: {txt(step.name, changed(record, {tag: asked for tag in open_tags}))}",
    )


@check(
    "dmarc.no-reports",
    title="Nobody gets the DMARC reports",
    when="no rua with a mailto: URI is given",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.3",),
    source="RFC 9989",
    cost="You do not learn which of your own mail fails, nor who sends in your name.",
)
async def dmarc_no_reports(facts: Facts, domain: str) -> Verdict:
    force = await _force(facts, domain)
    if isinstance(force, Verdict):
        return force
    record, name = force.record, force.step.name
    seen = [txt(name, record.text)]
    if has_mailbox(record):
        return passed(name, "reports are sent to a mailbox", evidence=seen)
    if record.faulty("rua"):
        return skipped(name, UNREAD)
    if force.registry:
        wanted = txt(f"_dmarc.{domain}", first_record(domain))
    else:
        wanted = txt(name, changed(record, {"rua": mailbox(force.step.domain)}))
    return warned(name, "the record names no mailbox for reports", evidence=seen, fix=f"Publish: {wanted}")


@check(
    "dmarc.reports-refused",
    title="DMARC reports are not accepted where they are sent",
    when="a rua or ruf address lies in another organisation's domain (by the tree walk), which publishes no v=DMARC1 at"
    " <domain>._report._dmarc.<theirs> (other TXT records there are ignored)",
    status="fail",
    triage="later",
    risk="mail",
    item=("S5.3",),
    source="RFC 9990, RFC 7489 s7.1",
    cost="Receivers send no reports there, so you do not learn which of your mail fails.",
)
async def dmarc_reports_refused(facts: Facts, domain: str) -> list[Verdict]:
    force = await _force(facts, domain)
    if isinstance(force, Verdict):
        return [force]
    if force.registry:
        return [skipped(domain, "the registry's record decides here, and its reports are its own")]
    told = []
    for permission in await permissions(facts, force.step.domain, force.record):
        seen = [*permission.uris, *(txt(permission.name, text) for text in permission.texts)]
        theirs = permission.name.partition("._report._dmarc.")[2]
        if permission.granted is None:
            told.append(errored(permission.name, f"could not check: {permission.reason}", evidence=seen))
        elif permission.granted:
            told.append(passed(permission.name, f"{theirs} agrees to get the reports", evidence=seen))
        else:
            told.append(
                failed(
                    permission.name,
                    f"{theirs} does not say that it accepts reports about {force.step.domain}",
                    evidence=[*seen, f"{permission.name} TXT: no record that begins with v=DMARC1"],
                    fix=f"Ask the owner of {theirs} to publish {txt(permission.name, 'v=DMARC1')},"
                    f" or send the reports to a mailbox of {force.step.domain}.",
                )
            )
    return told or [passed(force.step.name, "reports stay within the organisation, or none are asked for")]


@check(
    "dmarc.obsolete-tag",
    title="The DMARC record has tags that mean nothing any more",
    when="pct, rf or ri is used (removed by RFC 9989), pct below 100 above all",
    status="warn",
    triage="note",
    risk="mail",
    item=("S5.3",),
    source="RFC 9989",
    cost="Older receivers apply the policy to a part of the mail only, newer ones to all of it.",
)
async def dmarc_obsolete_tag(facts: Facts, domain: str) -> Verdict:
    force = await _force(facts, domain)
    if isinstance(force, Verdict):
        return force
    record, name = force.record, force.step.name
    seen = [txt(name, record.text)]
    if not record.obsolete or force.registry:
        return passed(name, "no obsolete tag", evidence=seen)
    used = ", ".join(f"{tag}={value}" for tag, value in record.obsolete)
    if record.percent is not None:
        summary = f"{used}: older receivers apply the policy to {record.percent} % of the mail, newer ones to all"
    else:
        summary = f"{used} is no longer part of DMARC"
    return warned(name, summary, evidence=seen, fix=f"Publish: {txt(name, changed(record, {}))}")

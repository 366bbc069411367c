"""The checks of the DMARC policy in force: how strict it is, whom it leaves out, and who gets the reports."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, errored, failed, passed, skipped, warned
from checks.mail.dmarc.advice import changed, first_record, has_mailbox, mailbox, next_step, older_receivers, txt
from checks.mail.dmarc.reports import permissions
from checks.mail.dmarc.standing import NONE_APPLIES, UNREAD, in_force, spoiled
from checks.mail.dmarc.tree import tree_walk


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
    force = await in_force(facts, domain)
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
        return skipped(domain, UNREAD if await spoiled(facts) else NONE_APPLIES)
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
    force = await in_force(facts, domain)
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
    force = await in_force(facts, domain)
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
    force = await in_force(facts, domain)
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

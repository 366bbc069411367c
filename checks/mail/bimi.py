"""BIMI: the brand's logo beside its mail, told as a note; it is no standard yet, and nothing breaks without it."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, noted, skipped
from checks.mail.asking import texts
from checks.mail.dmarc.tree import policy_in_force
from checks.mail.taglist import parse_tags


def record_errors(text: str) -> tuple[str, ...]:
    """What is wrong with a BIMI record; empty l= and a= decline BIMI and are right. Never raises."""
    tags = parse_tags(text)
    errors = list(tags.errors)
    if tags.first != "v" or tags.get("v") != "BIMI1":
        errors.append("it does not begin with v=BIMI1")
    if "l" not in tags:
        errors.append("l=, the address of the logo, is missing")
    for name in ("l", "a"):
        value = tags.get(name) or ""
        if value and not value.lower().startswith("https://"):
            errors.append(f"{name}= is no https address")
    return tuple(errors)


@check(
    "bimi.record",
    title="A logo for your mail (BIMI)",
    when="a BIMI record exists; what it says, and what keeps mailbox providers from showing the logo, is told",
    status="info",
    triage="note",
    risk="mail",
    item=("S5.D1",),
    source="draft-brand-indicators-for-message-identification",
    cost="",
)
async def bimi_record(facts: Facts, domain: str) -> Verdict:
    name = f"default._bimi.{domain}"
    records = [text for text in await texts(facts, name) if text.lower().lstrip().startswith("v=bimi")]
    if not records:
        return skipped(name, "BIMI is not used")
    remarks = [remark for text in records for remark in record_errors(text)]
    if len(records) > 1:
        remarks.append("the record is given more than once")
    tags = parse_tags(records[0])
    if tags.get("l"):
        force = await policy_in_force(facts, domain)
        if force is None or force.policy == "none":
            remarks.append("no logo is shown while DMARC does not enforce (p=quarantine or p=reject)")
        if not tags.get("a"):
            remarks.append("Gmail and Apple Mail show the logo only with a certificate (a=)")
    return noted(
        name,
        "; ".join(remarks) or "the record is valid",
        evidence=[f'{name} TXT "{text}"' for text in records],
    )

"""The next sensible step of a DMARC policy, and the record to publish for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checks.mail.dmarc.record import OBSOLETE, DmarcRecord
from checks.mail.dmarc.tree import InForce
from checks.mail.taglist import written


def txt(name: str, record: str) -> str:
    """A record as it is shown and copied."""
    return f'{name} TXT "{record}"'


def first_record(domain: str, *, silent: bool = False) -> str:
    """What a domain without DMARC starts with.

    Args:
        silent: it neither sends nor receives mail, so nothing can be lost by refusing what claims to be from it.
    """
    if silent:
        return "v=DMARC1; p=reject"
    return f"v=DMARC1; p=none; rua={mailbox(domain)}"


def mailbox(domain: str) -> str:
    """The usual address for aggregate reports."""
    return f"mailto:dmarc-reports@{domain}"


def changed(record: DmarcRecord, changes: Mapping[str, str | None]) -> str:
    """The record with tags set (or with None taken out), each once, v= and p= first, the obsolete tags gone."""
    tags = {"v": "DMARC1", "p": record.policy("p") or "none"}
    for name, value in record.tags.tags:
        if name not in OBSOLETE and value:
            tags.setdefault(name, value)
    for name, new in changes.items():
        if new is None:
            tags.pop(name, None)
        else:
            tags[name] = new
    return written(tags.items())


def has_mailbox(record: DmarcRecord) -> bool:
    """Whether aggregate reports reach a mailbox: the scheme that every reporter must know."""
    return any(uri.scheme == "mailto" for uri in record.rua)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: in words, and the record to publish for it."""

    words: str
    record: str


def step_of(force: InForce, domain: str) -> Step | None:
    """The next sensible step of a policy; None at reject, where nothing is left to do."""
    record, name = force.record, force.step.name
    if force.registry:
        own = txt(f"_dmarc.{domain}", first_record(domain))
        return Step("The registry's record decides for you. Publish your own", own)
    if record.test and force.requested != "none":
        words = "When the reports show no mail of yours that fails, take t=y out"
        return Step(words, txt(name, changed(record, {"t": None})))
    if force.policy == "none" and not has_mailbox(record):
        words = "First have reports sent to a mailbox that somebody reads, for two weeks"
        return Step(words, txt(name, changed(record, {"rua": mailbox(force.step.domain)})))
    if force.policy == "none":
        words = "Read two weeks of reports; when every service of yours passes with an aligned SPF or DKIM, publish"
        return Step(words, txt(name, changed(record, {force.tag: "quarantine"})))
    if force.policy == "quarantine":
        words = "If nobody posts to mailing lists from this domain and the reports stay clean, the last step is"
        return Step(words, txt(name, changed(record, {force.tag: "reject"})))
    return None


def next_step(force: InForce, domain: str) -> str:
    """`step_of` as a sentence; empty where nothing is left to do."""
    step = step_of(force, domain)
    return f"{step.words}: {step.record}" if step else ""


def older_receivers(force: InForce, domain: str) -> list[str]:
    """Where receivers that still follow RFC 7489 see it otherwise, a sentence each."""
    record = force.record
    told = []
    if "p" not in record.tags:
        told.append("Receivers that follow the old RFC 7489 refuse a record without p=; write it out.")
    elif record.tags.tags[1:2] and record.tags.tags[1][0] != "p":
        told.append("Receivers that follow the old RFC 7489 want p= right after v=.")
    if record.test and force.requested != "none":
        told.append(f"Receivers that follow the old RFC 7489 do not know t=y and apply {force.requested} at once.")
    if record.percent is not None and force.requested != "none":
        told.append(f"Receivers that follow the old RFC 7489 apply the policy to {record.percent} % of the mail only.")
    if force.tag == "np":
        told.append("Receivers that follow the old RFC 7489 do not know np= and apply sp= or p=.")
    if force.registry or (force.step.domain != domain and force.step.domain.count(".") != 1):
        told.append("Receivers that follow the old RFC 7489 walk no tree and may not find this record.")
    return told

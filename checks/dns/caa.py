"""Whether CAA records let the issuer of the certificate in use issue the next one."""

from __future__ import annotations

import asyncio
import functools
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from checks.catalogue import check
from checks.dns.caa_grammar import Permission, Property, permission
from checks.dns.dns_hosts import at_dns_host
from checks.dns.lookup import public_web_names
from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, noted, passed
from checks.network import Answer
from checks.text import decoded
from checks.web.tls.certificate import Certificate
from checks.web.tls.facts import sent


@functools.lru_cache(maxsize=1)
def _issuers() -> dict[str, tuple[str, ...]]:
    data = tomllib.loads(files(__package__).joinpath("caa_issuers.toml").read_text("utf-8"))
    return {name.casefold(): tuple(d.lower() for d in domains) for name, domains in data["issuers"].items()}


def issuer_of(certificate: Certificate) -> tuple[str, tuple[str, ...]]:
    """Who issued it, and by which CAA identities that issuer goes, its own first; none where they are not known."""
    names = certificate.parsed.issuer
    said = [str(a.value) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME) for a in _attributes(names, oid)]
    for name in said:
        if identities := _issuers().get(name.casefold()):
            return name, identities
    return (said[0] if said else "an unnamed issuer"), ()


def _attributes(name: x509.Name, oid: x509.ObjectIdentifier) -> list[Any]:
    return list(name.get_attributes_for_oid(oid))


@fact
async def relevant_caa(facts: Facts, name: str) -> Answer | None:
    """The CAA records that apply to a name, by climbing from it (RFC 8659 s3); None where none do.

    Raises CannotTell where a resolver has no answer (then no issuer may issue either), DnsFailed, Offline.
    """
    labels = name.split(".")
    answers = await asyncio.gather(*(facts.network.resolve(".".join(labels[at:]), "CAA") for at in range(len(labels))))
    for answer in answers:
        if not (answer.ok or answer.nxdomain):
            raise CannotTell(f"the resolver gives no answer: {answer.describe()}")
        if answer.records:
            return answer
    return None


def properties(answer: Answer) -> tuple[Property, ...]:
    records: list[Any] = list(answer.records)
    return tuple(Property(record.flags, decoded(record.tag), decoded(record.value)) for record in records)


def _asked_for(certificate: Certificate, name: str) -> Iterator[tuple[str, bool]]:
    """The names in the certificate that cover `name`, as (name to climb from, wildcard), which renewal asks for."""
    above = name.partition(".")[2]
    listed = {entry.lower() for entry in certificate.dns_names}
    if name in listed or f"*.{above}" not in listed:
        yield name, False
    if f"*.{above}" in listed:
        yield above, True


@check(
    "dns.caa-blocks",
    title="The certificate cannot be renewed",
    when="CAA records apply to a public web name (found by climbing) and none of them lets the issuer of the "
    "certificate in use issue; an issuer whose CAA identity is not known is told, not judged",
    status="fail",
    triage="now",
    risk="downtime",
    item=["B02"],
    source="RFC 8659",
    cost="The next renewal is refused, and from that day every visitor gets a full-page warning.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def caa_blocks(facts: Facts, name: str) -> Verdict:
    certificate = (await sent(facts, name)).leaf
    issuer, identities = issuer_of(certificate)
    told: list[Verdict] = []
    for climbed, wildcard in _asked_for(certificate, name):
        answer = await relevant_caa(facts, climbed)
        if answer is None:
            told.append(passed(name, f"No CAA record restricts who may issue for {name}."))
            continue
        records = properties(answer)
        seen = (*(f"{answer.owner} CAA {record}" for record in records), f"the certificate in use is from {issuer}")
        allowed = permission(records, wildcard=wildcard)
        if not allowed.restricted and not allowed.unknown:
            told.append(passed(name, f"The CAA records of {answer.owner} restrict nobody.", evidence=seen))
        elif not identities and not allowed.forbids_all:
            told.append(noted(name, f"CAA records apply to {name}; how {issuer} is named in them is not known.",
                              evidence=seen))  # fmt: skip
        elif allowed.allows(identities):
            told.append(passed(name, f"CAA lets {issuer} issue for {name}.", evidence=seen))
        else:
            return failed(
                name,
                f"CAA records forbid {issuer}, whose certificate {name} uses, to issue the next one.",
                evidence=seen,
                fix=await _fix(facts, answer, allowed, identities, wildcard),
            )
    return next((verdict for verdict in told if verdict.status != "pass"), told[0])


async def _fix(facts: Facts, answer: Answer, allowed: Permission, identities: tuple[str, ...], wildcard: bool) -> str:
    owner = answer.owner
    if not facts.subject.under(owner):
        return f"The CAA records are those of {owner}: ask its operator for a certificate, or to add your issuer there."
    at_host = await at_dns_host(facts)
    if allowed.unknown:
        return f'{at_host}, delete the CAA record with the unknown critical tag "{allowed.unknown}" at {owner}.'
    tag = "issuewild" if wildcard and any(p.tag.lower() == "issuewild" for p in properties(answer)) else "issue"
    identity = identities[0] if identities else "<your issuer's domain>"
    return f'{at_host}, add: {owner} CAA 0 {tag} "{identity}"'

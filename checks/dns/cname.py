"""CNAMEs that break things: chains that lead nowhere, and aliases beside other records."""

from __future__ import annotations

import asyncio

import dns.rdatatype

from checks.catalogue import check
from checks.dns.alias import MAX_STEPS, Alias, End, alias, exists_for_mail
from checks.dns.authority import View, authority, best_view, if_answered
from checks.dns.dns_hosts import at_dns_host
from checks.dns.lookup import public_names
from checks.dns.standing import require_lookup
from checks.dns.subdomains import every_name
from checks.dns.takeover import claimable_target
from checks.facts import Facts
from checks.finding import Verdict, failed, noted, passed, skipped
from checks.network import Answer
from checks.network.dns import name_of

BESIDE = ("A", "MX", "TXT", "NS")
"""What is looked for beside a CNAME; SOA stands at the top of a zone anyway."""
NEWER_BESIDE = ("AAAA", "CAA", "HTTPS")
"""The same, of types that some old servers keep silent on."""
ALLOWED_BESIDE = frozenset(
    {dns.rdatatype.CNAME, dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.KEY, dns.rdatatype.SIG}
)
_SAID = {
    End.MISSING: "does not exist",
    End.EMPTY: "has no address",
    End.LOOP: "leads back into the chain",
    End.LONG: f"comes after more than {MAX_STEPS} steps",
}


@check(
    "dns.cname-broken",
    title="An alias leads nowhere",
    when="a CNAME chain ends at a name that does not exist or has no address, loops, or is longer than 8 steps",
    status="fail",
    triage="now",
    risk="onboarding",
    item=["B01", "S1.2", "A1"],
    source="RFC 1034 s5.2.2",
    cost="Visitors of this name see an error page and leave.",
    each=every_name,
)
async def cname_broken(facts: Facts, name: str) -> Verdict:
    chain = await alias(facts, name)
    if chain is None:
        return passed(name, f"{name} is no CNAME.")
    if not chain.broken:
        return passed(name, f"The CNAME of {name} leads to an address.", evidence=(chain.path,))
    if claimable_target(chain):
        return skipped(name, f"{name} leads to a name that a stranger can claim: dns.takeover tells")
    if chain.end in (End.MISSING, End.EMPTY) and chain.target in await public_names(facts):
        return skipped(name, f"{name} leads to {chain.target}, which has no address: its own check tells")
    typed = name in (facts.subject.domain, facts.subject.www)
    if chain.end is End.EMPTY and not typed and await exists_for_mail(facts, name):
        return noted(name, f"{name} leads to a name without address; it exists for mail.", evidence=chain.evidence)
    return failed(
        name,
        f"The CNAME of {name} leads nowhere: {chain.target} {_SAID[chain.end]}.",
        evidence=(chain.path, *chain.evidence),
        fix=await _mended(facts, chain),
    )


async def _mended(facts: Facts, chain: Alias) -> str:
    if chain.end in (End.LOOP, End.LONG):
        wrong = f"{chain.name} CNAME {chain.links[0].target}"
        return (
            f"{await at_dns_host(facts)}, replace {wrong} by a CNAME straight to the host's own name, or by A and AAAA."
        )
    last = chain.links[-1]
    return (
        f"Where {last.owner} is published, replace {last.owner} CNAME {last.target} by the name that your host gives "
        f"you now; or delete {chain.name} if it is no longer used."
    )


@check(
    "dns.cname-conflict",
    title="An alias stands beside other records",
    when="a CNAME stands beside other data at the same name, the apex included (seen from the authoritative servers)",
    status="fail",
    triage="now",
    risk="mail",
    item=["B01", "S1.2", "A1"],
    source="RFC 1034 s3.6.2, RFC 2181 s10.1",
    cost="Resolvers may see the alias only, so mail and other services of this name fail for some people, some times.",
    each=public_names,
)
async def cname_conflict(facts: Facts, name: str) -> Verdict:
    await require_lookup(facts)
    view, cname = await _cname_at(facts, name)
    seen = [cname.describe()]
    beside = await _others_at(facts, view, name) if _has_cname(cname, name) else set()
    for other in (await authority(facts, name)).views if name == facts.subject.domain else ():
        # A server that gives its CNAME for A alone shows the conflict as well: the apex always holds SOA and NS.
        if other.a is not None and _has_cname(other.a, name) and other.soa is not None and other.soa.name == name:
            seen.append(other.a.describe())
            beside |= {"SOA", "NS"}
    if not beside:
        return passed(name, f"No CNAME stands beside other records at {name}.", evidence=seen)
    kinds = ", ".join(sorted(beside))
    return failed(
        name,
        f"{name} is a CNAME and has other records too ({kinds}), which DNS forbids.",
        evidence=(*seen, f"beside it at {view.at}: {kinds}"),
        fix=f"{await at_dns_host(facts)}, delete the CNAME at {name} and publish the A and AAAA records of the host it "
        "points to (or an ALIAS, ANAME or flattened CNAME, where the DNS host offers one).",
    )


async def _cname_at(facts: Facts, name: str) -> tuple[View, Answer]:
    """A server with authority over `name`, and its answer to CNAME."""
    view = await best_view(facts, facts.subject.domain)
    answer = await facts.network.ask(view.address, name, "CNAME", dnssec=True)
    if answer.authoritative:
        return view, answer
    # The name lies in a zone of its own.
    view = await best_view(facts, name)
    return view, await facts.network.ask(view.address, name, "CNAME", dnssec=True)


def _has_cname(answer: Answer, name: str) -> bool:
    owner = name_of(name)
    return any(rrset.name == owner and rrset.rdtype == dns.rdatatype.CNAME for rrset in answer.message.answer)


async def _others_at(facts: Facts, view: View, name: str) -> set[str]:
    """The types of the records that the server holds beside the CNAME."""
    answers = await asyncio.gather(
        *(facts.network.ask(view.address, name, rdtype, dnssec=True) for rdtype in BESIDE),
        *(if_answered(facts, view.address, name, rdtype) for rdtype in NEWER_BESIDE),
    )
    owner = name_of(name)
    top = [view.soa] if view.soa is not None and view.soa.name == name else []
    return {
        dns.rdatatype.to_text(rrset.rdtype)
        for answer in (*answers, *top)
        if answer is not None
        for rrset in answer.message.answer
        if rrset.name == owner and rrset.rdtype not in ALLOWED_BESIDE
    }

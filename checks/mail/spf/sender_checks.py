"""The checks of whom an SPF record lets in: approved senders left out, others let in, networks too wide."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from checks.catalogue import check
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Triage, Verdict, errored, failed, passed, skipped, warned
from checks.mail.providers import providers
from checks.mail.spf.fix import proposal, publish, repaired
from checks.mail.spf.grammar import Directive, Term, parse
from checks.mail.spf.senders import Approved, approved, authorised, passing, strangers
from checks.mail.spf.tree import Node, draw, the_tree

WIDE4, WIDE6 = 16, 32
"""Prefix lengths of the widest network that one sender plausibly owns; shorter ones hold strangers."""
NO_SENDERS = "no approved senders were given, so nobody is judged"


async def _given_senders(facts: Facts) -> Iterable[str]:
    return facts.subject.mail.senders and (facts.subject.domain,)


@check(
    "spf.sender-missing",
    title="A service that should send for you is not allowed to",
    when="a sender that the user approved is not authorised by the record",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.1",),
    source="roadmap",
    cost="Mail of this service, such as invoices or password resets, fails SPF and may land in spam.",
    each=_given_senders,
    nothing=NO_SENDERS,
)
async def spf_sender_missing(facts: Facts, domain: str) -> list[Verdict]:
    root = await the_tree(facts, domain)
    given = approved(facts)
    told = await asyncio.gather(*(_sender(facts, domain, sender) for sender in given))
    missing = [sender for sender, said in zip(given, told, strict=True) if said is None]
    # What only a slip of the pen keeps out is told by spf.syntax.
    meant = {term.text.lower().lstrip("+") for term in parse(repaired(root.record)).terms}
    echoes = [sender for sender in missing if root.record.problems and meant.issuperset(sender.terms)]
    missing = [sender for sender in missing if sender not in echoes]
    seen = [root.evidence, *(said for said in told if isinstance(said, str))]
    verdicts: list[Verdict] = []
    if missing:
        names = ", ".join(sender.text for sender in missing)
        verdicts.append(
            failed(
                domain,
                f"{names}: approved, but not authorised by the SPF record",
                evidence=[*seen, *(f"{s.text}: needs {' '.join(s.terms)}" for s in missing)],
                fix=await publish(facts),
            )
        )
    unclear = [said for said in told if isinstance(said, Verdict)]
    if echoes and not missing:
        names = ", ".join(sender.text for sender in echoes)
        verdicts.append(skipped(domain, f"{names}: kept out by an error in the record alone: see spf.syntax"))
    return verdicts + unclear or [passed(domain, "every approved sender is authorised", evidence=seen)]


async def _sender(facts: Facts, domain: str, sender: Approved) -> str | Verdict | None:
    """How a sender is authorised; None where it is not; a verdict where that cannot be told."""
    target = f"{domain} ({sender.text})"
    if not sender.terms and sender.provider is None:
        known = ", ".join(provider.name for provider in providers())
        return errored(
            target,
            f"{sender.text!r} is no sender that is known",
            fix=f"Give an ip4:, ip6: or include: term, or one of: {known}.",
        )
    try:
        how = await authorised(facts, domain, sender)
    except CannotTell as problem:
        return errored(target, f"whether {sender.text} is authorised cannot be told: {problem.reason}")
    if how is None and not sender.terms:
        return skipped(target, f"what {sender.text} needs in SPF is not known: its own settings page says it")
    return f"{sender.text}: {how}" if how is not None else None


@check(
    "spf.sender-unapproved",
    title="Somebody you did not approve may send for you",
    when="the record authorises a sending service or network that the user did not approve (only where approved senders"
    " were given)",
    status="warn",
    triage="now",
    risk="data",
    item=("S5.1",),
    source="roadmap",
    cost="Whoever uses that service or network can send mail that passes as yours.",
    each=_given_senders,
    nothing=NO_SENDERS,
)
async def spf_sender_unapproved(facts: Facts, domain: str) -> Verdict:
    root = await the_tree(facts, domain)
    found = await strangers(facts, domain)
    if not found:
        return passed(domain, "only approved senders and the domain's own servers are authorised", evidence=draw(root))
    who = ", ".join(dict.fromkeys(stranger.who for stranger in found))
    elsewhere = [f"take {each.term} out of the record at {each.domain}" for each in found if each.domain != domain]
    fix = "; ".join(elsewhere) if len(elsewhere) == len(found) else await publish(facts)
    return warned(
        domain,
        f"authorised, but not approved: {who}",
        evidence=[root.evidence, *(f"{each.domain}: {each.term} lets in {each.who}" for each in found)],
        fix=f"If they send for you, approve them. If not: {fix}",
    )


@check(
    "spf.network-wide",
    title="The SPF record lets very large networks send",
    when="a network that the domain's own record authorises is wider than /16 (IPv4) or /32 (IPv6), or a record that it"
    " includes lets everybody send (+all, or a network of the whole Internet: fail, triage now)",
    status="warn",
    triage="later",
    risk="data",
    item=("S5.1",),
    source="RFC 7208 s11.4",
    cost="Thousands of strangers' machines in that network can send mail that passes as yours.",
)
async def spf_network_wide(facts: Facts, domain: str) -> Verdict:
    root = await the_tree(facts, domain)
    includes = [each for each in passing(root) if isinstance(each.term, Directive)]
    if opened := [each for each in includes if each.node is not None and _lets_everybody(each.node)]:
        terms = ", ".join(dict.fromkeys(each.term.text for each in opened))
        return failed(
            domain,
            f"{terms} lets everybody send, so nobody is kept out, however the record ends",
            evidence=[root.evidence, *(each.node.evidence for each in opened if each.node)],
            fix=f"Ask the operator of {opened[0].target} to mend its record; until then take {terms} out of yours.",
            triage=Triage.NOW,
            cost="Whoever forges mail in your name passes as you.",
        )
    wide = [
        f"{node.domain}: {term.text}"
        for node in root.walk()
        if facts.subject.under(node.domain)
        for term in node.record.followed
        if _is_wide(term)
    ]
    if not wide:
        return passed(domain, "no network of the record is too wide", evidence=[root.evidence])
    return warned(
        domain,
        f"{wide[0].partition(': ')[2]} covers far more than one sender's machines",
        evidence=wide,
        fix=f"Replace {', '.join(term.partition(': ')[2] for term in wide)} by the addresses of your own servers in"
        f" the record: {(await proposal(facts)).instruction}",
    )


def _lets_everybody(node: Node) -> bool:
    """Whether a record passes every sender, wherever it comes from, by a term of its own."""
    return any(
        isinstance(term, Directive)
        and term.result == "pass"
        and (term.mechanism == "all" or (term.network is not None and not term.network.prefixlen))
        for term in node.record.directives
    )


def _is_wide(term: Term) -> bool:
    if not isinstance(term, Directive) or term.result != "pass":
        return False
    if term.network is not None:
        return term.network.prefixlen < (WIDE4 if term.network.version == 4 else WIDE6)
    return term.mechanism in ("a", "mx") and (term.prefix4 < WIDE4 or term.prefix6 < WIDE6)

"""Looks at the mail of a domain: its services, the three records with what hangs on them, the receivers' rules."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping

from checks.dns.dns_hosts import at_dns_host
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import FIX_LIMIT, timestamp
from checks.mail.asking import uses_no_mail
from checks.mail.dkim.checks import how_to_publish
from checks.mail.dkim.selectors import DkimKeys, dkim_keys
from checks.mail.dmarc.advice import first_record, step_of, txt
from checks.mail.dmarc.standing import deciding
from checks.mail.dmarc.tree import InForce, policy_in_force
from checks.mail.receiver_rules import Standing, receiver_standings
from checks.mail.services import Mark, Service, services
from checks.mail.spf.fix import Proposal, proposal
from checks.mail.spf.grammar import Term
from checks.mail.spf.meaning import Meaning, meanings
from checks.mail.spf.tree import Node, tree
from checks.text import harmless
from launchready_tui.session.mail_seen import BranchSeen, MailSeen, MarkSeen, RecordSeen, RuleSeen, ServiceSeen

SPF = "SPF: who may send in your name"
DKIM = "DKIM: the signature on your mail"
DMARC = "DMARC: what receivers do with mail that only pretends to be yours"

MOST_BRANCHES = 200
"""Lines of a drawn tree; a hostile record would fill every screen and session file."""


async def look_at_mail(facts: Facts) -> MailSeen:
    """Ask for everything at once. Raises Offline, and CannotTell where no DNS server answers at all."""
    where, table, rules, *records = await asyncio.gather(
        at_dns_host(facts), services(facts), receiver_standings(facts), _spf(facts), _dkim(facts), _dmarc(facts)
    )
    if not facts.network.answered:
        raise CannotTell("no DNS server answered")
    return MailSeen(
        at=timestamp(),
        where=where,
        services=[_service(row) for row in table],
        records=records,
        rules=[_rule(standing) for standing in rules],
    )


def _service(row: Service) -> ServiceSeen:
    return ServiceSeen(
        name=row.name,
        kind=row.kind,
        evidence=[harmless(line) for line in row.evidence],
        spf=_mark(row.spf),
        dkim=_mark(row.dkim),
        return_path=_mark(row.return_path),
        dmarc=_mark(row.dmarc),
    )


def _mark(mark: Mark) -> MarkSeen:
    return MarkSeen(state=mark.state.value, why=harmless(mark.why))


def _rule(standing: Standing) -> RuleSeen:
    rule, mark = standing.rule, _mark(standing.mark)
    return RuleSeen(receiver=rule.receiver, rule=rule.rule, bulk_only=rule.bulk_only, state=mark.state, why=mark.why)


def record_seen(
    title: str, record: str, branches: Iterable[BranchSeen] = (), *, publish: str = "", advice: str = ""
) -> RecordSeen:
    """A record with every text made harmless."""
    drawn = [BranchSeen(text=harmless(b.text), depth=b.depth, note=harmless(b.note), good=b.good) for b in branches]
    return RecordSeen(
        title=title,
        record=harmless(record),
        branches=drawn,
        publish=harmless(publish, limit=FIX_LIMIT),
        advice=advice,
    )


# ---------------------------------------------------------------------- SPF


async def _spf(facts: Facts) -> RecordSeen:
    domain = facts.subject.domain
    try:
        root, made, said = await asyncio.gather(tree(facts, domain), proposal(facts), meanings(facts, domain))
    except CannotTell as problem:
        return RecordSeen(title=SPF, problem=problem.reason)
    return spf_seen(root, made, {meaning.term: meaning for meaning in said})


def spf_seen(root: Node | None, made: Proposal, said: Mapping[str, Meaning]) -> RecordSeen:
    """The SPF record with its includes as a tree, and the one to publish where it is another.

    Args:
        said: whom each term of the record itself authorises.
    """
    record = root.record.text if root else ""
    changes = made.text != record
    words = [f"{root.lookups} of 10 look-ups used"] if root else []
    words += [made.obstacle] if made.obstacle else made.notes if changes else ()
    return record_seen(
        SPF,
        record,
        itertools.islice(_includes(root, said), MOST_BRANCHES) if root else (),
        publish=made.record if changes and not made.obstacle else "",
        advice="; ".join(words),
    )


def _includes(root: Node, said: Mapping[str, Meaning]) -> Iterator[BranchSeen]:
    """The terms in their order, each record that hangs on one drawn below it, and only once."""
    drawn = {root.domain}
    waiting: list[Iterator[tuple[Node, Term, int]]] = [_terms(root, 0)]
    while waiting:
        if (following := next(waiting[-1], None)) is None:
            waiting.pop()
            continue
        node, term, depth = following
        meaning = said.get(term.text) if not depth else None
        if term.kind not in ("include", "redirect"):
            yield BranchSeen(depth=depth, text=term.text, note=meaning.who if meaning else "")
            continue
        branch = node.branch(term)
        trouble = branch.reason or (branch.trouble.value if branch.trouble else "")
        words = [meaning.who] if meaning and not trouble else []
        words += [_look_ups(1 + branch.node.lookups)] if branch.node else []
        again = branch.node is not None and branch.target in drawn
        words += ["as above"] if again and branch.node and branch.node.record.followed else []
        broken = branch.trouble is not None and branch.trouble.is_broken
        yield BranchSeen(depth=depth, text=term.text, note=trouble or ", ".join(words), good=False if broken else None)
        if branch.node is not None and not again:
            drawn.add(branch.target)
            waiting.append(_terms(branch.node, depth + 1))


def _terms(node: Node, depth: int) -> Iterator[tuple[Node, Term, int]]:
    return ((node, term, depth) for term in node.record.followed)


def _look_ups(count: int) -> str:
    return f"{count} look-up" if count == 1 else f"{count} look-ups"


# ---------------------------------------------------------------------- DKIM


async def _dkim(facts: Facts) -> RecordSeen:
    try:
        keys = await dkim_keys(facts)
        silent = await uses_no_mail(facts)
    except CannotTell as problem:
        return RecordSeen(title=DKIM, problem=problem.reason)
    return dkim_seen(keys, facts.subject.domain, silent=silent)


def dkim_seen(keys: DkimKeys, domain: str, *, silent: bool = False) -> RecordSeen:
    """The selectors, each with its key or its lack."""
    branches = []
    for place in keys.places:
        via = f" -> {place.target}" if place.target else ""
        found = "; ".join(key.summary for key in place.keys)
        note = found or (place.problem.reason if place.problem else "no key")
        good = all(key.usable for key in place.keys) if place.keys else False
        # A service may sign with another selector than its usual one.
        unclear = place.problem is not None or not (place.keys or place.declared or keys.any_exists is False)
        branches.append(BranchSeen(text=f"{place.selector}{via}", note=note, good=None if unclear else good))
    advice = "" if silent else how_to_publish(keys, domain)
    return record_seen(DKIM, "", branches, advice=advice)


# ---------------------------------------------------------------------- DMARC


async def _dmarc(facts: Facts) -> RecordSeen:
    domain = facts.subject.domain
    try:
        force, steps, silent = await asyncio.gather(
            policy_in_force(facts, domain), deciding(facts), uses_no_mail(facts)
        )
    except CannotTell as problem:
        return RecordSeen(title=DMARC, problem=problem.reason)
    if force is not None:
        return dmarc_seen(force, domain)
    if meant := [record.text for step in steps for record in step.meant]:
        words = "It cannot be used; the risk list says why, and what to publish."
        return record_seen(DMARC, " / ".join(meant), advice=words)
    own = txt(f"_dmarc.{domain}", first_record(domain, silent=silent))
    return record_seen(DMARC, "", publish=own, advice="No policy is in force.")


def dmarc_seen(force: InForce, domain: str) -> RecordSeen:
    """The policy in force, tag by tag, and the next step with the record to publish for it."""
    branches = [BranchSeen(text=f"{name}={value}") for name, value in force.record.tags.tags]
    step = step_of(force, domain)
    words = f"{force.told}. {step.words}:" if step else f"{force.told}."
    publish = step.record if step else ""
    return record_seen(DMARC, force.record.text, branches, publish=publish, advice=harmless(words))

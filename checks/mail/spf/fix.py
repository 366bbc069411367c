"""The one SPF record to publish: merged, valid, within every limit, with all approved senders and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from checks.dns.dns_hosts import at_dns_host
from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.providers import by_mx
from checks.mail.spf.grammar import (
    ASKED_LIMIT,
    MISSPELT,
    VERSION,
    Directive,
    Modifier,
    Record,
    Term,
    parse,
)
from checks.mail.spf.limits import within_limits
from checks.mail.spf.merge import canonical, read_term, without_repetition
from checks.mail.spf.reach import hosts_of, is_beyond, term_hosts
from checks.mail.spf.senders import approved, authorised, strangers
from checks.mail.spf.split import STRING_LIMIT, strings
from checks.mail.spf.tree import Published, ending, is_permissive, published, static_target, tree

PASTED = (
    "(Paste it without quotation marks where the form takes it whole; where one string may have only 255 characters, as"
    " at Route 53 and in zone files, paste the quoted strings as they stand, with a space between.)"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to publish, and what to know of it."""

    domain: str
    text: str
    """Of the domain's own record; with an `obstacle` one that is past a limit."""
    lookups: int | None
    """At worst; None where part of it cannot be read now."""
    notes: tuple[str, ...] = ()
    helpers: Mapping[str, str] = field(default_factory=dict)
    """Records that it includes, by their names, each to be published first."""
    obstacle: str = ""
    """Why nothing can be published that keeps the limits, and what to do; empty where it can."""

    @property
    def record(self) -> str:
        """As it is published, a line a record: `example.com TXT "v=spf1 ..."`, long ones in several strings."""
        return "\n".join(
            f"{name} TXT {strings(text)}" for name, text in (*self.helpers.items(), (self.domain, self.text))
        )

    @property
    def instruction(self) -> str:
        """The record as a sentence's end, with what to know of it."""
        if self.obstacle:
            return self.obstacle
        gap = "\n" if self.helpers else " "
        return gap.join((f"{gap.strip(' ')}{self.record}", *self.notes))


async def publish(facts: Facts, *, why: str = "publish this one SPF record in place of every other") -> str:
    """The fix that every finding about the record gives."""
    where, made = await asyncio.gather(at_dns_host(facts), proposal(facts))
    obstacle: str = made.obstacle
    if obstacle:
        return obstacle
    if made.helpers:
        why += f", which includes {len(made.helpers)} more (publish them in this order)"
    return f"{where}, {why}: {made.instruction}"


@fact
async def proposal(facts: Facts) -> Proposal:
    """Make the records that mend all that is wrong with the domain's own. Raises Offline."""
    domain = facts.subject.domain
    found = await published(facts, domain)
    notes: list[str] = []
    terms = await _kept(facts, found, notes)
    added = await _lacking(facts, found, terms)
    terms = without_repetition([term for term in terms if not _refuses(term, added)] + added)
    others = [t.text for record in found.records for t in record.terms if isinstance(t, Modifier) and t.name == "exp"]
    fitted = await within_limits(facts, terms, lambda left: [*others[:1], *_end(found, left)])
    text = fitted.text
    if len(text) > STRING_LIMIT or any(len(each) > STRING_LIMIT for each in fitted.helpers.values()):
        notes.append(PASTED)
    return Proposal(domain, text, fitted.lookups, (*notes, *fitted.notes), fitted.helpers, fitted.obstacle)


# ---------------------------------------------------------------------- what is kept


async def _kept(facts: Facts, found: Published, notes: list[str]) -> list[Term]:
    """The terms of the domain's records that are right, repaired where it is plain what was meant."""
    unwanted: set[str] = set()
    if found.record is not None and facts.subject.mail.senders:
        try:
            unwanted = {s.term for s in await strangers(facts, found.domain) if s.domain == found.domain}
        except CannotTell:
            notes.append("(Whether all its senders are approved could not be told.)")
    kept: list[Term] = []
    for record in found.records:
        repaired = [term for problem in record.problems[:ASKED_LIMIT] if (term := repair(problem.term))]
        # What stands after "all", and a redirect beside it, let nobody send and must not begin to.
        every = [*record.followed, *repaired]
        useful = await asyncio.gather(*(_is_useful(facts, term, found.domain) for term in every))
        for term, use in zip(every, useful, strict=True):
            if use and term.text not in unwanted:
                kept.append(await _with_own_end(facts, term, found.domain))
            elif not use and term.kind in ("include", "redirect"):
                notes.append(f"({term.text} is left out, since it leads to no usable record.)")
    return kept


async def _with_own_end(facts: Facts, term: Term, domain: str) -> Term:
    """A redirect to a record that lets everybody send becomes an include, so that the record's own end holds."""
    if term.kind == "redirect":
        target = static_target(term.domain, domain, facts.subject.domain)
        try:
            node = await tree(facts, target) if target is not None else None
        except CannotTell:
            return term
        if node is not None and is_permissive(ending(node)[1]) and term.domain is not None:
            return read_term(f"include:{term.domain.text}")
    return term


async def _is_useful(facts: Facts, term: Term, domain: str) -> bool:
    """Whether a term authorises anybody, as far as can be told."""
    if term.kind in ("all", "ptr") or (isinstance(term, Modifier) and term.kind != "redirect"):
        return False
    target = static_target(term.domain, domain, facts.subject.domain)
    if target is None or (isinstance(term, Directive) and term.network is not None):
        return True
    try:
        if await is_beyond(facts, term, domain):
            return True
        if term.kind in ("include", "redirect"):
            record = (await published(facts, target)).record
            # An error in an own record is mended there; one in somebody else's must not spoil this one.
            return record is not None and target != domain and (not record.problems or facts.subject.under(target))
        hosts = await term_hosts(facts, term, domain)
    except CannotTell:
        return True
    return hosts is None or not hosts.void


def repair(word: str) -> Term | None:
    """The term that was plainly meant by a wrong one; None where that is not plain."""
    name, colon, rest = word.strip(",;\"'").partition(":")
    qualifier = name[:1] if name[:1] in "+-~?" else ""
    name = name[len(qualifier) :].lower()
    name = MISSPELT.get(name, name)
    guesses = [f"{qualifier}{name}{colon}{rest}"]
    if name in ("a", "mx", "ip4", "ip6", "include"):
        guesses += [f"{qualifier}ip4:{rest}", f"{qualifier}ip6:{rest}"]
    if name in ("redirect", "exp"):
        guesses.append(f"{name}={rest}")
    if "." in name and not colon:
        guesses += [f"ip4:{name}", f"ip6:{name}"]
    for guess in guesses:
        record = parse(f"{VERSION} {guess}")
        if not record.problems and len(record.terms) == 1:
            return record.terms[0]
    return None


def repaired(record: Record) -> str:
    """A record with its wrong terms repaired, or left out where it is not plain what was meant."""
    wrong: dict[str, Term | None] = dict.fromkeys(problem.term for problem in record.problems)
    wrong |= {problem.term: repair(problem.term) for problem in record.problems[:ASKED_LIMIT]}
    words: list[str] = []
    once: set[str] = set()
    for word in record.text.split(" ")[1:]:
        term = wrong.get(word)
        text = word if word not in wrong else term.text if term else ""
        modifier = text.partition("=")[0].lower()
        if not text or (modifier in ("redirect", "exp") and modifier in once):
            continue
        once.add(modifier)
        words.append(text)
    words.sort(key=lambda word: word.lower().lstrip("+-~?") == "all")
    return " ".join((VERSION, *words))


# ---------------------------------------------------------------------- what is added


async def _lacking(facts: Facts, found: Published, kept: list[Term]) -> list[Term]:
    """Terms for approved senders that are not authorised, and for the mailbox service of a domain without record."""
    needed: list[str] = []
    for sender in approved(facts):
        try:
            if found.record is not None and await authorised(facts, found.domain, sender):
                continue
        except CannotTell:
            pass
        needed += sender.terms
    if not found.records and not facts.subject.mail.senders:
        needed += await _receiving_servers(facts)
    have = {canonical(term) for term in kept}
    return [term for text in needed for term in parse(f"{VERSION} {text}").terms if canonical(term) not in have]


async def _receiving_servers(facts: Facts) -> list[str]:
    """What authorises whoever receives for the domain: where nothing else is known, that is who sends."""
    try:
        hosts = await hosts_of(facts, "mx", facts.subject.domain)
    except CannotTell:
        return []
    includes = {service.include: None for host in hosts.exchangers if (service := by_mx(host)) and service.include}
    return [f"include:{name}" for name in includes] or (["mx"] if hosts.exchangers else [])


def _refuses(term: Term, added: Iterable[Term]) -> bool:
    """Whether a term keeps out, before its turn comes, a network that is to be let in."""
    if not isinstance(term, Directive) or term.network is None or term.result == "pass":
        return False
    networks = (each.network for each in added if isinstance(each, Directive) and each.network is not None)
    return any(network.version == term.network.version and network.overlaps(term.network) for network in networks)


def _end(found: Published, terms: Iterable[Term]) -> list[str]:
    """How the record ends: as before where that was -all or ~all, else ~all; "-all" where nobody sends."""
    if any(term.kind == "redirect" for term in terms):
        return []
    ends = {record.all.text.lower() for record in found.records if record.all}
    return ["-all" if ends == {"-all"} or not terms else "~all"]

"""The tree of an SPF record: what it includes and redirects to, and the look-ups that this costs at worst."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.errors import CannotTell, NotApplicable
from checks.facts import Facts, fact
from checks.mail.spf.grammar import QUERYING, Directive, Record, Term, is_spf, parse
from checks.mail.spf.lookup import joined_texts, settled
from checks.mail.spf.macro import MacroString, dns_name, shortened

DEPTH_LIMIT = 11
"""Levels that are read: each costs a look-up, so the eleventh is past every receiver's limit."""
NAMES_LIMIT = 64
"""Records that are read of one tree, however many it names."""


@dataclass(frozen=True, slots=True)
class Published:
    """What one name publishes as TXT."""

    domain: str
    records: tuple[Record, ...]
    """Its SPF records; exactly one is right."""
    near: tuple[str, ...]
    """TXT records that are plainly meant as SPF and are none."""
    exists: bool
    """False where the name itself does not exist (NXDOMAIN)."""
    void: bool
    """Whether the question came back empty."""

    @property
    def record(self) -> Record | None:
        return self.records[0] if len(self.records) == 1 else None


class Trouble(StrEnum):
    """Why a branch leads to no record."""

    NONE = "no SPF record"
    SEVERAL = "several SPF records"
    ITSELF = "leads back to itself"
    DYNAMIC = "depends on the message"
    UNREAD = "could not be read"
    BEYOND = "not followed: past every limit"

    @property
    def is_broken(self) -> bool:
        """Whether it is a fault of the record, and a permanent error to receivers."""
        return self in (Trouble.NONE, Trouble.SEVERAL, Trouble.ITSELF)


@dataclass(frozen=True, slots=True)
class Branch:
    """An include or a redirect: where it leads, or why it leads nowhere."""

    term: Term
    target: str
    """The name; as written, with its macros, where it depends on the message."""
    node: Node | None = None
    trouble: Trouble | None = None
    reason: str = ""
    """Why it could not be read."""
    void: bool = False


@dataclass(frozen=True)
class Node:
    """One record and what hangs on it. A record that is included twice is one node at two branches."""

    domain: str
    record: Record
    branches: tuple[Branch, ...]
    lookups: int
    """Querying terms of it and of everything below, every repetition counted (RFC 7208 s4.6.4)."""

    @property
    def evidence(self) -> str:
        return f"{self.domain} TXT: {self.record.text}"

    def branch(self, term: Term) -> Branch:
        """The branch of one of the record's includes or its redirect."""
        return self._by_term[id(term)]

    @functools.cached_property
    def _by_term(self) -> dict[int, Branch]:
        return {id(branch.term): branch for branch in self.branches}

    def walk(self) -> Iterator[Node]:
        """This node and all below it, each once."""
        seen: dict[str, Node] = {}
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.domain not in seen:
                seen[node.domain] = node
                yield node
                waiting += [branch.node for branch in reversed(node.branches) if branch.node]

    @property
    def unread(self) -> Branch | None:
        """A branch below that could not be read, so that the whole is not known."""
        every = (branch for node in self.walk() for branch in node.branches)
        return next((branch for branch in every if branch.trouble is Trouble.UNREAD), None)

    @property
    def dynamic(self) -> tuple[Branch, ...]:
        """Branches below that each message's own look-up decides."""
        return tuple(b for node in self.walk() for b in node.branches if b.trouble is Trouble.DYNAMIC)


def static_target(spec: MacroString | None, domain: str, apex: str) -> str | None:
    """The name that a term means whatever the message; None where that depends on the message.

    Args:
        domain: whose record it stands in (%{d}).
        apex: the sender's domain (%{o}).
    """
    if spec is None:
        return domain
    if not spec.letters <= {"d", "o"}:
        return None
    return shortened(spec.expand({"d": domain, "o": apex})).lower()


@fact
async def published(facts: Facts, domain: str) -> Published:
    """What `domain` publishes. Raises DnsFailed (a server's failure too), Offline."""
    name = dns_name(domain)
    if name is None:
        return Published(domain, (), (), exists=False, void=True)
    answer = await settled(facts.network, name, "TXT")
    # Servers mix the order of records; that of this program's words should not change with it.
    texts = sorted(joined_texts(answer))
    return Published(
        domain,
        records=tuple(parse(text) for text in texts if is_spf(text)),
        near=tuple(text for text in texts if not is_spf(text) and _is_near(text)),
        exists=not answer.nxdomain,
        void=not answer.records,
    )


def _is_near(text: str) -> bool:
    """Whether a TXT record was plainly meant as SPF: "v=spf1;...", " v=spf1 ...", "spf1 ..."."""
    start = text[:40].strip(" \t\"'\r\n\\").lower().replace(" ", "")
    return start.startswith(("v=spf", "v:spf", "spf1", "v-spf1", "=spf1"))


@fact
async def tree(facts: Facts, domain: str) -> Node | None:
    """The tree of the one record that `domain` publishes; None where there is none, or several.

    Raises DnsFailed and Offline where the record itself cannot be read.
    """
    root = (await published(facts, domain)).record
    if root is None:
        return None
    known = await _read_all(facts, domain)
    return _Builder(domain, known).node(domain, root)


async def the_tree(facts: Facts, domain: str) -> Node:
    """As `tree`, for those who only look at a record that is there. Raises NotApplicable where none is."""
    node = await tree(facts, domain)
    if node is not None:
        return node
    if (await published(facts, domain)).records:
        raise NotApplicable("there are several SPF records: see spf.multiple")
    raise NotApplicable("there is no SPF record: see spf.missing")


async def _read_all(facts: Facts, apex: str) -> dict[str, Published | CannotTell]:
    """Everything that the record reaches, level by level, each level at once."""
    known: dict[str, Published | CannotTell] = {}
    level = [apex]
    for _ in range(DEPTH_LIMIT):
        level = [name for name in dict.fromkeys(level) if name not in known][: NAMES_LIMIT - len(known)]
        if not level:
            break
        found = await asyncio.gather(*(_try(facts, name) for name in level))
        known.update(zip(level, found, strict=True))
        records = [(each.domain, each.record) for each in found if isinstance(each, Published) and each.record]
        level = [
            target
            for domain, record in records
            for term in record.followed
            if term.kind in ("include", "redirect") and (target := static_target(term.domain, domain, apex))
        ]
    return known


async def _try(facts: Facts, name: str) -> Published | CannotTell:
    try:
        return await published(facts, name)
    except CannotTell as problem:
        return problem


class _Builder:
    """Joins what was read to a tree, without ever going round in a circle."""

    def __init__(self, apex: str, known: dict[str, Published | CannotTell]) -> None:
        self._apex = apex
        self._known = known
        self._done: dict[str, Node] = {}
        self._above: list[str] = []

    def node(self, domain: str, record: Record) -> Node:
        if domain in self._done:
            return self._done[domain]
        self._above.append(domain)
        branches = tuple(self._branch(domain, term) for term in record.followed if term.kind in ("include", "redirect"))
        self._above.pop()
        below = sum(branch.node.lookups for branch in branches if branch.node)
        node = self._done[domain] = Node(domain, record, branches, len(record.querying) + below)
        return node

    def _branch(self, domain: str, term: Term) -> Branch:
        target = static_target(term.domain, domain, self._apex)
        if target is None:
            return Branch(term, term.domain.text if term.domain else domain, trouble=Trouble.DYNAMIC)
        if target in self._above:
            return Branch(term, target, trouble=Trouble.ITSELF)
        found = self._known.get(target)
        if found is None:
            return Branch(term, target, trouble=Trouble.BEYOND)
        if isinstance(found, CannotTell):
            return Branch(term, target, trouble=Trouble.UNREAD, reason=found.reason)
        if found.record is None:
            trouble = Trouble.SEVERAL if found.records else Trouble.NONE
            return Branch(term, target, trouble=trouble, void=found.void)
        return Branch(term, target, self.node(target, found.record))


def ending(node: Node) -> tuple[Node, Directive | None]:
    """The record whose end decides, redirects followed, and its "all"; None where it has none."""
    while node.record.redirect is not None:
        following = node.branch(node.record.redirect).node
        if following is None:
            break
        node = following
    return node, node.record.all


def is_permissive(end: Directive | None) -> bool:
    """Whether a record with this end lets everybody send, or says nothing of them (RFC 7208 s5.1)."""
    return end is None or end.result in ("pass", "neutral")


def draw(node: Node, *, limit: int = 60) -> list[str]:
    """The tree as text: every term that costs a look-up, with what it costs; a repeated record is drawn once.

    Args:
        limit: lines after which it is cut with a word that says so.
    """
    lines = [f"{node.domain}: {_counted(node.lookups)}"]
    drawn: set[str] = set()

    def below(parent: Node, indent: str) -> None:
        drawn.add(parent.domain)
        shown = [term for term in parent.record.followed if term.kind in QUERYING or term.kind == "all"]
        for place, term in enumerate(shown):
            if len(lines) >= limit:
                return
            last = place == len(shown) - 1
            branch = parent.branch(term) if term.kind in ("include", "redirect") else None
            lines.append(f"{indent}{'└─' if last else '├─'} {term.text}{_note(branch, drawn)}")
            if branch and branch.node and branch.node.domain not in drawn:
                below(branch.node, indent + ("   " if last else "│  "))

    below(node, "")
    if len(lines) >= limit:
        lines.append("... and more")
    return lines


def _note(branch: Branch | None, drawn: set[str]) -> str:
    if branch is None:
        return ""
    if branch.trouble:
        return f"  [{branch.trouble.value}{': ' + branch.reason if branch.reason else ''}]"
    if branch.node is None or not branch.node.lookups:
        return ""
    again = ", as above" if branch.node.domain in drawn else ""
    return f"  [{_counted(branch.node.lookups + 1)}{again}]"


def _counted(lookups: int) -> str:
    return f"{lookups} look-up{'' if lookups == 1 else 's'}"

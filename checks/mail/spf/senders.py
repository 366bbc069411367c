"""Approved senders against a record: which of them it leaves out, and whom else it lets in."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.providers import Provider, by_mx, by_spf, provider_named
from checks.mail.return_paths import return_paths
from checks.mail.spf.grammar import Directive, IPNetwork, Term, network_term, parse
from checks.mail.spf.networks import Coverage, Grant
from checks.mail.spf.reach import coverage, grants, hosts_of, networks_of, term_hosts
from checks.mail.spf.tree import Branch, Node, Trouble, tree


@dataclass(frozen=True, slots=True)
class Approved:
    """A sender that the user approved. One of the last four is set, unless the name is nobody's."""

    text: str
    provider: Provider | None = None
    network: IPNetwork | None = None
    include: str = ""
    term: str = ""
    """Another SPF term, such as "mx" or "a:mail.example.com"."""

    @property
    def terms(self) -> tuple[str, ...]:
        """What a record needs to authorise it; empty where that is not known."""
        if self.provider is not None:
            return (f"include:{self.provider.include}",) if self.provider.include else ()
        if self.network is not None:
            return (network_term(self.network),)
        return (f"include:{self.include}",) if self.include else (self.term,) if self.term else ()


def read_sender(text: str) -> Approved:
    """Read a sender as the user wrote it: a service's name, an SPF term, an address or a network."""
    word = text.strip()
    if provider := provider_named(word):
        return Approved(text, provider=provider)
    record = parse(f"v=spf1 {word}")
    if not record.problems and record.directives:
        directive = record.directives[0]
        if directive.network is not None:
            return Approved(text, network=directive.network)
        if directive.mechanism == "include" and directive.domain is not None:
            return Approved(text, include=directive.domain.text.rstrip(".").lower())
        return Approved(text, term=directive.text)
    try:
        return Approved(text, network=ipaddress.ip_network(word, strict=False))
    except ValueError:
        pass
    services = by_spf(word) if "." in word else ()
    return Approved(text, include=word.rstrip(".").lower()) if services else Approved(text)


def approved(facts: Facts) -> tuple[Approved, ...]:
    """The senders that the user approved."""
    return tuple(read_sender(text) for text in facts.subject.mail.senders)


# ---------------------------------------------------------------------- who is left out


@fact
async def authorised(facts: Facts, domain: str, sender: Approved) -> str | None:
    """How the record of `domain` authorises a sender, as a short word; None where it does not.

    A service that sends with a return path of its own below the domain is authorised by that name's record
    (RFC 7208 s2.4: SPF looks at the return path, not at the From address).

    Raises CannotTell where that cannot be known.
    """
    root = await tree(facts, domain)
    if root is not None:
        target = next((branch.target for branch in passing(root) if _fits(branch.target, sender)), None)
        if target is not None:
            return f"include:{target}"
        if sender.term and sender.term.lower() in {term.text.lower().lstrip("+") for term in root.record.followed}:
            return sender.term
    if sender.provider is not None:
        for path in await return_paths(facts):
            if sender.provider in path.services and path.spf:
                return f"{path.name}, its own return path"
    if root is not None:
        needed = await _networks(facts, sender)
        granted = await coverage(facts, domain) if needed else None
        if granted is not None and all(granted.covers(network) for network in needed):
            return "listed by address"
    if root is not None and root.unread is not None:
        raise CannotTell(f"{root.unread.term.text}: {root.unread.reason}")
    if root is not None and root.dynamic:
        raise CannotTell(f"{root.dynamic[0].term.text} decides for each message, and its list cannot be read")
    return None


def passing(root: Node) -> list[Branch]:
    """The includes and redirects through which a pass can come."""
    found: list[Branch] = []
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.domain in seen:
            continue
        seen.add(node.domain)
        for branch in node.branches:
            if isinstance(branch.term, Directive) and branch.term.result != "pass":
                continue
            if branch.trouble is None or branch.trouble is Trouble.UNREAD:
                found.append(branch)
            if branch.node is not None and branch.node.domain not in seen:
                waiting.append(branch.node)
    return found


def _fits(target: str, sender: Approved) -> bool:
    if sender.provider is not None:
        return sender.provider in by_spf(target)
    return bool(sender.include) and target == sender.include


async def _networks(facts: Facts, sender: Approved) -> tuple[IPNetwork, ...]:
    """The networks that a sender sends from, as far as they are published; empty where they are not known."""
    if sender.network is not None:
        return (sender.network,)
    if sender.term:
        directive = parse(f"v=spf1 {sender.term}").directives[0]
        hosts = await term_hosts(facts, directive, facts.subject.domain) if directive.kind in ("a", "mx") else None
        return networks_of(directive, hosts.addresses) if hosts else ()
    source = sender.provider.include if sender.provider is not None else sender.include
    return tuple(grant.network for grant in await grants(facts, source) if grant.allowed) if source else ()


# ---------------------------------------------------------------------- who is let in


@dataclass(frozen=True, slots=True)
class Stranger:
    """A term that lets somebody send whom the user did not approve."""

    domain: str
    """Whose record it stands in."""
    term: str
    who: str


@fact
async def strangers(facts: Facts, domain: str) -> tuple[Stranger, ...]:
    """Terms of the record of `domain` that authorise a service or network nobody approved.

    Own servers (a, mx and their addresses) are nobody else's. What an approved service includes in its turn is
    its own affair. Raises CannotTell.
    """
    root = await tree(facts, domain)
    return tuple(await _Judge(facts).node(root)) if root else ()


class _Judge:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._approved = approved(facts)
        self._services = {sender.provider for sender in self._approved if sender.provider}
        self._includes = {sender.include for sender in self._approved if sender.include}
        self._terms = {sender.term.lower() for sender in self._approved if sender.term}
        self._seen: set[str] = set()

    async def node(self, node: Node) -> list[Stranger]:
        """Strangers in one record and what it includes; a record met before is not judged again."""
        if node.domain in self._seen:
            return []
        self._seen.add(node.domain)
        found: list[Stranger] = []
        for term in node.record.followed:
            if isinstance(term, Directive) and (term.result != "pass" or term.text.lstrip("+").lower() in self._terms):
                continue
            found += await self._term(node, term)
        return found

    async def _term(self, node: Node, term: Term) -> list[Stranger]:
        if term.kind in ("include", "redirect"):
            return await self._branch(node, node.branch(term))
        if not isinstance(term, Directive) or term.mechanism == "all":
            # "all" is the affair of spf.all-permissive.
            return []
        if term.network is not None:
            known = await self._is_known([term.network])
            return [] if known else [Stranger(node.domain, term.text, f"the network {term.network}")]
        if term.mechanism in ("a", "mx"):
            return await self._hosts(node, term)
        tail = _tail(term.domain.text if term.domain else node.domain)
        return [] if self._is_own(tail) else [Stranger(node.domain, term.text, tail)]

    async def _branch(self, node: Node, branch: Branch) -> list[Stranger]:
        tail = _tail(branch.target)
        services = by_spf(tail)
        if self._services.intersection(services) or self._includes.intersection((branch.target, tail)):
            return []
        if services:
            return [Stranger(node.domain, branch.term.text, " or ".join(service.name for service in services))]
        if branch.trouble is Trouble.UNREAD:
            raise CannotTell(f"{branch.term.text}: {branch.reason}")
        if branch.node is None:
            dynamic = branch.trouble is Trouble.DYNAMIC and not self._is_own(tail)
            return [Stranger(node.domain, branch.term.text, f"whoever {tail} lists")] if dynamic else []
        inner = await self.node(branch.node)
        if not inner or branch.term.kind == "redirect" or self._is_own(branch.target):
            return inner
        who = ", ".join(dict.fromkeys(stranger.who for stranger in inner[:4]))
        return [Stranger(node.domain, branch.term.text, f"{branch.target} ({who}{', ...' if len(inner) > 4 else ''})")]

    async def _hosts(self, node: Node, term: Directive) -> list[Stranger]:
        hosts = await term_hosts(self._facts, term, node.domain)
        if hosts is None:
            return []
        services = {service for host in hosts.exchangers if (service := by_mx(host)) and service.kind == "mailbox"}
        if foreign := services - self._services:
            return [Stranger(node.domain, term.text, " and ".join(sorted(service.name for service in foreign)))]
        if services or self._is_own(hosts.target) or await self._is_known(networks_of(term, hosts.addresses)):
            return []
        return [Stranger(node.domain, term.text, f"{hosts.target} ({', '.join(hosts.addresses)})")]

    def _is_own(self, name: str) -> bool:
        return self._facts.subject.under(name)

    async def _is_known(self, networks: Iterable[IPNetwork]) -> bool:
        """Whether networks are approved: as such, as an approved service's, or as the domain's own servers'."""
        granted = await _known_networks(self._facts)
        return all(granted.covers(network) for network in networks)


@fact
async def _known_networks(facts: Facts) -> Coverage:
    """Networks of the approved senders and of the domain's own servers."""
    domain = facts.subject.domain
    senders, a, mx = await asyncio.gather(
        asyncio.gather(*(_networks(facts, sender) for sender in approved(facts))),
        hosts_of(facts, "a", domain),
        hosts_of(facts, "mx", domain),
    )
    own = [address for hosts in (a, mx) for address in hosts.addresses]
    networks = [network for each in senders for network in each] + [ipaddress.ip_network(address) for address in own]
    return Coverage(Grant(network, True) for network in networks)


def _tail(target: str) -> str:
    """The part of a name after its last macro: who decides where the message is asked about."""
    return target.rpartition("}")[2].strip(".").lower()

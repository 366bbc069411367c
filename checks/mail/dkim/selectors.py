"""Where a domain's DKIM keys are looked for, and what stands there."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.asking import tried
from checks.mail.dkim.key import DkimKey, foreign, meant_as_key, parse_key
from checks.mail.providers import Provider, by_dkim_target, by_mx, by_spf, provider_named, providers
from checks.mail.return_paths import ReturnPath, return_paths
from checks.mail.spf.tree import Node, tree
from checks.network import Answer


@dataclass(frozen=True, slots=True)
class Place:
    """A name that may hold a key, and what was found there."""

    name: str
    declared: bool
    """Whether the user named it."""
    services: tuple[str, ...] = ()
    """The services in use that are known to sign with it."""
    answer: Answer | None = None
    problem: CannotTell | None = None
    """Why it could not be asked."""
    keys: tuple[DkimKey, ...] = ()
    """More than one leaves it to the receiver which is taken (RFC 6376 s3.6.2.2)."""
    foreign: tuple[str, ...] = ()
    """Texts that stand there and are no keys."""
    wildcard: bool = False
    """Whether a made-up name gets the same answer. It says nothing at a name nobody chose; at a declared one it is what
    receivers get."""

    @property
    def selector(self) -> str:
        return self.name.partition("._domainkey.")[0]

    @property
    def domain(self) -> str:
        """The domain that a signature with this key bears (d=)."""
        return self.name.partition("._domainkey.")[2]

    @property
    def expected(self) -> bool:
        """Whether a key is to be expected here: declared, or of a service in use."""
        return self.declared or bool(self.services)

    @property
    def target(self) -> str:
        """Where a CNAME leads; empty without one."""
        if self.answer is None or (self.wildcard and not self.declared):
            return ""
        return self.answer.chain[-1].target if self.answer.chain else ""

    @property
    def host(self) -> str:
        """The service that holds the key behind a CNAME; empty where there is none, or it is not known."""
        owner = by_dkim_target(self.target) if self.target else None
        return owner.name if owner else ""

    @property
    def describe(self) -> str:
        """One line of evidence."""
        if self.problem is not None:
            return f"{self.name}: could not be asked ({self.problem.reason})"
        via = f" -> {self.target}" if self.target else ""
        via += f" ({self.host})" if self.host else ""
        via += " (by a wildcard, as any selector)" if self.wildcard else ""
        if not self.keys:
            said = "no key record" if self.answer and self.answer.ok else "does not exist"
            return f"{self.name}{via}: {said}"
        return f"{self.name}{via}: " + "; ".join(f"{key.summary}: {key.text}" for key in self.keys)


@dataclass(frozen=True, slots=True)
class DkimKeys:
    """All that is known of the keys of a domain."""

    places: tuple[Place, ...]
    in_use: tuple[Provider, ...]
    """Services that the user, MX, SPF and return paths name, and those that DKIM CNAMEs lead to."""
    exists: Mapping[str, bool | None]
    """Whether any selector exists at all below _domainkey of the domain, or of a return path below it that may hold
    keys of its own (RFC 8020); None where that cannot be told."""
    problems: tuple[CannotTell, ...] = ()
    """What kept us from knowing the services in use."""
    derived: Mapping[Provider, tuple[str, ...]] = field(default_factory=dict)
    """Selectors that follow from the customer's number in the SPF record, by service."""

    @property
    def any_exists(self) -> bool | None:
        """Whether any selector exists at all; None where that cannot be told."""
        said = set(self.exists.values())
        return True if True in said else None if None in said else False

    @property
    def found(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.keys)

    @property
    def looked_for(self) -> tuple[Place, ...]:
        """Those found where a key was to be: declared, or of a service in use; all, where no selector is declared."""
        if not any(place.declared for place in self.places):
            return self.found
        return tuple(place for place in self.found if place.expected or place.host)

    def has_key(self, service: Provider) -> bool:
        """Whether a key was found that is this service's, or stands where it usually has its own."""
        return any(place.host == service.name or service.name in place.services for place in self.found)

    def at(self, name: str) -> Place:
        return next(place for place in self.places if place.name == name)


@fact
async def dkim_keys(facts: Facts) -> DkimKeys:
    """Look for keys at the declared selectors and at those of the services in use. Raises Offline."""
    domain = facts.subject.domain
    base = f"_domainkey.{domain}"
    # Below an existing name a wildcard no longer answers (RFC 4592 s3.3.1), so what a made-up name gets
    # tells real selectors from a wildcard's, and from servers that say NOERROR to everything.
    nobody = f"launch-ready-{secrets.token_hex(6)}.{base}"
    (used, problems), above, wild = await asyncio.gather(
        _services_named(facts), tried(facts, base, "TXT"), tried(facts, nobody, "TXT")
    )
    exists = {domain: _any_exists(above, wild)}
    derived = await _derived(facts)
    paths = [path for path in await return_paths(facts) if not path.alias]
    wanted = _wanted(facts, used, derived, paths, hunt=exists[domain] is not False)
    answers, bases = await asyncio.gather(
        asyncio.gather(*(tried(facts, name, "TXT") for name in wanted)),
        asyncio.gather(*(tried(facts, f"_domainkey.{path.name}", "TXT") for path in paths)),
    )
    exists |= {path.name: _any_exists(base, base) for path, base in zip(paths, bases, strict=True)}
    places = tuple(
        _place(name, declared, services, answer, wild)
        for (name, (declared, services)), answer in zip(wanted.items(), answers, strict=True)
    )
    kept = tuple(place for place in places if place.expected or place.keys or place.host)
    by_target = [by_dkim_target(place.target, domain) for place in kept if place.target]
    return DkimKeys(
        places=kept,
        in_use=tuple(dict.fromkeys((*used, *(service for service in by_target if service)))),
        exists=exists,
        problems=problems,
        derived=derived,
    )


async def _services_named(facts: Facts) -> tuple[tuple[Provider, ...], tuple[CannotTell, ...]]:
    """Services that the user, the MX, the SPF record or a return path names, and what could not be asked."""
    domain = facts.subject.domain
    mx, root, paths = await asyncio.gather(tried(facts, domain, "MX"), _spf_tree(facts), return_paths(facts))
    found = [provider_named(sender) for sender in facts.subject.mail.senders]
    if isinstance(mx, Answer):
        found += [by_mx(record.exchange.to_text()) for record in mx.records]  # type: ignore[attr-defined]
    if isinstance(root, Node):
        # What another organisation's record includes is how it sends, not whom this domain uses.
        own = (node for node in root.walk() if facts.subject.under(node.domain))
        found += [service for node in own for branch in node.branches for service in by_spf(branch.target)]
    found += [service for path in paths for service in path.services]
    problems = tuple(answer for answer in (mx, root) if isinstance(answer, CannotTell))
    return tuple(dict.fromkeys(service for service in found if service)), problems


async def _derived(facts: Facts) -> dict[Provider, tuple[str, ...]]:
    """Selectors that an include of the domain's own records gives away."""
    root = await _spf_tree(facts)
    found: dict[Provider, tuple[str, ...]] = {}
    for node in root.walk() if isinstance(root, Node) else ():
        for branch in node.branches if facts.subject.under(node.domain) else ():
            for service in by_spf(branch.target):
                if selectors := service.derived(branch.target):
                    found[service] = tuple(dict.fromkeys((*found.get(service, ()), *selectors)))
    return found


async def _spf_tree(facts: Facts) -> Node | CannotTell | None:
    try:
        return await tree(facts, facts.subject.domain)
    except CannotTell as problem:
        return problem


def _any_exists(above: Answer | CannotTell, wild: Answer | CannotTell) -> bool | None:
    if not isinstance(above, Answer):
        return None
    if above.nxdomain:
        return False
    return True if isinstance(wild, Answer) and wild.nxdomain else None


def _wanted(
    facts: Facts,
    used: Iterable[Provider],
    derived: Mapping[Provider, tuple[str, ...]],
    paths: Iterable[ReturnPath],
    *,
    hunt: bool,
) -> dict[str, tuple[bool, tuple[str, ...]]]:
    """Names to ask, each with whether it is declared and the services in use that it is known of.

    With `hunt` also the selectors that services have by CNAME: where one leads to its service, that is in use.
    """
    plan = facts.subject.mail
    domain = facts.subject.domain
    declared = [_key_name(selector, domain) for selector in plan.selectors if selector.strip()]
    declared += [_key_name(s.selector, s.from_domain or domain) for s in plan.streams if s.selector.strip()]
    wanted: dict[str, tuple[bool, tuple[str, ...]]] = {name: (True, ()) for name in declared}
    for service in used:
        known = [sign.selector for sign in service.dkim if sign.can_be_asked]
        # A service that is set up for a name below the domain has its keys there (Mailgun on mg.).
        bases = (domain, *(path.name for path in paths if service in path.services))
        for base, selector in itertools.product(bases, (*known, *derived.get(service, ()))):
            name = _key_name(selector, base)
            is_declared, services = wanted.get(name, (False, ()))
            wanted[name] = (is_declared, tuple(dict.fromkeys((*services, service.name))))
    if hunt:
        for service in providers():
            for sign in service.dkim:
                if sign.can_be_asked and sign.rdtype == "CNAME":
                    wanted.setdefault(_key_name(sign.selector, domain), (False, ()))
    return wanted


def _key_name(selector: str, domain: str) -> str:
    selector = selector.strip().rstrip(".").lower()
    return selector if "._domainkey." in selector else f"{selector.removesuffix('._domainkey')}._domainkey.{domain}"


def _place(
    name: str, declared: bool, services: tuple[str, ...], answer: Answer | CannotTell, wild: Answer | CannotTell
) -> Place:
    """What stands at a name.

    Args:
        wild: the answer for a name that nobody chose.
    """
    if not isinstance(answer, Answer):
        return Place(name, declared, services, problem=answer)
    wildcard = isinstance(wild, Answer) and bool(answer.texts or answer.chain) and _says(answer) == _says(wild)
    usable = answer.texts if declared or not wildcard else ()
    keys = [text for text in usable if meant_as_key(text)]
    if not keys and not wildcard:
        # What stands alone at a selector's name was meant as its key, however little it looks like one.
        keys = [text for text in usable if not foreign(text)]
    return Place(
        name,
        declared,
        services,
        answer=answer,
        keys=tuple(parse_key(text) for text in keys),
        foreign=tuple(text for text in answer.texts if text not in keys),
        wildcard=wildcard,
    )


def _says(answer: Answer) -> tuple[frozenset[str], tuple[str, ...]]:
    return frozenset(answer.texts), tuple(link.target for link in answer.chain)

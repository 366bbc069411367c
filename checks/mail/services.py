"""Which services send for a domain: one table, service by service, with what is right, wrong or not known of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.asking import tried
from checks.mail.dkim.key import parse_key
from checks.mail.dkim.selectors import DkimKeys, dkim_keys
from checks.mail.dmarc.tree import InForce, policy_in_force
from checks.mail.providers import DkimSign, Provider, by_mx, by_spf, by_verification
from checks.mail.return_paths import ReturnPath, return_paths
from checks.mail.spf.reach import Hosts, hosts_of
from checks.mail.spf.senders import Approved, approved, authorised
from checks.mail.spf.tree import Node, tree
from checks.network import Answer

WEAK_SELECTORS = frozenset({"s1", "s2", "k1", "mail", "default", "dkim", "mx", "mg", "smtpapi"})
"""Selectors that so many services use that a key there names none of them."""

APPROVED = "approved by you"
"""The evidence of a service that the user named."""
UNAPPROVED = "not approved by you"
"""The last evidence of one that was found and that the user, who named others, did not name."""

T = TypeVar("T")


class State(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell of the table, with the reason in a few words."""

    state: State
    why: str


def right(why: str) -> Mark:
    return Mark(State.RIGHT, why)


def wrong(why: str) -> Mark:
    return Mark(State.WRONG, why)


def unknown(why: str) -> Mark:
    return Mark(State.UNKNOWN, why)


@dataclass(frozen=True, slots=True)
class Service:
    """A row: a service that seems to send for the domain."""

    name: str
    kind: str
    """What it is for: "mailbox", "transactional", "marketing", "support", "forwarding" or "gateway"."""
    evidence: tuple[str, ...]
    """By what it was recognised: evidence, not certainty."""
    spf: Mark
    dkim: Mark
    return_path: Mark
    dmarc: Mark
    """Whether its mail passes DMARC: an aligned DKIM signature, or an aligned return path that passes SPF."""


@dataclass(frozen=True)
class _Seen:
    """All that the table is made from. What could not be asked for is the reason why."""

    mx: Hosts | CannotTell
    spf: Node | CannotTell | None
    keys: DkimKeys | CannotTell
    paths: tuple[ReturnPath, ...]
    texts: tuple[str, ...]
    policy: InForce | CannotTell | None
    senders: tuple[Approved, ...]
    in_use: dict[Provider, list[str]] = field(default_factory=dict)

    def note(self, provider: Provider, evidence: str) -> None:
        found = self.in_use.setdefault(provider, [])
        if evidence not in found:
            found.append(evidence)


@fact
async def services(facts: Facts) -> tuple[Service, ...]:
    """The table, the mailbox service first. Raises Offline."""
    domain = facts.subject.domain
    mx, spf, keys, paths, txt, policy = await asyncio.gather(
        _told(hosts_of(facts, "mx", domain)),
        _told(tree(facts, domain)),
        _told(dkim_keys(facts)),
        return_paths(facts),
        tried(facts, domain, "TXT"),
        _told(policy_in_force(facts, domain)),
    )
    texts = txt.texts if isinstance(txt, Answer) else ()
    seen = _Seen(mx, spf, keys, paths, texts, policy, approved(facts))
    await _recognise(facts, seen)
    rows = await asyncio.gather(*(_row(facts, seen, provider) for provider in seen.in_use))
    return tuple(sorted(rows, key=lambda row: (row.kind != "mailbox", row.name.lower())))


async def _told(question: Awaitable[T]) -> T | CannotTell:
    try:
        return await question
    except CannotTell as problem:
        return problem


# ---------------------------------------------------------------------- who sends


async def _recognise(facts: Facts, seen: _Seen) -> None:
    """Fill `in_use` from every sign, the sure ones first."""
    for sender in seen.senders:
        for provider in [sender.provider] if sender.provider else await _narrowed(facts, seen, by_spf(sender.include)):
            seen.note(provider, APPROVED)
    if isinstance(seen.keys, DkimKeys):
        for provider in seen.keys.in_use:
            for place in seen.keys.places:
                if place.host == provider.name and place.keys:
                    seen.note(provider, f"{place.name} CNAME {place.target}")
    if isinstance(seen.mx, Hosts):
        for host in seen.mx.exchangers:
            receiver = by_mx(host)
            if receiver is not None and receiver.kind not in ("forwarding", "gateway"):
                seen.note(receiver, f"MX {host}")
    if isinstance(seen.spf, Node):
        for node in seen.spf.walk():
            for branch in node.branches if facts.subject.under(node.domain) else ():
                for provider in await _narrowed(facts, seen, by_spf(branch.target)):
                    seen.note(provider, f"SPF {branch.term.text}")
    for path in seen.paths:
        for provider in await _narrowed(facts, seen, path.services):
            seen.note(provider, path.evidence)
    for text in seen.texts:
        for provider in by_verification(text):
            # A proof of ownership alone tells little of a mailbox service: many outlive the mailboxes.
            if provider in seen.in_use or provider.kind != "mailbox":
                seen.note(provider, f"TXT {text[:60]}")


async def _narrowed(facts: Facts, seen: _Seen, candidates: Iterable[Provider]) -> list[Provider]:
    """Of services that share one sign, those that another sign names; else the one whose servers they are."""
    options = list(candidates)
    if len(options) < 2:
        return options
    known = [provider for provider in options if provider in seen.in_use]
    if known:
        return known
    keyed = await asyncio.gather(*(_has_telling_key(facts, provider) for provider in options))
    named = [provider for provider, has in zip(options, keyed, strict=True) if has]
    return named or [provider for provider in options if not provider.builds_on]


async def _has_telling_key(facts: Facts, provider: Provider) -> bool:
    """Whether a key stands at a selector that only this service uses."""
    signs = [sign for sign in provider.dkim if sign.can_be_asked and sign.selector == provider.name.lower()]
    return any([await _has_key(facts, sign) for sign in signs])


async def _has_key(facts: Facts, sign: DkimSign, base: str = "") -> bool:
    """Whether a key stands at a selector, below the domain itself or below `base`."""
    answer = await tried(facts, f"{sign.selector}._domainkey.{base or facts.subject.domain}", "TXT")
    return isinstance(answer, Answer) and any(parse_key(text).usable for text in answer.texts)


# ---------------------------------------------------------------------- how well


async def _row(facts: Facts, seen: _Seen, provider: Provider) -> Service:
    path = next((path for path in seen.paths if provider in path.services), None)
    spf, (dkim, signed) = await asyncio.gather(_spf(facts, seen, provider, path), _dkim(facts, seen, provider, path))
    returns = _return_path(facts, provider, path)
    found = seen.in_use[provider]
    return Service(
        provider.name,
        provider.kind,
        (*found, UNAPPROVED) if seen.senders and APPROVED not in found else tuple(found),
        spf,
        dkim,
        returns,
        _dmarc(seen, provider, path, spf, dkim, own_signature=signed == facts.subject.domain),
    )


async def _spf(facts: Facts, seen: _Seen, provider: Provider, path: ReturnPath | None) -> Mark:
    if path is not None:
        said = "lets it send" if path.spf else "has no SPF record that lets it send"
        return (right if path.spf else wrong)(f"{path.name} {said}")
    if isinstance(seen.spf, CannotTell):
        return unknown(seen.spf.reason)
    domain = facts.subject.domain
    how = await _told(authorised(facts, domain, Approved(provider.name, provider=provider)))
    if isinstance(how, CannotTell):
        return unknown(how.reason)
    if how is not None:
        return right(how)
    if provider.include and APPROVED in seen.in_use[provider]:
        # The word of spf.sender-missing: who was approved must be in the record.
        return wrong(f"missing: approved by you, but {_not_in(seen, domain)}")
    if provider.bounce == "service":
        return right(f"passes for {provider.name}'s own return path")
    if provider.bounce != "domain":
        return unknown("its return-path name was not found under the usual names")
    if not provider.spf:
        return unknown(f"what {provider.name} needs in SPF is not known")
    return wrong(_not_in(seen, domain))


def _not_in(seen: _Seen, domain: str) -> str:
    return f"not in the record of {domain}" if seen.spf is not None else f"{domain} has no usable SPF record"


def _return_path(facts: Facts, provider: Provider, path: ReturnPath | None) -> Mark:
    if path is not None:
        return right(path.evidence) if path.spf else wrong(f"{path.evidence}, which lets nobody send")
    if provider.bounce == "domain":
        return right(f"bears {facts.subject.domain} itself")
    if provider.bounce == "service":
        return right(f"always {provider.name}'s own, so DMARC rests on DKIM")
    return unknown("not found under the usual names (send, mg, em, bounce ...)")


async def _dkim(facts: Facts, seen: _Seen, provider: Provider, path: ReturnPath | None) -> tuple[Mark, str]:
    """The mark, and the domain that the signature bears."""
    domain = facts.subject.domain
    keys = seen.keys
    if isinstance(keys, CannotTell):
        return unknown(keys.reason), domain
    own = [place for place in keys.places if place.host == provider.name]
    usable = [place for place in own if any(key.usable for key in place.keys)]
    if usable:
        near = [place for place in usable if place.domain == domain] or usable
        return right(f"{', '.join(place.selector for place in near)} -> {near[0].target}"), near[0].domain
    if any(place.keys for place in own):
        return wrong(f"{own[0].name}: {own[0].keys[0].summary if own[0].keys else 'no key'}"), domain
    bases = (domain, path.name) if path is not None and not path.alias else (domain,)
    plain = [sign for sign in provider.dkim if sign.rdtype == "TXT" and sign.can_be_asked]
    found = [(base, sign.selector) for base in bases for sign in plain if await _has_key(facts, sign, base)]
    # Below the service's own name no other service has its keys.
    if telling := [pair for pair in found if pair[1] not in WEAK_SELECTORS or pair[0] != domain]:
        base, selector = telling[0]
        return right(f"a key at {selector}._domainkey" + f".{base}" * (base != domain)), base
    return _no_key_of(keys, provider, bases, [selector for _, selector in found], plain), domain


def _no_key_of(
    keys: DkimKeys, provider: Provider, bases: Iterable[str], weak: list[str], plain: list[DkimSign]
) -> Mark:
    """What it means that no key was found that is a service's for sure.

    Args:
        weak: selectors with a key that may be anybody's.
        plain: the service's selectors that can be asked.
    """
    if weak:
        return unknown(f"a key stands at {weak[0]}._domainkey, a name that others use too")
    if any(place.problem and provider.name in place.services for place in keys.places):
        return unknown("its selectors could not be asked")
    if all(keys.exists.get(base) is False for base in bases):
        return wrong("no DKIM selector exists at all")
    if derived := keys.derived.get(provider):
        return wrong(f"no record at {', '.join(derived)}")
    if not provider.guessable or not provider.dkim:
        return unknown("its selectors cannot be guessed: give the s= of a message that it signed")
    if plain:
        return unknown(f"no key at {', '.join(sign.selector for sign in plain)}; another selector may be set")
    return wrong(f"no record at {', '.join(dict.fromkeys(s.selector for s in provider.dkim if s.can_be_asked))}")


def _dmarc(
    seen: _Seen, provider: Provider, path: ReturnPath | None, spf: Mark, dkim: Mark, *, own_signature: bool
) -> Mark:
    """Whether one of the two is right and aligned.

    Args:
        own_signature: whether it bears the domain itself and no name below it.
    """
    if isinstance(seen.policy, CannotTell):
        return unknown(seen.policy.reason)
    if seen.policy is None:
        return wrong("no DMARC policy applies")
    if dkim.state is State.RIGHT and (own_signature or not seen.policy.record.strict("adkim")):
        return right("its DKIM signature bears the domain")
    strict = seen.policy.record.strict("aspf")
    own_name = provider.bounce == "domain" or (path is not None and not strict)
    if own_name and spf.state is State.RIGHT:
        return right("its return path bears the domain and passes SPF")
    if dkim.state is State.WRONG and (spf.state is State.WRONG or provider.bounce == "service"):
        return wrong("neither DKIM nor SPF speaks for the domain")
    return unknown("depends on its DKIM signature")

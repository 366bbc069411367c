"""What the large receivers ask of everybody who sends to them, what only of bulk senders, and which of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from checks.errors import CannotTell
from checks.facts import Facts, fact
from checks.mail.dkim.key import RSA_LEAST
from checks.mail.dkim.selectors import dkim_keys
from checks.mail.dmarc.tree import policy_in_force
from checks.mail.mx.conversation import reverse
from checks.mail.services import Mark, Service, State, right, services, unknown, wrong
from checks.mail.spf.grammar import Directive
from checks.mail.spf.tree import Node, tree


class Asks(Enum):
    """What a rule is about, as far as DNS shows it."""

    EITHER = "SPF or DKIM of every service"
    BOTH = "SPF and DKIM of every service, one aligned"
    DMARC = "a DMARC record"
    NAMES = "the names of own sending addresses"
    KEYS = "the size of the DKIM keys"
    UNSEEN = "nothing that DNS shows"


@dataclass(frozen=True, slots=True)
class ReceiverRule:
    """What a large receiver asks of senders."""

    receiver: str
    rule: str
    bulk_only: bool
    """Whether it is required only of bulk senders, which a young business is not."""
    since: str
    asks: Asks

    @property
    def word(self) -> str:
        return "required only for bulk" if self.bulk_only else "required"


BULK_A_DAY = 5000
"""Messages a day to one receiver's mailboxes from which Google and Microsoft call a sender bulk; Yahoo names none."""

_ALIGNED = "SPF and DKIM both pass, with DMARC aligned (p=none is enough)"
RECEIVER_RULES = (
    ReceiverRule("Google", "SPF or DKIM passes", False, "2024-02", Asks.EITHER),
    ReceiverRule("Google", "the sending address has a PTR name that leads back to it", False, "2024-02", Asks.NAMES),
    ReceiverRule("Google", "mail is sent over TLS", False, "2024-02", Asks.UNSEEN),
    ReceiverRule("Google", "spam complaints stay under 0.1 %, and never reach 0.3 %", False, "2024-02", Asks.UNSEEN),
    ReceiverRule("Google", "SPF and DKIM both pass, and one is aligned", True, "2024-02", Asks.BOTH),
    ReceiverRule("Google", "a DMARC record (p=none is enough)", True, "2024-02", Asks.DMARC),
    ReceiverRule("Google", f"DKIM keys of {RSA_LEAST} bits or more", True, "2024-02", Asks.KEYS),
    ReceiverRule("Google", "one-click unsubscribe in marketing mail (RFC 8058)", True, "2024-02", Asks.UNSEEN),
    ReceiverRule("Yahoo", "SPF or DKIM passes", False, "2024-02", Asks.EITHER),
    ReceiverRule("Yahoo", "spam complaints stay under 0.3 %", False, "2024-02", Asks.UNSEEN),
    ReceiverRule("Yahoo", _ALIGNED, True, "2024-02", Asks.BOTH),
    ReceiverRule("Yahoo", "one-click unsubscribe, honoured within 2 days", True, "2024-06", Asks.UNSEEN),
    ReceiverRule("Microsoft", _ALIGNED, True, "2025-05", Asks.BOTH),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule, and whether the domain keeps it as far as DNS shows."""

    rule: ReceiverRule
    mark: Mark


@fact
async def receiver_standings(facts: Facts) -> tuple[Standing, ...]:
    """Hold every rule against what DNS shows of the domain. Raises Offline."""
    rows, dmarc, keys, names = await asyncio.gather(services(facts), _dmarc(facts), _keys(facts), _names(facts))
    marks = {
        Asks.EITHER: _every(rows, _either),
        Asks.BOTH: _both(rows, dmarc),
        Asks.DMARC: dmarc,
        Asks.NAMES: names,
        Asks.KEYS: keys,
        Asks.UNSEEN: unknown("not visible from DNS"),
    }
    return tuple(Standing(rule, marks[rule.asks]) for rule in RECEIVER_RULES)


def _either(row: Service) -> State:
    states = {row.spf.state, row.dkim.state}
    return next((state for state in (State.RIGHT, State.UNKNOWN) if state in states), State.WRONG)


def _aligned(row: Service) -> State:
    states = {row.spf.state, row.dkim.state, row.dmarc.state}
    return next((state for state in (State.WRONG, State.UNKNOWN) if state in states), State.RIGHT)


def _every(rows: Iterable[Service], judge: Callable[[Service], State]) -> Mark:
    """One mark for all services, which names those that are not right."""
    told: dict[State, list[str]] = {}
    for row in rows:
        told.setdefault(judge(row), []).append(row.name)
    if failing := told.get(State.WRONG):
        return wrong(f"not for {', '.join(failing)}")
    if unclear := told.get(State.UNKNOWN):
        return unknown(f"not visible from DNS for {', '.join(unclear)}")
    return right("for every service that was recognised") if told else unknown("no service was recognised")


def _both(rows: Iterable[Service], dmarc: Mark) -> Mark:
    return dmarc if dmarc.state is State.WRONG else _every(rows, _aligned)


async def _dmarc(facts: Facts) -> Mark:
    try:
        force = await policy_in_force(facts, facts.subject.domain)
    except CannotTell as problem:
        return unknown(problem.reason)
    return right(force.told) if force else wrong("no DMARC policy applies")


async def _keys(facts: Facts) -> Mark:
    keys = await dkim_keys(facts)
    sizes = {place.selector: key.bits for place in keys.found for key in place.keys if key.bits is not None}
    small = [f"{selector} has {bits}" for selector, bits in sizes.items() if bits < RSA_LEAST]
    if small:
        return wrong(", ".join(small))
    return right(f"{min(sizes.values())} bits or more") if sizes else unknown("no RSA key was found")


async def _names(facts: Facts) -> Mark:
    """PTR names of the single addresses that the domain's own records list: other senders name theirs themselves."""
    try:
        root = await tree(facts, facts.subject.domain)
    except CannotTell as problem:
        return unknown(problem.reason)
    addresses = list(dict.fromkeys(_own_addresses(facts, root))) if root else []
    if not addresses:
        return unknown("your services send from addresses of their own, and name those themselves")
    told = await asyncio.gather(*(reverse(facts, address) for address in addresses[:10]))
    if failing := [each.text for each in told if each.leads_back is False]:
        return wrong("; ".join(failing))
    if unclear := [each.text for each in told if each.leads_back is None]:
        return unknown("; ".join(unclear))
    return right("; ".join(each.text for each in told))


def _own_addresses(facts: Facts, root: Node) -> Iterable[str]:
    for node in root.walk():
        for term in node.record.followed if facts.subject.under(node.domain) else ():
            network = term.network if isinstance(term, Directive) and term.result == "pass" else None
            if network is not None and network.prefixlen == network.max_prefixlen:
                yield str(network.network_address)

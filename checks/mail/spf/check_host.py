"""check_host() of RFC 7208: what a receiver makes of one message's sender and address."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from dataclasses import dataclass
from typing import Literal

import dns.name

from checks.errors import Untold
from checks.international import a_labels
from checks.mail.spf.grammar import Directive, Record, is_spf, parse, parse_explanation
from checks.mail.spf.lookup import ask, joined_texts
from checks.mail.spf.macro import MacroString, dns_name, shortened
from checks.network import Answer, Network

Result = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOKUP_LIMIT = 10
VOID_LIMIT = 2
NAMES_LIMIT = 10
"""MX and PTR records of which addresses are asked (RFC 7208 s4.6.4)."""
SECONDS = 20.0
"""For one whole evaluation (RFC 7208 s4.6.4)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What check_host() returns, and why."""

    result: Result
    explanation: str | None = None
    """Text of exp= where the result is "fail" and one is published. Foreign text."""
    reason: str = ""
    """The term that matched, or what is wrong."""


class _Verdict(Exception):
    """An error that ends the evaluation, however deep it stands."""

    def __init__(self, result: Result, reason: str) -> None:
        super().__init__(reason)
        self.outcome = Outcome(result, reason=reason)


async def evaluate(*, ip: str, sender: str, helo: str, network: Network) -> Outcome:
    """Evaluate SPF for one message (RFC 7208 s4); never slower than 20 seconds.

    Args:
        ip: address of the client; an IPv4-mapped IPv6 address counts as IPv4.
        sender: the MAIL FROM address; empty or "<>" stands for postmaster at the HELO name.
        helo: the HELO or EHLO name; check it alone by giving no sender.

    Raises ValueError where `ip` is no address.
    """
    message = _Message(ip, sender, helo)
    evaluation = _Evaluation(message, network)
    ends = asyncio.get_running_loop().time() + SECONDS
    try:
        async with asyncio.timeout_at(ends):
            outcome, exp, domain = await evaluation.check_host(message.domain)
    except TimeoutError:
        return Outcome("temperror", reason=f"the evaluation took longer than {SECONDS:g} s")
    except _Verdict as verdict:
        return verdict.outcome
    if outcome.result != "fail" or exp is None:
        return outcome
    try:
        async with asyncio.timeout_at(ends):
            explanation = await evaluation.explain(exp, domain)
    except TimeoutError:
        explanation = None
    return Outcome("fail", explanation, outcome.reason)


class _Message:
    """The parameters of check_host(), brought into form (RFC 7208 s4.1, s4.3)."""

    def __init__(self, ip: str, sender: str, helo: str) -> None:
        address = ipaddress.ip_address(ip.strip())
        self.ip: IPAddress = getattr(address, "ipv4_mapped", None) or address
        self.helo = _a_labels(helo.strip())
        sender = sender.strip().removeprefix("<").removesuffix(">")
        local, _, domain = sender.rpartition("@")
        self.local = local or "postmaster"
        self.domain = _a_labels(domain) if domain else self.helo
        self.sender = f"{self.local}@{self.domain}"

    @property
    def dotted(self) -> str:
        """The address as %{i} has it: dotted decimal, or 32 dotted nibbles."""
        if self.ip.version == 4:
            return str(self.ip)
        return ".".join(f"{int(self.ip):032X}")

    def values(self, domain: str) -> dict[str, str]:
        """What every macro letter but p stands for while the record of `domain` is evaluated."""
        return {
            "s": self.sender,
            "l": self.local,
            "o": self.domain,
            "d": domain,
            "i": self.dotted,
            "v": "in-addr" if self.ip.version == 4 else "ip6",
            "h": self.helo,
            "c": str(self.ip),
            # The receiving host has no name of its own that would tell the sender anything.
            "r": "unknown",
            "t": str(int(time.time())),
        }


class _Evaluation:
    """The state that one evaluation shares through all its includes: the limits."""

    def __init__(self, message: _Message, network: Network) -> None:
        self._message = message
        self._network = network
        self._lookups = 0
        self._voids = 0

    async def check_host(self, domain: str) -> tuple[Outcome, MacroString | None, str]:
        """The outcome for one domain, with the exp= that holds for it and the domain whose record that is.

        Raises _Verdict for temperror and permerror.
        """
        name = _checkable(domain)
        record = await self._record(domain, name) if name is not None else None
        if record is None:
            return Outcome("none", reason=f"{domain} publishes no SPF record"), None, domain
        if record.problems:
            raise _Verdict("permerror", f"{domain}: {record.problems[0]}")
        for directive in record.directives:
            if await self._matches(directive, domain):
                outcome = Outcome(directive.result, reason=f"{domain}: {directive.text}")  # type: ignore[arg-type]
                return outcome, record.exp.value if record.exp else None, domain
        if record.redirect:
            self._count(f"{domain}: {record.redirect.text}")
            target = await self._expanded(record.redirect.value, domain)
            outcome, exp, owner = await self.check_host(shortened(target))
            if outcome.result == "none":
                raise _Verdict("permerror", f"{domain}: {record.redirect.text} leads to no SPF record")
            return outcome, exp, owner
        return Outcome("neutral", reason=f"{domain}: nothing matches"), None, domain

    async def explain(self, exp: MacroString, domain: str) -> str | None:
        """The text that exp= points at; None where there is any difficulty with it (RFC 7208 s6.2)."""
        try:
            name = dns_name(shortened(await self._expanded(exp, domain)))
            answer = await ask(self._network, name, "TXT") if name is not None else None
        except Untold:
            return None
        if answer is None or not answer.ok or len(answer.records) != 1:
            return None
        text = parse_explanation(joined_texts(answer)[0])
        expanded = await self._expanded(text, domain) if text is not None else None
        return expanded if expanded is not None and expanded.isascii() else None

    # ---------------------------------------------------------------- records

    async def _record(self, domain: str, name: dns.name.Name) -> Record | None:
        answer = await self._ask(name, "TXT")
        texts = [text for text in joined_texts(answer) if is_spf(text)]
        if len(texts) > 1:
            raise _Verdict("permerror", f"{domain} publishes {len(texts)} SPF records")
        return parse(texts[0]) if texts else None

    # ---------------------------------------------------------------- mechanisms

    async def _matches(self, directive: Directive, domain: str) -> bool:
        if directive.mechanism == "all":
            return True
        if directive.network is not None:
            # An address of the other IP version is in no network.
            return self._message.ip in directive.network
        self._count(f"{domain}: {directive.text}")
        target = await self._expanded(directive.domain, domain) if directive.domain else domain
        if directive.mechanism == "include":
            return await self._include(target, f"{domain}: {directive.text}")
        name = dns_name(shortened(target))
        if name is None:
            # A name that DNS cannot hold has no records (RFC 7208 s4.8).
            return False
        match directive.mechanism:
            case "a":
                return self._any_within(await self._term_lookup(name, self._address_type), directive)
            case "mx":
                return await self._mx(name, directive, f"{domain}: {directive.text}")
            case "exists":
                return bool((await self._term_lookup(name, "A")).records)
        return await self._ptr(name)

    async def _include(self, target: str, where: str) -> bool:
        outcome, _, _ = await self.check_host(shortened(target))
        if outcome.result == "none":
            raise _Verdict("permerror", f"{where} leads to no SPF record")
        return outcome.result == "pass"

    async def _mx(self, name: dns.name.Name, directive: Directive, where: str) -> bool:
        answer = await self._term_lookup(name, "MX")
        hosts = {record.exchange for record in answer.records} - {dns.name.root}  # type: ignore[attr-defined]
        if len(answer.records) > NAMES_LIMIT:
            raise _Verdict("permerror", f"{where} names more than {NAMES_LIMIT} mail exchangers")
        asked = await asyncio.gather(*(self._ask(host, self._address_type) for host in hosts), return_exceptions=True)
        if any(isinstance(found, Answer) and self._any_within(found, directive) for found in asked):
            return True
        for found in asked:
            if isinstance(found, BaseException):
                raise found
        return False

    async def _ptr(self, target: dns.name.Name) -> bool:
        try:
            answer = await self._ask(dns.name.from_text(self._message.ip.reverse_pointer), "PTR")
        except _Verdict:
            # A broken reverse zone is the client's affair: the mechanism just does not match (RFC 7208 s5.5).
            return False
        self._note_void(answer)
        fitting = [name for name in _pointers(answer) if name.is_subdomain(target)]
        return any(await asyncio.gather(*(self._belongs(name) for name in fitting)))

    async def _belongs(self, name: dns.name.Name) -> bool:
        """Whether the client's address is among those of `name`."""
        try:
            answer = await self._ask(name, self._address_type)
        except _Verdict:
            return False
        return any(ipaddress.ip_address(address) == self._message.ip for address in answer.texts)

    async def _validated_name(self, domain: str) -> str:
        """What %{p} stands for: the client's own name, best one below `domain`, else "unknown"."""
        try:
            answer = await self._ask(dns.name.from_text(self._message.ip.reverse_pointer), "PTR")
        except _Verdict:
            return "unknown"
        names = _pointers(answer)
        belong = await asyncio.gather(*(self._belongs(name) for name in names))
        home = dns_name(domain) or dns.name.root
        # The domain itself comes before names below it, and these before any other.
        best = max(
            (name for name, belongs in zip(names, belong, strict=True) if belongs),
            key=lambda name: (name == home, name.is_subdomain(home)),
            default=None,
        )
        return best.to_text(omit_final_dot=True) if best is not None else "unknown"

    @property
    def _address_type(self) -> str:
        return "A" if self._message.ip.version == 4 else "AAAA"

    def _any_within(self, answer: Answer, directive: Directive) -> bool:
        ip = self._message.ip
        prefix = directive.prefix4 if ip.version == 4 else directive.prefix6
        return any(ip in ipaddress.ip_network((address, prefix), strict=False) for address in answer.texts)

    # ---------------------------------------------------------------- macros, look-ups, limits

    async def _expanded(self, text: MacroString, domain: str) -> str:
        values = self._message.values(domain)
        if "p" in text.letters:
            values["p"] = await self._validated_name(domain)
        return text.expand(values)

    async def _term_lookup(self, name: dns.name.Name, rdtype: str) -> Answer:
        """Ask what a term asks first, and count it where nothing comes back."""
        answer = await self._ask(name, rdtype)
        self._note_void(answer)
        return answer

    async def _ask(self, name: dns.name.Name, rdtype: str) -> Answer:
        """Raises _Verdict with temperror for everything but an answer or NXDOMAIN (RFC 7208 s5)."""
        try:
            answer = await ask(self._network, name, rdtype)
        except Untold as problem:
            raise _Verdict("temperror", problem.reason) from problem
        if not answer.ok and not answer.nxdomain:
            raise _Verdict("temperror", answer.describe())
        return answer

    def _count(self, where: str) -> None:
        self._lookups += 1
        if self._lookups > LOOKUP_LIMIT:
            raise _Verdict("permerror", f"{where} is look-up {self._lookups}; {LOOKUP_LIMIT} are allowed")

    def _note_void(self, answer: Answer) -> None:
        if answer.records:
            return
        self._voids += 1
        if self._voids > VOID_LIMIT:
            raise _Verdict("permerror", f"more than {VOID_LIMIT} look-ups came back empty, {answer.name} the last")


def _pointers(answer: Answer) -> list[dns.name.Name]:
    return [record.target for record in answer.records][:NAMES_LIMIT]  # type: ignore[attr-defined]


def _a_labels(domain: str) -> str:
    """A domain with its international labels in ASCII (RFC 8616 s4); unchanged where they cannot be."""
    try:
        return a_labels(domain)
    except UnicodeError:
        return domain


def _checkable(domain: str) -> dns.name.Name | None:
    """The name to ask for a record; None for what is no domain of two labels or more (RFC 7208 s4.3)."""
    if domain.startswith("["):
        return None
    name = dns_name(domain)
    # The root label counts too.
    return name if name is not None and len(name) > 2 else None

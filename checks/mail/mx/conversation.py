"""What an MX host says on port 25: one polite conversation each, which sends no mail."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import dns.exception
import dns.reversename

from checks.errors import CannotTell, ConnectFailed, DnsFailed, NetworkError, TlsFailed
from checks.facts import Facts, fact
from checks.mail.asking import tried
from checks.mail.mx.exchangers import exchangers
from checks.mail.smtp import NOT_KNOWN, Reply, Smtp, keywords
from checks.network import Answer, Handshake, Network
from checks.network.tls import observing_context

PORT = 25
KNOWN_GOOD: tuple[str, ...] = ("gmail-smtp-in.l.google.com", "mx1.mail.icloud.com")
"""Exchangers that are always there; where none of them answers, port 25 is shut on our way out."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """How far one conversation came.

    `starttls` is None where the server stopped talking before it could be told.
    """

    host: str
    address: str = ""
    """The address that accepted; empty where none did."""
    refused: ConnectFailed | DnsFailed | None = None
    """Why there is no connection."""
    unreachable_from_here: bool = False
    """Whether this machine has no way to any of its addresses (IPv6 alone, say)."""
    greeting: Reply | None = None
    starttls: bool | None = None
    handshake: Handshake | None = None
    tls_problem: str = ""
    """Why STARTTLS was offered and came to nothing."""
    stopped: str = ""
    """Why the conversation ended early, other than by a failed handshake."""

    @property
    def connected(self) -> bool:
        return bool(self.address)

    @property
    def describe(self) -> str:
        """One line of evidence."""
        if self.refused:
            return f"{self.host}: {self.refused.reason}"
        said = self.greeting.text if self.greeting else self.stopped
        return f"{self.host} ({self.address}): {said}"


@fact
async def conversation(facts: Facts, host: str) -> Conversation:
    """Connect to an MX host, greet, and turn TLS on where it is offered. Raises Offline."""
    network = facts.network
    known = next((mx for mx in (await exchangers(facts)).real if mx.host == host), None)
    addresses = known.addresses if known else ()
    try:
        stream = await network.open(host, PORT)
    except (ConnectFailed, DnsFailed) as problem:
        untried = isinstance(problem, ConnectFailed) and problem.kind == "unreachable"
        not_from_here = untried and bool(addresses) and not any(network.can_reach(a, PORT) for a in addresses)
        return Conversation(host, refused=problem, unreachable_from_here=not_from_here)
    smtp = Smtp(stream)
    try:
        told = await _talk(smtp, host, network)
    except BaseException:
        await stream.aclose()
        raise
    await smtp.quit()
    return told


async def _talk(smtp: Smtp, host: str, network: Network) -> Conversation:
    address = smtp.stream.address
    greeting: Reply | None = None
    try:
        greeting = await smtp.reply()
        if greeting.code != 220:
            return Conversation(host, address, greeting=greeting, stopped=f"it greets with {greeting.text}")
        ehlo = await smtp.hello()
        if not ehlo.ok and ehlo.code not in NOT_KNOWN:
            return Conversation(host, address, greeting=greeting, stopped=f"it answers EHLO with {ehlo.text}")
        if not ehlo.ok or "STARTTLS" not in keywords(ehlo):
            return Conversation(host, address, greeting=greeting, starttls=False)
        ready = await smtp.say("STARTTLS")
        if ready.code != 220:
            return Conversation(
                host, address, greeting=greeting, starttls=True, tls_problem=f"it answers STARTTLS with {ready.text}"
            )
    except NetworkError as problem:
        return Conversation(host, address, greeting=greeting, stopped=problem.reason)
    try:
        await smtp.start_tls(observing_context("smtp"), host, seconds=network.step_seconds)
    except TlsFailed as problem:
        return Conversation(host, address, greeting=greeting, starttls=True, tls_problem=problem.reason)
    return Conversation(host, address, greeting=greeting, starttls=True, handshake=smtp.stream.handshake)


@fact
async def port_25_is_open(facts: Facts) -> bool:
    """Whether this machine gets out to port 25 at all: whether a known-good exchanger can be connected to."""

    async def reaches(host: str) -> bool:
        try:
            stream = await facts.network.open(host, PORT)
        except CannotTell:
            return False
        # Who speaks before the greeting is taken for a bot.
        smtp = Smtp(stream, seconds=5.0)
        with contextlib.suppress(NetworkError):
            await smtp.reply()
        await smtp.quit()
        return True

    return any(await asyncio.gather(*(reaches(host) for host in KNOWN_GOOD)))


@dataclass(frozen=True, slots=True)
class Reverse:
    """The PTR name of an address, and whether it leads back (FCrDNS); None where that could not be asked."""

    leads_back: bool | None
    text: str


async def reverse_names(facts: Facts, addresses: tuple[str, ...]) -> list[str]:
    """A line for each address: whether its PTR name leads back to it. Raises Offline."""
    return [told.text for told in await asyncio.gather(*(reverse(facts, address) for address in addresses))]


async def reverse(facts: Facts, address: str) -> Reverse:
    """Ask for the name of an address, and for that name's addresses. Raises Offline."""
    try:
        pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
    except dns.exception.SyntaxError:
        return Reverse(None, f"{address}: no IP address")
    answer = await tried(facts, pointer, "PTR")
    if not isinstance(answer, Answer):
        return Reverse(None, f"{address}: its name could not be asked for")
    names = [text.rstrip(".").lower() for text in answer.texts][:5]
    if not names:
        return Reverse(False, f"{address} has no name (PTR)")
    kind = "AAAA" if ":" in address else "A"
    back = await asyncio.gather(*(tried(facts, name, kind) for name in names))
    if any(isinstance(found, Answer) and address in found.texts for found in back):
        return Reverse(True, f"{address} is {names[0]}, and that name leads back to it")
    unclear = any(not isinstance(found, Answer) for found in back)
    return Reverse(
        None if unclear else False, f"{address} calls itself {names[0]}, but that name does not lead back to it"
    )

"""The facts of TLS: the handshake with a host, the certificates that it sent, and how far they convince."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.dns.lookup import public_web_names
from checks.errors import CannotTell, ConnectFailed, NotApplicable, TlsFailed, Untold
from checks.facts import Facts, fact
from checks.network import Handshake
from checks.web.tls.certificate import BadCertificate, Certificate, read_certificate
from checks.web.tls.intermediates import fetched_issuers
from checks.web.tls.trust import Path, linked, trust_store


@fact
async def handshake(facts: Facts, host: str) -> Handshake:
    """One TLS connection to `host`:443 that accepts whatever it meets.

    Raises ConnectFailed, TlsFailed, DnsFailed, Offline.
    """
    return await facts.network.handshake(host)


async def reached(facts: Facts, host: str) -> Handshake:
    """The handshake, for checks that have nothing to say where there is none: tls.unreachable reports that.

    Raises NotApplicable, DnsFailed, and ConnectFailed where this machine itself has no way there.
    """
    try:
        return await handshake(facts, host)
    except (ConnectFailed, TlsFailed) as problem:
        if out_of_reach(facts, problem):
            raise
        raise NotApplicable(f"no TLS connection to {host} can be made: tls.unreachable tells why") from problem


def out_of_reach(facts: Facts, problem: ConnectFailed | TlsFailed) -> bool:
    """Whether it is this machine that has no route to the host (IPv6 only, say), which proves nothing."""
    return (
        isinstance(problem, ConnectFailed)
        and problem.kind == "unreachable"
        and not facts.network.can_reach(problem.address, problem.port)
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What a server showed of itself."""

    host: str
    address: str
    """The address that answered."""
    certificates: tuple[Certificate, ...]
    """As sent, the leaf first; those that cannot be read left out."""
    unread: int
    """How many could not be read."""

    @property
    def leaf(self) -> Certificate:
        return self.certificates[0]

    @property
    def evidence(self) -> tuple[str, ...]:
        """Who answered, and each certificate in the order of sending."""
        lines = [f"{self.host} answered at {self.address}"]
        lines += [f"certificate {n}: {c.describe()}" for n, c in enumerate(self.certificates, 1)]
        if self.unread:
            lines.append(f"{self.unread} further certificate(s) could not be read")
        return tuple(lines)


@fact
async def sent(facts: Facts, host: str) -> Sent:
    """The certificates that `host` sends. Raises as `reached`, and CannotTell where the leaf cannot be read."""
    shown = await reached(facts, host)
    if not shown.chain:
        raise CannotTell(f"{host} sent no certificate")
    try:
        certificates = [read_certificate(shown.chain[0])]
    except BadCertificate as problem:
        raise CannotTell(f"the certificate of {host} cannot be read: {problem}") from problem
    for der in shown.chain[1:]:
        try:
            certificates.append(read_certificate(der))
        except BadCertificate:
            continue
    return Sent(host, shown.address, tuple(certificates), len(shown.chain) - len(certificates))


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far the certificates of a host convince."""

    sent: Sent
    path: Path
    """From the leaf to a trusted root, or as far as it leads."""
    missing: tuple[Certificate, ...] = ()
    """Intermediates on the path that the server did not send, the lowest first."""
    search: tuple[str, ...] = ()
    """Evidence: where missing ones were looked for, and what was found."""


@fact
async def judgement(facts: Facts, host: str) -> Judgement:
    """Judge the chain of `host`, with missing intermediates looked for where another could mend it.

    They are taken from the chains of the sprint's other hosts, else fetched by authorityInfoAccess.
    Raises as `sent`.
    """
    shown = await sent(facts, host)
    store = await asyncio.to_thread(trust_store, facts.network.ca_file)
    path = store.path(shown.leaf, shown.certificates[1:])
    if path.trusted or not path.issuer_missing:
        return Judgement(shown, path)

    elsewhere = await _sent_elsewhere(facts, host)
    mended = store.path(shown.leaf, (*elsewhere, *shown.certificates[1:]))
    if mended.trusted:
        missing = _not_sent(mended, shown)
        return Judgement(
            shown, mended, missing, tuple(f"another host of this sprint sends: {c.subject}" for c in missing)
        )

    furthest, notes = path, list[str]()
    # The highest lacks its issuer most often; but what was sent above the leaf may be of no use.
    for below in reversed([c for c in linked(shown.leaf, shown.certificates[1:]) if not c.self_issued]):
        found, said = await fetched_issuers(facts, below)
        notes += (line for line in said if line not in notes)
        mended = store.path(shown.leaf, (*found, *shown.certificates[1:]))
        if mended.trusted:
            return Judgement(shown, mended, _not_sent(mended, shown), tuple(notes))
        furthest = max(furthest, mended, key=lambda one: len(one.certificates))
    return Judgement(shown, furthest, search=tuple(notes))


def _not_sent(path: Path, shown: Sent) -> tuple[Certificate, ...]:
    return tuple(c for c in path.needed if c not in shown.certificates)


async def _sent_elsewhere(facts: Facts, host: str) -> tuple[Certificate, ...]:
    names = (*await public_web_names(facts), *facts.subject.variants)
    others = [name for name in dict.fromkeys(names) if name != host]
    found = await asyncio.gather(*(sent(facts, name) for name in others), return_exceptions=True)
    for problem in found:
        if isinstance(problem, BaseException) and not isinstance(problem, Untold):
            raise problem
    return tuple(c for chain in found if isinstance(chain, Sent) for c in chain.certificates[1:])

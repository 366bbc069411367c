"""The facts of TLS: the handshake with a host, the certificates that it sent, and how far they convince."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from checks.dns.lookup import public_web_names
from checks.errors import CannotTell, ConnectFailed, HttpFailed, NotApplicable, TlsFailed, Untold
from checks.facts import Facts, fact
from checks.network import Handshake
from checks.web.pages import fetch_at
from checks.web.tls.addresses import apart
from checks.web.tls.certificate import BadCertificate, Certificate, read_certificate
from checks.web.tls.intermediates import fetched_issuers
from checks.web.tls.trust import Path, linked, trust_store
from checks.web.way import doubt_silence


@fact
async def handshake(facts: Facts, host: str) -> Handshake:
    """One TLS connection to `host`:443 that accepts whatever it meets.

    Where the address that answers first does not speak TLS, another one's. Raises ConnectFailed, TlsFailed, DnsFailed,
    NoWay, Offline.
    """
    try:
        return await facts.network.handshake(host)
    except ConnectFailed as problem:
        await doubt_silence(facts, problem)
        raise
    except TlsFailed:
        places = (await apart(facts, host)).within_reach
        if len(places) < 2:
            raise
        found = await asyncio.gather(*(handshake_at(facts, host, one) for one in places), return_exceptions=True)
        for shown in found:
            if isinstance(shown, Handshake):
                return shown
        raise


@fact
async def handshake_at(facts: Facts, host: str, address: str) -> Handshake:
    """The TLS handshake with `host` at one of its addresses. Raises ConnectFailed, TlsFailed, NoWay, Offline."""
    if host in (facts.subject.domain, facts.subject.www):
        # Other checks ask these for their page at each address, which shows the certificates as well.
        with contextlib.suppress(HttpFailed):
            response = await fetch_at(facts, f"https://{host}/", address)
            if response.handshake is not None:
                return response.handshake
    try:
        return await facts.network.handshake(host, address=address)
    except ConnectFailed as problem:
        await doubt_silence(facts, problem)
        raise


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
    return _read(host, await reached(facts, host))


def _read(host: str, shown: Handshake) -> Sent:
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
    return await _judged(facts, await sent(facts, host))


@dataclass(frozen=True, slots=True)
class Others:
    """What a host sends at its other addresses."""

    sent: tuple[Sent, ...]
    """Of those whose certificates differ from what the address that answered first sends, and from one another."""
    failed: tuple[str, ...]
    """Why there is no TLS connection to some of them; each begins with the address."""
    notes: tuple[str, ...]
    """Evidence: what came of the rest."""

    @property
    def evidence(self) -> tuple[str, ...]:
        return (*self.notes, *self.failed)


@fact
async def others(facts: Facts, host: str) -> Others:
    """Look at some of the addresses of `host` beside the one that answered first: see `apart`. Raises as `reached`."""
    first = await reached(facts, host)
    chosen = await apart(facts, host, first.address)
    found = await asyncio.gather(
        *(handshake_at(facts, host, one) for one in chosen.within_reach), return_exceptions=True
    )
    known, differing = {first.chain}, list[Sent]()
    failed, notes = list[str](), list(chosen.left_out)
    for address, shown in zip(chosen.within_reach, found, strict=True):
        if isinstance(shown, Handshake) and shown.chain in known:
            notes.append(f"{address} sends the same certificates as another address")
        elif isinstance(shown, Handshake):
            known.add(shown.chain)
            try:
                differing.append(_read(host, shown))
            except CannotTell as problem:
                notes.append(f"{address} cannot be judged: {problem.reason}")
        elif isinstance(shown, ConnectFailed | TlsFailed) and not out_of_reach(facts, shown):
            failed.append(f"{address}: {shown.reason}")
        elif isinstance(shown, Untold):
            notes.append(f"{address} could not be looked at: {shown.reason}")
        else:
            raise shown
    return Others(tuple(differing), tuple(failed), tuple(notes))


@fact
async def judgements(facts: Facts, host: str) -> tuple[Judgement, ...]:
    """One for each chain that the addresses of `host` send, that of the first to answer first. Raises as `sent`."""
    first, rest = await asyncio.gather(judgement(facts, host), others(facts, host))
    return (first, *await asyncio.gather(*(_judged(facts, shown) for shown in rest.sent)))


async def _judged(facts: Facts, shown: Sent) -> Judgement:
    store = await asyncio.to_thread(trust_store, facts.network.ca_file)
    path = store.path(shown.leaf, shown.certificates[1:])
    if path.trusted or not path.issuer_missing:
        return Judgement(shown, path)

    lent = await _sent_by_others(facts, shown.host)
    mended = store.path(shown.leaf, (*lent, *shown.certificates[1:]))
    if mended.trusted:
        missing = _not_sent(mended, shown)
        return Judgement(
            shown, mended, missing, tuple(f"another host or address of this sprint sends: {c.subject}" for c in missing)
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


async def _sent_by_others(facts: Facts, host: str) -> tuple[Certificate, ...]:
    """What the other public web names send above their leaf, and what this one sends at each of its addresses."""
    names = dict.fromkeys((host, *await public_web_names(facts), *facts.subject.variants))
    found, own = await asyncio.gather(
        asyncio.gather(*(sent(facts, name) for name in names), return_exceptions=True), others(facts, host)
    )
    for problem in found:
        if isinstance(problem, BaseException) and not isinstance(problem, Untold):
            raise problem
    chains = [*(chain for chain in found if isinstance(chain, Sent)), *own.sent]
    return tuple(c for chain in chains for c in chain.certificates[1:])

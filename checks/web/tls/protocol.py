"""tls.version-old and tls.version-modern: which versions of TLS a server accepts, each offered alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from checks.catalogue import check
from checks.dns.lookup import public_web_names
from checks.errors import CannotTell, NetworkError
from checks.facts import Facts, fact
from checks.finding import Verdict, failed, passed, warned
from checks.network import Stream
from checks.web.tls.client_hello import client_hello
from checks.web.tls.facts import reached
from checks.web.tls.server_hello import RECORD_HEADER, RECORD_LIMIT, Alert, Chosen, NotTls, read_answer
from checks.web.tls.versions import OLD, Version, version_of

_ANSWER_LIMIT = 4 * RECORD_LIMIT

_MODERN = (
    'Allow TLS 1.2 and 1.3 and nothing older (nginx: "ssl_protocols TLSv1.2 TLSv1.3;"; Cloudflare: SSL/TLS, Edge '
    "Certificates, minimum version 1.2 and TLS 1.3 on)."
)


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of offering one version alone."""

    offered: Version
    chosen: int | None
    """The version on the wire that the server chose; None where it chose none."""
    said: str
    """For evidence: how it refused, or why it is not known."""
    known: bool = True
    """Whether the server can be said to accept or refuse it."""

    @property
    def accepted(self) -> bool:
        return self.chosen == self.offered

    @property
    def evidence(self) -> str:
        return f"{self.offered.label} offered alone: {self.said}"


@fact
async def offered_alone(facts: Facts, host: str, version: Version) -> Probe:
    """Offer `host`:443 one version of TLS and nothing else, on a connection of its own. Raises DnsFailed, Offline."""
    try:
        stream = await facts.network.open(host, 443)
    except NetworkError as problem:
        return Probe(version, None, problem.reason, known=False)
    try:
        async with asyncio.timeout(facts.network.step_seconds):
            await stream.send(client_hello(version, host))
            answer = await _answer(stream)
    except TimeoutError:
        return Probe(version, None, "no answer in time", known=False)
    except NetworkError:
        return Probe(version, None, "refused, the server ends the connection")
    finally:
        await stream.aclose()
    match answer:
        case Chosen(version=number) if number == version:
            return Probe(version, number, "accepted")
        case Chosen(version=number):
            return Probe(version, number, f"refused, the server chooses {_label(number)}")
        case Alert(description=word):
            return Probe(version, None, f"refused with alert {word}")
        case NotTls():
            return Probe(version, None, "the answer is no TLS", known=False)


async def _answer(stream: Stream) -> Chosen | Alert | NotTls:
    data = b""
    while (answer := read_answer(data)) is None:
        header = await stream.read_exactly(RECORD_HEADER)
        data += header
        if read_answer(data) is None:
            data += await stream.read_exactly(int.from_bytes(header[3:5], "big"))
        if len(data) > _ANSWER_LIMIT:
            return NotTls()
    return answer


def _label(number: int) -> str:
    return next((version.label for version in Version if version == number), f"version {number:#06x}")


@check(
    "tls.version-old",
    title="Outdated TLS versions are accepted",
    when="the server still accepts TLS 1.0 or 1.1",
    status="warn",
    triage="later",
    risk="data",
    item=("S3.2",),
    source="RFC 8996",
    cost="Security questionnaires of business customers and payment rules (PCI DSS) ask for these to be off.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def version_old(facts: Facts, host: str) -> Verdict:
    shown, *probes = await asyncio.gather(
        reached(facts, host), *(offered_alone(facts, host, version) for version in OLD)
    )
    accepted = {probe.chosen for probe in probes} | {version_of(shown.version)}
    old = [version for version in OLD if version in accepted]
    evidence = [f"{host} answered at {shown.address}", *(probe.evidence for probe in probes)]
    if old:
        names = " and ".join(version.label for version in old)
        return warned(host, f"{host} still accepts {names}", evidence=evidence, fix=_MODERN)
    for probe in probes:
        if not probe.known:
            raise CannotTell(probe.evidence)
    return passed(host, f"{host} refuses TLS 1.0 and 1.1", evidence=evidence)


@check(
    "tls.version-modern",
    title="Current TLS versions are missing",
    when="the server accepts neither TLS 1.2 nor TLS 1.3 (fail), or lacks TLS 1.3 (warn)",
    status="warn",
    triage="later",
    risk="onboarding",
    item=("S3.2",),
    source="RFC 9325",
    cost="Connections start more slowly, and without TLS 1.2 no current browser connects at all.",
    each=public_web_names,
    nothing="no public name has an address",
)
async def version_modern(facts: Facts, host: str) -> Verdict:
    shown = await reached(facts, host)
    agreed = version_of(shown.version)
    evidence = [f"{host} answered at {shown.address} with {shown.version}, where 1.0 to 1.3 were offered"]
    if agreed is Version.TLS_1_3:
        return passed(host, f"{host} speaks TLS 1.3", evidence=evidence)
    # A server that chose less than it was offered is asked once more for that alone: some stumble over the choice.
    wanted = Version.TLS_1_3 if agreed is Version.TLS_1_2 else Version.TLS_1_2
    probe = await offered_alone(facts, host, wanted)
    evidence.append(probe.evidence)
    if probe.chosen == Version.TLS_1_3:
        return passed(host, f"{host} speaks TLS 1.3", evidence=evidence)
    if agreed is Version.TLS_1_2 or probe.accepted:
        return warned(host, f"{host} does not speak TLS 1.3", evidence=evidence, fix=_MODERN)
    return failed(host, f"{host} speaks neither TLS 1.2 nor TLS 1.3", evidence=evidence, fix=_MODERN)

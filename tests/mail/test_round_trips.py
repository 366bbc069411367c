"""All mail questions of a domain take no more round trips than its include tree is deep, and three; none is asked twice.

Time here is not the machine's: every question takes one second of a clock that jumps to the next event whenever all
that runs waits. The time of a run is then its longest chain of dependent questions, to the letter.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import Coroutine, Iterable
from itertools import pairwise
from typing import Any, TypeVar

import dns.message
import dns.name
import pytest

from checks import runner
from checks.catalogue import catalogue
from checks.errors import ConnectFailed
from checks.facts import Facts
from checks.mail.receiver_rules import receiver_standings
from checks.network import Answer, Network
from checks.subject import MailPlan, Stream, Subject
from launchready_tui.lab.dns_server import DnsServer, Zone
from launchready_tui.mail_view import look_at_mail
from tests.mail.provider_cases import (
    Names,
    google_and_resend,
    google_and_sendgrid,
    microsoft_and_mailchimp,
    postmark_mailgun_and_hubspot,
    ses_alone,
    zoho_and_brevo,
)
from tests.mail.signing import record, rsa_key, zone_txt

T = TypeVar("T")
FAMILIES = ("spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt", "bimi", "mail")


class _Jumping(selectors.DefaultSelector):
    """Never waits: where nothing is ready, the clock jumps."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Jumping()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


class Counted:
    """A DNS in this process whose every answer takes a second, behind a real Network."""

    def __init__(self, names: Names) -> None:
        self._server = DnsServer([Zone(".", {f"{name}.": records for name, records in names.items()})], recursive=True)
        self.questions: Counter[tuple[str, str]] = Counter()
        self.network = Network(nameservers=["127.0.0.1"])
        self.network._dns.resolve = self._resolve  # type: ignore[method-assign]
        self.network.open = self._open  # type: ignore[method-assign]

    async def _resolve(self, name: dns.name.Name, rdtype: str, **options: Any) -> Answer:
        text = name.to_text(omit_final_dot=True).lower()
        self.questions[text, rdtype] += 1
        await asyncio.sleep(1.0)
        self.network._dns.answered = True
        wire = self._server.respond(dns.message.make_query(name, rdtype, payload=65535).to_wire(), limit=65535)
        assert wire is not None
        return Answer(text, rdtype, "127.0.0.1", dns.message.from_wire(wire), 1.0)

    async def _open(self, host: str, port: int, *, address: str | None = None) -> Any:
        """Connections are no questions: they come to nothing at once."""
        raise ConnectFailed("refused", kind="refused", address=address or host, port=port)

    async def ask(self, *, view: bool = False, **plan: Any) -> float:
        """Run every mail check, or look as the mail screen does; the round trips that it took."""
        subject = Subject.of("example.com", mail=MailPlan(**plan))
        began = asyncio.get_running_loop().time()
        if view:
            facts = Facts(subject, self.network)
            await asyncio.gather(look_at_mail(facts), receiver_standings(facts))
            await facts.aclose()
        else:
            assert await runner.collect(subject, self.network, only=FAMILIES)
        return asyncio.get_running_loop().time() - began


def run(work: Coroutine[Any, Any, T]) -> T:
    catalogue()
    with asyncio.Runner(loop_factory=_Loop) as loop:
        return loop.run(work)


@pytest.fixture(scope="module")
def key() -> str:
    return zone_txt(record(rsa_key(2048)))


def nested(depth: int, leaf: str) -> Names:
    """A record that includes through `depth` levels."""
    names = [f"l{level}.example.net" for level in range(depth)]
    records = {name: [f'TXT "v=spf1 include:{below} ~all"'] for name, below in pairwise(names)}
    return {
        "example.com": [f'TXT "v=spf1 include:{names[0]} -all"', "MX 10 mx.example.com."],
        "mx.example.com": ["A 192.0.2.1"],
        **records,
        names[-1]: [f'TXT "v=spf1 {leaf} ~all"'],
        "_dmarc.example.com": ['TXT "v=DMARC1; p=none; rua=mailto:d@example.org"'],
        "_mta-sts.example.com": ['TXT "v=STSv1; id=1"'],
        "mta-sts.example.com": ["A 192.0.2.1"],
    }


def assert_budget(world: Counted, took: float, depth: int) -> None:
    twice = {question: count for question, count in world.questions.items() if count > 1}
    assert not twice, f"asked twice: {twice}"
    assert took <= depth + 3, f"{took} round trips at depth {depth}"


@pytest.mark.parametrize("view", [False, True], ids=["checks", "screen"])
@pytest.mark.parametrize("leaf", ["ip4:192.0.2.0/24", "a:host.example.net", "mx:example.net"])
@pytest.mark.parametrize("depth", [1, 2, 4, 7])
def test_include_trees(depth: int, leaf: str, view: bool) -> None:
    hosts = {"host.example.net": ["A 192.0.2.3"], "example.net": ["MX 1 host.example.net."]}
    names = {**nested(depth, leaf), **hosts}
    world = Counted(names)
    assert_budget(world, run(world.ask(view=view)), depth)


CASES = {
    "google and sendgrid": (google_and_sendgrid, 1),
    "microsoft and mailchimp": (microsoft_and_mailchimp, 1),
    "google and resend": (google_and_resend, 1),
    "ses": (ses_alone, 1),
    "fastmail, postmark, mailgun and hubspot": (postmark_mailgun_and_hubspot, 1),
    "zoho and brevo": (zoho_and_brevo, 1),
}


@pytest.mark.parametrize("view", [False, True], ids=["checks", "screen"])
@pytest.mark.parametrize("senders", [(), ("Google Workspace", "SendGrid", "Mailchimp", "ip4:192.0.2.1", "mx")])
@pytest.mark.parametrize("name", CASES)
def test_providers(name: str, senders: Iterable[str], key: str, view: bool) -> None:
    made, depth = CASES[name]
    world = Counted(made(key))
    streams = (Stream("marketing", "news.example.com", "k1"),)
    took = run(world.ask(view=view, senders=tuple(senders), selectors=("s1",), streams=streams))
    assert_budget(world, took, depth)


def crowded(services: int, hosts: int) -> Names:
    """A record with more services than ten look-ups reach, and more hosts than one answer holds."""
    includes = [f"include:s{n}.example.net" for n in range(services)]
    networks = [f"ip4:192.0.2.{2 * n + 1}" for n in range(hosts)]
    names: dict[str, list[str]] = {"example.com": [zone_txt(" ".join(("v=spf1", *includes, *networks, "-all")))]}
    for n in range(services):
        names[f"s{n}.example.net"] = [f'TXT "v=spf1 a:h{n}.example.net mx:example.net ip4:198.51.100.{n} -all"']
        names[f"h{n}.example.net"] = [f"A 203.0.113.{n}"]
    return {**names, "example.net": ["MX 1 h0.example.net."]}


@pytest.mark.parametrize("view", [False, True], ids=["checks", "screen"])
@pytest.mark.parametrize(("services", "hosts"), [(5, 0), (12, 0), (3, 40), (9, 40)])
def test_records_that_are_brought_within_their_limits(services: int, hosts: int, view: bool) -> None:
    world = Counted(crowded(services, hosts))
    assert_budget(world, run(world.ask(view=view)), 1)


def test_the_clock_tells_a_chain_from_a_crowd() -> None:
    """The measure itself: ten questions at once are one round trip, three one after the other are three."""
    world = Counted({"example.com": ["A 192.0.2.1"]})

    async def crowd() -> float:
        await asyncio.gather(*(world.network.resolve(f"{n}.example.com", "A") for n in range(10)))
        return asyncio.get_running_loop().time()

    async def chain() -> float:
        for n in range(10, 13):
            await world.network.resolve(f"{n}.example.com", "A")
        return asyncio.get_running_loop().time()

    assert run(crowd()) == 1.0
    assert run(chain()) == 3.0

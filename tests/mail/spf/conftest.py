"""A DNS that holds just what an SPF test writes down, and the checks run on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

import pytest

from checks.facts import Facts
from checks.finding import Finding
from checks.mail.spf import Outcome, evaluate
from checks.network import Network
from checks.runner import collect
from checks.subject import MailPlan, Subject
from launchready_tui.lab.world import World

Publish = Callable[[Mapping[str, Iterable[str]]], None]


def quoted(text: str) -> str:
    """A TXT record's line, every byte of `text` kept, in strings of at most 255."""
    strings = [text[at : at + 255] for at in range(0, len(text), 255)]
    return "TXT " + " ".join(f'"{"".join(map(_escaped, string))}"' for string in strings)


def _escaped(character: str) -> str:
    plain = " " <= character <= "~" and character not in '"\\'
    return character if plain else f"\\{ord(character):03d}"


def lines(records: Iterable[str]) -> list[str]:
    """Lines of a zone; what begins like SPF is a TXT record."""
    return [quoted(record) if record[:5].lower() == "v=spf" else record for record in records]


@pytest.fixture
def publish(world: World) -> Publish:
    """Make these names all that there is in DNS."""

    def made(names: Mapping[str, Iterable[str]]) -> None:
        world.zone(".", {f"{name}.": lines(records) for name, records in names.items()})

    return made


@pytest.fixture
async def impatient(world: World) -> AsyncIterator[Network]:
    """A network that waits only a moment for a server that never answers."""
    async with world.network(dns_timeout=0.3) as network:
        yield network


@pytest.fixture
def check_host(impatient: Network) -> Callable[..., Awaitable[Outcome]]:
    """check_host() for a message that usually comes from 192.0.2.1."""

    async def asked(sender: str, ip: str = "192.0.2.1", helo: str = "mx.example.net") -> Outcome:
        return await evaluate(ip=ip, sender=sender, helo=helo, network=impatient)

    return asked


@pytest.fixture
async def facts_of(impatient: Network) -> AsyncIterator[Callable[..., Facts]]:
    """Facts about example.com."""
    made: list[Facts] = []

    def facts(*senders: str, domain: str = "example.com") -> Facts:
        made.append(Facts(Subject.of(domain, mail=MailPlan(senders=senders)), impatient))
        return made[-1]

    yield facts
    for each in made:
        await each.aclose()


@pytest.fixture
def audit(world: World) -> Callable[..., Awaitable[dict[str, list[Finding]]]]:
    """The findings of the SPF checks on example.com, by id without its family; every call asks DNS anew."""

    async def findings(*senders: str, domain: str = "example.com") -> dict[str, list[Finding]]:
        subject = Subject.of(domain, mail=MailPlan(senders=senders))
        found: dict[str, list[Finding]] = {}
        async with world.network(dns_timeout=0.3) as network:
            for finding in await collect(subject, network, only=("spf",)):
                found.setdefault(finding.check.removeprefix("spf."), []).append(finding)
        return found

    return findings

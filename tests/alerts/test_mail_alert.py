"""Alerts by mail: handed to the declared server, and what each of its answers means."""

from __future__ import annotations

import secrets
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest

from checks.network import Network
from checks.secret import Secret
from checks.subject import MailPlan
from launchready_tui.alerts.codes import Codes
from launchready_tui.alerts.destinations import Destination
from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure, Untaken
from launchready_tui.alerts.message import Message, compose
from launchready_tui.alerts.send import send
from launchready_tui.lab.world import World
from tests.mail.seeds.servers import Submission

HOST, ADDRESS = "submit.example.com", "203.0.113.25"
PLAN = MailPlan(smtp_host=HOST, smtp_port=587, smtp_user="me", from_address="ops@example.com")
ADA = Destination("Ada", "mail", "smtp", to="ada@example.org")
PASSWORD = secrets.token_hex(12)


@pytest.fixture
def message() -> Message:
    return compose("harbor-tea.example", "Mara", Codes().issue("mail"))


async def place(world: World, **options: Any) -> Submission:
    world.zone("example.com", {"submit": [f"A {ADDRESS}"]})
    given = {"certificate": world.authority.issue(HOST), "password": PASSWORD} | options
    server = Submission(**given)
    await world.place(server, ADDRESS, 587)
    return server


async def failure(
    network: Network, message: Message, plan: MailPlan = PLAN, there: Destination = ADA, password: str = PASSWORD
) -> Untaken:
    with pytest.raises(Untaken) as caught:
        await send(network, there, message, Secret(password), plan, pytest.fail)
    for secret in (message.code.reveal(), PASSWORD):
        assert secret not in f"{caught.value!r} {caught.value.reason}"
    return caught.value


async def test_a_mail_with_the_code_is_handed_over(world: World, network: Network, message: Message) -> None:
    server = await place(world)
    assert await send(network, ADA, message, Secret(PASSWORD), PLAN, pytest.fail) == "250 queued as 42"
    [raw] = server.messages
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["From"], mail["To"]) == ("ops@example.com", "ada@example.org")
    assert mail["Subject"] == "Test alert: harbor-tea.example"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().split() == message.text.reveal().split()


async def test_without_a_user_it_logs_in_nowhere(world: World, network: Network, message: Message) -> None:
    server = await place(world, certificate=None)
    await send(network, ADA, message, None, replace(PLAN, smtp_user=""), pytest.fail)
    assert len(server.messages) == 1
    assert not any(verb.startswith("AUTH") for verb in server.heard)


@pytest.mark.parametrize(
    ("options", "outcome", "words"),
    [
        ({"password": "another"}, NotTaken, "does not accept the user name and password: 535"),
        ({"certificate": None}, NotTaken, "offers no TLS"),
        ({"refuse": "MAIL"}, NotTaken, "refuses MAIL FROM: 550 no / really not"),
        ({"refuse": "RCPT"}, NotTaken, "refuses RCPT TO: 550"),
    ],
)
async def test_a_server_that_refuses(
    world: World, network: Network, message: Message, options: dict[str, Any], outcome: type[Untaken], words: str
) -> None:
    server = await place(world, **options)
    problem = await failure(network, message)
    assert type(problem) is outcome
    assert words in problem.reason
    assert server.messages == []


@pytest.mark.parametrize(
    ("plan", "to", "words"),
    [
        (MailPlan(), "ada@example.org", "no mail server or sender"),
        (replace(PLAN, from_address=""), "ada@example.org", "no mail server or sender"),
        (PLAN, "ada", "no mail address"),
        (PLAN, "ada@example.org>\r\nRCPT TO:<eve@example.org", "no mail address"),
        (replace(PLAN, from_address="ops@example.com\r\nBcc: eve@example.org"), "ada@example.org", "no mail address"),
    ],
)
async def test_an_address_that_is_none(network: Network, message: Message, plan: MailPlan, to: str, words: str) -> None:
    problem = await failure(network, message, plan, replace(ADA, to=to))
    assert type(problem) is NotTaken
    assert words in problem.reason
    assert problem.reason.isprintable()


async def test_a_server_that_is_not_there(world: World, network: Network, message: Message) -> None:
    world.zone("example.com", {"other": ["A 192.0.2.1"]})
    problem = await failure(network, message)
    assert type(problem) is NotTaken and "there is no host" in problem.reason
    async with Network(offline=True) as nowhere:
        assert type(await failure(nowhere, message)) is NotSent


async def test_a_conversation_that_breaks_off_is_not_known(world: World, network: Network, message: Message) -> None:
    server = await place(world)

    async def talk(reader: Any, writer: Any) -> None:
        writer.write(b"220 here\r\n")
        await reader.readline()

    server.talk = talk  # type: ignore[method-assign]
    assert type(await failure(network, message)) is Unsure


async def test_a_server_that_quotes_the_message_shows_nothing(world: World, network: Network, message: Message) -> None:
    server = await place(world)

    async def talk(reader: Any, writer: Any) -> None:
        writer.write(f"554 {message.text.reveal()} {PASSWORD}\x1b[31m\r\n".encode())
        await writer.drain()

    server.talk = talk  # type: ignore[method-assign]
    problem = await failure(network, message)
    assert type(problem) is NotTaken
    assert problem.reason.isprintable()

"""Slack, Twilio and ntfy: what each is sent, and what each of its answers means."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from urllib.parse import parse_qs

import pytest

from checks.network import Network
from checks.secret import Secret
from launchready_tui.alerts import ntfy, post
from launchready_tui.alerts.codes import Codes
from launchready_tui.alerts.destinations import Destination
from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure, Untaken
from launchready_tui.alerts.message import Message, compose
from launchready_tui.alerts.send import send
from launchready_tui.lab.web_server import Reply
from launchready_tui.lab.world import World
from tests.alerts.services import (
    ACCOUNT,
    ADDRESSES,
    CREDENTIALS,
    DESTINATIONS,
    HOOK,
    HOSTS,
    NO_MAIL,
    PHONE,
    SENDER,
    TOKEN,
    TOPIC,
    ZONES,
    as_json,
    endless,
    forever,
    placed,
    taken,
)

KINDS = ("slack", "sms", "ntfy")


@pytest.fixture
def message() -> Message:
    return compose("harbor-tea.example", "Mara", Codes().issue("phone"))


async def hand(network: Network, kind: str, message: Message, **changed: object) -> str:
    given = {"destination": DESTINATIONS[kind], "credential": CREDENTIALS[kind], **changed}
    return await send(network, given["destination"], message, given["credential"], NO_MAIL, pytest.fail)  # type: ignore[arg-type]


async def failure(network: Network, kind: str, message: Message, **changed: object) -> Untaken:
    with pytest.raises(Untaken) as caught:
        await hand(network, kind, message, **changed)
    return caught.value


def assert_silent(problem: Untaken, message: Message, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the code nor a credential is in anything that could be shown, written or reported."""
    # The services are in this process too, and log what they decode.
    logged = "\n".join(line for line in caplog.text.splitlines() if " Decoded (b" not in line)
    told = "".join(traceback.format_exception(problem)) + repr(problem) + problem.reason + logged
    chain: BaseException | None = problem
    while chain is not None:
        told += f"{chain!r}{chain.args!r}"
        chain = chain.__context__
    for secret in (message.code.reveal(), TOKEN, HOOK, HOOK.rpartition("/")[2], TOPIC, ACCOUNT):
        assert secret.lower() not in told.lower()


async def test_slack_is_sent_one_text(world: World, network: Network, message: Message) -> None:
    service, _ = await placed(world, "slack", taken("slack"))
    assert await hand(network, "slack", message) == "req-0a1b2c"
    [request] = service.heard
    assert (request.method, request.target) == ("POST", HOOK)
    assert json.loads(request.body) == {"text": message.text.reveal()}
    assert "LaunchReady/" in request.header("user-agent")


async def test_twilio_is_sent_one_form(world: World, network: Network, message: Message) -> None:
    service, _ = await placed(world, "sms", taken("sms"))
    assert await hand(network, "sms", message) == "SM" + "0" * 32
    [request] = service.heard
    assert request.target == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert base64.b64decode(request.header("authorization").removeprefix("Basic ")).decode() == f"{ACCOUNT}:{TOKEN}"
    assert parse_qs(request.body.decode()) == {"To": [PHONE], "From": [SENDER], "Body": [message.text.reveal()]}
    assert len(message.text.reveal()) <= 160


async def test_twilio_by_a_key_and_a_messaging_service(world: World, network: Network, message: Message) -> None:
    service, _ = await placed(world, "sms", taken("sms"))
    there = Destination("Ada", "sms", "twilio", to=PHONE, sender="MG" + "1" * 32)
    await hand(network, "sms", message, destination=there, credential=Secret(f"{ACCOUNT}:SKabc:{TOKEN}"))
    [request] = service.heard
    assert base64.b64decode(request.header("authorization").removeprefix("Basic ")).decode() == f"SKabc:{TOKEN}"
    assert parse_qs(request.body.decode())["MessagingServiceSid"] == ["MG" + "1" * 32]


async def test_ntfy_is_sent_the_text_with_a_title(world: World, network: Network, message: Message) -> None:
    service, _ = await placed(world, "ntfy", taken("ntfy"))
    assert await hand(network, "ntfy", message) == "sPs71M8A2T"
    await hand(network, "ntfy", message, credential=Secret(f"https://ntfy.sh/{TOPIC} tk_made_up"))
    first, second = service.heard
    assert (first.target, first.body.decode()) == (f"/{TOPIC}", message.text.reveal())
    assert (first.header("title"), first.header("priority")) == ("Test alert: harbor-tea.example", "urgent")
    assert first.header("authorization") == ""
    assert second.header("authorization") == "Bearer tk_made_up"


@pytest.mark.parametrize(
    ("secret", "address"),
    [
        ("topic", "https://ntfy.sh/topic"),
        ("ntfy.example.com/topic", "https://ntfy.example.com/topic"),
        ("https://ntfy.example.com/topic/", "https://ntfy.example.com/topic"),
    ],
)
def test_where_a_topic_is(secret: str, address: str) -> None:
    assert ntfy.place(Secret(secret), ntfy.SERVER)[0].reveal() == address


def twilio(code: int, status: int, words: str = "as told") -> Reply:
    return as_json(
        {"code": code, "message": words, "more_info": "https://www.twilio.com/docs", "status": status}, status
    )


def slack(status: int, word: str) -> Reply:
    return Reply(status, (("content-type", "text/plain"),), word.encode())


def of_ntfy(code: int, status: int, words: str) -> Reply:
    return as_json({"code": code, "http": status, "error": words, "link": "https://ntfy.sh/docs"}, status)


@pytest.mark.parametrize(
    ("kind", "answer", "outcome", "words"),
    [
        ("slack", slack(404, "no_service"), NotTaken, "no such webhook"),
        ("slack", slack(410, "channel_is_archived"), NotTaken, "archived"),
        ("slack", slack(403, "action_prohibited"), NotTaken, "forbids"),
        ("slack", slack(403, "invalid_token"), NotTaken, "copy it again"),
        ("slack", slack(400, "invalid_payload"), NotTaken, "(400)"),
        ("slack", Reply(429, (("retry-after", "30"),), b"rate_limited"), NotTaken, "try again in 30 s"),
        ("slack", Reply(429, (("retry-after", "\x1b[31m"),), b""), NotTaken, "try again in a few minutes"),
        ("slack", slack(500, "rollup_error"), NotTaken, "trouble of its own (500)"),
        ("slack", Reply(302, (("location", "https://elsewhere.example/"),)), NotTaken, "sends elsewhere (302)"),
        ("slack", slack(200, "<html>Log in to the hotel</html>"), Unsure, "not its own"),
        ("sms", twilio(20003, 401, "Authenticate"), NotTaken, "does not know the account and token"),
        ("sms", twilio(20404, 404), NotTaken, "no such account"),
        ("sms", twilio(20429, 429), NotTaken, "takes no more messages"),
        ("sms", twilio(21211, 400), NotTaken, "write it as +49170"),
        ("sms", twilio(21608, 400), NotTaken, "trial account"),
        ("sms", twilio(21610, 400), NotTaken, "STOP"),
        ("sms", twilio(99999, 400, "Something new"), NotTaken, "(400) (Something new)"),
        ("sms", as_json({"sid": "SM1", "status": "failed", "error_code": 30008}, 201), NotTaken, "(failed): 30008"),
        ("sms", Reply(401, (), b""), NotTaken, "does not know the account and token in the vault (401)"),
        ("sms", as_json(["not", "an", "object"], 201), Unsure, "not its own"),
        ("sms", Reply(201, (), b"[" * 19000), Unsure, "not its own"),
        ("ntfy", of_ntfy(40101, 401, "unauthorized"), NotTaken, "(401): set it anew (unauthorized)"),
        ("ntfy", of_ntfy(40301, 403, "forbidden"), NotTaken, "(403) (forbidden)"),
        ("ntfy", of_ntfy(40401, 404, "page not found"), NotTaken, "no such address any more (404)"),
        ("ntfy", of_ntfy(42901, 429, "limit reached: too many requests"), NotTaken, "(429)"),
        ("ntfy", as_json({"id": 7, "event": "message"}), Unsure, "not its own"),
        ("ntfy", Reply(200, (), b"\x1b]0;OWNED\x07\x1b[2J"), Unsure, "not its own"),
    ],
)  # fmt: skip
async def test_what_an_answer_means(
    world: World,
    network: Network,
    message: Message,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    answer: Reply,
    outcome: type[Untaken],
    words: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    await placed(world, kind, answer)
    problem = await failure(network, kind, message)
    assert type(problem) is outcome
    assert words in problem.reason
    assert problem.reason.isprintable()
    assert_silent(problem, message, caplog)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 500])
async def test_a_service_that_quotes_what_it_was_sent_shows_nothing(
    world: World, network: Network, message: Message, caplog: pytest.LogCaptureFixture, kind: str, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = CREDENTIALS[kind].reveal()
    quoted = f"{message.text.reveal()} {secret} {HOOK} {ACCOUNT} {TOKEN} {TOPIC} {message.code.reveal().lower()}"
    await placed(world, kind, as_json({"message": quoted, "error": quoted, "code": 1, "event": "message"}, status))
    assert_silent(await failure(network, kind, message), message, caplog)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_id_that_holds_the_code_is_not_shown(
    world: World, network: Network, message: Message, kind: str
) -> None:
    code = message.code.reveal()
    answers = {
        "slack": Reply(200, (("x-slack-req-id", f"id {code}\x1b[0m"),), b"ok"),
        "sms": as_json({"sid": f"SM{code}", "status": "queued"}, 201),
        "ntfy": as_json({"id": code * 60, "event": "message"}),
    }
    await placed(world, kind, answers[kind])
    receipt = await hand(network, kind, message)
    assert code not in receipt
    assert receipt == "taken"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connection_that_breaks_off_is_not_known(
    world: World, network: Network, message: Message, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    await placed(world, kind, None)
    problem = await failure(network, kind, message)
    assert type(problem) is Unsure
    assert "taken or not" in problem.reason
    assert_silent(problem, message, caplog)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_that_never_ends_is_not_waited_for(
    world: World,
    network: Network,
    message: Message,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(post, "SECONDS", 0.5)
    await placed(world, kind, Reply(200, (), chunks=forever))
    problem = await failure(network, kind, message)
    assert type(problem) is Unsure
    assert "did not answer within" in problem.reason
    assert_silent(problem, message, caplog)


async def test_an_answer_without_end_is_cut(world: World, network: Network, message: Message) -> None:
    await placed(world, "slack", Reply(200, (), chunks=endless))
    assert type(await failure(network, "slack", message)) is Unsure
    assert network.counters.bytes < 2_000_000


@pytest.mark.parametrize("kind", KINDS)
async def test_a_network_that_is_not_there(
    world: World, message: Message, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    async with Network(offline=True) as nowhere:
        problem = await failure(nowhere, kind, message)
    assert type(problem) is NotSent
    assert "offline" in problem.reason
    async with Network(nameservers=["127.0.0.1:1"], dns_timeout=0.2) as dead:
        problem = await failure(dead, kind, message)
    assert type(problem) is NotSent
    assert "no name server answers" in problem.reason
    assert_silent(problem, message, caplog)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_host_that_is_not_there_or_refuses(world: World, network: Network, message: Message, kind: str) -> None:
    origin, label = ZONES[HOSTS[kind]]
    world.zone(origin, {"other": ["A 192.0.2.1"]})
    problem = await failure(network, kind, message)
    assert type(problem) is NotTaken
    assert f"there is no host {HOSTS[kind]}" in problem.reason
    world.zone(origin, {label: [f"A {ADDRESSES[HOSTS[kind]]}"]})
    async with world.network() as again:
        problem = await failure(again, kind, message)
    assert type(problem) is NotTaken
    assert "refuses the connection" in problem.reason


async def test_nothing_goes_to_a_host_whose_certificate_does_not_verify(
    world: World, network: Network, message: Message
) -> None:
    service, _ = await placed(world, "slack", taken("slack"))
    await world.web(ADDRESSES["hooks.slack.com"], service, world.authority.issue("elsewhere.example"))
    problem = await failure(network, "slack", message)
    assert type(problem) is NotTaken
    assert "does not verify" in problem.reason
    assert service.heard == []


@pytest.mark.parametrize(
    ("kind", "secret", "words"),
    [
        ("slack", "http://hooks.slack.com/services/T1/B1/" + "z9" * 12, "begins with https://"),
        ("slack", "not an address " + "z9" * 12, "begins with https://"),
        ("slack", "https://[::1/" + "z9" * 12, "begins with https://"),
        ("slack", "https://hooks.slack.com/x\r\nInjected: " + "z9" * 12, "begins with https://"),
        ("sms", "z9" * 12, "ACCOUNT_SID:AUTH_TOKEN"),
        ("ntfy", "topic with blanks/" + "z9" * 12 + "!", "must be a topic"),
        ("ntfy", "topic tk\r\nX: " + "z9" * 12, "must be a topic"),
        ("ntfy", "http://ntfy.sh/" + "z9" * 12, "begins with https://"),
    ],
)
async def test_a_credential_that_is_none(
    world: World, network: Network, message: Message, kind: str, secret: str, words: str
) -> None:
    service, _ = await placed(world, kind, taken(kind))
    problem = await failure(network, kind, message, credential=Secret(secret))
    assert type(problem) is NotTaken
    assert words in problem.reason
    assert "z9z9" not in problem.reason
    assert service.heard == []


@pytest.mark.parametrize(("to", "sender"), [("", SENDER), ("0170 1", SENDER), (PHONE, ""), ("+1\r\nX: y", SENDER)])
async def test_a_number_that_is_none(world: World, network: Network, message: Message, to: str, sender: str) -> None:
    problem = await failure(network, "sms", message, destination=Destination("A", "sms", "twilio", to, sender))
    assert type(problem) is NotTaken
    assert "+49170" in problem.reason
    assert problem.reason.isprintable()


async def test_what_the_app_cannot_send_to(network: Network, message: Message) -> None:
    assert "cannot send" in (await failure(network, "slack", message, destination=Destination("Ada"))).reason
    assert "no credential" in (await failure(network, "slack", message, credential=None)).reason


def test_a_message_shows_neither_its_text_nor_its_code(message: Message) -> None:
    assert message.code.reveal() not in repr(message)
    assert message.code.reveal() not in message.subject
    assert message.code.reveal() in message.text.reveal()
    assert "TEST" in message.text.reveal()

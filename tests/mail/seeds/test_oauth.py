"""The device grant and fresh tokens, against a sign-in service on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs

import pytest

from checks.errors import CannotTell
from checks.facts import Facts
from checks.mail.seeds import oauth
from checks.network import Network
from checks.secret import Secret
from checks.subject import Subject
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World


def answer(**fields: object) -> Reply:
    status = 400 if "error" in fields else 200
    return Reply(status, (("content-type", "application/json"),), json.dumps(fields).encode())


DEVICE = answer(
    device_code="dc", user_code="ABCD", verification_uri="https://microsoft.com/devicelogin", expires_in=900, interval=0
)


class Service:
    """Answers with what is next."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.answers: Iterator[Reply | OSError] = iter(())

    def __call__(self, request: Request) -> Reply:
        self.asked.append((request.path, parse_qs(request.body.decode())))
        said = next(self.answers)
        if isinstance(said, OSError):
            raise said  # the connection breaks
        return said


@pytest.fixture
async def service(world: World) -> Service:
    made = Service()
    world.zone("microsoftonline.com", {"login": ["A 203.0.113.3"]})
    await world.web("203.0.113.3", made, world.authority.issue("login.microsoftonline.com"))
    return made


async def test_device_login(service: Service, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "SLOW_DOWN_SECONDS", 0.0)
    service.answers = iter(
        [
            DEVICE,
            answer(error="authorization_pending"),
            answer(error="slow_down"),
            answer(access_token="at", refresh_token="rt", expires_in=3600),
        ]
    )
    login = await oauth.begin_device_login(network, "app", tenant="consumers")
    assert (login.url, login.code) == ("https://microsoft.com/devicelogin", "ABCD")
    grant = await oauth.finish_device_login(network, login)
    assert grant.access_token == Secret("at") and grant.refresh_token == Secret("rt")
    assert service.asked[0][0] == "/consumers/oauth2/v2.0/devicecode"
    assert "offline_access" in service.asked[0][1]["scope"][0]
    assert service.asked[1][1]["device_code"] == ["dc"]
    assert "rt" not in repr(grant) and "dc" not in repr(login)
    kept = oauth.grant_of(grant.to_secret())
    assert kept is not None and kept.refresh_token == Secret("rt") and kept.tenant == "consumers"
    assert kept.access_token is None


async def test_refresh_keeps_or_replaces_the_refresh_token(service: Service, network: Network) -> None:
    grant = oauth.Grant("app", Secret("rt"))
    service.answers = iter([answer(access_token="a1"), answer(access_token="a2", refresh_token="rt2")])
    first = await oauth.refreshed(network, grant)
    second = await oauth.refreshed(network, first)
    assert (first.refresh_token, second.refresh_token) == (Secret("rt"), Secret("rt2"))
    assert second.access_token == Secret("a2")


async def test_refusals(service: Service, network: Network) -> None:
    service.answers = iter([answer(error="unauthorized_client")])
    with pytest.raises(CannotTell, match="unauthorized_client"):
        await oauth.begin_device_login(network, "app")
    service.answers = iter([DEVICE, answer(error="authorization_declined")])
    login = await oauth.begin_device_login(network, "app")
    with pytest.raises(CannotTell, match="authorization_declined"):
        await oauth.finish_device_login(network, login)
    service.answers = iter([answer(error="invalid_grant", error_description="the token rt is gone")])
    with pytest.raises(CannotTell, match="invalid_grant") as told:
        await oauth.refreshed(network, oauth.Grant("app", Secret("rt")))
    assert "is gone" not in str(told.value)
    service.answers = iter([Reply(502, (), b"<html>")])
    with pytest.raises(CannotTell, match="502"):
        await oauth.refreshed(network, oauth.Grant("app", Secret("rt")))


async def test_nobody_signs_in(service: Service, network: Network) -> None:
    service.answers = iter([answer(device_code="d", user_code="u", verification_uri="v", expires_in=-1, interval=0)])
    login = await oauth.begin_device_login(network, "app")
    with pytest.raises(CannotTell, match="nobody signed in"):
        await oauth.finish_device_login(network, login)


async def test_a_broken_connection_does_not_end_the_wait(
    service: Service, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "BACK_OFF_SECONDS", 0.0)
    service.answers = iter([DEVICE, OSError(), answer(access_token="at", refresh_token="rt")])
    login = await oauth.begin_device_login(network, "app")
    assert (await oauth.finish_device_login(network, login)).refresh_token == Secret("rt")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"error": "authorization_declined"}, "whoever opened the page declined"),
        ({"error": "access_denied"}, "whoever opened the page declined"),
        ({"error": "expired_token"}, "the code ran out"),
        ({"error": "invalid_client", "error_codes": [7000218]}, "public client flows.*AADSTS7000218"),
        ({"error": "something_new", "error_codes": ["<b>"]}, "no access: something_new$"),
        ({"error": {"deep": 1}, "error_codes": 7}, "deep"),
        ({}, "no reason given"),
    ],
)
async def test_a_refusal_is_told_in_plain_words(
    service: Service, network: Network, fields: dict[str, object], words: str
) -> None:
    service.answers = iter([DEVICE, answer(**fields)])
    login = await oauth.begin_device_login(network, "app")
    with pytest.raises(CannotTell, match=words):
        await oauth.finish_device_login(network, login)


@pytest.fixture
async def facts(network: Network) -> AsyncIterator[Facts]:
    kept = oauth.Grant("app", Secret("rt")).to_secret()
    made = Facts(Subject.of("example.com"), network, secrets={"seed@outlook.com": kept, "smtp": Secret("word")})
    yield made
    await made.aclose()


async def test_access_is_asked_for_once_and_a_new_refresh_token_is_handed_on(service: Service, facts: Facts) -> None:
    service.answers = iter([answer(access_token="a1", refresh_token="rt2")])
    assert await oauth.access(facts, "seed@outlook.com") == Secret("a1")
    assert await oauth.access(facts, "seed@outlook.com") == Secret("a1")
    assert len(service.asked) == 1
    kept = oauth.grant_of(facts.renewed["seed@outlook.com"])
    assert kept is not None and kept.refresh_token == Secret("rt2")


async def test_an_unchanged_grant_is_not_handed_on(service: Service, facts: Facts) -> None:
    service.answers = iter([answer(access_token="a1", refresh_token="rt")])
    assert await oauth.access(facts, "seed@outlook.com") == Secret("a1")
    assert await oauth.access(facts, "smtp") is None
    assert await oauth.access(facts, "missing") is None
    assert facts.renewed == {}


@pytest.mark.parametrize("text", ["hunter two", "[]", "{}", '{"client_id": "x"}', "7"])
def test_a_password_is_no_grant(text: str) -> None:
    assert oauth.grant_of(Secret(text)) is None

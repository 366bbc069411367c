"""The Globalping client against a server that answers as the published API does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import CannotTell, ConnectFailed, NotApplicable
from checks.network import Headers
from checks.ops.globalping import Globalping, Limited, Limits, read_limits, read_measurement
from checks.secret import Secret
from checks.subject import Route
from launchready_tui.lab.world import World
from tests.ops.globalping.fake import GOOD_TLS, NONE, FakeGlobalping, failed, finished, publish

HOME = Route("https://example.com/")
FRANKFURT = "aws-eu-central-1"


class TurnedClock:
    """A clock that sleeping turns."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def elapsed(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def service(world: World) -> FakeGlobalping:
    made = FakeGlobalping()
    await publish(world, made)
    return made


@pytest.fixture
def client(world: World, clock: TurnedClock, service: FakeGlobalping) -> Globalping:
    return Globalping(world.network, clock=clock)


@pytest.mark.parametrize(
    ("result", "ok", "status", "reason", "gone"),
    [
        (finished(), True, 200, "", False),
        (finished(301), True, 301, "", False),
        (finished(503), False, 503, "status 503", False),
        (finished(404), False, 404, "status 404", False),
        (
            finished(tls=GOOD_TLS | {"authorized": False, "error": "DEPTH_ZERO_SELF_SIGNED_CERT"}),
            False, 200, "DEPTH_ZERO_SELF_SIGNED_CERT", False,
        ),
        (finished(tls=None), False, 200, "not trusted", False),
        (finished(timings=NONE), True, 200, "", False),
        (failed("connect ECONNREFUSED 192.0.2.1:443"), False, None, "ECONNREFUSED", False),
        (failed("queryA ENOTFOUND example.com"), False, None, "ENOTFOUND", False),
        (failed("Request timeout.", "resolver"), False, None, "timeout", False),
        (failed("who knows", None), False, None, "who knows", False),
        (failed("The measurement was rejected.", "internal"), None, None, "the probe itself failed", True),
    ],
)  # fmt: skip
async def test_what_a_probe_saw(
    client: Globalping,
    service: FakeGlobalping,
    result: dict[str, Any],
    ok: bool | None,
    status: int | None,
    reason: str,
    gone: bool,
) -> None:
    service.result = lambda magic, asked: result
    seen = (await client.measure(HOME, FRANKFURT)).seen
    assert (seen.ok, seen.status, seen.gone) == (ok, status, gone)
    assert reason in seen.reason
    assert bool(seen.reason) is not bool(seen.ok)
    assert seen.probe == "City 1, DE, Amazon.com"


async def test_the_phases_are_seconds(client: Globalping) -> None:
    seconds = (await client.measure(HOME, FRANKFURT)).seen.seconds
    assert (seconds.dns, seconds.connect, seconds.tls, seconds.first_byte, seconds.total) == (
        0.02,
        0.03,
        0.06,
        0.1,
        0.24,
    )


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.com/", {"target": "example.com", "port": 443, "protocol": "HTTPS", "path": "/"}),
        ("http://example.com:8080/a b?q=ü", {"port": 8080, "protocol": "HTTP", "path": "/a%20b", "query": "q=%C3%BC"}),
    ],
)
async def test_what_is_asked(client: Globalping, service: FakeGlobalping, url: str, asked: dict[str, Any]) -> None:
    await client.measure(Route(url, method="HEAD"), FRANKFURT)
    sent = service.posted[0]
    options = sent["measurementOptions"]
    assert asked.items() <= (sent | options | options["request"]).items()
    assert options["request"]["method"] == "HEAD"
    assert sent["locations"] == [{"magic": FRANKFURT, "limit": 1}]


async def test_the_text_is_looked_for(client: Globalping, service: FakeGlobalping) -> None:
    route = Route("https://example.com/", contains="Goodbye")
    assert (await client.measure(route, FRANKFURT)).seen.reason == "the text 'Goodbye' is missing"
    service.result = lambda magic, asked: finished(rawBody="Welcome and Goodbye")
    assert (await client.measure(route, FRANKFURT)).seen.ok
    # Only the first 10 kB come back: what is not in them may be further down.
    service.result = lambda magic, asked: finished(rawBody="x" * 10_000, truncated=True)
    assert (await client.measure(route, FRANKFURT)).seen.ok


@pytest.mark.parametrize("route", [Route("https://example.com/", "POST"), Route("https://example.com/", body="{}")])
async def test_what_it_cannot_send_is_not_sent(client: Globalping, service: FakeGlobalping, route: Route) -> None:
    with pytest.raises(NotApplicable, match="without a body"):
        await client.measure(route, FRANKFURT)
    assert service.requests == []


# ---------------------------------------------------------------- the same probe


async def test_the_same_probe_is_asked_again(client: Globalping, service: FakeGlobalping) -> None:
    first = await client.measure(HOME, FRANKFURT)
    again = await client.measure(HOME, FRANKFURT, earlier=first.id)
    assert (first.picked, again.picked) == (True, False)
    assert first.seen.probe == again.seen.probe
    assert service.posted[1]["locations"] == first.id
    other = await client.measure(HOME, FRANKFURT)
    assert other.seen.probe != first.seen.probe


async def test_a_probe_that_is_gone_says_nothing_about_the_site(client: Globalping, service: FakeGlobalping) -> None:
    first = await client.measure(HOME, FRANKFURT)
    service.offline.add(1)
    seen = (await client.measure(HOME, FRANKFURT, earlier=first.id)).seen
    assert (seen.ok, seen.gone) == (None, True)


async def test_where_the_earlier_measurement_is_forgotten_another_probe_is_picked(
    client: Globalping, service: FakeGlobalping
) -> None:
    measured = await client.measure(HOME, FRANKFURT, earlier="forgotten")
    assert (measured.picked, measured.seen.ok) == (True, True)
    assert [type(sent["locations"]) for sent in service.posted] == [str, list]


async def test_a_place_without_probes_is_no_measurement(client: Globalping, service: FakeGlobalping) -> None:
    service.nowhere = frozenset({"Atlantis"})
    with pytest.raises(CannotTell, match="no probe of Globalping is at 'Atlantis' now"):
        await client.measure(HOME, "Atlantis")


# ---------------------------------------------------------------- polling


async def test_it_polls_half_a_second_after_each_answer_and_by_etag(
    client: Globalping, service: FakeGlobalping, clock: TurnedClock
) -> None:
    service.polls = 3
    await client.measure(HOME, FRANKFURT)
    polls = [request for request in service.requests if request.method == "GET"]
    assert [request.header("if-none-match") for request in polls] == ["", *['W/"m1-in-progress"'] * 3]
    assert service.unchanged == 2
    assert clock.slept == [0.5] * 4


async def test_many_measurements_take_turns_at_polling(
    client: Globalping, service: FakeGlobalping, clock: TurnedClock
) -> None:
    await asyncio.gather(*(client.measure(HOME, f"place-{number}") for number in range(5)))
    assert len(clock.slept) == sum(request.method == "GET" for request in service.requests) == 10
    assert clock.seconds == 5.0


async def test_a_refused_poll_is_tried_later(client: Globalping, service: FakeGlobalping, clock: TurnedClock) -> None:
    service.refuse_polls = 1
    assert (await client.measure(HOME, FRANKFURT)).seen.ok
    assert clock.slept == [0.5, 2.0, 0.5]


async def test_a_measurement_that_never_ends_is_none(client: Globalping, service: FakeGlobalping) -> None:
    service.polls = 10_000
    with pytest.raises(CannotTell, match="did not end within 45 s"):
        await client.measure(HOME, FRANKFURT)


async def test_without_the_service_there_is_no_measurement(world: World, clock: TurnedClock) -> None:
    world.zone("globalping.io", {"api": ["A 203.0.113.99"]})
    with pytest.raises(ConnectFailed):
        await Globalping(world.network, clock=clock).measure(HOME, FRANKFURT)


# ---------------------------------------------------------------- limits and credits


async def test_limits_are_read_and_kept_to(client: Globalping, service: FakeGlobalping, clock: TurnedClock) -> None:
    service.hourly, service.consumed = 100, 98
    assert client.hourly == 250
    await client.measure(HOME, FRANKFURT)
    assert client.limits == Limits(limit=100, consumed=99, remaining=1, reset=1800, cost=1)
    assert (client.hourly, client.wait) == (100, 0)
    await client.measure(HOME, FRANKFURT)
    assert client.wait == pytest.approx(1800, abs=1)
    with pytest.raises(Limited) as told:
        await client.measure(HOME, FRANKFURT)
    assert told.value.seconds == client.wait
    assert len(service.posted) == 2  # the third was not even asked for
    clock.seconds += 1801
    service.consumed = 0
    assert (await client.measure(HOME, FRANKFURT)).seen.ok


@pytest.mark.parametrize(("left", "told"), [(None, "the limit of the hour is reached"), (0, "no credits are left")])
async def test_a_refusal_is_respected(
    world: World, service: FakeGlobalping, clock: TurnedClock, left: int | None, told: str
) -> None:
    token = "t" * 20
    service.tokens, service.consumed, service.credits = frozenset({token}), 500, left
    client = Globalping(world.network, clock=clock, token=Secret(token))
    with pytest.raises(Limited, match=told):
        await client.measure(HOME, FRANKFURT)
    assert client.wait == 1800
    with pytest.raises(Limited):
        await client.measure(HOME, FRANKFURT)
    assert len(service.posted) == 1


async def test_a_limit_that_opens_in_years_is_asked_again_after_an_hour(
    client: Globalping, service: FakeGlobalping, clock: TurnedClock
) -> None:
    # Nobody means 31 years.
    service.hourly, service.consumed, service.reset = 100, 99, 999_999_999
    await client.measure(HOME, FRANKFURT)
    assert client.wait == pytest.approx(3600, abs=1)
    clock.seconds += 3601
    service.consumed = 0
    assert (await client.measure(HOME, FRANKFURT)).seen.ok


async def test_credits_are_left_alone(world: World, service: FakeGlobalping, clock: TurnedClock) -> None:
    token = "t" * 20
    service.tokens, service.consumed, service.credits = frozenset({token}), 499, 30
    client = Globalping(world.network, clock=clock, token=Secret(token))
    found = await asyncio.gather(*(client.measure(HOME, FRANKFURT) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found].count(Limited) == 2
    assert (service.credits, client.limits.credits_remaining) == (30, 30)


async def test_the_token_goes_along_and_raises_the_limit(
    world: World, service: FakeGlobalping, clock: TurnedClock
) -> None:
    token = "t" * 20
    service.tokens = frozenset({token})
    client = Globalping(world.network, clock=clock, token=Secret(token))
    assert client.hourly == 500
    await client.measure(HOME, FRANKFURT)
    assert {request.header("authorization") for request in service.requests} == {f"Bearer {token}"}
    assert client.limits.limit == 500


async def test_a_token_that_is_not_accepted_is_said_and_not_shown(
    world: World, service: FakeGlobalping, clock: TurnedClock
) -> None:
    token = "t" * 20
    with pytest.raises(CannotTell, match="does not accept the token") as told:
        await Globalping(world.network, clock=clock, token=Secret(token)).measure(HOME, FRANKFURT)
    assert token not in repr(told.value)


# ---------------------------------------------------------------- whatever comes back


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(
                        st.sampled_from(["status", "results", "result", "probe", "timings", "tls", "statusCode", "city",
                                         "rawBody", "rawOutput", "total"]), inner)))  # fmt: skip
def test_any_json_is_an_answer_or_none(value: Any) -> None:
    for text in (json.dumps(value), json.dumps({"status": "finished", "results": [{"result": value, "probe": value}]}),
                 json.dumps({"status": "finished", "results": [{"result": {"status": "finished", "statusCode": 200,
                             "timings": value, "tls": value, "rawBody": value}}]})):  # fmt: skip
        try:
            seen = read_measurement(text, Route("https://example.com/", contains="x"))
        except CannotTell:
            continue
        assert seen is None or seen.ok or seen.reason


@pytest.mark.parametrize("text", ["", "<html>", "[" * 100_000, '{"status": "finished", "results": []}'])
def test_what_is_no_measurement_is_said(text: str) -> None:
    with pytest.raises(CannotTell):
        read_measurement(text, HOME)


@given(st.text())
def test_any_header_is_a_number_or_none(text: str) -> None:
    limits = read_limits(Headers((("x-ratelimit-limit", text), ("x-ratelimit-reset", text))))
    assert limits.limit is None or limits.limit >= 0

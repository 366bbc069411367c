"""Drills from firing to reading: every way that one can end, in the session, its findings and the handover."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from checks.network import Network
from checks.secret import Secret
from checks.text import harmless
from launchready_tui.alerts.codes import ALPHABET, LENGTH, TRIES
from launchready_tui.alerts.standing import CLOSED, give_up_waiting
from launchready_tui.drill import AlertDrill, NotFired
from launchready_tui.handover import render
from launchready_tui.lab.web_server import HangUp, Reply, Request
from launchready_tui.lab.world import World
from launchready_tui.session.model import Alert, Site
from launchready_tui.sprint import Sprint
from launchready_tui.vault import Vault
from tests.alerts.services import (
    ACCOUNT,
    ADDRESSES,
    CREDENTIALS,
    HOOK,
    PHONE,
    SENDER,
    TOKEN,
    TWILIO,
    Service,
    as_json,
    placed,
    taken,
)
from tests.programs import LONG

ERRORS_HOST, ERRORS_ADDRESS = "errors.example.com", "93.184.215.14"
DSN_KEY = "1f" * 16


@dataclass
class TurnedClock:
    """A clock that only the test turns; who sleeps waits until it does."""

    at: float = 1000.0
    turned: asyncio.Event = field(default_factory=asyncio.Event)
    asleep: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while somebody waits for the clock to be turned."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 10, 0, tzinfo=UTC) + timedelta(seconds=self.at - 1000)

    def elapsed(self) -> float:
        return self.at

    def awake(self) -> float:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += seconds
        self.asleep.clear()
        self.turned.set()
        self.turned = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        ends = self.at + seconds
        while self.at < ends:
            self.asleep.set()
            await self.turned.wait()


@dataclass
class Field:
    """What a test has in hand."""

    sprint: Sprint
    drill: AlertDrill
    clock: TurnedClock
    service: Service
    vault: Vault
    path: Path

    def code(self) -> str:
        """What the phone shows."""
        return codes_in(self.service.heard[-1].body.decode())[-1]

    @property
    def last(self) -> Alert:
        return self.sprint.session.alert[-1]

    def status(self, check: str, target: str = "#ops") -> str:
        found = self.sprint.finding(check, target)
        return found.status if found else "none"

    def statuses(self) -> tuple[str, str]:
        return self.status("alert.undelivered"), self.status("alert.unread")


def codes_in(text: str) -> list[str]:
    return re.findall(rf"(?<=now: )[{ALPHABET}]{{{LENGTH}}}", text)


def another(code: str) -> str:
    return ("B" if code[0] == "A" else "A") + code[1:]


@pytest.fixture
def open_field(world: World, tmp_path: Path):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def opened(answer: Reply | None = None, *, refuses: bool = False) -> AsyncIterator[Field]:
        service, _ = await placed(world, "slack", None if refuses else answer or taken("slack"))
        path = tmp_path / "example.launch.toml"
        sprint = Sprint.new(path, Site(domain="example.com"), consultant="Mara", client="Harbor Tea")
        sprint.edit("monitor", destinations=[{"name": "#ops", "kind": "slack"}, "Ada"])
        sprint.edit("consent", alerts=True, by="Ada")
        clock, vault = TurnedClock(), Vault("example.com")
        sprint.clock = clock.now
        await vault.set("slack", CREDENTIALS["slack"], this_run_only=True)

        async def keys() -> Vault:
            return vault

        drill = AlertDrill(sprint, lambda: world.network(dns_timeout=1.0), keys, clock=clock)
        yield Field(sprint, drill, clock, service, vault, path)
        await asyncio.to_thread(sprint.close)

    return opened


def recent(monkeypatch: pytest.MonkeyPatch, clock: TurnedClock) -> None:
    """Let the checks, which read the day's own clock, see the test's."""

    class Now(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return clock.now()

    monkeypatch.setattr("checks.ops.alert.datetime", Now)


async def test_an_alert_that_is_read_in_time(open_field, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        recent(monkeypatch, at.clock)
        told = await at.drill.fire("#ops", announced=True)
        assert "Taken for #ops" in told
        assert (at.last.outcome, at.last.accepted, at.last.receipt) == ("", "2026-11-24T10:00:00Z", "req-0a1b2c")
        assert at.statuses() == ("pass", "skipped")
        at.clock.turn(200)
        assert at.drill.waiting() == {("#ops", "2026-11-24T10:00:00Z"): 200.0}
        assert await at.drill.answer(at.code().lower()) == "#ops: read after 3.3 minutes, in time."
        assert (at.last.outcome, at.last.seconds, at.last.acknowledged) == ("read", 200.0, "2026-11-24T10:03:20Z")
        assert at.statuses() == ("pass", "pass")
        assert at.drill.waiting() == {}
        assert await at.drill.answer(at.code()) == "No test alert waits for a code."


async def test_nobody_reads_it_and_then_somebody_does(open_field, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        recent(monkeypatch, at.clock)
        await at.drill.fire("#ops", announced=False)
        running = asyncio.create_task(at.drill.run_out())
        await asyncio.sleep(0)
        at.clock.turn(901)
        await asyncio.wait_for(running, LONG)
        assert (at.last.outcome, at.last.announced, at.last.acknowledged) == ("unread", False, "")
        assert at.statuses() == ("pass", "fail")
        at.clock.turn(300)
        assert "too late" in await at.drill.answer(at.code())
        assert (at.last.outcome, at.last.seconds) == ("late", 1201.0)
        assert at.statuses() == ("pass", "fail")
        finding = at.sprint.finding("alert.unread", "#ops")
        assert finding is not None and "20.0 minutes" in finding.summary


async def test_a_destination_that_refuses(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field(Reply(404, (), b"no_service")) as at:
        told = await at.drill.fire("#ops", announced=True)
        assert told.startswith("Not sent: Slack knows no such webhook")
        assert (at.last.outcome, at.last.accepted) == ("undelivered", "")
        assert "no_service" in at.last.error
        assert at.statuses() == ("fail", "skipped")
        assert await at.drill.answer(at.code()) == "No test alert waits for a code."


async def test_no_answer_is_not_known_until_its_code_is_read(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field(refuses=True) as at:
        told = await at.drill.fire("#ops", announced=True)
        assert "taken or not" in told and "If somebody reads its code" in told
        assert (at.last.outcome, at.last.accepted, at.last.error) == ("", "", "")
        assert at.status("alert.undelivered") == "error"
        at.clock.turn(60)
        assert "in time" in await at.drill.answer(at.code())
        assert (at.last.outcome, at.last.seconds, at.last.accepted) == ("read", 60.0, at.last.fired)
        assert "counted from firing" in at.last.note
        assert at.statuses() == ("pass", "pass")


async def test_no_answer_and_nobody_who_reads_it_stays_unknown(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field(refuses=True) as at:
        await at.drill.fire("#ops", announced=True)
        at.clock.turn(901)
        await at.drill.settle()
        assert at.last.outcome == "unknown"
        assert at.statuses() == ("error", "skipped")


async def test_a_network_that_is_not_there_says_nothing_of_the_destination(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        at.drill._network = lambda: Network(offline=True)
        told = await at.drill.fire("#ops", announced=True)
        assert "offline" in told
        assert (at.last.outcome, at.last.error) == ("unknown", "")
        assert at.statuses() == ("error", "skipped")
        assert at.service.heard == []


async def test_five_wrong_codes_end_it(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        await at.drill.fire("#ops", announced=True)
        assert "6 letters and digits" in await at.drill.answer("hello")
        for left in range(TRIES - 1, 0, -1):
            assert f"{left} tr" in await at.drill.answer(another(at.code()))
        assert "one try too many" in await at.drill.answer(another(at.code()))
        assert at.last.outcome == "unread"
        assert at.statuses() == ("pass", "fail")
        assert await at.drill.answer(at.code()) == "No test alert waits for a code."


async def test_one_code_a_channel(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        await at.drill.fire("#ops", announced=True)
        first = at.code()
        await at.drill.fire("#ops", announced=False)
        assert first != at.code()
        before, now = at.sprint.session.alert
        assert (before.outcome, now.outcome) == ("unread", "")
        assert before.fired != now.fired
        assert "not the code" in await at.drill.answer(first)
        assert "in time" in await at.drill.answer(at.code())


async def test_nothing_is_fired_without_consent_a_way_or_a_credential(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        with pytest.raises(NotFired, match="no way to alert Ada"):
            await at.drill.fire("Ada", announced=True)
        with pytest.raises(NotFired, match="no way to alert nobody"):
            await at.drill.fire("nobody", announced=True)
        await at.vault.set("slack-2", Secret("x"), this_run_only=True)
        await at.vault.delete("slack")
        with pytest.raises(NotFired, match="no credential slack for #ops"):
            await fire_without_keyring(at)
        at.sprint.edit("consent", alerts=False)
        with pytest.raises(NotFired, match="has not agreed"):
            await at.drill.fire("#ops", announced=True)
        assert at.sprint.session.alert == []
        assert at.service.heard == []


async def fire_without_keyring(at: Field) -> None:
    async def nothing(purpose: str) -> None:
        return None

    at.vault.get = nothing  # type: ignore[method-assign]
    await at.drill.fire("#ops", announced=True)


async def test_stopped_while_it_is_sent(open_field, world: World) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        came = asyncio.Event()

        async def hang(request: Request) -> Reply:
            came.set()
            await asyncio.Event().wait()
            return Reply(200)

        await world.web("3.68.170.153", hang, world.authority.issue("hooks.slack.com"))
        firing = asyncio.create_task(at.drill.fire("#ops", announced=True))
        await asyncio.wait_for(came.wait(), LONG)
        firing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await firing
        assert (at.last.outcome, at.last.note) == ("unknown", "it was stopped while it was sent")


async def test_a_code_dies_with_the_app(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        await at.drill.fire("#ops", announced=True)
        code = at.code()
        at.drill.close()
        assert (at.last.outcome, at.last.note) == ("unknown", CLOSED)
        await at.drill.judge()
        assert at.status("alert.unread") == "error"
        again = AlertDrill(at.sprint, at.drill._network, at.drill._vault, clock=at.clock)
        told = await again.answer(code)
        assert "cannot be judged any more" in told and "#ops" in told


async def test_an_app_that_crashed_is_found_out_at_the_next_start(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        await at.drill.fire("#ops", announced=True)
        at.sprint.put(Alert(destination="by hand", fired="2026-11-24T09:00:00Z", acknowledged="2026-11-24T09:01:00Z"))
        give_up_waiting(at.sprint)
        assert [row.outcome for row in at.sprint.session.alert] == ["unknown", ""]


async def test_neither_code_nor_credential_is_written_anywhere(
    open_field,  # type: ignore[no-untyped-def]
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    async with open_field() as at:
        await at.drill.fire("#ops", announced=True)
        first = at.code()
        # Before it is read, nothing that the app holds gives it away.
        assert first not in repr(vars(at.drill)) + repr(vars(at.drill._codes)) + repr(at.drill._waiting)
        await at.drill.answer(first)
        await at.drill.fire("#ops", announced=False)
        second = at.code()
        await asyncio.to_thread(at.sprint.flush_now)
        written = at.path.read_text() + "".join(render(at.sprint.session, "md").decode())
        written += "\n".join(line for line in caplog.text.splitlines() if " Decoded (b" not in line)
        for secret in (first, second, HOOK, HOOK.rpartition("/")[2]):
            assert secret.lower() not in written.lower()


async def test_the_handover_tells_every_way_that_a_drill_ended(open_field) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        for number, (outcome, more) in enumerate(
            [
                ("read", {"acknowledged": "2026-11-24T10:03:20Z", "seconds": 200.0}),
                ("late", {"acknowledged": "2026-11-24T10:33:20Z", "seconds": 2000.0}),
                ("unread", {}),
                ("undelivered", {"error": "the webhook is gone"}),
                ("unknown", {"note": "no network"}),
                ("", {"accepted": "2026-11-24T10:00:01Z"}),
            ]
        ):
            at.sprint.put(Alert(destination=f"d{number}", fired="2026-11-24T10:00:00Z", outcome=outcome, **more))
        text = " ".join(render(at.sprint.session, "md").decode().split())
        for words in ("read after 3 minutes", "read after 33 minutes, too late", "nobody read it",
                      "not taken: the webhook is gone", "not known: no network", "waits for its code",
                      "1 of 5"):  # fmt: skip
            assert words in text, words


# -------------------------------------------------------------------- other services and the tracker


async def test_sms_through_the_same_drill(open_field, world: World) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        service, _ = await placed(world, "sms", taken("sms"))
        at.sprint.edit("monitor", destinations=[{"name": "Ada", "kind": "twilio", "to": PHONE, "from": SENDER}])
        await at.vault.set("twilio", CREDENTIALS["sms"], this_run_only=True)
        await at.drill.fire("Ada", announced=True)
        [code] = codes_in(parse_qs(service.heard[-1].body.decode())["Body"][0])
        assert "Ada: read after" in await at.drill.answer(code)
        assert at.last.receipt.startswith("SM")
        assert TOKEN not in repr(at.sprint.session)


@dataclass
class Operator:
    """Twilio that takes every SMS and then says of it what it is told to."""

    says: list[dict[str, object] | None]
    """One for each look; None breaks the connection off."""
    asked: list[str] = field(default_factory=list)
    body: str = ""

    def __call__(self, request: Request) -> Reply:
        if request.method == "POST":
            self.body = request.body.decode()
            return taken("sms")
        self.asked.append(request.path)
        told = self.says.pop(0)
        if told is None:
            raise HangUp
        return as_json({"sid": "SM" + "0" * 32, **told})

    def code(self) -> str:
        return codes_in(parse_qs(self.body)["Body"][0])[-1]


@asynccontextmanager
async def by_sms(open_field, world: World, *says: dict[str, object] | None):  # type: ignore[no-untyped-def]
    """A drill by SMS that was fired, with the clock that ends it running."""
    async with open_field() as at:
        operator = Operator(list(says))
        world.zone("twilio.com", {"api": [f"A {ADDRESSES[TWILIO]}"]})
        await world.web(ADDRESSES[TWILIO], operator, world.authority.issue(TWILIO))
        at.sprint.edit("monitor", destinations=[{"name": "Ada", "kind": "twilio", "to": PHONE, "from": SENDER}])
        await at.vault.set("twilio", CREDENTIALS["sms"], this_run_only=True)
        await at.drill.fire("Ada", announced=True)
        running = asyncio.create_task(at.drill.run_out())
        try:
            yield at, operator, running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def turn_to(at: Field, running: asyncio.Task[None], *moments: float) -> None:
    """Turn the clock to seconds since firing, each once the drill has done what was due and sleeps again."""
    for moment in moments:
        await _asleep(at, running)
        at.clock.turn(1000 + moment - at.clock.at)
    await _asleep(at, running)


async def _asleep(at: Field, running: asyncio.Task[None]) -> None:
    asleep = asyncio.create_task(at.clock.asleep.wait())
    done, _ = await asyncio.wait({asleep, running}, timeout=LONG, return_when=asyncio.FIRST_COMPLETED)
    asleep.cancel()
    assert done


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"status": "undelivered", "error_code": 30003}, "(30003): the phone is switched off or out of reach"),
        ({"status": "failed", "error_code": 30034}, "not registered"),
        ({"status": "undelivered", "error_code": 39999, "error_message": "New \x1b[2J"}, "(39999): New"),
        ({"status": "undelivered", "error_code": "odd"}, "could not deliver it (odd): no reason given"),
        ({"status": "canceled", "error_code": None}, "(canceled): no reason given"),
    ],
)
async def test_an_sms_that_its_operator_loses_is_undelivered_and_not_unread(
    open_field,
    world: World,
    told: dict[str, object],
    words: str,  # type: ignore[no-untyped-def]
) -> None:
    async with by_sms(open_field, world, {"status": "sent"}, {"status": "queued"}, told) as (at, operator, running):
        await turn_to(at, running, 5, 20)
        assert (at.last.outcome, len(operator.asked)) == ("", 2)
        await turn_to(at, running, 60)
        assert running.done() and at.status("alert.undelivered", "Ada") == "fail"
        assert (at.last.outcome, at.last.accepted != "") == ("undelivered", True)
        assert words in at.last.error and "\x1b" not in at.last.error
        assert at.status("alert.unread", "Ada") == "skipped"
        assert set(operator.asked) == {f"/2010-04-01/Accounts/{ACCOUNT}/Messages/SM{'0' * 32}.json"}
        # The operator may be wrong: whoever has the code has read it.
        assert "Ada: read after 1.0 minutes, in time." in await at.drill.answer(operator.code())
        assert (at.last.outcome, at.last.error) == ("read", "")
        assert "read all the same" in at.last.note
        assert (at.status("alert.undelivered", "Ada"), at.status("alert.unread", "Ada")) == ("pass", "pass")
        assert TOKEN not in repr(at.sprint.session)


async def test_an_sms_that_arrives_is_no_reading(open_field, world: World) -> None:  # type: ignore[no-untyped-def]
    async with by_sms(open_field, world, {"status": "delivered"}) as (at, operator, running):
        await turn_to(at, running, 5)
        assert at.last.receipt.endswith(", delivered")
        assert (at.last.outcome, at.last.acknowledged) == ("", "")
        await turn_to(at, running, 901)
        assert (at.last.outcome, len(operator.asked)) == ("unread", 1)


@pytest.mark.parametrize("told", [{"status": "queued"}, {"status": 7}, {}, {"status": ["delivered"]}, None])
async def test_a_word_that_says_nothing_changes_nothing(
    open_field, world: World, told: dict[str, object] | None
) -> None:  # type: ignore[no-untyped-def]
    # A connection that breaks may be tried again.
    async with by_sms(open_field, world, *[told] * 12) as (at, operator, running):
        await turn_to(at, running, 5, 20, 60, 180, 420, 840, 901)
        assert (at.last.outcome, at.last.error) == ("unread", "")
        assert len(operator.asked) == 6 or told is None


@dataclass
class Tracker:
    """Takes envelopes, and refuses from the one given on."""

    refuse_from: int = 99
    status: int = 403
    bodies: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        assert request.path == "/api/7/envelope/"
        self.bodies.append(request.body.decode())
        if len(self.bodies) > self.refuse_from:
            return Reply(self.status, (), f"no: {self.bodies[-1]}".encode())
        return Reply(200, (), b'{"id": "x"}')


async def with_tracker(at: Field, world: World, tracker: Tracker) -> None:
    world.zone("example.com", {"errors": [f"A {ERRORS_ADDRESS}"]})
    await world.web(ERRORS_ADDRESS, tracker, world.authority.issue(ERRORS_HOST))
    at.sprint.edit("monitor", errors={"dsn": f"https://{DSN_KEY}@{ERRORS_HOST}/7", "tracker": "glitchtip"})


async def test_a_burst_of_errors_shows_whether_the_trackers_own_alert_is_read(open_field, world: World) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        tracker = Tracker()
        await with_tracker(at, world, tracker)
        name = "Error tracker (glitchtip)"
        with pytest.raises(NotFired, match="test errors are sent"):
            await at.drill.fire(name, announced=True)
        at.sprint.edit("consent", errors=True)
        assert "Taken for" in await at.drill.fire(name, announced=True)
        assert len(tracker.bodies) == 5
        assert len(set(re.findall(r'"fingerprint": \[[^\]]*\]', "".join(tracker.bodies)))) == 1
        assert len(set(re.findall(r'"event_id": "[0-9a-f]{32}"', "".join(tracker.bodies)))) == 5
        assert "4111" not in "".join(tracker.bodies)
        [code] = set(codes_in(" ".join(tracker.bodies)))
        assert at.last.receipt.startswith("5 events")
        at.clock.turn(120)
        assert f"{name}: read after 2.0 minutes" in await at.drill.answer(code)
        assert (at.last.destination, at.last.outcome, at.last.seconds) == (name, "read", 120.0)
        assert at.status("alert.unread", name) == "pass"


@pytest.mark.parametrize(("refuse_from", "outcome"), [(0, "undelivered"), (2, "undelivered")])
async def test_a_tracker_that_refuses(open_field, world: World, refuse_from: int, outcome: str) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        tracker = Tracker(refuse_from)
        await with_tracker(at, world, tracker)
        at.sprint.edit("consent", errors=True)
        await at.drill.fire("Error tracker (glitchtip)", announced=True)
        assert at.last.outcome == outcome
        [code] = set(codes_in(" ".join(tracker.bodies)))
        assert "403" in at.last.error and code not in at.last.error
        assert at.last.error == harmless(at.last.error)


async def test_a_tracker_that_cannot_be_reached_is_not_known(open_field, world: World) -> None:  # type: ignore[no-untyped-def]
    async with open_field() as at:
        at.sprint.edit("monitor", errors=f"https://{DSN_KEY}@{ERRORS_HOST}/7")
        at.sprint.edit("consent", errors=True)
        at.drill._network = lambda: Network(nameservers=["127.0.0.1:1"], dns_timeout=0.2)
        await at.drill.fire("Error tracker", announced=True)
        assert at.last.outcome == "unknown"
        at.sprint.edit("monitor", errors="https://not-a-dsn/")
        with pytest.raises(NotFired, match="DSN"):
            await at.drill.fire("Error tracker", announced=True)

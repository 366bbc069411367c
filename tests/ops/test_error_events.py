"""A test event for the error tracker: sent by the envelope protocol, and read back."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.finding import Finding
from checks.network import Network
from checks.ops.errors import lost
from checks.ops.errors.code import digest, is_the_one, new_code
from checks.ops.errors.envelope import TrialEvent, parse_dsn
from checks.runner import collect, run
from checks.secret import Secret
from checks.subject import Consent, ErrorPlan, MonitorPlan, SeenEvent, Subject
from checks.survey import Survey, survey
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World
from tests.ports import free_ports
from tests.programs import need

ADDRESS = "93.184.215.14"
HOST = "errors.example.com"
KEY = secrets.token_hex(16)
TOKEN = secrets.token_hex(20)


async def look(
    network: Network, *, consent: bool = True, token: str = "", purpose: str = "sentry", **plan: Any
) -> list[Finding]:
    given = {"dsn": f"https://{KEY}@{HOST}/7"} | plan
    subject = replace(
        Subject.of("example.com"),
        monitor=MonitorPlan(errors=ErrorPlan(**given)),
        consent=Consent(errors=consent),
    )
    return await collect(subject, network, only=["errors.lost"], secrets={purpose: Secret(token)} if token else None)


async def judge(network: Network, **given: Any) -> Finding:
    """What is said of the event itself, before what is said of masking."""
    return (await look(network, **given))[0]


@dataclass
class Tracker:
    """Answers as Sentry and Bugsink publish it; what it keeps, it keeps as `keep` makes it."""

    keep: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda event: event
    answer: int = 200
    api: int = 200
    late: int = 0
    """Looks that come too soon."""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: int = 0

    def __call__(self, request: Request) -> Reply:
        if request.method == "POST" and request.path == "/api/7/envelope/":
            return self._take(request)
        assert request.header("authorization") == f"Bearer {TOKEN}"
        if self.api != 200:
            return Reply(self.api)
        if request.path == "/api/0/projects/acme/shop/":
            return _json({"slug": "shop"})
        if request.path.startswith("/api/0/projects/acme/shop/events/"):
            return self._event(request.path.rstrip("/").rpartition("/")[2])
        if request.path == "/api/canonical/0/issues/" and "project=7" in request.query:
            return _json({"results": [{"id": "issue-1"}]})
        if request.path == "/api/canonical/0/events/":
            return _json({"results": [{"id": f"row-{key}", "event_id": key} for key in self.kept]})
        if request.path.startswith("/api/canonical/0/events/row-"):
            return self._event(request.path.rstrip("/").rpartition("row-")[2])
        return Reply(404)

    def _take(self, request: Request) -> Reply:
        self.posts += 1
        head, item, payload, rest = request.body.split(b"\n")
        assert f"sentry_key={KEY}" in request.header("x-sentry-auth")
        assert json.loads(item)["length"] == len(payload)
        assert rest == b""
        event = json.loads(payload)
        assert json.loads(head)["event_id"] == event["event_id"]
        if self.answer == 200 and (kept := self.keep(event)) is not None:
            self.kept[event["event_id"]] = kept
        return Reply(self.answer, (), b'{"detail": "as told"}')

    def _event(self, key: str) -> Reply:
        self.late -= 1
        if self.late >= 0 or key not in self.kept:
            return Reply(404)
        return _json(self.kept[key])


def _json(body: Any) -> Reply:
    return Reply(200, (("content-type", "application/json"),), json.dumps(body).encode())


async def placed(world: World, tracker: Tracker) -> Tracker:
    world.zone("example.com", {"errors": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, tracker, world.authority.issue(HOST))
    return tracker


def mask(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"extra": {name: "[Filtered]" for name in event["extra"]}}


SENTRY = {"tracker": "sentry", "organization": "acme", "project": "shop"}


@pytest.mark.parametrize(
    "plan",
    [SENTRY, SENTRY | {"tracker": "glitchtip"}, SENTRY | {"api": f"https://{HOST}/api/0"}, {"tracker": "bugsink"}, {}],
)
@pytest.mark.parametrize(
    ("keep", "status", "word"), [(mask, "pass", "were masked"), (lambda event: event, "info", "unmasked")]
)
async def test_read_back(
    world: World, network: Network, plan: dict[str, str], keep: Any, status: str, word: str
) -> None:
    await placed(world, Tracker(keep))
    finding, scrubbing = await look(network, token=TOKEN, **plan)
    assert finding.status == "pass", finding.summary
    assert (scrubbing.status, scrubbing.target) == (status, f"{HOST} (scrubbing)")
    assert word in scrubbing.summary
    assert TOKEN not in f"{finding}{scrubbing}"


async def test_a_late_event_is_waited_for(world: World, network: Network) -> None:
    await placed(world, Tracker(late=2))
    assert (await judge(network, token=TOKEN, purpose="errors", **SENTRY)).status == "pass"


@pytest.mark.parametrize("plan", [SENTRY, {}])
async def test_taken_with_200_and_not_kept_is_lost(
    world: World, network: Network, plan: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "READ_BACK_SECONDS", 0.3)
    await placed(world, Tracker(lambda event: None))
    assert (await judge(network, token=TOKEN, **plan)).status == "fail"


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500])
async def test_a_refused_event_is_lost_with_or_without_a_token(world: World, network: Network, status: int) -> None:
    tracker = await placed(world, Tracker(answer=status))
    finding = await judge(network)
    assert (finding.status, finding.target) == ("fail", HOST)
    assert str(status) in finding.summary
    assert tracker.posts == (2 if status == 500 else 1)


async def test_without_a_token_a_person_reads_the_code(world: World, network: Network) -> None:
    tracker = await placed(world, Tracker())
    finding = await judge(network)
    assert finding.status == "skipped" and "dashboard" in finding.summary
    [event] = tracker.kept.values()
    code = event["tags"]["launch_check"].rpartition("-")[2]
    assert len(code) == 6 and code not in str(finding), "whoever types it has read it there"


@pytest.mark.parametrize(
    ("word", "unmasked", "statuses"),
    [
        ("read", None, ["pass"]),
        ("read", True, ["pass", "info"]),
        ("read", False, ["pass", "pass"]),
        ("missing", None, ["fail"]),
    ],
)
async def test_a_persons_word_stands(
    world: World, network: Network, word: str, unmasked: bool | None, statuses: list[str]
) -> None:
    await placed(world, Tracker())
    endpoint = f"https://{HOST}/api/7/envelope/"
    said = SeenEvent(endpoint, word, "Ada", "2026-11-24T09:05:00Z", "2026-11-24T09:00:00Z", unmasked)
    found = await look(network, seen=(said,))
    assert [str(finding.status) for finding in found] == statuses
    assert "Ada" in found[0].summary
    other = replace(said, endpoint="https://elsewhere.example/api/7/envelope/")
    assert (await judge(network, seen=(other,))).status == "skipped", "it was said of another tracker"


def test_a_code_is_kept_only_as_what_it_fits() -> None:
    code = new_code()
    kept = digest(code, "salt")
    assert code not in kept
    assert is_the_one(f" {code[:3].lower()}-{code[3:]} ", "salt", kept)
    assert not is_the_one(code, "other", kept)
    assert not is_the_one(code[:-1], "salt", kept)
    assert not is_the_one("", "salt", "")


async def test_the_run_keeps_the_event_and_not_its_code(world: World, network: Network) -> None:
    tracker = await placed(world, Tracker())
    seen: list[Survey] = []
    subject = replace(
        Subject.of("example.com"),
        monitor=MonitorPlan(errors=ErrorPlan(dsn=f"https://{KEY}@{HOST}/7")),
        consent=Consent(errors=True),
    )
    async for _ in run(subject, network, only=["errors.lost"], at_end=lambda facts: seen.append(survey(facts))):
        pass
    event = seen[0].event
    assert event is not None and event.event.id in tracker.kept
    code = tracker.kept[event.event.id]["tags"]["launch_check"].rpartition("-")[2]
    assert is_the_one(code, event.salt, event.code_digest)


async def test_without_consent_nothing_is_sent(world: World, network: Network) -> None:
    tracker = await placed(world, Tracker())
    assert (await judge(network, consent=False, token=TOKEN)).status == "skipped"
    assert tracker.posts == 0


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_an_api_that_tells_nothing_proves_nothing(
    world: World, network: Network, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "READ_BACK_SECONDS", 0.3)
    await placed(world, Tracker(api=status))
    assert (await judge(network, token=TOKEN, **SENTRY)).status == "error"


async def test_an_unknown_project_is_no_lost_event(
    world: World, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "READ_BACK_SECONDS", 0.3)
    await placed(world, Tracker())
    finding = await judge(network, token=TOKEN, **(SENTRY | {"project": "other"}))
    assert finding.status == "error"
    assert "acme/other" in finding.summary


async def test_a_tracker_that_is_nowhere_loses_every_event(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    assert (await judge(network)).status == "fail"


async def test_a_name_that_cannot_be_asked_tells_nothing(world: World, network: Network) -> None:
    world.resolver.silent()
    assert (await judge(network)).status == "error"


async def test_no_dsn_or_a_wrong_one(network: Network) -> None:
    assert (await judge(network, dsn="")).status == "skipped"
    assert (await judge(network, dsn=f"https://{HOST}/7")).status == "fail"


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("https://abc@o1.ingest.de.sentry.io/42", "https://o1.ingest.de.sentry.io/api/42/envelope/"),
        ("http://abc:old@[::1]:9000/below/it/3/", "http://[::1]:9000/below/it/api/3/envelope/"),
    ],
)
def test_a_dsn_names_its_endpoint(text: str, endpoint: str) -> None:
    dsn = parse_dsn(text)
    assert dsn is not None
    assert (dsn.key, dsn.endpoint) == ("abc", endpoint)


@given(st.one_of(st.text(max_size=200), st.from_regex(r"https?://.{0,20}@.{0,20}/.{0,9}")))
def test_any_text_may_be_a_dsn(text: str) -> None:
    parse_dsn(text)


def test_each_event_is_its_own() -> None:
    one, other = TrialEvent.new(), TrialEvent.new()
    assert one.id != other.id
    assert one.nonce != other.nonce
    assert one.unmasked(json.dumps(one.payload())) == ["card number", "API key", "mail address"]


# -------------------------------------------------------------------- the real thing


@pytest.fixture(scope="module")
def bugsink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A Bugsink on loopback: its DSN and a token of its API."""
    need("bugsink-manage", "bugsink-create-conf")
    yield from _run_bugsink(tmp_path_factory.mktemp("bugsink"))


def _run_bugsink(folder: Path) -> Iterator[tuple[str, str]]:
    (port,) = free_ports(1)
    run = {
        "cwd": folder,
        "env": os.environ | {"PYTHONWARNINGS": ""},
        "check": True,
        "capture_output": True,
        "text": True,
    }
    subprocess.run(["bugsink-create-conf", "--template=local", "--host=127.0.0.1", f"--port={port}"], **run)
    subprocess.run(["bugsink-manage", "migrate"], **run)
    token = subprocess.run(["bugsink-manage", "create_auth_token"], **run).stdout.split()[-1]
    code = "from projects.models import Project; print(Project.objects.create(name='shop').dsn)"
    dsn = subprocess.run(["bugsink-manage", "shell", "-c", code], **run).stdout.split()[-1]
    program = shutil.which("bugsink-manage")
    assert program is not None
    server = subprocess.Popen(
        [program, "runserver", "--noreload", f"127.0.0.1:{port}"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "Quit the server" in line:
                break
        yield dsn, token
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


@pytest.mark.real
async def test_a_real_bugsink_keeps_the_event(bugsink: tuple[str, str]) -> None:
    dsn, token = bugsink
    async with Network() as network:
        finding, scrubbing = await look(network, token=token, dsn=dsn, tracker="bugsink")
        assert finding.status == "pass", finding.summary
        assert (scrubbing.status, "unmasked" in scrubbing.summary) == ("info", True)


@pytest.mark.real
async def test_a_real_bugsink_does_not_keep_what_has_a_wrong_key(
    bugsink: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "READ_BACK_SECONDS", 2.0)
    dsn, token = bugsink
    parsed = parse_dsn(dsn)
    assert parsed is not None
    async with Network() as network:
        finding = await judge(
            network, token=token, dsn=dsn.replace(parsed.key, secrets.token_hex(16)), tracker="bugsink"
        )
        assert finding.status == "fail", finding.summary

"""Error trackers and log samples."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.finding import Finding
from checks.network import Network
from checks.ops.errors import log_sample
from checks.ops.errors.log_sample import iban, lacks, leaks, luhn
from checks.ops.errors.tracker import tracker_in
from checks.runner import collect
from checks.subject import DeployPlan, ErrorPlan, MonitorPlan, Subject
from launchready_tui.lab.web_server import page
from launchready_tui.lab.world import World

ADDRESS = "93.184.215.14"
CARD = "4111" + "1111" * 3


async def judge(check: str, network: Network, **plan: Any) -> list[Finding]:
    subject = replace(Subject.of("example.com"), monitor=MonitorPlan(errors=ErrorPlan(**plan)))
    return await collect(subject, network, only=[check])


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("Sentry.init({dsn: x})", "pass"),
        (f"x='https://{'ab' * 16}@errors.example.com/1'", "pass"),
        ("let a = 1", "warn"),
        ("</script><script src=https://js.sentry-cdn.com/0.min.js>", "pass"),
        ("</script><!-- Sentry.init({dsn: x}) --><script>", "warn"),
        ("</script><p>We compared bugsnag.com, Sentry.init( and GlitchTip for you.</p><script>", "warn"),
        ("</script><script data-dsn='https://7f3a9c1e5b2d4860a1b2c3d4e5f60718@errors.example.com/1'>", "pass"),
    ],
)
async def test_a_tracker_in_the_page(world: World, network: Network, script: str, status: str) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    await world.web(
        ADDRESS,
        lambda request: page(f"<title>x</title><script>{script}</script>"),
        world.authority.issue("example.com"),
    )
    assert [f.status for f in await judge("errors.none", network)] == [status]


async def test_a_given_dsn_passes_and_an_unread_page_tells_nothing() -> None:
    async with Network(offline=True) as network:
        assert [f.status for f in await judge("errors.none", network, dsn="https://k@h/1")] == ["pass"]
        assert [f.status for f in await judge("errors.none", network)] == ["skipped"]


@pytest.mark.parametrize(
    "text", ["the sentry stood at the gate", "a bugsnagged line", "glitchtip is a tracker", '{"sentry-mode": 1}']
)
def test_ordinary_words_show_no_tracker(text: str) -> None:
    assert tracker_in(text) == ""


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Gemfile", "gem 'sentry-ruby'\n", "Sentry"),
        ("composer.json", '{"require": {"sentry/sentry-laravel": "^4"}}', "Sentry"),
        ("go.mod", "require github.com/getsentry/sentry-go v0.29.0\n", "Sentry"),
        ("requirements.txt", "rollbar==1.0\n", "Rollbar"),
        ("requirements.txt", "# sentry-sdk: later\nflask==3\n", ""),
        ("app.rb", "Sentry.init do |config|\nend\n", "Sentry"),
        ("package.json", '{"dependencies": {"@bugsnag/js": "8"}}', "Bugsnag"),
        ("package.json", '{"dependencies": {"applicationinsights": "3"}}', "Application Insights"),
        ("app.py", "import flask\n", ""),
    ],
)
async def test_a_tracker_in_the_code(
    world: World, network: Network, tmp_path: Path, name: str, text: str, found: str
) -> None:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, lambda request: page("<title>x</title>"), world.authority.issue("example.com"))
    (tmp_path / name).write_text(text)
    subject = replace(Subject.of("example.com"), deploy=DeployPlan(repo=tmp_path))
    (finding,) = await collect(subject, network, only=["errors.none"])
    assert (str(finding.status), found in finding.summary) == ("pass" if found else "warn", True)


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("ERROR user a.b@shop.example failed", ["a mail address"]),
        (f"card {CARD}", ["a payment card number"]),
        (f"order {CARD[:-1]}2", []),
        ("took 1764000000000000 ns", []),
        ("ssn 078-05-1120", ["a social security number"]),
        ("iban DE89 3704 0044 0532 0130 00", ["a bank account number"]),
        ("iban DE88 3704 0044 0532 0130 00", []),
        ("GET /a 200 12ms", []),
        (f"charged {CARD}.", ["a payment card number"]),
        ("iban DE89 3704 0044 0532 0130 00 PAID TODAY", ["a bank account number"]),
        ("nino AB 12 34 56 C", ["a national insurance number"]),
        ("nino GB 12 34 56 C", []),
        ("steuer-id 86095742719", ["a tax number"]),
        ("steuer-id 86095742718", []),
        ("GET /img/logo@2x.png 200", []),
        (f"dsn https://{'ab' * 16}@errors.shop.example/1", []),
        (f"db postgres://app:{'hidden'}@db.shop.example/x", []),
        ("email:anna@shop.example", ["a mail address"]),
        ("mailto:anna@shop.example", ["a mail address"]),
        ("GET /join?user=anna%40shop.example 200", ["a mail address"]),
        ("phone=+4915112345678 called", ["a telephone number"]),
        ('{"mobile": "+44 20 7946 0958"}', ["a telephone number"]),
        ("telemetry=12345678", []),
        ("login password=hunter", ["a password"]),
        ("password=[FILTERED] ok", []),
        ("password=**** ok", []),
        ("password: is required", []),
        ("token: missing or expired", []),
        ("max_tokens=123456789012345", []),
        (f"GET /reset?token={'a1' * 10} 200", ["a token"]),
        (f"Cookie: sessionid={'b2' * 10}", ["a token"]),
        ("dni 12345678Z", ["a Spanish identity number"]),
        ("dni 12345678A", []),
        ("nie X1234567L", ["a Spanish identity number"]),
        ("cf RSSMRA85T10A562S", ["an Italian tax code"]),
        ("cf RSSMRA85T10A562T", []),
        ("cpf 529.982.247-25", ["a Brazilian tax number"]),
        ("cpf 529.982.247-24", []),
        ("nir 2 69 05 49 588 157 80", ["a French social security number"]),
        ("nir 2 69 05 49 588 157 81", []),
        ("bsn=111222333", ["a Dutch citizen number"]),
        ("bsn=111222334", []),
        ("pesel: 44051401359", ["a Polish identity number"]),
        ("pesel: 44051401358", []),
        ("aadhaar 2341 2341 2346", ["an Aadhaar number"]),
        ("aadhaar 2341 2341 2347", []),
    ],
)
def test_leaks(line: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in leaks(line)] == kinds
    assert CARD not in "".join(masked for _, masked in leaks(line))


def test_check_digits() -> None:
    assert luhn(CARD) and not luhn(CARD[:-1] + "2")
    assert iban("GB82WEST12345698765432") and not iban("GB81WEST12345698765432")


@given(st.text(max_size=500))
def test_no_line_breaks_the_readers(line: str) -> None:
    list(leaks(line))
    lacks(line)


FULL = "2026-11-24T10:00:00Z ERROR request_id=7f3a payment failed\n"


@pytest.mark.parametrize(
    ("text", "leak", "thin"),
    [
        (FULL, "pass", "pass"),
        ("ERROR payment failed\n", "pass", "warn"),
        (FULL.replace("payment", "payment of a@b.example"), "fail", "pass"),
        ("2026-11-24T10:00:00Z INFO fine\n", "pass", "pass"),
        ("2026-11-24T10:00:00Z INFO no error so far\n", "pass", "pass"),
        ("2026-11-24T10:00:00Z ERROR user=7f3a9c1e-0000-4000-8000-000000000000 failed\n", "pass", "warn"),
        ("2026-11-24T10:00:00Z ERROR [7f3a9c1e-0000-4000-8000-000000000000] failed\n", "pass", "pass"),
        ('{"time":"2026-11-24T10:00:00Z","level":"error","request_id":"1","msg":"x"}\n', "pass", "pass"),
        ('{"level":50,"time":1764000000000,"req":{"id":5},"msg":"x"}\n', "pass", "pass"),
        ('{"level":50,"time":1764000000000,"msg":"x"}\n', "pass", "warn"),
        ("E1124 10:00:00.000000 1 a.go:1] boom [7f3a9c1e]\n", "pass", "pass"),
        ('1.2.3.4 - - [24/Nov/2026:10:00:00 +0000] "GET /error HTTP/1.1" 200 12\n', "pass", "pass"),
    ],
)
async def test_samples(tmp_path: Path, text: str, leak: str, thin: str) -> None:
    path = tmp_path / "app.log"
    path.write_text(text)
    async with Network(offline=True) as network:
        assert [f.status for f in await judge("errors.log-leak", network, logs=(path,))] == [leak]
        assert [f.status for f in await judge("errors.log-thin", network, logs=(path,))] == [thin]


async def test_no_sample_is_skipped_and_an_unreadable_one_an_error(tmp_path: Path) -> None:
    async with Network(offline=True) as network:
        for check in ("errors.log-leak", "errors.log-thin"):
            assert [f.status for f in await judge(check, network)] == ["skipped"]
            assert [f.status for f in await judge(check, network, logs=(tmp_path / "gone.log",))] == ["error"]
            assert [f.status for f in await judge(check, network, logs=(tmp_path,))] == ["error"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
async def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.log")
    async with Network(offline=True) as network:
        for check in ("errors.log-leak", "errors.log-thin"):
            (found,) = await judge(check, network, logs=(tmp_path / "app.log",))
            assert (found.status, "it is no file" in found.summary) == ("error", True)


async def test_a_sample_that_is_not_read_whole_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sample, "READ_LIMIT", 2_000_000)
    path = tmp_path / "app.log"
    line = "2026-11-24T10:00:00Z ERROR request_id=1 x"
    path.write_text(f"{line}\n{'y' * 2_000_000}\nann@example.org\n")
    async with Network(offline=True) as network:
        for check in ("errors.log-leak", "errors.log-thin"):
            (found,) = await judge(check, network, logs=(path,))
            assert found.status == "pass" and "the first 2 lines (2 MB; the rest was not read)" in found.summary


async def test_hostile_lines_are_read_to_their_end(tmp_path: Path) -> None:
    # What is not linear would take minutes for each, and the test's limit ends it.
    hostile = ("req:{", "phone", "phone=+1 ", "password", "token=1a", "4111 ", "a.", "DE12 3456 ", "a%40b.", "1 ", "{[")
    path = tmp_path / "app.log"
    path.write_text("\n".join(f"ERROR {text * (200_000 // len(text))}" for text in hostile))
    async with Network(offline=True) as network:
        (thin,) = await judge("errors.log-thin", network, logs=(path,))
        assert f"{len(hostile)} of {len(hostile)} error lines lack" in thin.summary
        (leak,) = await judge("errors.log-leak", network, logs=(path,))
        assert leak.status in ("pass", "fail")

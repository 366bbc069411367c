"""Error trackers and log samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.finding import Finding
from checks.network import Network
from checks.ops.errors.log_sample import iban, lacks, leaks, luhn
from checks.ops.errors.tracker import tracker_in
from checks.runner import collect
from checks.subject import ErrorPlan, MonitorPlan, Subject
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


def test_ordinary_words_show_no_tracker() -> None:
    assert tracker_in("the sentry stood at the gate") == ""


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

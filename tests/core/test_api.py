"""The same for scripts and notebooks."""

from __future__ import annotations

import asyncio

import pytest

from checks.errors import CannotTell
from checks.subject import BadName, Subject
from launchready_tui import api
from launchready_tui.lab.world import World
from tests.core.make import session


@pytest.fixture
async def served(world: World) -> dict[str, object]:
    world.zone("example.com", {"@": ["A 203.0.113.10"], "www": ["A 203.0.113.10"]})
    return {"nameservers": world.nameservers, "connect_to": world.connect_to, "ca_file": world.ca_file}


async def test_an_audit_with_await(served: dict[str, object]) -> None:
    (found,) = await api.audit("example.com", only={"dns.www-missing"}, **served)  # type: ignore[arg-type]
    assert (found.status, found.target) == ("pass", "www.example.com")


async def test_an_audit_without_await_also_where_a_loop_runs(served: dict[str, object]) -> None:
    subject = Subject.of("example.com")
    findings = await asyncio.to_thread(api.audit_now, subject, only={"dns.www-missing"}, **served)
    assert [found.status for found in findings] == ["pass"]
    assert api.audit_now("example.com", only={"dns.www-missing"}, offline=True)[0].status == "skipped"


async def test_an_audit_of_a_sprint_is_recorded_in_it(served: dict[str, object]) -> None:
    sprint = api.Sprint.in_memory(session())
    await api.audit_sprint(sprint, only={"dns.www-missing"}, **served)
    assert [row.status for row in sprint.session.finding] == ["pass"]
    assert sprint.session.run[0].complete
    sprint.session.site.domain = "not a domain"
    with pytest.raises(BadName):
        await api.audit_sprint(sprint)
    assert not sprint.session.run[1].complete


async def test_a_received_message_is_judged(served: dict[str, object]) -> None:
    message = (
        b"Received: from a.example by mx.inbox.example; Tue, 1 Jan 2030 00:00:00 +0000\r\n"
        b"Authentication-Results: mx.inbox.example; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=example.com\r\n"
        b"From: hello@example.com\r\nTo: ann@inbox.example\r\n"
    )
    told = await api.read_by_hand("example.com", message, where="inbox", **served)
    assert (told.mailbox, told.where, told.status) == ("a mailbox at inbox.example", "inbox", "pass")
    with pytest.raises(CannotTell, match=r"not from other\.example"):
        await api.read_by_hand(Subject.of("other.example"), message, **served)

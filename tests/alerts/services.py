"""The services of alerts on loopback, answering as their documentation says."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from checks.secret import Secret
from checks.subject import MailPlan
from launchready_tui.alerts.destinations import Destination
from launchready_tui.lab.web_server import HangUp, Reply, Request, WebServer
from launchready_tui.lab.world import World

SLACK, TWILIO, NTFY = "hooks.slack.com", "api.twilio.com", "ntfy.sh"
ADDRESSES = {SLACK: "3.68.170.153", TWILIO: "54.172.60.2", NTFY: "159.203.148.75"}
ZONES = {SLACK: ("slack.com", "hooks"), TWILIO: ("twilio.com", "api"), NTFY: ("ntfy.sh", "@")}

ACCOUNT = f"AC{secrets.token_hex(16)}"
TOKEN = secrets.token_hex(16)
HOOK = f"/services/T{secrets.token_hex(4).upper()}/B{secrets.token_hex(4).upper()}/{secrets.token_urlsafe(18)}"
TOPIC = f"alerts-{secrets.token_hex(6)}"
CREDENTIALS = {
    "slack": Secret(f"https://{SLACK}{HOOK}"),
    "sms": Secret(f"{ACCOUNT}:{TOKEN}"),
    "ntfy": Secret(TOPIC),
}
PHONE, SENDER = "+15550100123", "+15550100999"
DESTINATIONS = {
    "slack": Destination("#ops", "slack", "slack"),
    "sms": Destination("Ada's phone", "sms", "twilio", to=PHONE, sender=SENDER),
    "ntfy": Destination("On call", "ntfy", "ntfy"),
}
HOSTS = {"slack": SLACK, "sms": TWILIO, "ntfy": NTFY}
NO_MAIL = MailPlan()


def as_json(body: Any, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("content-type", "application/json"), *headers), json.dumps(body).encode())


def taken(kind: str) -> Reply:
    """What each service answers to a message that it takes."""
    if kind == "slack":
        return Reply(200, (("content-type", "text/html"), ("x-slack-req-id", "req-0a1b2c")), b"ok")
    if kind == "sms":
        return as_json({"sid": "SM" + "0" * 32, "status": "queued", "error_code": None, "to": PHONE}, 201)
    return as_json({"id": "sPs71M8A2T", "time": 1643935928, "event": "message", "topic": TOPIC})


async def forever() -> AsyncIterator[bytes]:
    """A body that drips and never ends."""
    while True:
        yield b" "
        await asyncio.sleep(0.01)


async def endless() -> AsyncIterator[bytes]:
    """A body that is as long as anybody reads."""
    while True:
        yield b"x" * 65536


@dataclass
class Service:
    """One service: `answer` is what it says to everything; an exception breaks the connection off."""

    answer: Reply | None = None
    heard: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        self.heard.append(request)
        if self.answer is None:
            raise HangUp
        return self.answer


async def placed(world: World, kind: str, answer: Reply | None, **options: Any) -> tuple[Service, WebServer]:
    """A service at its real name in the world."""
    host = HOSTS[kind]
    origin, label = ZONES[host]
    world.zone(origin, {label: [f"A {ADDRESSES[host]}"]})
    service = Service(answer)
    return service, await world.web(ADDRESSES[host], service, world.authority.issue(host), **options)

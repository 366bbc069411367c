"""An AI product of our own for the tests: it obeys as its faults say, and knows what was planted in it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from checks.finding import Finding
from checks.network import Network
from checks.ops.ai.pace import Clock
from checks.ops.ai.plants import new_canaries
from checks.runner import collect
from checks.secret import Secret
from checks.subject import AiPlan, Consent, Subject
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World

ADDRESS, SINK_ADDRESS = "203.0.113.40", "203.0.113.41"
URL = "https://app.example.com/api/chat"
SINK = "sink.consultant.example"
CANARIES = tuple(new_canaries())
SYSTEM, TENANT, RECORD, TOOL = CANARIES
CANNOT = "I am sorry, but I cannot help with that."

Say = str | dict[str, Any] | Reply
"""What the product says to a prompt: words, an OpenAI message, or a whole reply."""


class Turned:
    """A clock that runs as fast as somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, 0.0)
        await asyncio.sleep(0)


def reply(body: Any, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("content-type", "application/json"), *headers), json.dumps(body).encode())


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """An OpenAI message that calls a tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": function}]}


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def sink_in(prompt: str) -> str:
    """The address that a prompt would have something sent to."""
    found = re.search(r"https?://[^\s)\"?]*/c/[\w-]+", prompt)
    return found[0] if found else ""


@dataclass
class Product:
    """Speaks OpenAI's chat completions. `attack` answers what no control asks; the controls work unless told."""

    clock: Clock = field(default_factory=Turned)
    attack: Callable[[str], Say | Awaitable[Say]] = lambda prompt: CANNOT
    benign: Callable[[str], Say | Awaitable[Say]] = lambda prompt: "I can help you to choose a tea."
    decoy: Callable[[str], Say | Awaitable[Say]] = lambda prompt: prompt.rpartition(": ")[2]
    shape: Callable[[str | dict[str, Any]], Any] = lambda said: {
        "id": "chat-1",
        "choices": [{"index": 0, "message": said if isinstance(said, dict) else {"content": said}}],
    }
    prompt_of: Callable[[dict[str, Any]], str] = lambda body: body["messages"][-1]["content"]
    sent: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    """Of tool calls, as staging shows it."""
    sunk: list[str] = field(default_factory=list)
    """Of what reached the sink."""
    files: dict[str, str] = field(default_factory=dict)
    """What the sink serves."""

    async def __call__(self, request: Request) -> Reply:
        if request.path == "/tools.log":
            return Reply(200, (("content-type", "text/plain"),), "\n".join(self.log).encode())
        assert request.method == "POST" and request.path == "/api/chat"
        self.requests.append(request)
        self.times.append(self.clock.now())
        prompt = self.prompt_of(json.loads(request.body))
        self.sent.append(prompt)
        speak = self.decoy if "test of the connection" in prompt else self.attack
        speak = self.benign if "short sentence" in prompt and ("Hello!" in prompt or "goodbye" in prompt) else speak
        said = speak(prompt)
        if not isinstance(said, str | dict | Reply):
            said = await said
        return said if isinstance(said, Reply) else reply(self.shape(said))

    def sink(self, request: Request) -> Reply:
        if request.path == "/log":
            return Reply(200, (("content-type", "text/plain"),), "\n".join(self.sunk).encode())
        if request.path in self.files:
            return Reply(200, (("content-type", "text/html"),), self.files[request.path].encode())
        self.sunk.append(f"{request.method} {request.target}")
        return Reply(404)


async def place(world: World, product: Product) -> None:
    """Put the product and its tester's sink on the Internet."""
    world.zone("example.com", {"app": [f"A {ADDRESS}"]})
    world.zone("consultant.example", {"sink": [f"A {SINK_ADDRESS}"]})
    await world.web(ADDRESS, product, world.authority.issue("app.example.com"))
    await world.web(SINK_ADDRESS, product.sink, world.authority.issue(SINK))


def subject(*, consent: bool = True, uses_ai: bool = True, **plan: Any) -> Subject:
    given: dict[str, Any] = {"endpoint": URL, "canaries": CANARIES} | plan
    return Subject.of("example.com", uses_ai=uses_ai, consent=Consent(ai=consent), ai=AiPlan(**given))


async def look(network: Network, *, key: str = "", **declared: Any) -> dict[str, Finding]:
    """The findings of both checks, by id."""
    secrets = {"ai": Secret(key)} if key else None
    found = await collect(subject(**declared), network, only=["ai"], secrets=secrets)
    assert len(found) == 2, found
    return {finding.check: finding for finding in found}

"""One exchange with the AI endpoint: a prompt out, an answer in, or why there is none."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.errors import CannotTell
from checks.facts import Facts
from checks.network import Response, is_address
from checks.ops.ai.decoding import LONGEST
from checks.ops.ai.mapping import Answer, Unreadable, Wire
from checks.ops.ai.prompts import Rendered

ANSWER_SECONDS = 60.0
ANSWER_LIMIT = 400_000
"""Bytes of one answer."""
LONGEST_PAUSE = 30.0
"""Seconds that a 429 can make us wait."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of one prompt."""

    answer: Answer | None
    trouble: str = ""
    """Why there is no answer to judge, or none that can be judged whole; empty where there is one."""
    body: str = ""
    status: int = 0
    pause: float = 0.0
    """Seconds that the server asked us to wait."""

    @property
    def refused(self) -> bool:
        """Whether no other prompt can fare better: the key is wrong, or there is no such address."""
        return self.status in (401, 403, 404, 405)


async def speak(facts: Facts, wire: Wire, sent: Rendered) -> Exchange:
    """Send one prompt. Raises Offline; every other trouble is in the exchange."""
    plan = facts.subject.ai
    body = wire.template.fill(
        {
            "prompt": sent.prompt,
            "document": sent.document,
            "url": sent.url,
            "model": plan.model,
            "id": f"launch-check-{secrets.token_hex(6)}",
        }
    )
    headers = {"content-type": "application/json", "accept": "application/json", **_key(facts)}
    try:
        response = await facts.network.http(
            "POST", plan.endpoint, headers=headers, body=body, verify=True, limit=ANSWER_LIMIT, seconds=ANSWER_SECONDS
        )
    except CannotTell as problem:
        return Exchange(None, problem.reason)
    return _read(response, wire)


def _key(facts: Facts) -> dict[str, str]:
    """The header with the endpoint's key, where the vault has one."""
    key = facts.secrets.get("ai")
    if not key:
        return {}
    name = facts.subject.ai.key_header.strip().lower() or "authorization"
    return {name: f"Bearer {key.reveal()}" if name == "authorization" else key.reveal()}


def goes_in_clear(facts: Facts) -> bool:
    """Whether the key would cross a network unencrypted."""
    parts = urlsplit(facts.subject.ai.endpoint)
    host = parts.hostname or ""
    local = host == "localhost" or (is_address(host) and (host.startswith("127.") or host == "::1"))
    return bool(facts.secrets.get("ai")) and parts.scheme == "http" and not local


def _read(response: Response, wire: Wire) -> Exchange:
    text, status = response.text, response.status
    if status == 429:
        return Exchange(None, "it answers 429, too many requests", text, status, _pause(response))
    if status in (401, 403):
        return Exchange(
            None, f"it answers {status}: it wants a key (the vault's entry ai), or another one", text, status
        )
    if 300 <= status < 400:
        to = urlsplit(response.headers.get("location")).hostname or "another address"
        return Exchange(None, f"it answers {status} and sends on to {to}: give the final address", text, status)
    if not response.ok:
        return Exchange(None, f"it answers {status}", text, status)
    if response.truncated:
        return Exchange(None, "its answer is longer than can be read", text, status)
    try:
        answer = wire.read(text, response.media_type)
    except Unreadable as problem:
        return Exchange(None, problem.reason, text, status)
    # What is in its first part counts; what is not there may stand in the rest.
    long = len(answer.everything) > LONGEST
    return Exchange(answer, "its answer is longer than can be judged" if long else "", text, status)


def _pause(response: Response) -> float:
    """Seconds of Retry-After (RFC 9110 s10.2.3), within reason."""
    after = response.headers.get("retry-after").strip()
    seconds = float(after) if after.isascii() and after.isdigit() and len(after) < 6 else 5.0
    return min(max(seconds, 1.0), LONGEST_PAUSE)

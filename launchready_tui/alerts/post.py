"""Hands a message to a service over HTTPS, and lets nothing of address, credential or code out of it again."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from checks.errors import CannotTell, ConnectFailed, DnsFailed, HttpFailed, NetworkError, Offline, TlsFailed
from checks.secret import Secret
from checks.text import one_line
from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure, Untaken

if TYPE_CHECKING:
    from checks.network import Headers, Network, Response

SECONDS = 15.0
"""For one whole exchange."""
ANSWER_LIMIT = 20_000
"""Bytes of an answer that are read; the services' own are far shorter."""
MASK = "***"

_LOGGERS = (
    "httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "hpack.hpack", "hpack.table", "asyncio",
)  # fmt: skip
"""What writes requests, their addresses or their headers into a log where one is kept."""
_speaking: ContextVar[bool] = ContextVar("speaking", default=False)


class _Silence(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _speaking.get()


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_Silence())


@contextmanager
def unlogged() -> Iterator[None]:
    """While this lasts, the libraries of HTTP write nothing into the log about what this task sends."""
    before = _speaking.set(True)
    try:
        yield
    finally:
        _speaking.reset(before)


def masked(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without the secrets: whole, and those parts of them that look like keys."""
    pieces: set[str] = set()
    for secret in secrets:
        value = secret.reveal()
        pieces.add(value)
        parts = re.split(r"[/\s:@?&=]+", value)
        pieces |= {
            part for part in parts if len(part) >= 6 and not (part.islower() and part.replace(".", "").isalpha())
        }
    for piece in sorted(pieces - {""}, key=len, reverse=True):
        text = re.sub(re.escape(piece), MASK, text, flags=re.IGNORECASE)
    return text


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered. Its text is foreign, and may quote what was sent to it."""

    status: int
    headers: Headers
    text: str = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Mapping[str, Any]:
        """The answer's JSON object; empty where it is none."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def wait(self) -> str:
        """ " in 30 s", where the service says when to try again (RFC 9110 s10.2.3)."""
        seconds = self.headers.get("retry-after").strip()
        return f" in {int(seconds)} s" if re.fullmatch(r"\d{1,5}", seconds) else " in a few minutes"


async def post(
    network: Network,
    url: Secret,
    *,
    body: bytes | None,
    headers: Mapping[str, str],
    who: str,
    method: str = "POST",
) -> Answer:
    """Send `body` to an address that may be a secret itself. Raises Untaken.

    Args:
        body: None where there is nothing to send, such as with GET.
        who: the service, as a sentence calls it: "Slack".
    """
    host = secure_host(url, who)
    if any(not value.isprintable() or not value.isascii() for value in headers.values()):
        raise NotTaken(f"the credential for {who} holds signs that none can hold: paste it again")
    problem: NetworkError | Offline | CannotTell | None = None
    answer: Response | None = None
    try:
        with unlogged():
            answer = await network.http(
                method, url.reveal(), headers=headers, body=body, verify=True, limit=ANSWER_LIMIT, seconds=SECONDS
            )
    except (CannotTell, Offline) as told:
        problem = told.with_traceback(None)
    if answer is None:
        # Raised outside the handler, so that no chained exception carries the address along.
        raise await explained(network, problem or Offline(), host, who)
    return Answer(answer.status, answer.headers, answer.text)


def secure_host(url: Secret, who: str) -> str:
    """The host of an https address. Raises NotTaken where it is none."""
    text = url.reveal()
    try:
        parts = urlsplit(text)
        host, scheme, _ = parts.hostname or "", parts.scheme, parts.port
    except ValueError:
        host, scheme = "", ""
    # What is no address of plain signs never reaches the client, whose complaint would quote it.
    if not re.fullmatch(r"[!-~]+", text):
        scheme = ""
    if scheme != "https" or not host:
        raise NotTaken(f"what the vault holds for {who} is no address that begins with https://")
    return host


async def explained(network: Network, problem: CannotTell | Offline, host: str, who: str) -> Untaken:
    """What a failed conversation says of the destination. The problem's own words may quote the address."""
    match problem:
        case Offline():
            return NotSent("offline: a test alert needs the network")
        case ConnectFailed(kind=kind):
            return await _unreached(network, host, who, refused=kind == "refused", timed_out=kind == "timeout")
        case DnsFailed():
            return NotSent(f"no name server answers for {host}: is this machine's network there?")
        case TlsFailed(verify_code=code) if code:
            return NotTaken(f"the certificate of {host} does not verify, so nothing was sent to it")
        case TlsFailed():
            return NotSent(f"no TLS connection to {host} came about")
        case HttpFailed(timed_out=True):
            return Unsure(f"{who} did not answer within {SECONDS:.0f} s, so it may have been taken or not")
        case _:
            return Unsure(f"{who} gave no whole answer, so it may have been taken or not")


async def _unreached(network: Network, host: str, who: str, *, refused: bool, timed_out: bool) -> Untaken:
    try:
        known = await network.addresses(host)
    except (CannotTell, Offline):
        return NotSent(f"no name server answers for {host}: is this machine's network there?")
    if not known:
        return NotTaken(f"there is no host {host}: look at the address of {who}")
    if refused:
        return NotTaken(f"{host} refuses the connection")
    why = "does not answer" if timed_out else "cannot be reached from this machine"
    return NotSent(f"{host} {why}, so nothing was sent to it")


def refusal(answer: Answer, who: str, words: str = "", *, credential: str = "credential") -> Untaken:
    """What an answer means that is no success.

    Args:
        words: what the service said, as foreign text.
        credential: what is wrong where it refuses to know us: "token".
    """
    said = f" ({one_line(words, limit=160)})" if words.strip() else ""
    status = answer.status
    if status == 429:
        return NotTaken(f"{who} takes no more messages for now (429): try again{answer.wait}{said}")
    if status == 401:
        return NotTaken(f"{who} does not know the {credential} in the vault (401): set it anew{said}")
    if status == 403:
        return NotTaken(f"{who} does not let this {credential} send here (403){said}")
    if status in (404, 410):
        return NotTaken(f"{who} has no such address any more ({status}): make a new one{said}")
    if 300 <= status < 400:
        return NotTaken(f"{who} sends elsewhere ({status}) instead of taking the message: look at the address")
    if status >= 500:
        return NotTaken(f"{who} has trouble of its own ({status}): try again in a few minutes{said}")
    if answer.ok:
        return Unsure(f"{who} answered {status} in words that are not its own, so it may have been taken or not{said}")
    return NotTaken(f"{who} does not take the message ({status}){said}")

"""The client's side of an SMTP conversation over a stream of the seam (RFC 5321, RFC 3207, RFC 4954)."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from dataclasses import dataclass

from checks.errors import CannotTell, NetworkError
from checks.mail.passwords import hint
from checks.network import Stream
from checks.secret import Secret
from checks.text import decoded

CLIENT_NAME = "launch-audit.invalid"
"""What EHLO says: a name that claims to be nobody (RFC 2606)."""
ANSWER_SECONDS = 15.0
"""For one reply. Some servers keep the greeting back for some seconds to put bots off."""
MOST_LINES = 100
NOT_KNOWN = frozenset({500, 502})
"""Codes that say of EHLO that the server has no extensions; every other refusal turns us away (RFC 5321 s4.1.4)."""

_REPLY_LINE = re.compile(rb"([2-5]\d\d)([ -]?)([^\r\n]*)\r?\n?")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; `lines` are what follows the code on each line."""

    code: int
    lines: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 400

    @property
    def text(self) -> str:
        return f"{self.code} {' / '.join(self.lines)}".strip()


class SmtpRefused(CannotTell):
    """The server answered a command with something else than it should."""

    def __init__(self, what: str, reply: Reply, why: str = "") -> None:
        super().__init__(f"{what}: {reply.text}{why}")
        self.reply = reply


class Smtp:
    """One conversation. Every method raises NetworkError where the connection or the protocol breaks."""

    def __init__(self, stream: Stream, *, seconds: float = ANSWER_SECONDS) -> None:
        self.stream = stream
        self._seconds = seconds

    async def reply(self) -> Reply:
        """Read one reply, all its lines."""
        lines: list[str] = []
        try:
            async with asyncio.timeout(self._seconds):
                while len(lines) < MOST_LINES:
                    raw = await self.stream.read_line()
                    if not raw:
                        raise NetworkError(f"{self.stream.host} ended the SMTP conversation")
                    match = _REPLY_LINE.fullmatch(raw)
                    if match is None:
                        raise NetworkError(f"{self.stream.host} does not speak SMTP: {decoded(raw)[:80]!r}")
                    lines.append(decoded(match[3]))
                    if match[2] != b"-":
                        return Reply(int(match[1]), tuple(lines))
        except TimeoutError:
            raise NetworkError(f"{self.stream.host} does not answer within {self._seconds:g} s") from None
        raise NetworkError(f"{self.stream.host} sends a reply without end")

    async def say(self, command: str) -> Reply:
        """Send one command and read its reply."""
        await self.stream.send(f"{command}\r\n".encode())
        return await self.reply()

    async def hello(self) -> Reply:
        """EHLO."""
        return await self.say(f"EHLO {CLIENT_NAME}")

    async def start_tls(self, context: ssl.SSLContext, host: str, *, seconds: float) -> None:
        """Turn TLS on after a positive reply to STARTTLS. Raises TlsFailed."""
        self.stream.refuse_unread()
        await self.stream.start_tls(context, host, timeout=seconds)

    async def log_in(self, user: str, password: Secret, offers: frozenset[str]) -> None:
        """AUTH PLAIN, else AUTH LOGIN. Raises SmtpRefused. Only over TLS: the caller sees to it.

        Args:
            offers: the mechanisms that EHLO named, in upper case.
        """

        def coded(text: str) -> str:
            return base64.b64encode(text.encode()).decode()

        if "PLAIN" in offers or "LOGIN" not in offers:
            whole = coded(f"\0{user}\0{password.reveal()}")
            reply = await self.say(f"AUTH PLAIN {whole}")
        else:
            reply = await self.say("AUTH LOGIN")
            for part in (user, password.reveal()):
                if reply.code == 334:
                    reply = await self.say(coded(part))
        if reply.code != 235:
            what = f"{self.stream.host} does not accept the user name and password"
            raise SmtpRefused(what, reply, hint(self.stream.host))

    async def log_in_with_token(self, user: str, token: Secret) -> None:
        """AUTH XOAUTH2. Raises SmtpRefused."""
        reply = await self.say(f"AUTH XOAUTH2 {xoauth2(user, token)}")
        if reply.code == 334:
            # The reason stands in the challenge; an empty answer makes the server end the exchange.
            reply = await self.say("")
        if reply.code != 235:
            raise SmtpRefused(f"{self.stream.host} does not accept the access token", reply)

    async def send_message(self, sender: str, recipient: str, message: bytes) -> Reply:
        """Hand over one message with CRLF line breaks. Raises SmtpRefused where it is not taken."""
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            reply = await self.say(command)
            if not reply.ok:
                raise SmtpRefused(f"{self.stream.host} refuses {command.partition(':')[0]}", reply)
        stuffed = re.sub(rb"(?m)^\.", b"..", message)
        await self.stream.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        reply = await self.reply()
        if not reply.ok:
            raise SmtpRefused(f"{self.stream.host} refuses the message", reply)
        return reply

    async def quit(self) -> None:
        """Say goodbye and close, whatever the server makes of it."""
        try:
            async with asyncio.timeout(2.0):
                await self.say("QUIT")
        except (NetworkError, TimeoutError):
            pass
        finally:
            await self.stream.aclose()


def xoauth2(user: str, token: Secret) -> str:
    """The initial response of SASL XOAUTH2, as Google and Microsoft have it."""
    return base64.b64encode(f"user={user}\x01auth=Bearer {token.reveal()}\x01\x01".encode()).decode()


def keywords(ehlo: Reply) -> dict[str, str]:
    """The extensions that an EHLO reply offers, in upper case, with their parameters."""
    offers = {}
    for line in ehlo.lines[1:]:
        name, _, rest = line.strip().partition(" ")
        # "AUTH=LOGIN" is an old form of "AUTH LOGIN".
        name, equals, old = name.partition("=")
        offers[name.upper()] = f"{old} {rest}".strip().upper() if equals else rest.strip().upper()
    return offers

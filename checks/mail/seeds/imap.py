"""The little of IMAP that finds one message and takes nothing away (RFC 9051, RFC 6154, Gmail's extensions)."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass
from typing import Literal

from checks.errors import CannotTell, NetworkError
from checks.mail.passwords import hint
from checks.mail.smtp import xoauth2
from checks.network import Network, Stream
from checks.secret import Secret
from checks.text import decoded

IMPLICIT_TLS_PORT = 993
ANSWER_SECONDS = 30.0
MESSAGE_LIMIT = 1_000_000
"""Bytes of a literal that is read; a seed message has a few thousand."""
LINE_LIMIT = 65536
MOST_LITERALS = 100
"""In one response."""
MOST_RESPONSES = 10_000
"""To one command: a server that goes on and on is left."""
COMMAND_BYTES = 2 * MESSAGE_LIMIT
"""Of all responses to one command."""

_LITERAL = re.compile(rb"\{(\d{1,12})\+?\}\r?\n\Z")
_LIST = re.compile(
    r'LIST \(([^)]*)\) +(?:NIL|"(?:[^"\\]|\\.)*") +(?:"((?:[^"\\]|\\.)*)"|(\{\d+\+?\})|([^\s"{]\S*))',
    re.IGNORECASE | re.DOTALL,
)
"""Flags, then the name: quoted, a literal or an atom. Extended data may follow it (RFC 9051 s7.3.1)."""
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_JUNK_NAMES = frozenset({"junk", "spam", "junk e-mail", "junk email", "bulk mail", "bulk"})


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can be opened; `flags` in lower case, such as "\\junk"."""

    name: str
    """As the server writes it, with quotation marks taken off."""
    flags: frozenset[str]

    @property
    def shown(self) -> str:
        """The name for a person, out of modified UTF-7 (RFC 3501 s5.1.3) where it is in that."""
        return _SHIFTED.sub(_plain, self.name)


@dataclass(frozen=True, slots=True)
class Untagged:
    """One untagged response: its text, where each literal stands as {size}, and the literals."""

    text: str
    literals: tuple[bytes, ...] = ()


class Imap:
    """One session; begin it with `Imap.open` and end it with `close`.

    Every method raises NetworkError where the connection breaks and CannotTell where the server says no.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._tag = 0
        self.capabilities: frozenset[str] = frozenset()

    @classmethod
    async def open(cls, network: Network, host: str, port: int) -> Imap:
        """Connect under TLS that verifies: at once on port 993, else by STARTTLS. Raises TlsFailed and the rest."""
        stream = await network.open(host, port)
        try:
            session = cls(stream)
            if port == IMPLICIT_TLS_PORT:
                await stream.start_tls(network.verifying_context(), host, timeout=network.step_seconds)
            greeting = await session._response()
            if not greeting.text.upper().startswith(("OK", "PREAUTH")):
                raise CannotTell(f"{host} does not let us in: {greeting.text}")
            if port != IMPLICIT_TLS_PORT:
                await session._ask_capabilities()
                if "STARTTLS" not in session.capabilities:
                    raise CannotTell(f"{host} offers no TLS on port {port}, and a password is not sent without it")
                await session._must("STARTTLS", why="does not turn TLS on")
                stream.refuse_unread()
                await stream.start_tls(network.verifying_context(), host, timeout=network.step_seconds)
            await session._ask_capabilities()
            return session
        except BaseException:
            await stream.aclose()
            raise

    async def close(self, *, polite: bool = True) -> None:
        """Log out and close, whatever the server makes of it; with `polite` false just close."""
        try:
            if polite:
                async with asyncio.timeout(2.0):
                    await self.command("LOGOUT")
        except (CannotTell, TimeoutError):
            pass
        finally:
            await self._stream.aclose()

    async def log_in(self, user: str, password: Secret) -> None:
        """Log in with a password, by AUTHENTICATE PLAIN where there is one.

        Capabilities are asked again after any login: many servers name most of theirs only then.
        """
        if "AUTH=PLAIN" in self.capabilities or "LOGINDISABLED" in self.capabilities:
            whole = base64.b64encode(f"\0{user}\0{password.reveal()}".encode()).decode()
            await self._authenticate("PLAIN", whole)
        else:
            last, _ = await self.command("LOGIN", quoted(user), quoted(password.reveal()))
            self._admitted(last, "password")
        await self._ask_capabilities()

    async def log_in_with_token(self, user: str, token: Secret) -> None:
        """Log in with an OAuth 2 access token, by AUTHENTICATE XOAUTH2."""
        await self._authenticate("XOAUTH2", xoauth2(user, token))
        await self._ask_capabilities()

    async def folders(self) -> tuple[Folder, ...]:
        """Every folder that can be opened, with its special use (RFC 6154) where the server tells."""
        # IMAP4rev2 holds both extensions without naming them (RFC 9051 appendix E).
        extended = "IMAP4REV2" in self.capabilities or {"LIST-EXTENDED", "SPECIAL-USE"} <= self.capabilities
        options = ("RETURN (SPECIAL-USE)",) if extended else ()
        found = []
        for response in await self._must("LIST", '""', '"*"', *options, why="does not list its folders"):
            match = _LIST.match(response.text)
            if match is None:
                continue
            flags = frozenset(match[1].lower().split())
            name = decoded(response.literals[0]) if match[3] and response.literals else _unescaped(match)
            if not flags & {"\\noselect", "\\nonexistent"}:
                found.append(Folder(name, flags))
        return tuple(found)

    async def search(self, folder: str, *criteria: str) -> tuple[int, ...]:
        """UIDs of the messages in a folder that meet the criteria. The folder is opened for reading only."""
        await self._must("EXAMINE", quoted(folder), why=f"does not open {folder}")
        uids: list[int] = []
        for response in await self._must("UID SEARCH", *criteria, why=f"does not search {folder}"):
            word, _, rest = response.text.partition(" ")
            if word.upper() == "SEARCH":
                # A UID has 32 bits (RFC 9051 s2.3.1.1).
                uids += [int(number) for number in rest.split() if re.fullmatch("[0-9]{1,10}", number)]
        return tuple(uids)

    async def fetch(self, uid: int) -> bytes:
        """A whole message of the open folder, left unread."""
        for response in await self._must("UID FETCH", str(uid), "(BODY.PEEK[])", why="does not show the message"):
            if response.literals and "FETCH" in response.text.upper():
                return response.literals[-1]
        raise CannotTell(f"{self._stream.host} does not show the message that it found")

    async def command(self, *parts: str) -> tuple[str, list[Untagged]]:
        """Send a command; return its last line ("OK ...", "NO ...") and what came before it."""
        tag = self._next_tag()
        await self._send(f"{tag} {' '.join(parts)}\r\n")
        return await self._until(tag)

    # ---------------------------------------------------------------- below the commands

    async def _must(self, *parts: str, why: str) -> list[Untagged]:
        last, untagged = await self.command(*parts)
        if not last.upper().startswith("OK"):
            raise CannotTell(f"{self._stream.host} {why}: {last}")
        return untagged

    async def _ask_capabilities(self) -> None:
        found: set[str] = set()
        for response in await self._must("CAPABILITY", why="does not tell what it can"):
            words = response.text.upper().split()
            if words[:1] == ["CAPABILITY"]:
                found.update(words[1:])
        self.capabilities = frozenset(found)

    async def _authenticate(self, mechanism: str, initial: str) -> None:
        tag = self._next_tag()
        at_once = "SASL-IR" in self.capabilities
        await self._send(f"{tag} AUTHENTICATE {mechanism}{f' {initial}' if at_once else ''}\r\n")
        last, _ = await self._until(tag, answers=[] if at_once else [initial])
        self._admitted(last, "access token" if mechanism == "XOAUTH2" else "password")

    def _admitted(self, last: str, what: str) -> None:
        """Raises CannotTell where the last line of a login says no."""
        if not last.upper().startswith("OK"):
            why = hint(self._stream.host) if what == "password" else ""
            raise CannotTell(f"{self._stream.host} does not accept the {what}: {last}{why}")

    async def _until(self, tag: str, answers: list[str] | None = None) -> tuple[str, list[Untagged]]:
        """Read up to the tagged line; a "+" is answered with the next of `answers`, else with an empty line."""
        untagged: list[Untagged] = []
        waiting = list(answers or [])
        size = 0
        for _ in range(MOST_RESPONSES):
            response = await self._response(tag)
            size += len(response.text) + sum(map(len, response.literals))
            if size > COMMAND_BYTES:
                break
            if response.text.startswith(f"{tag} "):
                last = response.text.partition(" ")[2]
                return last, untagged
            if response.text.startswith("+"):
                # A server that refuses a token explains itself in a challenge and waits for an empty answer.
                await self._send(f"{waiting.pop(0) if waiting else ''}\r\n")
            else:
                untagged.append(response)
        raise NetworkError(f"{self._stream.host} sends answers without end")

    async def _response(self, tag: str = "") -> Untagged:
        """One response with its literals; the "* " of untagged ones is taken off."""
        text = ""
        literals: list[bytes] = []
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    line = await self._stream.read_line(limit=LINE_LIMIT)
                    if not line:
                        raise NetworkError(f"{self._stream.host} ended the IMAP session")
                    text += decoded(line).rstrip("\r\n")
                    size = _LITERAL.search(line)
                    if size is None:
                        return Untagged(text.removeprefix("* "), tuple(literals))
                    if int(size[1]) + sum(map(len, literals)) > MESSAGE_LIMIT or len(literals) == MOST_LITERALS:
                        raise NetworkError(f"{self._stream.host} sends {int(size[1])} bytes where little is wanted")
                    literals.append(await self._stream.read_exactly(int(size[1])))
        except TimeoutError:
            raise NetworkError(f"{self._stream.host} does not answer within {ANSWER_SECONDS:g} s") from None

    async def _send(self, text: str) -> None:
        await self._stream.send(text.encode())

    def _next_tag(self) -> str:
        self._tag += 1
        return f"a{self._tag}"


def quoted(text: str) -> str:
    """An IMAP quoted string; what cannot stand in one is left out."""
    plain = text.replace("\r", "").replace("\n", "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _unescaped(match: re.Match[str]) -> str:
    """The name of a folder that is no literal."""
    return match[4] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])


def _plain(shifted: re.Match[str]) -> str:
    """The characters that a shifted part of modified UTF-7 stands for; the part itself where it is none."""
    if not shifted[1]:
        return "&"
    coded = shifted[1].replace(",", "/")
    try:
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be")
    except ValueError:
        return shifted[0]


def in_order(folders: tuple[Folder, ...]) -> list[tuple[Folder, Literal["inbox", "spam", "other"]]]:
    """Folders in the order to look, with what each means: "spam", "inbox" or "other".

    Spam folders are told by their special use; by name only where the server tells no special use of any.
    """
    junk = [folder for folder in folders if "\\junk" in folder.flags]
    if not junk:
        junk = [folder for folder in folders if re.split(r"[/.]", folder.name.lower())[-1] in _JUNK_NAMES]
    inbox = [folder for folder in folders if folder.name.upper() == "INBOX"]
    # \All holds what filters filed away; without one, every folder has to be looked at.
    everything = [folder for folder in folders if "\\all" in folder.flags]
    skipped = {"\\sent", "\\drafts", "\\trash"}
    rest = everything or [f for f in folders if f not in junk and f not in inbox and not f.flags & skipped]
    return [*((f, "spam") for f in junk), *((f, "inbox") for f in inbox), *((f, "other") for f in rest)]

"""The Authentication-Results header field: its grammar, whole (RFC 8601 s2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.mail.message import address_domain

_WHITE = " \t\r\n"
DEEPEST = 20
"""Comments within comments that are followed; deeper ones end the field."""


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What one method came to."""

    method: str
    """"spf", "dkim", "dmarc" ... in lower case, its version left out."""
    result: str
    """"pass", "fail", "none" ... in lower case."""
    reason: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    """("smtp.mailfrom", "bounce@example.com") ..., names in lower case, in their order."""
    comment: str = ""
    """The first comment, which often says why."""

    def get(self, name: str) -> str:
        return next((value for key, value in self.properties if key == name), "")

    @property
    def domain(self) -> str:
        """The domain that was authenticated, in lower case; empty where it is not named."""
        names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail"), "dmarc": ("header.from",)}
        value = next((found for name in names.get(self.method, ()) if (found := self.get(name))), "")
        return address_domain(value)

    @property
    def describe(self) -> str:
        """A few words of evidence: "dkim=pass header.d=example.com"."""
        said = [f"{self.method}={self.result}", *(f"{key}={value}" for key, value in self.properties)]
        return " ".join(said) + (f" ({self.comment})" if self.comment else "")


@dataclass(frozen=True, slots=True)
class AuthResults:
    """One field. `server` is its authserv-id, empty where it has none, as Microsoft's."""

    server: str
    results: tuple[MethodResult, ...]
    errors: tuple[str, ...] = ()

    def of(self, method: str) -> tuple[MethodResult, ...]:
        return tuple(result for result in self.results if result.method == method)


class _Cursor:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.comment = ""

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip_white(self) -> None:
        """Pass over white space and comments (CFWS); the first comment since the last reset is kept."""
        while (character := self.peek()) and (character in _WHITE or character == "("):
            if character == "(":
                self._skip_comment()
            else:
                self.at += 1

    def _skip_comment(self) -> None:
        begin, depth = self.at + 1, 0
        while character := self.peek():
            self.at += 1
            if character == "\\":
                self.at += 1
            elif character == "(":
                depth += 1
                if depth > DEEPEST:
                    self.at = len(self.text)
            elif character == ")":
                depth -= 1
                if not depth:
                    break
        if not self.comment:
            self.comment = " ".join(self.text[begin : self.at - 1].split())

    def quoted(self) -> str:
        """A quoted string, its quotation marks taken off."""
        self.at += 1
        kept: list[str] = []
        while character := self.peek():
            self.at += 1
            if character == '"':
                break
            if character == "\\":
                character = self.peek()
                self.at += 1
            kept.append(character)
        return "".join(kept)

    def key(self) -> str:
        """A name up to "=" or ";", white space and comments within it taken out."""
        kept: list[str] = []
        self.skip_white()
        while (character := self.peek()) and character not in "=;":
            if character == '"':
                kept.append(self.quoted())
            else:
                kept.append(character)
                self.at += 1
            before = self.at
            self.skip_white()
            # "1 ; spf": a gap between two words ends the name, one around a dot or slash does not.
            if self.at > before and kept[-1][-1:] not in (".", "/") and self.peek() not in (".", "/", "=", ";", ""):
                break
        return "".join(kept)

    def value(self) -> str:
        """A token, quoted string or address after "="."""
        self.skip_white()
        kept: list[str] = []
        while (character := self.peek()) and character not in ";(" and character not in _WHITE:
            if character == '"':
                kept.append(self.quoted())
            else:
                kept.append(character)
                self.at += 1
        return "".join(kept)

    def take(self, character: str) -> bool:
        if self.peek() == character:
            self.at += 1
            return True
        return False


def parse_auth_results(text: str) -> AuthResults:
    """Read the field's value, folded or not. Never raises; what cannot be read is in `errors`."""
    cursor = _Cursor(text)
    server = ""
    cursor.skip_white()
    begin = cursor.at
    word = cursor.key()
    if cursor.peek() == "=":
        # Microsoft begins with the first result and names no server.
        cursor.at = begin
    else:
        server = word.lower()
        cursor.skip_white()
        if cursor.peek().isdigit():
            cursor.key()
    results: list[MethodResult] = []
    errors: list[str] = []
    while True:
        cursor.skip_white()
        if cursor.take(";"):
            continue
        if not cursor.peek():
            break
        found = _result(cursor)
        if isinstance(found, MethodResult):
            results.append(found)
        elif found:
            errors.append(found)
    return AuthResults(server, tuple(results), tuple(dict.fromkeys(errors)))


def _result(cursor: _Cursor) -> MethodResult | str:
    """One result up to the next semicolon; a text says what is wrong, an empty one that there is none ("none")."""
    cursor.comment = ""
    method = cursor.key().partition("/")[0].lower()
    if not cursor.take("="):
        _to_semicolon(cursor)
        return "" if method == "none" else f"{method[:40]!r} names no result"
    result = cursor.value().lower()
    reason = ""
    properties: list[tuple[str, str]] = []
    cursor.skip_white()
    while cursor.peek() not in ("", ";"):
        before = cursor.at
        key = cursor.key().lower()
        if cursor.take("="):
            value = cursor.value()
            if key == "reason":
                reason = value
            elif key:
                properties.append((key, value))
        elif cursor.at == before:
            cursor.at += 1
        cursor.skip_white()
    if not method or not result:
        return "a result without a method or a word for it"
    return MethodResult(method, result, reason, tuple(properties), cursor.comment)


def _to_semicolon(cursor: _Cursor) -> None:
    cursor.skip_white()
    while cursor.peek() not in ("", ";"):
        before = cursor.at
        cursor.value()
        cursor.skip_white()
        if cursor.at == before:
            cursor.at += 1

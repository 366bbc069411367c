"""One visitor's session with a form: the page, its cookies, the data as a browser sends them, and what came back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from checks.errors import HttpFailed
from checks.facts import Facts
from checks.network import Response
from checks.web.cookie_jar import Jar
from checks.web.forms.submission_values import Filled
from checks.web.redirects import MAX_REDIRECTS, hop_of
from checks.web.url import origin

MULTIPART = "multipart/form-data"
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is sent: where, how, and the data."""

    url: str
    method: str
    """ "get" or "post"."""
    enctype: str
    filled: Filled


class Session:
    """A visitor who opens a page and sends one form of it. Every method raises as `Network.http`."""

    def __init__(self, facts: Facts) -> None:
        self._network = facts.network
        self._jar = Jar()

    async def open(self, url: str) -> Response:
        """Get a page, following redirects; its cookies are kept."""
        return (await self._follow("GET", url, (), None))[-1]

    async def send(self, page: str, delivery: Delivery) -> tuple[Response, ...]:
        """Send the form that stands on `page` and follow where the answers lead; all of them, in order."""
        if delivery.method == "get":
            url = f"{delivery.url.partition('?')[0]}?{urlencode(delivery.filled.pairs)}"
            return await self._follow("GET", url, (("referer", page),), None)
        content_type, body = encoded(delivery.enctype, delivery.filled)
        headers = (("content-type", content_type), ("origin", origin(page)), ("referer", _referrer(page, delivery.url)))
        return await self._follow("POST", delivery.url, headers, body)

    async def _follow(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes | None
    ) -> tuple[Response, ...]:
        answers: list[Response] = []
        first = tuple(headers)
        while True:
            cookies = self._jar.header(url)
            every = [("accept", ACCEPT), *first, *([("cookie", cookies)] if cookies else [])]
            response = await self._network.http(method, url, headers=every, body=body)
            self._jar.take(response)
            answers.append(response)
            hop = hop_of(response)
            if not hop.target:
                return tuple(answers)
            if len(answers) > MAX_REDIRECTS:
                raise HttpFailed(f"the redirects after {answers[0].url} never end")
            if response.status not in (307, 308):
                method, body = "GET", None
                first = (("referer", url),)
            elif body is not None and origin(hop.target) != origin(url):
                raise HttpFailed(f"{url} wants the data sent on to {origin(hop.target)}; a test does not do that")
            url = hop.target


def encoded(enctype: str, filled: Filled) -> tuple[str, bytes]:
    """Content type and body of the data (HTML standard, "form submission"; RFC 7578)."""
    if enctype.strip().lower() == "text/plain":
        return "text/plain", "".join(f"{name}={value}\r\n" for name, value in filled.pairs).encode()
    if enctype.strip().lower() != MULTIPART:
        return "application/x-www-form-urlencoded", urlencode(filled.pairs).encode()
    boundary = f"----launch-check-{secrets.token_hex(12)}"
    parts = [_part(boundary, name, value, name in filled.files) for name, value in filled.pairs]
    return f"{MULTIPART}; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(boundary: str, name: str, value: str, file: bool) -> bytes:
    named = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    more = '; filename=""\r\nContent-Type: application/octet-stream' if file else ""
    lines = value.replace("\r\n", "\n").replace("\n", "\r\n")
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{named}"{more}\r\n\r\n{lines}\r\n'.encode()


def _referrer(page: str, target: str) -> str:
    """The page's address within its own site, its origin elsewhere (strict-origin-when-cross-origin)."""
    return page if origin(page) == origin(target) else f"{origin(page)}/"

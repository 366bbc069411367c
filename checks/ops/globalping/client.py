"""Asks Globalping for measurements: creates them, polls for their end, and keeps to its limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.network import Network, Response
from checks.ops.globalping.answer import Seen, read_measurement
from checks.ops.globalping.limits import FREE_HOURLY, TOKEN_HOURLY, Limits, read_limits, retry_after
from checks.ops.regions import METHODS
from checks.secret import Secret
from checks.subject import Route
from checks.text import one_line

BASE = "https://api.globalping.io"
POLL_SECONDS = 0.5
"""From an answer to the next question, over all measurements together."""
PATIENCE = 45.0
"""Seconds until a measurement must have ended; its probes give up after ten."""
WAIT = 60.0
"""Seconds to stay away after a refusal that does not say how long."""
WINDOW = 3600.0
"""Seconds to stay away at most: the limits are counted by the hour."""
ANSWER_LIMIT = 1_000_000
_LOST = 2
"""Polls without an answer that are borne in a row."""


class Clock(Protocol):
    """Tests turn their own."""

    def elapsed(self) -> float:
        """Seconds that only go forward."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Limited(CannotTell):
    """The limit is reached. `seconds` until it is worth asking again."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement of one probe; its id stands for that probe from then on."""

    id: str
    seen: Seen
    picked: bool
    """Whether a probe was picked anew."""


class Globalping:
    """A client that buys nothing: where the free tests of the hour are used up, it waits, whatever credits are there.

    Args:
        network: a new network for each measurement.
        token: raises the limit; None goes without.
        base: where the API is.
    """

    def __init__(
        self, network: Callable[[], Network], *, clock: Clock, token: Secret | None = None, base: str = BASE
    ) -> None:
        self._network, self._clock, self._token, self._base = network, clock, token, base
        self.limits = Limits()
        """As the last answer to a POST said."""
        self._closed_until = float("-inf")
        self._posting, self._turn = asyncio.Lock(), asyncio.Lock()
        self._next_poll = float("-inf")

    @property
    def hourly(self) -> int:
        """Tests an hour: as the service says, else as is published."""
        return self.limits.limit or (TOKEN_HOURLY if self._token else FREE_HOURLY)

    @property
    def wait(self) -> float:
        """Seconds until the next measurement may be asked for; 0.0 is now."""
        return max(0.0, self._closed_until - self._clock.elapsed())

    async def measure(self, route: Route, region: str, *, earlier: str = "") -> Measured:
        """Measure an address from one probe.

        Args:
            region: where the probe must be, in the service's own words ("aws-eu-west-1", "US-NY").
            earlier: id of a measurement whose probe to take again; where it is gone, another is picked.

        Raises NotApplicable, Limited, CannotTell, NetworkError.
        """
        if route.method not in METHODS or route.body:
            raise NotApplicable(f"Globalping sends GET, HEAD and OPTIONS without a body, and no {route.method}")
        async with self._network() as network:
            id, picked = await self._create(network, route, region, earlier)  # noqa: A001 - the API's own word
            return Measured(id, await self._outcome(network, id, route), picked)

    # ---------------------------------------------------------------- creating

    async def _create(self, network: Network, route: Route, region: str, earlier: str) -> tuple[str, bool]:
        if earlier:
            answer = await self._post(network, route, earlier)
            if answer.status not in (400, 404, 422):
                return _id_of(answer), False
        answer = await self._post(network, route, [{"magic": region, "limit": 1}])
        if answer.status == 422:
            raise CannotTell(f"no probe of Globalping is at {one_line(region, limit=60)!r} now")
        return _id_of(answer), True

    async def _post(self, network: Network, route: Route, locations: str | list[dict[str, Any]]) -> Response:
        body = json.dumps(request_of(route, locations)).encode()
        # One at a time: the answer to one says whether the next is still free.
        async with self._posting:
            if self.wait:
                raise Limited(f"Globalping's limit is reached, {self.wait:.0f} s are left", self.wait)
            answer = await self._ask(network, "POST", "/v1/measurements", body=body)
            self.limits = read_limits(answer.headers)
            if answer.status == 429:
                raise self._refused(answer)
            if self.limits.remaining is not None and self.limits.remaining < 1:
                self._stay_away(self.limits.reset)
            return answer

    def _refused(self, answer: Response) -> Limited:
        reset = retry_after(answer.headers)
        self._stay_away(self.limits.reset if reset is None else reset)
        kind, message = _error_of(answer)
        what = "no credits are left" if kind == "insufficient_credits" else "the limit of the hour is reached"
        return Limited(f"Globalping: {what} ({message}), again in {self.wait:.0f} s", self.wait)

    def _stay_away(self, seconds: float | None) -> None:
        # The window is an hour: what says more is a moment in time, or wrong, and must not end a watch.
        self._closed_until = self._clock.elapsed() + (WAIT if seconds is None else min(max(seconds, 1), WINDOW))

    # ---------------------------------------------------------------- polling

    async def _outcome(self, network: Network, id: str, route: Route) -> Seen:  # noqa: A002 - the API's own word
        """Poll until the measurement has ended. Raises CannotTell where it does not."""
        ends, etag, lost = self._clock.elapsed() + PATIENCE, "", 0
        while self._clock.elapsed() < ends:
            try:
                answer = await self._poll(network, id, etag)
            except NetworkError:
                lost += 1
                if lost > _LOST:
                    raise
                continue
            lost = 0
            if answer.status == 304 or answer.status == 429:
                continue
            if answer.status != 200:
                raise CannotTell(f"Globalping answers {answer.status} to the question for a measurement")
            etag = answer.headers.get("etag")
            seen = read_measurement(answer.text, route)
            if seen is not None:
                return seen
        raise CannotTell(f"Globalping's measurement did not end within {PATIENCE:.0f} s")

    async def _poll(self, network: Network, id: str, etag: str) -> Response:  # noqa: A002
        # One question at a time, whatever the number of measurements: the service allows two a second.
        async with self._turn:
            await self._clock.sleep(max(POLL_SECONDS, self._next_poll - self._clock.elapsed()))
            path = f"/v1/measurements/{quote(id, safe='')}"
            answer = await self._ask(network, "GET", path, etag=etag)
            if answer.status == 429:
                reset = retry_after(answer.headers) or read_limits(answer.headers).reset or POLL_SECONDS
                self._next_poll = self._clock.elapsed() + min(float(reset), PATIENCE)
            return answer

    async def _ask(
        self, network: Network, method: str, path: str, *, body: bytes | None = None, etag: str = ""
    ) -> Response:
        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        if etag:
            headers["if-none-match"] = etag
        if self._token:
            # The connection must be the service's own: the token goes over it.
            headers["authorization"] = f"Bearer {self._token.reveal()}"
        answer = await network.http(
            method, f"{self._base}{path}", headers=headers, body=body, verify=True, limit=ANSWER_LIMIT
        )
        if answer.status in (401, 403):
            raise CannotTell("Globalping does not accept the token in the vault (globalping)")
        return answer


def request_of(route: Route, locations: str | list[dict[str, Any]]) -> dict[str, Any]:
    """The body of POST /v1/measurements for one address.

    Args:
        locations: an earlier measurement's id, or where to pick a probe.
    """
    parts = urlsplit(route.url)
    secure = parts.scheme == "https"
    request: dict[str, Any] = {"path": quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~"), "method": route.method}
    if parts.query:
        request["query"] = quote(parts.query, safe="/?%:@!$&'()*+,;=-._~")
    return {
        "type": "http",
        "target": parts.hostname or "",
        "locations": locations,
        "measurementOptions": {
            "protocol": "HTTPS" if secure else "HTTP",
            "port": parts.port or (443 if secure else 80),
            "request": request,
        },
    }


def _id_of(answer: Response) -> str:
    """The id of a new measurement. Raises CannotTell."""
    if answer.status != 202:
        kind, message = _error_of(answer)
        raise CannotTell(f"Globalping refuses the measurement: {answer.status} {kind} {message}".strip())
    try:
        made = json.loads(answer.text)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        made = ""
    if not isinstance(made, str) or not made:
        raise CannotTell("Globalping's answer has no measurement id")
    return made


def _error_of(answer: Response) -> tuple[str, str]:
    """Type and message of an error answer, empty where it has none."""
    try:
        error = json.loads(answer.text)["error"]
        return one_line(str(error["type"]), limit=40), one_line(str(error["message"]), limit=120)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", ""

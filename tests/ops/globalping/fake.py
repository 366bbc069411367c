"""A server that answers as Globalping's API v1 does: probes that stay, ETags, limits, credits, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World
from tests.ops.globalping import schema

ADDRESS = "203.0.113.80"
TIMINGS = {"total": 240, "dns": 20, "tcp": 30, "tls": 60, "firstByte": 100, "download": 30}
NONE = dict.fromkeys(TIMINGS)
GOOD_TLS = {
    "authorized": True,
    "protocol": "TLSv1.3",
    "expiresAt": "2027-01-01T00:00:00.000Z",
    "subject": {},
    "issuer": {},
}


def finished(status: int = 200, **fields: Any) -> dict[str, Any]:
    return {
        "status": "finished", "statusCode": status, "timings": TIMINGS, "tls": GOOD_TLS, "rawBody": "<h1>Welcome</h1>",
        "rawOutput": "HTTP/1.1", "truncated": False,
    } | fields  # fmt: skip


def failed(told: str, source: str | None = "target") -> dict[str, Any]:
    row = {"status": "failed", "rawOutput": told, "timings": NONE, "tls": None, "resolvedAddress": None}
    return row | ({"failureSource": source} if source else {})


OFFLINE = {"status": "offline", "rawOutput": "This probe is currently offline. Please try again later."}


@dataclass
class Measurement:
    number: int
    probe: int
    magic: str
    target: str
    result: dict[str, Any]
    polls: int
    """Answers that still say "in-progress"."""


@dataclass
class FakeGlobalping:
    """Counts and remembers what it is asked.

    Attributes:
        result: what a probe sees, by the place it was picked for and the request's body.
        polls: answers of each measurement that say "in-progress" first.
    """

    result: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda magic, asked: finished()
    polls: int = 1
    hourly: int = 250
    consumed: int = 0
    credits: int | None = None
    reset: int = 1800
    tokens: frozenset[str] = frozenset()
    nowhere: frozenset[str] = frozenset()
    offline: set[int] = field(default_factory=set)
    """Numbers of probes that are gone."""
    refuse_polls: int = 0
    measurements: dict[str, Measurement] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    """Times that 304 was answered."""
    _probes: int = 0

    def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        assert request.header("user-agent").startswith("LaunchReady/")
        assert {"br", "gzip"} <= set(request.header("accept-encoding").replace(",", "").split())
        token = request.header("authorization").removeprefix("Bearer ")
        if token and token not in self.tokens:
            return self._error(401, "unauthorized", "Unauthorized.")
        if request.method == "POST" and request.path == "/v1/measurements":
            return self._create(request, bool(token))
        if request.method == "GET" and request.path.startswith("/v1/measurements/"):
            return self._show(request)
        return self._error(404, "not_found", "Couldn't find the requested item.")

    def _create(self, request: Request, has_token: bool) -> Reply:
        asked = schema.valid(schema.REQUEST, json.loads(request.body))
        self.posted.append(asked)
        limit = 500 if has_token else self.hourly
        cost_credits = self.consumed >= limit
        if cost_credits and not (has_token and self.credits):
            kind = "insufficient_credits" if has_token and self.credits is not None else "rate_limit_exceeded"
            return self._error(429, kind, "API rate limit exceeded.", self._limits(limit, 0))
        locations = asked["locations"]
        if isinstance(locations, str):
            before = self.measurements.get(locations)
            if before is None:
                return self._error(422, "no_probes_found", "No suitable probes found.", self._limits(limit, 0))
            probe, magic = before.probe, before.magic
        else:
            magic = locations[0]["magic"]
            if magic in self.nowhere:
                return self._error(422, "no_probes_found", "No suitable probes found.", self._limits(limit, 0))
            self._probes += 1
            probe = self._probes
        if cost_credits:
            self.credits = (self.credits or 0) - 1
        else:
            self.consumed += 1
        id = f"m{len(self.measurements) + 1}"  # noqa: A001
        result = OFFLINE if probe in self.offline else self.result(magic, asked)
        self.measurements[id] = Measurement(
            len(self.measurements) + 1, probe, magic, asked["target"], result, self.polls
        )
        headers = (("location", f"https://api.globalping.io/v1/measurements/{id}"), *self._limits(limit, 1))
        return self._json(202, schema.valid(schema.CREATED, {"id": id, "probesCount": 1}), headers)

    def _show(self, request: Request) -> Reply:
        id = request.path.rpartition("/")[2]  # noqa: A001
        if self.refuse_polls:
            self.refuse_polls -= 1
            return self._error(429, "rate_limit_exceeded", "API rate limit exceeded.", (("retry-after", "2"),))
        measurement = self.measurements[id]
        state = "in-progress" if measurement.polls > 0 else "finished"
        # The first "in-progress" has an ETag of its own; the others are the same.
        etag = f'W/"{id}-{state}"'
        measurement.polls -= 1
        if request.header("if-none-match") == etag:
            self.unchanged += 1
            return Reply(304, (("etag", etag),))
        result = {"status": "in-progress", "rawOutput": ""} if state == "in-progress" else measurement.result
        return self._json(
            200, schema.valid(schema.MEASUREMENT, self._measurement(id, state, result)), (("etag", etag),)
        )

    def _measurement(self, id: str, state: str, result: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        measurement = self.measurements[id]
        probe = {
            "continent": "EU", "region": "Western Europe", "country": "DE", "state": None, "asn": 16509,
            "city": f"City {measurement.probe}", "network": "Amazon.com", "latitude": 50.1, "longitude": 8.7,
            "tags": ["aws-eu-central-1", "datacenter-network"], "resolvers": ["private"],
        }  # fmt: skip
        return {
            "id": id, "type": "http", "target": measurement.target, "status": state,
            "createdAt": "2026-11-24T09:00:00.000Z", "updatedAt": "2026-11-24T09:00:01.000Z", "probesCount": 1,
            "results": [{"probe": probe, "result": result}],
        }  # fmt: skip

    def _limits(self, limit: int, cost: int) -> tuple[tuple[str, str], ...]:
        rows = {
            "x-ratelimit-limit": limit, "x-ratelimit-consumed": min(self.consumed, limit),
            "x-ratelimit-remaining": max(0, limit - self.consumed), "x-ratelimit-reset": self.reset,
            "x-request-cost": cost,
        }  # fmt: skip
        if self.credits is not None:
            rows |= {"x-credits-remaining": self.credits, "x-credits-consumed": 0}
        return tuple((name, str(value)) for name, value in rows.items())

    def _error(self, status: int, kind: str, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        return self._json(status, schema.valid(schema.ERROR, {"error": {"type": kind, "message": message}}), headers)

    @staticmethod
    def _json(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        return Reply(status, (("content-type", "application/json"), *headers), json.dumps(value).encode())


async def publish(world: World, service: FakeGlobalping) -> None:
    """Let api.globalping.io of this world be the service."""
    world.zone("globalping.io", {"api": [f"A {ADDRESS}"]})
    await world.web(ADDRESS, service, world.authority.issue("api.globalping.io"))

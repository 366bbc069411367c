"""The lab's alert receiver: answers as Slack, Twilio and ntfy do, and shows what came, as a phone would."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from checks.secret import Secret
from launchready_tui.lab.web_server import Reply, Request
from launchready_tui.lab.world import World

SLACK, TWILIO, NTFY = "3.68.170.153", "54.172.60.2", "159.203.148.75"


@dataclass(frozen=True, slots=True)
class Shown:
    """One message on the phone."""

    app: str
    to: str
    text: str
    at: datetime


@dataclass
class Phone:
    """Everybody's phone in the lab. Its credentials are made up anew each time."""

    shown: list[Shown] = field(default_factory=list)
    rings: Callable[[Shown], None] = lambda shown: None
    """Called for each message."""
    _account: str = field(default_factory=lambda: f"AC{secrets.token_hex(16)}", repr=False)
    _token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    _hook: str = field(default_factory=lambda: f"/services/T{secrets.token_hex(4)}/B{secrets.token_hex(4)}", repr=False)
    _topic: str = field(default_factory=lambda: f"harbor-{secrets.token_hex(6)}", repr=False)

    def credentials(self) -> Mapping[str, Secret]:
        """What the lab's vault holds, by purpose."""
        return {
            "slack": Secret(f"https://hooks.slack.com{self._hook}"),
            "twilio": Secret(f"{self._account}:{self._token}"),
            "ntfy": Secret(self._topic),
        }

    def destinations(self) -> list[dict[str, Any]]:
        """Who is alerted, for the lab's session."""
        return [
            {"name": "#harbor-ops", "kind": "slack", "vault": "slack"},
            {"name": "Founder's phone", "kind": "sms", "vault": "twilio", "to": "+15550100123", "from": "+15550100999"},
            {"name": "On-call app", "kind": "ntfy", "vault": "ntfy"},
        ]

    async def serve(self, world: World) -> None:
        """Place the services in a world."""
        world.zone("slack.com", {"hooks": [f"A {SLACK}"]})
        world.zone("twilio.com", {"api": [f"A {TWILIO}"]})
        world.zone("ntfy.sh", {"@": [f"A {NTFY}"]})
        issue = world.authority.issue
        await world.web(SLACK, self.slack, issue("hooks.slack.com"))
        await world.web(TWILIO, self.twilio, issue("api.twilio.com"))
        await world.web(NTFY, self.ntfy, issue("ntfy.sh"))

    def slack(self, request: Request) -> Reply:
        """https://docs.slack.dev: "ok", or a word."""
        if request.method != "POST" or request.path != self._hook:
            return Reply(404, (("content-type", "text/plain"),), b"no_service")
        self._show("Slack", "#harbor-ops", _object(request.body).get("text"))
        return Reply(200, (("content-type", "text/html"), ("x-slack-req-id", secrets.token_hex(16))), b"ok")

    def twilio(self, request: Request) -> Reply:
        """Twilio's Messages resource."""
        basic = base64.b64encode(f"{self._account}:{self._token}".encode()).decode()
        if request.header("authorization") != f"Basic {basic}":
            return _json(401, {"code": 20003, "message": "Authenticate", "status": 401})
        messages = f"/2010-04-01/Accounts/{self._account}/Messages"
        if request.method == "GET" and request.path.startswith(f"{messages}/SM"):
            return _json(200, {"sid": request.path.split("/")[-1], "status": "delivered", "error_code": None})
        if request.path != f"{messages}.json":
            return _json(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
        form = {key: values[0] for key, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        self._show("SMS", form.get("To", ""), form.get("Body"))
        sid = f"SM{secrets.token_hex(16)}"
        return _json(201, {"sid": sid, "status": "queued", "to": form.get("To"), "error_code": None})

    def ntfy(self, request: Request) -> Reply:
        """ntfy's publishing."""
        if request.method not in ("POST", "PUT") or request.path != f"/{self._topic}":
            return _json(404, {"code": 40401, "http": 404, "error": "page not found"})
        self._show("ntfy", "On-call app", request.body.decode("utf-8", "replace"))
        now = int(datetime.now(UTC).timestamp())
        return _json(200, {"id": secrets.token_urlsafe(9)[:12], "time": now, "event": "message", "topic": self._topic})

    def _show(self, app: str, to: str, text: object) -> None:
        message = Shown(app, to, str(text or ""), datetime.now(UTC))
        self.shown.append(message)
        self.rings(message)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _json(status: int, body: Any) -> Reply:
    return Reply(status, (("content-type", "application/json"),), json.dumps(body).encode())

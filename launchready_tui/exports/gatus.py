"""Gatus: one file that probes every minute, POST included, with alerts and a status page.

Gatus expands `$NAME` in its whole file, so a dollar sign of the session is doubled. What is written keeps to keys of
its documentation; the program itself was not run.
"""

from __future__ import annotations

import re
from typing import Any

from launchready_tui.exports.files import readme, yaml_text
from launchready_tui.exports.targets import Destination, Plan, Target, covered, plan
from launchready_tui.session.model import Session

__all__ = ["covered", "files"]

_ALERTS = {"slack": "slack", "mail": "email", "sms": "twilio", "ntfy": "ntfy"}
"""Kind of destination to Gatus' type of alert."""


def files(session: Session) -> dict[str, str]:
    """The files of the export. Raises BadName."""
    wanted = plan(session)
    kinds = list(dict.fromkeys(_ALERTS[d.kind] for d in wanted.destinations if d.kind in _ALERTS))
    config: dict[str, Any] = {}
    if kinds:
        config["alerting"] = {kind: _provider(kind, wanted, session) for kind in kinds}
    config["endpoints"] = [_endpoint(target, kinds) for target in wanted.targets]
    comments = (
        "Gatus 5. Credentials come from variables of the environment; a dollar sign of a text stands doubled.",
        "Keys follow Gatus' documentation; Launch Ready did not run Gatus itself.",
    )
    names = sorted(set(re.findall(r"(?<!\$)\$\{([A-Z_]+)\}", yaml_text(config))))
    return {
        "config.yaml": yaml_text(config, *comments),
        "README.md": _readme(wanted, names),
    }


def _dollars(text: str) -> str:
    return text.replace("$", "$$")


def _endpoint(target: Target, kinds: list[str]) -> dict[str, Any]:
    route = target.route
    row: dict[str, Any] = {
        "name": target.name,
        "group": "launch",
        "url": _dollars(target.url),
        "method": route.method,
        "interval": "60s",
    }
    if route.body:
        row["body"] = _dollars(route.body)
        row["headers"] = {"Content-Type": route.content_type}
    row["client"] = {"timeout": "10s", "ignore-redirect": True}
    row["conditions"] = list(_conditions(target))
    if kinds:
        row["alerts"] = [{"type": kind, "failure-threshold": 2, "send-on-resolved": True} for kind in kinds]
    return row


def _conditions(target: Target) -> list[str]:
    route = target.route
    if route.status is None:
        conditions = ["[STATUS] >= 200", "[STATUS] < 400"]
    else:
        conditions = [f"[STATUS] == {route.status}"]
    if route.contains and route.method != "HEAD":
        conditions.append(f"[BODY] == pat(*{_dollars(pattern(route.contains))}*)")
    if target.url.startswith("https:"):
        conditions.append("[CERTIFICATE_EXPIRATION] > 168h")
    return conditions


def pattern(text: str) -> str:
    """A text for Gatus' pat(): what has a meaning there becomes `?`, any one character."""
    plain = re.sub(r"[*?\[\]\\\r\n\t]", "?", text)
    # A condition is cut at its operator, wherever that stands.
    return re.sub(r" (?===? |[<>!]=? )", "?", plain)


def _provider(kind: str, wanted: Plan, session: Session) -> dict[str, Any]:
    if kind == "slack":
        return {"webhook-url": "${SLACK_WEBHOOK_URL}"}
    if kind == "ntfy":
        return {"topic": "${NTFY_TOPIC}"}
    if kind == "twilio":
        return {
            "sid": "${TWILIO_ACCOUNT_SID}",
            "token": "${TWILIO_AUTH_TOKEN}",
            "from": "${TWILIO_FROM}",
            "to": "${TWILIO_TO}",
        }
    mail = session.mail
    told = [destination.name for destination in wanted.destinations if destination.kind == "mail"]
    return {
        "from": _dollars(mail.from_address) or "${SMTP_FROM}",
        "username": _dollars(mail.smtp_user) or "${SMTP_USER}",
        "password": "${SMTP_PASSWORD}",
        "host": _dollars(mail.smtp_host) or "${SMTP_HOST}",
        "port": mail.smtp_port,
        "to": _dollars(",".join(told)),
    }


def _readme(wanted: Plan, names: list[str]) -> str:
    variables = ", ".join(names) or "none are needed"
    steps = [
        "Put config.yaml into a folder named config.",
        f"Write the variables into a file .env that nobody else can read, one NAME=value a line: {variables}.",
        "Run it: docker run -d --restart unless-stopped --env-file .env -p 127.0.0.1:8080:8080 "
        '-v "$PWD/config:/config" ghcr.io/twin/gatus:stable',
        "Open http://127.0.0.1:8080, and fire a test alert: put a wrong status into a condition, wait two minutes.",
    ]
    return readme("Monitoring with Gatus", steps, [*_silent(wanted.destinations), *wanted.left_out])


def _silent(destinations: tuple[Destination, ...]) -> list[str]:
    """Who will hear nothing, a sentence each."""
    if not destinations:
        return ["Nobody is named to be alerted: add them in Launch Ready and export again."]
    return [
        f"{destination.name}: connect it in Gatus yourself, see its list of alerting providers."
        for destination in destinations
        if destination.kind not in _ALERTS
    ]

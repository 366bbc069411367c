"""Upptime: probes by GitHub Actions every five minutes at best, with a status page and an issue for each outage.

Upptime replaces `$NAME` in addresses, bodies and texts by the repository's secrets, so no dollar sign of the session
may reach it. What is written keeps to keys of its documentation; the program itself was not run.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from launchready_tui.exports.files import readme, yaml_text
from launchready_tui.exports.targets import Plan, Target, plan
from launchready_tui.session.model import Session


def files(session: Session) -> dict[str, str]:
    """The files of the export. Raises BadName."""
    wanted = plan(session)
    sites = [row for target in wanted.targets if _body(target) is not None for row in _sites(target, wanted.regions)]
    config = {
        "owner": "REPLACE-WITH-YOUR-GITHUB-NAME",
        "repo": "REPLACE-WITH-THE-REPOSITORY",
        "sites": sites,
        "status-website": {"name": wanted.domain, "introTitle": f"Is {wanted.domain} up?"},
        # One run every five minutes is the most that GitHub gives.
        "workflowSchedule": {"uptime": "*/5 * * * *"},
    }
    comments = (
        "Upptime. Keys follow its documentation; Launch Ready did not run Upptime itself.",
        "Credentials go into the repository's secrets, never into this file.",
    )
    return {".upptimerc.yml": yaml_text(config, *comments), "README.md": _readme(wanted)}


def covered(session: Session) -> list[str]:
    """The addresses that it probes, as the session names them. Raises BadName."""
    targets = [target for target in plan(session).targets if _body(target) is not None]
    return list(dict.fromkeys(target.route.url for target in targets))


def _body(target: Target) -> str | None:
    """What is sent; None where a dollar sign in it would be taken for the name of a secret."""
    body = target.route.body
    if "$" not in body:
        return body
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return json.dumps(parsed).replace("$", "\\u0024")


def _sites(target: Target, regions: tuple[str, ...]) -> list[dict[str, Any]]:
    route = target.route
    row: dict[str, Any] = {
        "name": target.label.replace("$", "_"),
        "slug": target.name,
        "url": target.url.replace("$", "%24"),
        "method": route.method,
        "maxRedirects": 0,
    }
    if route.status is not None:
        row["expectedStatusCodes"] = [route.status]
    if route.body:
        row["headers"] = [f"Content-Type: {route.content_type}"]
        row["body"] = _body(target)
    if route.contains and "$" not in route.contains and route.method != "HEAD":
        row["__dangerous__body_down_if_text_missing"] = route.contains
    rows = [row]
    if route.method in ("GET", "HEAD") and not urlsplit(target.url).port:
        rows += [
            row | {"name": f"{row['name']} ({region})", "slug": f"{target.name}-region-{number}"}
            | {"type": "globalping", "location": region}
            for number, region in enumerate(regions, 1)
            if "$" not in region
        ]  # fmt: skip
    return rows


def _readme(wanted: Plan) -> str:
    steps = [
        "Make a public repository from the template https://github.com/upptime/upptime and clone it.",
        "Put .upptimerc.yml in its place, and fill in owner and repo.",
        "Add a secret GH_PAT to the repository as Upptime's documentation says, and the notification secrets of "
        "whoever must be told; each outage also opens an issue.",
        "Push. The workflow Setup CI writes the others; from then on it probes every five minutes at best.",
    ]
    notes = [f"{target.label}: not probed, since a $ in its body would be taken for a secret's name."
             for target in wanted.targets if _body(target) is None]  # fmt: skip
    notes += [f"{target.label}: its text is not looked for, since a $ in it would be taken for a secret's name."
              for target in wanted.targets if "$" in target.route.contains]  # fmt: skip
    return readme("Monitoring with Upptime", steps, [*notes, *wanted.left_out])

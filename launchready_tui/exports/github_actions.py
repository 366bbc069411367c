"""A GitHub Actions workflow that asks every address once: a smoke test after a release, no measure of uptime.

`${{ }}` in a workflow is an expression wherever it stands, so one in the session's text is written as an expression
whose value is that text. Values reach the shell as environment variables and never as part of its script.
"""

from __future__ import annotations

import re
from typing import Any

from launchready_tui.exports.files import Block, readme, yaml_text
from launchready_tui.exports.targets import Plan, Target, plan
from launchready_tui.session.model import Session

WORKFLOW = ".github/workflows/launch-smoke.yml"
ANY = "2xx or 3xx"
SCRIPT = Block(r"""set -eu
answer="$(mktemp)"
set -- --silent --show-error --globoff --proto '=http,https' --max-time 20 --retry 1 --retry-all-errors
if [ "$METHOD" = HEAD ]; then set -- "$@" --head; else set -- "$@" --request "$METHOD"; fi
if [ -n "$BODY" ]; then set -- "$@" --header "Content-Type: $CONTENT_TYPE" --data-raw "$BODY"; fi
status="$(curl "$@" --output "$answer" --write-out '%{http_code}' --url "$TARGET")"
case "$EXPECTED:$status" in
  "2xx or 3xx:2"??|"2xx or 3xx:3"??|"$status:$status") ;;
  *) printf 'status %s instead of %s\n' "$status" "$EXPECTED"; exit 1 ;;
esac
if [ -n "$CONTAINS" ]; then
  case "$(cat "$answer")" in
    *"$CONTAINS"*) ;;
    *) printf 'the expected text is missing\n'; exit 1 ;;
  esac
fi
printf 'answered %s\n' "$status"
""")
"""What each step runs, the same for all."""


def files(session: Session) -> dict[str, str]:
    """The files of the export. Raises BadName."""
    wanted = plan(session)
    workflow = {
        "name": "Launch smoke test",
        "on": {"workflow_dispatch": {}, "schedule": [{"cron": "*/15 * * * *"}]},
        "permissions": {},
        "concurrency": {"group": "launch-smoke", "cancel-in-progress": True},
        "jobs": {
            "smoke": {
                "name": "Every named address answers",
                "runs-on": "ubuntu-latest",
                "timeout-minutes": 15,
                "steps": [_step(target) for target in wanted.targets],
            }
        },
    }
    comments = (
        "A smoke test. GitHub starts scheduled runs late, drops some, and ends them after 60 idle days:",
        "this is no monitor and measures no uptime.",
    )
    return {WORKFLOW: yaml_text(workflow, *comments), "README.md": _readme(wanted)}


def literal(text: str) -> str:
    """A text in which GitHub sees no expression of its own."""
    return re.sub(r"\$\{\{", "${{ '${{' }}", text)


def _step(target: Target) -> dict[str, Any]:
    route = target.route
    return {
        "name": literal(target.label),
        "if": "${{ !cancelled() }}",
        "shell": "bash",
        "env": {
            "TARGET": literal(target.url),
            "METHOD": route.method,
            "EXPECTED": ANY if route.status is None else str(route.status),
            "CONTAINS": literal(route.contains) if route.method != "HEAD" else "",
            "CONTENT_TYPE": route.content_type if route.body else "",
            "BODY": literal(route.body),
        },
        "run": SCRIPT,
    }


def _readme(wanted: Plan) -> str:
    steps = [
        f"Commit {WORKFLOW} to the site's repository.",
        "After each release: gh workflow run launch-smoke.yml, or Run workflow on its page.",
        "Keep a monitor beside it: scheduled runs come late, and end after 60 idle days.",
    ]
    return readme("Smoke test by GitHub Actions", steps, wanted.left_out)

"""Sessions to export: an ordinary one, and one whose every text tries to be more than text."""

from __future__ import annotations

from typing import Any

from launchready_tui.session.model import Ai, Mail, Monitor, Session, Site, SiteRoute

HOSTILE = (
    'say "ok": [yes] - # no\n- evil: *anchor\n',
    "{{ template \"evil\" }} ${{ secrets.GITHUB_TOKEN }} ${{ '${{' }} $GH_PAT ${HOME} $1 $$",
    "a == b != c <= d >= e < f > g (x|y)+ [z] \\d ^$ 100% `id` $(id) '; id; '",
    "!!python/object:os.system\tyes\u2028\u202e\x1b[2J \u00e9 \U0001f600",
)
"""Quotes, newlines, YAML's own signs, templates, expressions, variables, regular expressions, shells."""


def ordinary(**monitor: Any) -> Session:
    """A shop with a homepage, a health page and one transaction."""
    given = {
        "urls": [
            "https://www.example.com/",
            {"url": "https://www.example.com/api/health", "status": 200, "contains": '"ok": true'},
            {"url": "/api/order", "method": "POST", "status": 201, "body": {"probe": True}},
        ],
        "destinations": ["#ops on Slack", "ann@example.com"],
    }
    return Session(
        site=Site(domain="example.com", canonical="https://www.example.com/"),
        monitor=Monitor(**(given | monitor)),
        ai=Ai(endpoint="/api/chat", canaries=["LRC-1a2b3c4d", "LRC-9f8e7d6c"], forbidden_tools=["delete_account"]),
    )


def hostile(base: str = "https://www.example.com") -> Session:
    """A session whose texts are all hostile."""
    urls: list[str | dict[str, Any]] = [
        {"url": f"{base}/{number}/{text}?q={text}", "method": "POST", "contains": text, "body": text, "status": 200}
        for number, text in enumerate(HOSTILE)
    ]
    return Session(
        site=Site(
            domain="example.com",
            canonical=f"{base}/",
            routes=[SiteRoute(url=f"/route {HOSTILE[1]}", contains=HOSTILE[2])],
        ),
        mail=Mail(from_address="{{ evil }}@example.com", smtp_user="$SECRET {{ x }}"),
        monitor=Monitor(
            urls=urls,
            destinations=[*HOSTILE, {"kind": "mail", "name": "{{evil}}@example.com"}, {"kind": "slack", "name": "#x"}],
            regions=[HOSTILE[2]],
        ),
        ai=Ai(
            endpoint=f"{base}/api/{HOSTILE[1]}",
            model=HOSTILE[1],
            request={
                "prompt": "{{prompt}} {{ {% raw %}",
                "model": "{{model}}",
                "id": "{{id}}",
                "texts": [*HOSTILE[2:]],
            },
            answer='["odd.{{name}}"]',
            canaries=["LRC-1a2b3c4d", "{{ canary }} {% if %}"],
            forbidden_tools=[HOSTILE[1]],
            sink="sink.example.net/{{ env.HOME }}",
            key_header="X-Key",
        ),
    )

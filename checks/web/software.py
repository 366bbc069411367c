"""Which server or platform gave an answer, by its own marks, and how each of them is told to do one thing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from checks.network import Response

_MARKS: tuple[tuple[str, str, str], ...] = (
    ("Vercel", "x-vercel-id", ""),
    ("Netlify", "x-nf-request-id", ""),
    ("GitHub Pages", "x-github-request-id", ""),
    ("Cloudflare", "cf-ray", ""),
    ("nginx", "server", r"^(?:nginx|openresty)\b"),
    ("Apache", "server", r"^(?:apache\b(?!-coyote)|litespeed\b)"),
    ("Caddy", "server", r"^caddy\b"),
    ("IIS", "server", r"^microsoft-iis\b"),
)
"""Name, the header that tells, and what it holds then. What can be changed at an edge need not be changed behind it."""

_MOST = 3
"""Ways that are shown where it is not known which server it is."""


def software(response: Response | None) -> str:
    """The name of what answered, empty where it does not say so."""
    if response is None:
        return ""
    return next(
        (
            name
            for name, header, pattern in _MARKS
            if any(re.search(pattern, value, re.IGNORECASE) for value in response.headers.all(header))
        ),
        "",
    )


def told(response: Response | None, ways: Mapping[str, str]) -> str:
    """In brackets, the way of the server that answered; where none of `ways` is its own, the first of them."""
    own = software(response)
    names = [own] if own in ways else list(ways)[:_MOST]
    return f"({' or '.join(f'{name}: {ways[name]}' for name in names)})"


def sending(response: Response, name: str, value: str) -> str:
    """What to send, and how the server that answered is told to: a fix to copy."""
    ways = {
        "Vercel": "in vercel.json: "
        + json.dumps({"headers": [{"source": "/(.*)", "headers": [{"key": name, "value": value}]}]}),
        "Netlify": f"in the file _headers a line /* and below it, indented: {name}: {value}",
        "GitHub Pages": "it sends no headers of one's own; put an edge such as Cloudflare before it that does",
        "Cloudflare": f"Rules, Transform Rules, Modify Response Header, Set static: {name} to {value}",
        "nginx": f'add_header {name} "{value}" always;',
        "Apache": f'Header always set {name} "{value}"',
        "Caddy": f'header {name} "{value}"',
        "IIS": f'in web.config, system.webServer, httpProtocol, customHeaders: <add name="{name}" value="{value}" />',
    }
    how = f" {told(response, ways)}" if software(response) in ways else ""
    return f"Send: {name}: {value}{how}"

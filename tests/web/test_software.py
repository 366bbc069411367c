"""Which server answered, and how it is told to send a header."""

from __future__ import annotations

import json

import pytest

from checks.network import Headers, Response
from checks.web.software import sending, software, told


def answered(*fields: tuple[str, str]) -> Response:
    return Response(
        method="GET",
        url="https://example.com/",
        status=200,
        http_version="HTTP/1.1",
        headers=Headers(fields),
        body=b"",
        wire_size=0,
        truncated=False,
        address="198.18.7.20",
        handshake=None,
    )


@pytest.mark.parametrize(
    ("fields", "name", "line"),
    [
        ([("server", "nginx/1.22.1")], "nginx", 'add_header X-A "b" always;'),
        ([("server", "Apache/2.4.57 (Debian)")], "Apache", 'Header always set X-A "b"'),
        ([("server", "Microsoft-IIS/10.0")], "IIS", '<add name="X-A" value="b" />'),
        ([("server", "cloudflare"), ("cf-ray", "8a1-FRA")], "Cloudflare", "Set static: X-A to b"),
        ([("server", "Netlify"), ("x-nf-request-id", "01J")], "Netlify", "_headers"),
        ([("server", "Apache-Coyote/1.1")], "", "Send: X-A: b"),
        ([], "", "Send: X-A: b"),
    ],
)
def test_the_server_that_answered_is_told_in_its_words(fields: list[tuple[str, str]], name: str, line: str) -> None:
    answer = answered(*fields)
    assert software(answer) == name
    assert sending(answer, "X-A", "b").startswith("Send: X-A: b")
    assert line in sending(answer, "X-A", "b")


def test_the_file_for_vercel_is_json() -> None:
    fix = sending(answered(("x-vercel-id", "fra1::x")), "Content-Security-Policy", "script-src 'self'")
    written = json.loads(fix[fix.index("{") : fix.rindex("}") + 1])
    assert written["headers"][0]["headers"] == [{"key": "Content-Security-Policy", "value": "script-src 'self'"}]


def test_an_unknown_server_is_shown_the_usual_ways_and_a_known_one_its_own() -> None:
    ways = {"nginx": "a", "Apache": "b", "Cloudflare": "c", "Caddy": "d"}
    assert told(None, ways) == "(nginx: a or Apache: b or Cloudflare: c)"
    assert told(answered(("server", "Caddy")), ways) == "(Caddy: d)"
    assert told(answered(("server", "cloudflare"), ("cf-ray", "1")), {"nginx": "a"}) == "(nginx: a)"

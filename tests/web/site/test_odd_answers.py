"""Answers that HTTP forbids or leaves unfinished, byte by byte: what browsers forgive is never called broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchready_tui.lab.web_server import Reply, Request, redirect
from tests.web.raw_server import RawServer
from tests.web.site_under_test import ADDRESS, HOME, REAL_PAGE, Site, healthy, html

BODY = REAL_PAGE.encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.0 200\nContent-Type: text/html\n\n" + BODY, "pass"),
        (HEAD + b"X-Folded: a\r\n\tb\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY, "pass"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + HEAD + b"Connection: close\r\n\r\n" + BODY, "pass"),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) + 9) + BODY, "pass"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY, "pass"),
        (HEAD + b"Set-Cookie : sid=c0ffee\r\n\r\n" + BODY, "error"),
        (HEAD + b"X-Gr\xc3\xbc\xc3\x9fe: hallo\r\n\r\n" + BODY, "error"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + BODY, "fail"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "fail"),
        (b"", "fail"),
    ],
    ids=["http/1.0", "folded", "early hints", "cut", "cut chunk", "space", "letters", "no gzip", "ssh", "nothing"],
)
async def test_only_what_no_browser_shows_is_no_answer(site: Site, tmp_path: Path, answer: bytes, status: str) -> None:
    await site.serve(None)
    issued = site.world.authority.issue("example.com")
    await site.world.place(RawServer(answer, issued, tmp_path), ADDRESS, 443)
    finding = (await site.look("web.unreachable", canonical=HOME)).only
    assert finding.status == status, finding
    assert "c0ffee" not in finding.summary
    assert status != "fail" or "takes connections: look into its log" in finding.fix


@pytest.mark.parametrize("http2", [True, False])
async def test_headers_that_only_a_browser_reads_to_their_end_are_no_silence(site: Site, http2: bool) -> None:
    long = [(f"x-long-{number}", "v" * 6000) for number in range(20)]
    await site.serve(lambda request: html(REAL_PAGE, *long), http2=http2)
    finding = (await site.look("web.unreachable")).only
    assert (finding.status, "more headers than this program reads" in finding.summary) == ("error", True)


@pytest.mark.parametrize("location", ["/tee-k\u00fcche?m=\u00e4", "/tee-k%C3%BCche?m=%C3%A4"])
async def test_an_address_in_utf_8_is_followed_as_browsers_do(site: Site, location: str) -> None:
    def secure(request: Request) -> Reply:
        if request.path == "/spring":
            return redirect(location.encode().decode("latin-1"))
        return html() if request.target == "/tee-k%C3%BCche?m=%C3%A4" else healthy(request)

    await site.serve(secure, http2=False)
    finding = (await site.look("web.campaign-broken", campaign_urls=("/spring",))).only
    assert finding.status == "pass", finding.evidence
    assert "\u00c3" not in str(finding.evidence)

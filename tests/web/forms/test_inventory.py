"""What is seen of every form: action, method, fields, token, traps, and where it sends."""

from __future__ import annotations

import pytest

from checks.subject import FormPlan
from tests.web.site_under_test import HOME, Site, healthy, html

CONTACT = (
    "<style>.away{left:-9999px;position:absolute}</style><form method=post action=/send>"
    "<input type=hidden name=csrf_token value=t1><input name=name required><input type=email name=mail required>"
    "<textarea name=text></textarea><div class=away><input name=website></div><button name=go>Send</button></form>"
)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            CONTACT,
            "POST to https://example.com/send (the site itself); asks for name*, mail*, text; CSRF token csrf_token; "
            "trap for programs: website",
        ),
        ("<form method=post action=/a><input name=x></form>", "asks for x; no CSRF token"),
        (
            "<meta name=csrf-param content=t><meta name=csrf-token content=k><form method=post action=/a><input name=x></form>",
            "CSRF token meta csrf-token",
        ),
        ("<form action=/find><input name=q></form>", "GET to https://example.com/find (the site itself); asks for q"),
        ("<form method=post action=https://eu.forms.example/x><input name=x></form>", "(eu.forms.example, declared)"),
        ("<form method=post action=https://other.example/x><input name=x></form>", "(other.example, not declared)"),
        ("<form method=post action=mailto:a@example.com><input name=x></form>", "(another program)"),
        (
            "<form method=dialog><button>Close</button></form>",
            "(nowhere: it closes a window); asks for nothing by name",
        ),
        (
            "<form method=post action=/a><input type=radio name=r><input type=radio name=r required></form>",
            "asks for r*;",
        ),
        ("<form method=post action=/a><input name=x><p>never closed", "asks for x"),
    ],
)
async def test_each_form_is_told_with_all_that_it_has(site: Site, body: str, told: str) -> None:
    await site.serve(lambda request: html(body) if request.path == "/" else healthy(request))
    plans = (FormPlan("/", action_hosts=("forms.example",)),)
    assert told in (await site.look("form.insecure", canonical=HOME, forms=plans)).evidence


async def test_a_form_in_a_frame_of_the_sites_own_is_seen(site: Site) -> None:
    pages = {
        "/": html("<iframe src=/frame.html></iframe><iframe src=https://other.example/form></iframe>"),
        "/frame.html": html("<form method=post action=http://example.com/send><input name=x></form>"),
    }
    await site.serve(lambda request: pages.get(request.path) or healthy(request))
    looked = await site.look("form.insecure", canonical=HOME)
    assert looked.problems == {"https://example.com/frame.html": "fail"}


async def test_a_page_of_ten_megabytes_is_read_to_its_limit(site: Site) -> None:
    body = "<form method=post action=http://example.com/send><input name=x></form>" + "<p>" + "tea " * 2_600_000
    await site.serve(lambda request: html(body) if request.path == "/" else healthy(request))
    assert (await site.look("form.insecure", canonical=HOME)).only.status == "fail"

"""form.insecure: how forms are read, and what is wrong with them."""

from __future__ import annotations

import pytest

from checks.subject import FormPlan, Route
from checks.web.forms.reading import sendings
from checks.web.html import parse
from launchready_tui.lab.web_server import Request, redirect
from tests.web.site_under_test import HOME, Site, healthy, html

MAIL = "<input type=email name=mail>"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (f"<form method=post action=/send>{MAIL}</form>", "pass"),
        (f"<form method=post action=https://app.example.com/send>{MAIL}</form>", "pass"),
        ("<form action=/search><input name=q></form>", "pass"),
        ("<form action=https://www.search.example/><input name=q></form>", "pass"),
        ("<form method=post action=http://example.com/send><input name=a></form>", "fail"),
        ("<form method=post action=/a><button formaction=http://example.com/b>x</button></form>", "fail"),
        ("<base href=http://example.com/><form method=post action=a><input name=a></form>", "fail"),
        (f"<form method=post action=https://forms.other.example/>{MAIL}</form>", "fail"),
        (f"<form method=get action=/send>{MAIL}</form>", "fail"),
        ("<form action=/login><input type=password name=p></form>", "fail"),
        ("<form action=/join><input name=e-mail></form>", "fail"),
        ("<form action=/join><input name=your_email></form>", "fail"),
        ("<form action=/find><input type=hidden name=email></form>", "pass"),
        ("<form action=/find><input name=mailbox_size></form>", "pass"),
        (f"<form>{MAIL}</form>", "fail"),
        (f"<script>app()</script><form>{MAIL}</form>", "pass"),
        (f"<form action=/send onsubmit='return send()'>{MAIL}</form>", "pass"),
        (f"<form hx-post=/send>{MAIL}</form>", "pass"),
        (f"<form method=dialog>{MAIL}</form>", "pass"),
        (f"<form method=post action=mailto:a@example.com>{MAIL}</form>", "pass"),
        ("<form id=f method=get action=/send></form><input form=f type=email>", "fail"),
        (f"<form method=get action=/x>{MAIL}<button formmethod=post>x</button></form>", "pass"),
        ("<script>app()</script><form method=get action=/in><input type=password name=p></form>", "fail"),
        (f"<form method=get action=/join onsubmit='return validate(this)'>{MAIL}</form>", "fail"),
        (f"<form action=/join onsubmit='return validate(this)'>{MAIL}</form>", "fail"),
        (f"<form method=get action=/join onsubmit='send(); return false'>{MAIL}</form>", "pass"),
        (f"<form method=get action=/join data-turbo=true>{MAIL}</form>", "fail"),
        (f"<form method=get hx-post=/join>{MAIL}</form>", "pass"),
        ("<form action=/join><input name=q1 placeholder='Your email'></form>", "fail"),
        ("<form action=/find><input name=q placeholder='Search by email or name'></form>", "pass"),
        ("<base href=https://cdn.other.example/><form method=post action=send><input name=a></form>", "fail"),
        ("<!-- <form method=post action=http://example.com/a><input name=a></form> --><form></form>", "pass"),
        ("<template><form method=post action=http://example.com/a></form></template><form></form>", "pass"),
        ("<form method=POST action=' HTTP://example.com/a '><input name=a></form>", "fail"),
        ("<form method=post action=//other.example/a><input name=a></form>", "fail"),
        ("<form method=post action=/a><input name=a><p>never closed<form action=http://example.com/>", "pass"),
        ("<form id=f method=post action=/a></form><form id=f action=/b></form><input form=f type=email>", "pass"),
    ],
)
async def test_forms(site: Site, form: str, status: str) -> None:
    await site.serve(lambda request: html(form) if request.path == "/" else healthy(request))
    finding = (await site.look("form.insecure", canonical=HOME)).only
    assert finding.status == status, finding


async def test_a_declared_receiver(site: Site) -> None:
    body = f"<form method=post action=https://eu.forms.example/x>{MAIL}</form>"
    await site.serve(lambda request: html(body) if request.path == "/" else healthy(request))
    plans = (FormPlan(page="/", action_hosts=("forms.example",)),)
    assert (await site.look("form.insecure", canonical=HOME, forms=plans)).only.status == "pass"


async def test_pages_of_declared_forms_and_routes_are_read(site: Site) -> None:
    def handler(request: Request) -> object:
        ways = {
            "/contact": redirect("/en/contact"),
            "/en/contact": html(f"<form action=/send>{MAIL}</form>"),
            "/login": html("<form method=post action=http://example.com/in></form>"),
        }
        return ways.get(request.path) or healthy(request)

    await site.serve(handler)
    looked = await site.look("form.insecure", forms=(FormPlan("/contact"),), routes=(Route("/login"), Route("/none")))
    assert looked.problems == {"https://example.com/en/contact": "fail", "https://example.com/login": "fail"}


async def test_no_form_is_nothing_to_look_at(site: Site) -> None:
    await site.serve()
    assert (await site.look("form.insecure")).only.status == "skipped"


def test_every_button_may_send_elsewhere() -> None:
    document = parse(
        "<form action=a method=post><button>x</button><input type=submit formaction=b formmethod=get>"
        "<button type=button formaction=no></button></form>"
    )
    found = [(s.url.rpartition("/")[2], s.method) for s in sendings(document, "https://example.com/")]
    assert found == [("a", "post"), ("b", "get")]

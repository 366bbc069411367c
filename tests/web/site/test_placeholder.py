"""web.placeholder: hosts' pages are told from pages of one's own."""

from __future__ import annotations

import pytest

from checks.web.html import parse
from checks.web.site.placeholder import placeholder
from tests.web.site_under_test import REAL_PAGE, Site, html

NGINX = (
    "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is "
    "successfully installed and working. Further configuration is required.</p>"
)
FILLER = "<p>" + "We build boats and mend sails for the whole coast. " * 20


@pytest.mark.parametrize(
    "page",
    [
        NGINX,
        "<html><body><h1>It works!</h1></body></html>",
        "<title>Apache2 Ubuntu Default Page: It works</title>" + FILLER,
        "<title>IIS Windows Server</title><a href=x><img src=iisstart.png></a>",
        "<title>Vite + React</title><div id=root></div><script src=/x.js></script>",
        "<title>example.com</title><p>This domain is parked",
        "<title>example.com</title><h1>The domain name example.com is for sale!</h1><p>Make an offer</p>",
        "<title>example.com</title><p>Future home of something quite cool. If you own it, log in to launch this site.",
        "<title>example.com - This website is for sale!</title><p>This website is for sale!",
        "<title>example.com is for sale</title><h1>example.com is for sale</h1><a href=/offer>Buy this domain</a>",
        "<title>Welcome to CentOS</title><p>This page is used to test the proper operation of the HTTP server."
        + FILLER,
        '<script>window.onload=function(){window.location.href="/lander"}</script>',
        "<title>Acme</title><h1>Hier entsteht eine neue Website</h1>",
        "<title>Coming Soon</title><h1>Acme</h1><p>Our new home is on its way. Leave your address.</p><form></form>",
        "<title>Acme</title><h1>We’re launching soon</h1><p>Sign up to hear of it first.</p>",
        "<title>Acme</title><h1>Acme</h1><p>Coming soon.</p>",
        "<title>Acme</title><h1>Site under construction</h1>",
        "<title>Acme</title><h1><svg><title>logo</title></svg> Under construction</h1>" + "word " * 60,
    ],
)
def test_placeholders(page: str) -> None:
    assert placeholder(parse(page))


@pytest.mark.parametrize(
    "page",
    [
        REAL_PAGE,
        "",
        "<title>Acme</title><div id=root></div><noscript>Coming soon</noscript>",
        f"<title>Acme</title><h1>Boats</h1>{FILLER}<h2>Coming soon</h2><p>An app for phones.</p>",
        f"<title>How to remove Welcome to nginx!</title><h1>Guide</h1>{NGINX}{FILLER * 3}",
        f"<title>Coming soon to a harbour near you: our guide to sailing in winter</title><h1>Guide</h1>{FILLER}",
        "<title>React App</title><div id=root></div><script src=/main.js></script>",
        f"<title>It works! A blog</title><p>It works!{FILLER}",
        "<title>Acme</title><h1>Houses</h1><p>This old mill is for sale. Interested in this house? Write to us.",
        f"<title>Domains</title><p>Find out whether this domain may be for sale.{FILLER * 2}",
    ],
)
def test_pages_of_one_s_own(page: str) -> None:
    assert placeholder(parse(page)) == ""


async def test_the_check(site: Site) -> None:
    await site.serve(lambda request: html(NGINX))
    finding = (await site.look("web.placeholder")).only
    assert finding.status == "fail"
    assert "nginx" in finding.summary


async def test_the_check_on_a_real_page(site: Site) -> None:
    await site.serve()
    assert (await site.look("web.placeholder")).only.status == "pass"


async def test_a_homepage_in_error_is_told_elsewhere(site: Site) -> None:
    await site.serve(lambda request: html(NGINX, status=503))
    assert (await site.look("web.placeholder")).only.status == "skipped"

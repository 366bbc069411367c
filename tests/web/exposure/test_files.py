"""exposure.env-file and exposure.git."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.exposure.files import ENV_FILES, env_names
from launchready_tui.lab.web_server import HangUp, Reply, Request, redirect
from tests.web.site_under_test import HOME, REAL_PAGE, Site, healthy, html, script, text

ENV = "# database\nDB_HOST=localhost\nexport DB_PASSWORD='hush-hush'\n\nEMPTY=\n"


async def test_a_healthy_site(site: Site) -> None:
    await site.serve()
    assert (await site.look("exposure.env-file")).only.status == "pass"
    assert (await site.look("exposure.git")).only.status == "pass"


@pytest.mark.parametrize("name", ENV_FILES)
async def test_a_public_env_file(site: Site, name: str) -> None:
    await site.serve(lambda request: text(ENV) if request.path == f"/{name}" else healthy(request))
    finding = (await site.look("exposure.env-file")).only
    assert (finding.status, finding.target) == ("fail", HOME + name)
    assert "DB_PASSWORD" in "".join(finding.evidence)
    assert "(?!well-known)" in finding.fix, "certificates are renewed through a folder that begins with a dot"
    assert "hush" not in str(finding)


@pytest.mark.parametrize("check", ["exposure.env-file", "exposure.git", "exposure.directory-listing", "exposure.debug"])
@pytest.mark.parametrize("body", [REAL_PAGE, "APP=1\nNAME=value", "ref: something else"])
async def test_an_app_that_answers_200_to_everything(site: Site, check: str, body: str) -> None:
    await site.serve(lambda request: html(body))
    assert (await site.look(check)).status == "pass"


async def test_a_catch_all_that_repeats_the_address(site: Site) -> None:
    count = itertools.count()
    await site.serve(lambda request: text(f"PATH={request.path}\nREQUEST={next(count)}"))
    assert (await site.look("exposure.env-file")).only.status == "pass"


@pytest.mark.parametrize(
    "reply", [text(ENV, 403), text(ENV, 404), redirect("/login"), text("not found"), text('{"a": "b=c"}')]
)
async def test_answers_that_show_nothing(site: Site, reply: Reply) -> None:
    await site.serve(lambda request: reply if request.path.startswith("/.env") else healthy(request))
    assert (await site.look("exposure.env-file")).only.status == "pass"


async def test_a_file_that_cannot_be_asked_for_is_not_known_to_be_safe(site: Site) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/."):
            raise HangUp
        return healthy(request)

    await site.serve(handler, http2=False)
    assert (await site.look("exposure.env-file")).only.status == "error"
    assert (await site.look("exposure.git")).only.status == "error"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (text("slow down", status=429), "error"),
        (text("bad gateway", status=502), "error"),
        (html("", ("cf-mitigated", "challenge"), status=403), "error"),
        (html("", ("x-amzn-waf-action", "challenge"), status=202), "error"),
        (html("Attention Required! | Cloudflare", ("server", "cloudflare"), status=403), "pass"),
        (text("forbidden", status=403), "pass"),
    ],
)
@pytest.mark.parametrize("check", ["env-file", "git", "source-map", "directory-listing"])
async def test_what_is_held_back_for_now_is_not_known_to_be_safe(
    site: Site, check: str, reply: Reply, status: str
) -> None:
    home = html("<title>Tea</title><script src=/assets/app.js></script>")
    files = {"/": home, "/assets/app.js": script("go()")}
    await site.serve(
        lambda request: files.get(request.path, reply) if request.host == "example.com" else healthy(request)
    )
    assert (await site.look(f"exposure.{check}")).only.status == status


async def test_an_open_file_counts_though_another_is_held_back(site: Site) -> None:
    await site.serve({"/": html(), "/.env": text(ENV), "/.env.local": text("slow down", status=429)})
    assert (await site.look("exposure.env-file")).problems == {f"{HOME}.env": "fail"}


async def test_an_app_that_gives_its_revision_at_every_address_has_no_repository(site: Site) -> None:
    await site.serve(lambda request: html() if request.path == "/" else text("ab" * 20))
    assert (await site.look("exposure.git")).only.status == "pass"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (text("ref: refs/heads/main\n"), "fail"),
        (text("0123456789abcdef0123456789abcdef01234567"), "fail"),
        (text("ab" * 32), "fail"),
        (text("ref: refs/heads/main\n", 403), "pass"),
        (html(), "pass"),
        (text("ref: nothing"), "pass"),
        (text("ref: refs/heads/main <b>an article</b>"), "pass"),
        (text(""), "pass"),
    ],
)
async def test_git(site: Site, reply: Reply, status: str) -> None:
    await site.serve(lambda request: reply if request.path == "/.git/HEAD" else healthy(request))
    assert (await site.look("exposure.git")).only.status == status


@pytest.mark.parametrize("check", ["env-file", "git", "source-map", "bundle-secret", "directory-listing", "debug"])
async def test_a_site_that_is_down_is_told_elsewhere(site: Site, check: str) -> None:
    await site.serve(None, None)
    assert (await site.look(f"exposure.{check}")).only.status == "skipped"


async def test_nothing_is_tried_at_a_site_of_others(site: Site) -> None:
    await site.serve(lambda request: redirect("https://profiles.net/tea"))
    site.world.zone("profiles.net", {"@": ["A 198.18.7.30"]})
    other = await site.world.web("198.18.7.30", lambda request: html(), site.world.authority.issue("profiles.net"))
    assert {finding.status for finding in (await site.look("exposure")).findings} == {"skipped", "pass"}
    assert {request.path for request in other.requests} == {"/tea"}
    await site.look("exposure.git", canonical="profiles.net")
    assert "/.git/HEAD" in {request.path for request in other.requests}


@pytest.mark.parametrize("check", ["env-file", "git", "source-map", "bundle-secret", "directory-listing", "debug"])
async def test_a_guarded_site_cannot_be_judged(site: Site, check: str) -> None:
    await site.serve(lambda request: html("", ("cf-mitigated", "challenge"), status=403))
    assert (await site.look(f"exposure.{check}")).only.status == "error"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (ENV, ("DB_HOST", "DB_PASSWORD", "EMPTY")),
        ('KEY="-----BEGIN\nabc\ndef\n-----END"\nB=1', ("KEY", "B")),
        ("\ufeffA=1\r\nB=2\r\n", ("A", "B")),
        ("<html>\nA=1", ()),
        ("{\nA=1", ()),
        ("hello\nA=1", ()),
        ("A=1\nprose\nprose\nprose\nprose", ()),
        ("just words", ()),
        ("", ()),
    ],
)
def test_names_of_an_env_file(body: str, names: tuple[str, ...]) -> None:
    assert env_names(body) == names


@given(st.text())
def test_no_text_breaks_the_reading(body: str) -> None:
    env_names(body)

"""Where a product is deployed, and whether there is a way back."""

from __future__ import annotations

import pytest

from checks.repo.platform_table import by_cname, by_headers, by_name, platforms
from checks.repo.platforms import by_files
from checks.repo.project import read_project
from tests.repo.conftest import Judge, Repository


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("vercel.json", "Vercel"),
        ("netlify.toml", "Netlify"),
        ("wrangler.toml", "Cloudflare Workers"),
        ("render.yaml", "Render"),
        ("fly.toml", "Fly.io"),
        ("railway.json", "Railway"),
        ("Procfile", "Heroku"),
        (".do/app.yaml", "DigitalOcean App Platform"),
        ("serverless.yml", "AWS Lambda"),
        (".ebextensions/web.config", "AWS Elastic Beanstalk"),
        ("copilot/web/manifest.yml", "AWS ECS or App Runner"),
        ("app.yaml", "Google App Engine"),
        ("cloudbuild.yaml", "Google Cloud Run"),
        ("firebase.json", "Firebase Hosting"),
        ("azure.yaml", "Azure App Service"),
        ("apps/web/vercel.json", "Vercel"),
        ("ecosystem.config.js", "a plain server (VPS)"),
        ("deploy.sh", "a plain server (VPS)"),
        ("k8s/web.yaml", "Kubernetes"),
        ("compose.yaml", "a server with Docker"),
    ],
)
def test_files_show_the_platform(repository: Repository, path: str, name: str) -> None:
    repository.commit({path: "x"})
    assert [platform.name for platform, _ in by_files(read_project(repository.root))] == [name]


def test_a_file_that_others_have_too_is_a_hint_only(repository: Repository) -> None:
    repository.commit({"fly.toml": "x", "Dockerfile": "x", "Procfile": "x", "public/_redirects": "x"})
    repository.commit(
        {"examples/vercel/vercel.json": "{}", "node_modules/x/netlify.toml": "x", "tests/render.yaml": "x"}
    )
    assert [platform.name for platform, _ in by_files(read_project(repository.root))] == ["Fly.io"]


def test_what_a_file_says_tells_platforms_of_one_vendor_apart(repository: Repository) -> None:
    repository.commit({"wrangler.toml": 'pages_build_output_dir = "dist"'})
    assert [platform.name for platform, _ in by_files(read_project(repository.root))] == ["Cloudflare Pages"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("vercel", "Vercel"),
        ("Vercel (Pro)", "Vercel"),
        ("Cloudflare", "Cloudflare Workers"),
        ("cloudflare pages", "Cloudflare Pages"),
        ("AWS", "AWS Lambda"),
        ("AWS Amplify", "AWS Amplify"),
        ("elastic beanstalk", "AWS Elastic Beanstalk"),
        ("Google Cloud", "Google Cloud Run"),
        ("App Engine", "Google App Engine"),
        ("Azure", "Azure App Service"),
        ("DigitalOcean", "DigitalOcean App Platform"),
        ("Hetzner VPS", "a plain server (VPS)"),
        ("docker", "a server with Docker"),
        ("Kubernetes", "Kubernetes"),
    ],
)
def test_people_name_a_platform_in_many_ways(said: str, name: str) -> None:
    named = by_name(said)
    assert named is not None
    assert named.name == name


def test_no_other_word_names_a_platform() -> None:
    assert by_name("e") is None
    assert by_name("the usual place") is None


def test_names_and_cnames() -> None:
    assert by_cname("x.vercel-dns-0.com") is by_name("vercel")
    assert by_cname("d1d4fc829fe7bc7c.vercel-dns-017.com") is by_name("vercel")
    assert by_cname("notvercel.app") is None
    assert by_name("fly") is by_name("Fly.io")
    assert by_name("") is None
    assert all(platform.secrets and platform.keeps and platform.release for platform in platforms())


@pytest.mark.parametrize(
    ("name", "value", "platform"),
    [
        ("x-vercel-id", "fra1::x", "Vercel"),
        ("server", "Netlify", "Netlify"),
        ("via", "1.1 vegur", "Heroku"),
        ("via", "2.0 fly.io", "Fly.io"),
        ("server", "railway-edge", "Railway"),
        ("server", "nginx", ""),
        ("via", "1.1 varnish", ""),
    ],
)
def test_a_header_shows_the_platform(name: str, value: str, platform: str) -> None:
    assert [shown.name for shown, _ in by_headers([(name, value)])] == [platform][: bool(platform)]


async def test_a_platform_with_a_way_back_passes(repository: Repository, judge: Judge) -> None:
    repository.commit({"vercel.json": "{}"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert finding.status == "pass"
    assert any("vercel rollback" in line for line in finding.evidence)


async def test_two_platforms_are_told_with_the_way_back_of_each(repository: Repository, judge: Judge) -> None:
    repository.commit({"vercel.json": "{}", "fly.toml": "x"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert finding.status == "pass"
    assert finding.summary.startswith("2 platforms are found (Vercel, Fly.io)")
    assert sum(line.startswith(("Vercel: vercel rollback", "Fly.io: fly releases")) for line in finding.evidence) == 2


@pytest.mark.parametrize(
    "files",
    [
        {"ROLLBACK.md": "x"},
        {"docs/runbook.md": "To roll back, do this"},
        {"README.md": "# App\n\n## Rollback\n\nx\n"},
        {"Makefile": "rollback:\n\techo\n"},
        {"package.json": '{"scripts": {"rollback": "x"}}'},
        {"scripts/rollback.sh": "x"},
    ],
)
async def test_a_document_passes(repository: Repository, judge: Judge, files: dict[str, str]) -> None:
    repository.commit(files | {"Dockerfile": "FROM x"})
    assert (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0].status == "pass"


async def test_no_way_back_fails(repository: Repository, judge: Judge) -> None:
    repository.commit({"compose.yaml": "services: {}", "docs/deploy.md": "push and pray"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert (finding.status, finding.triage) == ("fail", "now")
    assert (await judge("deploy.rollback-missing", rollback="make back"))["deploy.rollback-missing"][0].status == "pass"


async def test_an_unknown_place_is_skipped(judge: Judge) -> None:
    assert (await judge("deploy.rollback-missing", repo=None))["deploy.rollback-missing"][0].status == "skipped"

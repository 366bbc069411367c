"""Where a product is deployed, and whether there is a way back."""

from __future__ import annotations

import pytest

from checks.repo.platforms import by_cname, by_files, by_name, platforms
from checks.repo.project import read_project
from tests.repo.conftest import Judge, Repository


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("vercel.json", "Vercel"),
        ("netlify.toml", "Netlify"),
        ("wrangler.toml", "Cloudflare Pages and Workers"),
        ("render.yaml", "Render"),
        ("fly.toml", "Fly.io"),
        ("railway.json", "Railway"),
        ("Procfile", "Heroku"),
        (".do/app.yaml", "DigitalOcean App Platform"),
        ("serverless.yml", "AWS"),
        ("app.yaml", "Google Cloud"),
        ("azure.yaml", "Azure"),
        ("k8s/web.yaml", "Kubernetes"),
        ("compose.yaml", "Docker on a server"),
    ],
)
def test_files_show_the_platform(repository: Repository, path: str, name: str) -> None:
    repository.commit({path: "x"})
    assert [platform.name for platform, _ in by_files(read_project(repository.root))] == [name]


def test_names_and_cnames() -> None:
    assert by_cname("x.vercel-dns-0.com") is by_name("vercel")
    assert by_cname("notvercel.app") is None
    assert by_name("fly") is by_name("Fly.io")
    assert by_name("") is None
    assert all(platform.secrets and platform.keeps and platform.release for platform in platforms())


async def test_a_platform_with_a_way_back_passes(repository: Repository, judge: Judge) -> None:
    repository.commit({"vercel.json": "{}"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert finding.status == "pass"
    assert any("vercel rollback" in line for line in finding.evidence)


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

"""Where a product is deployed, as its repository and the live site tell it together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.subject import DeployPlan, Subject
from launchready_tui.lab.web_server import page
from launchready_tui.lab.world import World
from tests.repo.conftest import Repository

ADDRESS, VERCELS = "192.0.2.80", "76.76.21.21"
HEADER = ("x-vercel-id", "fra1::abc")


async def publish(world: World, *headers: tuple[str, str], address: str = ADDRESS) -> None:
    world.zone("example.com", {"@": [f"A {address}"]})
    await world.web(address, lambda _: page("<h1>Shop</h1>", *headers), world.authority.issue("example.com"))


async def judged(network: Network, repository: Repository | None, platform: str = "") -> Finding:
    plan = DeployPlan(repo=repository.root if repository else None)
    subject = replace(Subject.of("example.com"), deploy=plan, platform=platform)
    (finding,) = await collect(subject, network, only=("deploy.rollback-missing",))
    return finding


async def test_the_site_says_more_than_a_hint(world: World, network: Network, repository: Repository) -> None:
    repository.commit({"Dockerfile": "FROM x", "compose.yaml": "services: {}"})
    await publish(world, HEADER)
    finding = await judged(network, repository)
    assert finding.status == "pass"
    assert "Vercel: the site sends x-vercel-id" in finding.evidence
    assert not any("Docker" in line for line in finding.evidence)


async def test_a_hint_counts_where_the_site_says_nothing(
    world: World, network: Network, repository: Repository
) -> None:
    repository.commit({"compose.yaml": "services: {}"})
    await publish(world)
    finding = await judged(network, repository)
    assert (finding.status, finding.evidence) == ("fail", ("a server with Docker: compose.yaml",))


async def test_a_site_elsewhere_than_its_files_say_is_told(
    world: World, network: Network, repository: Repository
) -> None:
    repository.commit({"netlify.toml": "[build]"})
    await publish(world, HEADER)
    finding = await judged(network, repository)
    assert finding.summary.startswith("2 platforms are found (Netlify, Vercel): name yours")


@pytest.mark.parametrize("header", [("x-cloud-trace-context", "1/2"), ("x-amzn-requestid", "1"), ("via", "1.1 vegur")])
async def test_a_clouds_common_front_tells_nothing_beside_files(
    world: World, network: Network, repository: Repository, header: tuple[str, str]
) -> None:
    repository.commit({"app.yaml": "runtime: python312"})
    await publish(world, header)
    names = {line.partition(":")[0] for line in (await judged(network, repository)).evidence}
    assert "Google App Engine" in names
    assert ("Heroku" in names) == (header[0] == "via")
    assert not names & {"Google Cloud Run", "AWS Lambda"}


async def test_an_address_of_the_platforms_own_shows_it(world: World, network: Network) -> None:
    world.zone("example.com", {"@": [f"A {VERCELS}"]})
    finding = await judged(network, None)
    assert finding.status == "pass"
    assert f"Vercel: example.com has the address {VERCELS}" in finding.evidence


async def test_a_named_platform_is_believed(world: World, network: Network) -> None:
    await publish(world, HEADER)
    finding = await judged(network, None, platform="Fly.io")
    assert finding.evidence[0] == "Fly.io: named: Fly.io"
    assert not any("Vercel" in line for line in finding.evidence)

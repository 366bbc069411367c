"""web, edge, headers and exposure against a real nginx, by the audit itself: every fault is found, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from checks.subject import Subject
from launchready_tui.audit import audit
from launchready_tui.lab.certificates import Authority
from launchready_tui.lab.world import World
from tests.real.nginx_sites import CASES, EDGE, RIGHT, Case
from tests.web.nginx import Site, free_ports, nginx

pytestmark = pytest.mark.real

FAMILIES = {"web", "edge", "headers", "exposure", "tls"}
TIMED = "web.slow"
"""Left out: a machine that runs many tests at once is no place to time a page."""


@dataclass(frozen=True)
class Place:
    """Where a site's four addresses really listen."""

    secure: int
    plain: int


@pytest.fixture(scope="module")
def places(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    """One nginx with all the sites; those that speak HTTP/2 share a port, since it goes by port."""
    shared, old, plain = free_ports(3)
    sites: list[Site] = []
    for label, case in CASES.items():
        domain, folder = f"{label}.example", tmp_path_factory.mktemp(label)
        # nginx's workers may be another user than the one who runs the tests.
        folder.chmod(0o755)
        case.write(folder)
        bodies = case.blocks(domain, folder)
        issued = authority.issue(domain, f"*.{domain}")
        port = shared if case.http2 else old
        sites += [Site(domain, port, issued, http2=case.http2, body=bodies["secure"])]
        sites += [Site(f"www.{domain}", port, issued, http2=case.http2, body=bodies["www"])]
        if case.origin:
            sites += [Site(f"old.{domain}", port, issued, body=bodies["secure"])]
        sites += [Site(domain, plain, body=f"default_type text/html; {bodies['plain']}")]
        sites += [Site(f"www.{domain}", plain, body=f"default_type text/html; {bodies['plain_www']}")]
    with nginx(*sites):
        yield {label: Place(shared if case.http2 else old, plain) for label, case in CASES.items()}


def declared(case: Case, domain: str) -> Subject:
    def filled(value: Any) -> Any:
        return [filled(one) for one in value] if isinstance(value, list) else (
            value.replace("{domain}", domain) if isinstance(value, str) else value
        )  # fmt: skip

    words = {name: filled(value) for name, value in case.subject.items()}
    return Subject.of(domain, subdomains=["old"] if case.origin else [], **words)


@pytest.mark.parametrize("label", CASES)
async def test_every_fault_is_found_and_nothing_else(world: World, places: dict[str, Place], label: str) -> None:
    case, domain, place = CASES[label], f"{label}.example", places[label]
    number = list(CASES).index(label)
    address = EDGE.format(200, number + 1) if case.edge else f"45.76.120.{number + 1}"
    zone = {"@": [f"A {address}"], "www": [f"CNAME {domain}."]}
    if case.origin:
        zone["old"] = ["A 45.76.121.9"]
        world.route("45.76.121.9", 443, place.secure)
    world.zone(domain, zone)
    world.route(address, 443, place.secure)
    world.route(address, 80, place.plain)
    async with world.network(dns_timeout=5.0) as network:
        result = await audit(declared(case, domain), network, only=FAMILIES)
    findings = [finding for finding in result.findings if finding.check != TIMED]
    assert {f.check: str(f.status) for f in findings if f.is_problem} == case.expected, "\n".join(
        f"{f.check} {f.target}: {f.summary} {f.evidence}" for f in findings if f.is_problem
    )
    untold = {f.check: f.summary for f in findings if f.status == "error"}
    if label == "turned-away":
        # A page that nobody let this program see is no page that is broken, and none that is well.
        assert "web.error" in untold and all("turns automated visitors away" in said for said in untold.values())
    else:
        assert untold == {}
    if label in RIGHT:
        assert result.exit_status("later") == 0 or TIMED in {f.check for f in result.findings if f.is_problem}

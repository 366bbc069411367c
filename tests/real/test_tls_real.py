"""TLS and HTTP/2 checks against a real nginx: every span of versions, every kind of certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.certificates import Authority, Issued, self_signed
from launchready_tui.lab.world import World
from tests.web.nginx import Site, free_ports, nginx

pytestmark = pytest.mark.real

DOMAIN = "example.com"
AIA = "http://ca.example.net/issuer.der"
SPANS = {
    "v10": ("TLSv1", True, {"tls.version-old": "warn", "tls.version-modern": "fail"}),
    "v11": ("TLSv1.1", True, {"tls.version-old": "warn", "tls.version-modern": "fail"}),
    "v10-12": ("TLSv1 TLSv1.1 TLSv1.2", True, {"tls.version-old": "warn", "tls.version-modern": "warn"}),
    "v10-13": ("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", True, {"tls.version-old": "warn"}),
    "v12": ("TLSv1.2", True, {"tls.version-modern": "warn"}),
    "v12-13": ("TLSv1.2 TLSv1.3", True, {}),
    "v13": ("TLSv1.3", True, {}),
    "h1": ("TLSv1.2 TLSv1.3", False, {"edge.no-http2": "warn"}),
}
"""By label: protocols, whether h2 is on, the problems to find."""
WRONG = {
    "expired": {"tls.cert-expired": "fail"},
    "ends-soon": {"tls.cert-expiring": "warn"},
    "other-name": {"tls.cert-name": "fail"},
    "both": {"tls.cert-expired": "fail", "tls.cert-name": "fail"},
    "self-signed": {"tls.cert-untrusted": "fail"},
    "private": {"tls.cert-untrusted": "fail"},
    "incomplete": {"tls.chain-incomplete": "fail"},
    "misordered": {},
    "short-key": {"tls.key-weak": "fail"},
}
"""By label, served on one port by name: the problems to find."""
ADDRESSES = {label: f"198.18.9.{number}" for number, label in enumerate((*SPANS, *WRONG), 1)}


def certificates(root: Authority) -> dict[str, Issued]:
    upper = Authority("Upper", parent=root)
    lower = Authority("Lower", parent=upper, aia=AIA)
    past = {"not_before": datetime.now(UTC) - timedelta(days=90), "not_after": datetime.now(UTC) - timedelta(days=2)}
    whole = lower.issue(f"misordered.{DOMAIN}")
    return {
        "expired": root.issue(f"expired.{DOMAIN}", **past),
        "ends-soon": root.issue(f"ends-soon.{DOMAIN}", not_before=past["not_before"], days=13),
        "other-name": root.issue("other.example"),
        "both": root.issue("other.example", **past),
        "self-signed": self_signed(f"self-signed.{DOMAIN}"),
        "private": Authority("Private", parent=Authority("Private Root")).issue(f"private.{DOMAIN}"),
        "incomplete": Authority("Issuer", parent=root, aia=AIA).issue(f"incomplete.{DOMAIN}"),
        "misordered": whole.sending(*reversed(whole.chain)),
        "short-key": root.issue(f"short-key.{DOMAIN}", key="rsa1024"),
    }


@pytest.fixture(scope="module")
def ports(authority: Authority) -> Iterator[dict[str, int]]:
    """A running nginx, and the port of every label and of the place that AIA points to."""
    made = certificates(authority)
    issuer = made["incomplete"].chain[0].public_bytes(Encoding.PEM).decode()
    made["incomplete"] = made["incomplete"].sending()
    *own, shared, plain = free_ports(len(SPANS) + 2)
    sites = [
        Site(f"{label}.{DOMAIN}", port, authority.issue(f"{label}.{DOMAIN}"), protocols, http2)
        for port, (label, (protocols, http2, _)) in zip(own, SPANS.items(), strict=True)
    ]
    sites += [Site(f"{label}.{DOMAIN}", shared, issued) for label, issued in made.items()]
    sites.append(Site("ca.example.net", plain, body=f'return 200 "{issuer}";'))
    with nginx(*sites):
        yield dict(zip(SPANS, own, strict=True)) | dict.fromkeys(WRONG, shared) | {"aia": plain}


@pytest.mark.parametrize("label", [*SPANS, *WRONG])
async def test_every_fault_is_found_and_nothing_else(world: World, ports: dict[str, int], label: str) -> None:
    expected = SPANS[label][2] if label in SPANS else WRONG[label]
    world.zone("example.net", {"ca": ["A 198.18.9.99"]})
    world.route("198.18.9.99", 80, ports["aia"])
    world.zone(f"{label}.{DOMAIN}", {"@": [f"A {ADDRESSES[label]}"]})
    world.route(ADDRESSES[label], 443, ports[label])
    async with world.network() as network:
        findings = await collect(Subject.of(f"{label}.{DOMAIN}"), network, only={"tls", "edge.no-http2"})
    assert {f.check: str(f.status) for f in findings if f.is_problem} == expected
    assert not [f for f in findings if f.status == "error"]
    assert all(f.target == f"{label}.{DOMAIN}" for f in findings)

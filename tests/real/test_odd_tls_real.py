"""TLS checks against odd servers of OpenSSL's own: client certificates, two kinds of keys, suites without any."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.certificates import Authority, Issued
from launchready_tui.lab.world import World
from tests.programs import LONG, need
from tests.web.tls.conftest import ADDRESS, Results

pytestmark = pytest.mark.real

SUITES = "ALL:@SECLEVEL=0"
SERVERS = {
    "wants a certificate of the visitor, 1.2": (("-Verify", "1", "-tls1_2"), {"tls.unreachable": "fail"}),
    "takes one where there is one": (("-verify", "1"), {}),
    "speaks a curve that is not guessed first": (("-curves", "P-384"), {}),
    "prefers a suite without certificates": (
        ("-tls1_2", "-serverpref", "-cipher", f"ADH-AES256-GCM-SHA384:{SUITES}"),
        {"tls.version-modern": "warn"},
    ),
    "speaks h2 alone": (("-alpn", "h2"), {}),
    "knows no other name, and warns": (("-servername", "other.example", "-cert2", "leaf.pem", "-key2", "key.pem"), {}),
}
"""By what it does: its options, the problems to find."""


@contextmanager
def openssl(issued: Issued, *options: str, second: Issued | None = None) -> Iterator[int]:
    """Run `openssl s_server` with a certificate, and one of another kind of key beside it; yields its port."""
    need("openssl")
    with tempfile.TemporaryDirectory(prefix="launchready-openssl-") as folder:
        files = {"leaf.pem": issued.sending().pem, "chain.pem": issued.pem, "key.pem": issued.key_pem}
        files |= {"other.pem": second.pem, "other-key.pem": second.key_pem} if second else {}
        for name, text in files.items():
            Path(folder, name).write_bytes(text)
        command = [shutil.which("openssl") or "openssl", "s_server", "-accept", "127.0.0.1:0", "-www"]
        command += ["-cert", "leaf.pem", "-key", "key.pem", "-cert_chain", "chain.pem"]
        command += ["-dcert", "other.pem", "-dkey", "other-key.pem"] if second else []
        server = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        )
        try:
            assert server.stdout is not None
            said = next(line for line in server.stdout if line.startswith("ACCEPT"))
            yield int(said.rsplit(":", 1)[1])
        finally:
            server.kill()
            server.wait(LONG)
            assert server.stdout is not None
            server.stdout.close()


async def audited(world: World, port: int) -> Results:
    world.zone("example.com", {"@": [f"A {ADDRESS}"]})
    world.route(ADDRESS, 443, port)
    async with world.network() as network:
        return Results(await collect(Subject.of("example.com"), network, only={"tls"}))


@pytest.mark.parametrize("server", SERVERS)
async def test_odd_servers_are_told_apart_from_broken_ones(world: World, authority: Authority, server: str) -> None:
    options, expected = SERVERS[server]
    with openssl(Authority("Issuer", parent=authority).issue("example.com"), *options) as port:
        results = await audited(world, port)
    assert {check: status for check, _, status in results.problems} == expected
    assert {status for _, status in results.untold} <= {"skipped"}


async def test_a_site_with_two_kinds_of_keys_is_fine(world: World, authority: Authority) -> None:
    both = authority.issue("example.com", key="rsa2048"), authority.issue("example.com")
    with openssl(both[0], second=both[1]) as port:
        results = await audited(world, port)
    assert not results.problems and not results.untold


async def test_everything_wrong_at_once_is_told_one_by_one(world: World) -> None:
    ended = datetime.now(UTC) - timedelta(seconds=30)
    begun = ended - timedelta(days=90)
    issued = Authority("Private Root").issue("other.example", key="rsa1024", not_before=begun, not_after=ended)
    with openssl(issued, "-tls1_1", "-cipher", SUITES) as port:
        results = await audited(world, port)
    assert {check for check, _, _ in results.problems} == {
        "tls.cert-expired", "tls.cert-name", "tls.cert-untrusted", "tls.key-weak", "tls.version-old",
        "tls.version-modern",
    }  # fmt: skip
    assert results.status("tls.version-modern") == "fail"

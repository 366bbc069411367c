"""The watch over a real network that is lost and found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import need

pytestmark = pytest.mark.real


def test_a_lost_network_is_missed_and_a_lost_site_is_down(tmp_path: Path) -> None:
    need("ip", "unshare")
    namespace = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    if subprocess.run([*namespace, "true"], capture_output=True, env={"PATH": path}).returncode:
        need("a network namespace (the right to make one)")
    done = subprocess.run(
        [*namespace, sys.executable, "-m", "tests.ops.network_loss", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PATH": path},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    sums, lines = told["sums"], told["lines"]
    assert told["failed_without_network"] == 0
    assert sums["missed"] >= 1
    assert sums["scheduled"] == sums["taken"] + sums["missed"]
    assert (sums["taken"], sums["failed"]) == (len(lines), sum(not line["ok"] for line in lines))
    assert sums["failed"] >= 1

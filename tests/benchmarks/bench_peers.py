"""One whole command beside what a user would run instead: python -m tests.benchmarks.bench_peers [ROUND_TRIP_MS]

Needs root (network namespaces, a TUN device). `checkdmarc` and `sslyze` are timed where they are on the PATH; they
answer a part each: the mail records, and the TLS of one host. The site is the lab's, healthy, at real addresses.
"""

from __future__ import annotations

import compileall
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import checks
import launchready_tui
from tests.benchmarks.link import FAR, delayed_link

RUNS = 3
PUBLIC = "dns,tls,web,edge,headers,exposure,spf,dkim,dmarc,mx,mta-sts,tls-rpt"


def commands(domain: str, ca_file: str) -> dict[str, list[str]]:
    """What is timed, by name."""
    ours = [sys.executable, "-m", "launchready_tui", "audit", domain, "--only", PUBLIC, "--json"]
    return {
        "launchready audit": [*ours, "--nameserver", FAR, "--ca-file", ca_file],
        "checkdmarc": ["checkdmarc", domain, "-n", FAR],
        "sslyze": ["sslyze", f"{domain}:443"],
    }


def main() -> None:
    # As an installer leaves a package, ours and theirs.
    for package in (checks, launchready_tui):
        compileall.compile_dir(package.__path__[0], quiet=1)
    round_trip = float(sys.argv[1] if len(sys.argv) > 1 else 100) / 1000
    with delayed_link(round_trip) as (near, far):
        names = Path("/etc/netns", near)
        names.mkdir(parents=True)
        try:
            (names / "resolv.conf").write_text(f"nameserver {FAR}\n")
            compare(near, far)
        finally:
            shutil.rmtree(names)


def compare(near: str, far: str) -> None:
    """Print the seconds of each command, wall and CPU, the median of `RUNS`, taken in turns."""
    serve = [sys.executable, "-m", "tests.benchmarks.far_side", "--real-ports"]
    server = subprocess.Popen(
        ["ip", "netns", "exec", far, *serve], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None and server.stdin is not None
    where = json.loads(server.stdout.readline())
    timed: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            for name, command in commands(where["domain"], where["ca_file"]).items():
                if shutil.which(command[0]) is None:
                    continue
                begin, used = time.perf_counter(), _cpu_of_children()
                done = subprocess.run(
                    ["ip", "netns", "exec", near, *command], capture_output=True, text=True, check=False, cwd=folder
                )
                if not done.stdout:
                    sys.exit(f"{name} says nothing: {done.stderr[-500:]}")
                timed.setdefault(name, []).append((time.perf_counter() - begin, _cpu_of_children() - used))
                if "-v" in sys.argv:
                    print(done.stdout[-3000:], done.stderr[-3000:])
    server.stdin.close()
    server.wait()
    for name, runs in timed.items():
        wall, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{name:20} {wall:7.1f} s, {cpu:.1f} s CPU  ({', '.join(f'{one:.1f}' for one, _ in runs)})")


def _cpu_of_children() -> float:
    """Seconds that ended children have used: what a busy machine changes least."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

"""How many round trips an audit takes: python -m tests.benchmarks.bench_audit [ROUND_TRIP_MS]

Needs root (network namespaces and a TUN device). The lab's business, healthy, stands at the far end of a link
with a delay; DNS, TLS, HTTP and SMTP all cross it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from tests.benchmarks.link import delayed_link

RUNS = 3


def main() -> None:
    round_trip = float(sys.argv[1] if len(sys.argv) > 1 else 100) / 1000
    with delayed_link(round_trip) as (near, far):
        server = subprocess.Popen(
            ["ip", "netns", "exec", far, sys.executable, "-m", "tests.benchmarks.far_side"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None and server.stdin is not None
        where = server.stdout.readline()
        command = [sys.executable, "-m", "tests.benchmarks.near_side", where, str(RUNS)]
        done = subprocess.run(["ip", "netns", "exec", near, *command], capture_output=True, text=True, check=False)
        server.stdin.close()
        server.wait()
    if done.returncode:
        sys.exit(done.stderr)
    runs = json.loads(done.stdout)
    for run in runs:
        trips = (run["wall"] - run["cpu"]) / round_trip
        print(
            f"{run['wall']:.2f} s wall, {run['cpu']:.2f} s CPU, {trips:.1f} round trips beyond it, "
            f"{run['connections']} connections, {run['dns_queries']}/{run['dns_questions']} DNS, "
            f"{run['http_requests']} HTTP, {run['findings']} findings"
        )
    print(f"median wall {statistics.median(run['wall'] for run in runs):.2f} s")
    print("problems:", ", ".join(sorted(set(runs[0]["problems"]))) or "none")
    print("errors:", *(runs[0]["errors"] or ["none"]), sep="\n  ")


if __name__ == "__main__":
    main()

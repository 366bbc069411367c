"""Many audits in one process: python -m tests.benchmarks.bench_many [SUBJECTS] [JOBS]

Runs the real command over sites of which one in twenty is hostile, and says how much memory it took at most, how
long, and whether every healthy site was judged as it is when it is audited alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from typing import Any

COMMAND = [sys.executable, "-m", "launchready_tui", "audit", "--json"]


TIMED = "web.slow"
"""Left out: sixteen audits at once, with all the sites on the same machine, are no place to time a page."""


def judged(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What an audit came to, without the site's own name, errors included."""
    name = result["domain"]
    return sorted(
        (f["check"], f["target"].replace(name, "SITE"), f["status"]) for f in result["findings"] if f["check"] != TIMED
    )


def measured(words: list[str]) -> tuple[list[dict[str, Any]], float, float, float]:
    """The lines of an audit, its wall and CPU seconds, and the most megabytes it held."""
    with tempfile.TemporaryFile("w+") as out:
        began = time.perf_counter()
        process = subprocess.Popen([*COMMAND, *words], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        assert os.waitstatus_to_exitcode(status) in (0, 1), status
        out.seek(0)
        lines = [json.loads(line) for line in out]
    return lines, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.many_sites", str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None and server.stdin is not None
    try:
        world = json.loads(server.stdout.readline())
        does: dict[str, str] = world["does"]
        (alone,), *_ = measured([next(iter(does)), *world["options"]])
        results, wall, cpu, megabytes = measured([*does, "--jobs", str(jobs), *world["options"]])
    finally:
        server.stdin.close()
        server.wait()
    print(
        f"{len(results)} of {count} subjects, {jobs} at a time: {wall:.0f} s, {cpu / count:.2f} s CPU each, at most {megabytes:.0f} MB"
    )
    expected = judged(alone)
    differing = [r["domain"] for r in results if does[r["domain"]] == "healthy" and judged(r) != expected]
    print("healthy ones judged as one alone is:", "all" if not differing else f"all but {', '.join(differing)}")
    for domain in differing[:3]:
        result = next(r for r in results if r["domain"] == domain)
        print("  ", domain, sorted(set(judged(result)) ^ set(expected))[:6])
    asked, distinct = (sum(r["counters"][key] for r in results) for key in ("dns_queries", "dns_questions"))
    print(f"{asked} DNS queries for {distinct} questions")
    print(Counter(status for r in results for _, _, status in judged(r)))
    for kind in sorted(set(does.values())):
        seconds = [r["seconds"] for r in results if does[r["domain"]] == kind]
        print(f"  {kind:9} {len(seconds):4} sites, {max(seconds):6.1f} s at most")


if __name__ == "__main__":
    main()

"""The near side of the benchmark: audits what the far side serves and prints the figures as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from checks.catalogue import catalogue
from checks.network import Network
from checks.runner import run
from checks.subject import Subject
from launchready_tui.scan_cache import FolderStore

FAMILIES = ("dns", "tls", "web", "edge", "headers", "exposure", "spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt")


async def audit(where: dict, runs: int) -> list[dict]:
    figures = []
    for _ in range(runs):
        subject = Subject.of(where["domain"], subdomains=["app", "files"])
        wall, cpu = time.perf_counter(), time.process_time()
        async with Network(
            nameservers=where["nameservers"], connect_to=where["connect_to"], ca_file=where["ca_file"]
        ) as network:
            findings = [f async for f in run(subject, network, only=FAMILIES, store=FolderStore.usual())]
            counters = network.counters.as_dict()
        figures.append(
            {
                "wall": time.perf_counter() - wall,
                "cpu": time.process_time() - cpu,
                "findings": len(findings),
                "errors": [f.check + ": " + f.summary for f in findings if f.status == "error"],
                "problems": [f.check for f in findings if f.is_problem],
                **counters,
            }
        )
    return figures


catalogue()
print(json.dumps(asyncio.run(audit(json.loads(sys.argv[1]), int(sys.argv[2])))))

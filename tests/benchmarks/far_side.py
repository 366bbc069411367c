"""The far side of the benchmark: the lab's business, every fault mended, served until standard input ends."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from launchready_tui.lab.lab import Lab
from tests.benchmarks.link import FAR


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Lab(Path(folder), host=FAR) as lab:
            for fault in lab.faults:
                await lab.mend(fault.id)
            print(
                json.dumps(
                    {
                        "domain": lab.domain,
                        "nameservers": lab.world.nameservers,
                        "connect_to": lab.world.connect_to,
                        "ca_file": lab.world.ca_file,
                    }
                ),
                flush=True,
            )
            await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())

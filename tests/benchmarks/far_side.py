"""The far side of the benchmark: the lab's business, every fault mended, served until standard input ends."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from launchready_tui.lab.lab import Lab
from tests.benchmarks.link import FAR
from tests.benchmarks.real_ports import open_real_ports


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Lab(Path(folder), host=FAR) as lab:
            for fault in lab.faults:
                await lab.mend(fault.id)
            if "--real-ports" in sys.argv:
                resolver = f"{FAR}:53:{lab.world.nameservers[0]}"
                await open_real_ports([*lab.world.rules, resolver])
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

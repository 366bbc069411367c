"""A machine whose IPv6 leads into a void: run inside an empty network namespace, where this lays the cable to nowhere.

The site and its name servers have addresses of both families. All answer over IPv4; over IPv6 nobody does ("machine"),
or the name servers alone ("site"). Prints the findings as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from launchready_tui.lab.world import World
from tests.real.one_family import NAME_SERVERS, publish

# A device that nobody reads from: what is sent there is neither delivered nor refused.
CABLE = """
link set lo up
tuntap add mode tun name void
link set void up
-6 addr add 2001:4:999::1/64 dev void nodad
-6 route add default dev void
"""


async def audit(dead: str) -> list[dict[str, object]]:
    async with World() as world:
        await publish(world, "4")
        if dead == "site":
            for place in NAME_SERVERS:
                await world.nameserver(place["6"], [world.zones["example.com"]])
        # Without the world's last rule, which would send what has no place to a closed port of this machine.
        async with Network(
            nameservers=world.nameservers,
            connect_to=[*reversed(world.rules)],
            ca_file=world.ca_file,
            dns_timeout=0.5,
            step_seconds=3.0,
        ) as network:
            subject = Subject.of("example.com", receives_mail=False)
            only = ["dns.apex-conflict", "dns.ns-lame", "dns.ns-mismatch", "tls", "web"]
            findings = await collect(subject, network, only=only)
    return [finding.as_dict() for finding in findings]


if __name__ == "__main__":
    for line in CABLE.strip().splitlines():
        subprocess.run(["ip", *line.split()], check=True)
    print(json.dumps(asyncio.run(audit(sys.argv[1]))))

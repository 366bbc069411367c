"""Of the tests themselves: a busy machine is no silent server."""

from __future__ import annotations

import time

import dns.message

from launchready_tui.lab.world import World


async def test_a_deadline_counts_waiting_and_not_what_keeps_the_loop(world: World) -> None:
    def held(query: dns.message.Message, reply: dns.message.Message) -> dns.message.Message:
        time.sleep(0.2)
        return reply

    world.resolver.twist("example.com", "A", held)
    async with world.network(dns_timeout=0.1) as network:
        await network.resolve("example.com", "A")
    assert len(world.resolver.queries) == 1

"""Lets the lab be reached at its public addresses and real ports, for programs that know no connect map."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterable


class _Answers(asyncio.DatagramProtocol):
    """Hands the answers of the lab's server back to whoever asked."""

    def __init__(self, asker: tuple[str, int], front: asyncio.DatagramTransport) -> None:
        self._asker, self._front = asker, front

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._front.sendto(data, self._asker)


class _Questions(asyncio.DatagramProtocol):
    """Takes datagrams at a real port and passes each on from a socket of its own."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._front = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.ensure_future(self._pass_on(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, data: bytes, asker: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        back, _ = await loop.create_datagram_endpoint(lambda: _Answers(asker, self._front), remote_addr=self._target)
        back.sendto(data)
        loop.call_later(5, back.close)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def _relay(address: str, port: int, target: tuple[str, int]) -> None:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        for end in (writer, far_writer):
            end.close()

    await asyncio.start_server(carry, address, port)
    if port == 53:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: _Questions(target), local_addr=(address, port))


async def open_real_ports(rules: Iterable[str]) -> None:
    """Serve each `ADDRESS:PORT:HOST:PORT` of IPv4 at that address and port, of several the last. Needs root in a
    network namespace; runs until the event loop ends.
    """
    places = {}
    for rule in rules:
        if not rule.startswith("["):
            address, port, host, to_port = rule.split(":")
            places[address, port] = (host, to_port)
    addresses = set()
    for (address, port), (host, to_port) in places.items():
        if address not in addresses and address != host:
            addresses.add(address)
            command = ["ip", "addr", "add", f"{address}/32", "dev", "lo"]
            await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
        await _relay(address, int(port), (host, int(to_port)))

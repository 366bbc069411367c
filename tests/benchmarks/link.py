"""Two network namespaces joined by a link with a delay: a TUN device in each, and a process that holds packets back."""

from __future__ import annotations

import fcntl
import heapq
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
NEAR, FAR = "192.0.2.1", "192.0.2.2"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _tun(name: str) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def _forward(ends: tuple[int, int], one_way: float) -> None:
    """Carry packets between the two ends, each `one_way` seconds late, until SIGTERM."""
    waiting: list[tuple[float, int, int, bytes]] = []
    number = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select(ends, [], [], pause)
        for end in ready:
            other = ends[1] if end == ends[0] else ends[0]
            for _ in range(64):
                try:
                    packet = os.read(end, 65536)
                except BlockingIOError:
                    break
                number += 1
                heapq.heappush(waiting, (time.monotonic() + one_way, number, other, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, other, packet = heapq.heappop(waiting)
            try:
                os.write(other, packet)
            except OSError:
                continue


@contextmanager
def delayed_link(round_trip: float) -> Iterator[tuple[str, str]]:
    """Names of two namespaces, at NEAR and FAR, `round_trip` seconds apart. Needs root."""
    spaces = (f"lr-near-{os.getpid()}", f"lr-far-{os.getpid()}")
    ends = []
    try:
        for space, address, device in zip(spaces, (NEAR, FAR), ("lrtun0", "lrtun1"), strict=True):
            _ip("netns", "add", space)
            ends.append(_tun(device))
            _ip("link", "set", device, "netns", space)
            for words in (
                ["link", "set", device, "name", "wan0", "mtu", "1500"],
                ["link", "set", "lo", "up"],
                ["addr", "add", f"{address}/24", "dev", "wan0"],
                ["link", "set", "wan0", "up"],
                ["route", "add", "default", "dev", "wan0"],
            ):
                _ip("-n", space, *words)
        child = os.fork()
        if child == 0:
            _forward((ends[0], ends[1]), round_trip / 2)
        try:
            yield spaces
        finally:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
    finally:
        for end in ends:
            os.close(end)
        for space in spaces:
            subprocess.run(["ip", "netns", "del", space], capture_output=True)

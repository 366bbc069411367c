"""Ports for real programs, which no other test and no program beside is given before they are taken."""

from __future__ import annotations

import atexit
import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_held: list[socket.socket] = []


def free_ports(count: int) -> list[int]:
    """So many TCP ports of 127.0.0.1, this process's until it ends.

    They lie outside of what the system gives to whoever asks for any port, as the servers of the lab and every
    connection do; and the UDP port of the same number is held, so that no other worker of the tests takes them.
    """
    found: list[int] = []
    numbers = list(_not_given_by_chance())
    random.shuffle(numbers)
    for number in numbers:
        if len(found) == count:
            return found
        if _hold(number):
            found.append(number)
    raise OSError(f"no {count} ports are free")


def _not_given_by_chance() -> range:
    try:
        first, last = map(int, _RANGE.read_text().split())
    except (OSError, ValueError):
        first, last = 32_768, 65_535
    below, above = range(20_000, min(first, 32_768)), range(last + 1, 65_536)
    return max(below, above, range(20_000, 32_768) if first <= 20_000 and last >= 65_000 else range(0), key=len)


def _hold(number: int) -> bool:
    holds = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        holds.bind((HOST, number))
        socket.create_server((HOST, number)).close()
    except OSError:
        holds.close()
        return False
    _held.append(holds)
    return True


@atexit.register
def _let_go() -> None:
    for holds in _held:
        holds.close()

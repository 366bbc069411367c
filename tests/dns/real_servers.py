"""NSD and unbound in a network namespace of one's own: each at its address on port 53, up once it answers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from tests.dns.signing import Key, sign_text
from tests.programs import LONG

RESOLVER = "193.0.14.2"


def head(serial: int = 1) -> str:
    """The SOA that a zone file begins with."""
    return f"@ 300 SOA first.hosts.example. h.hosts.example. {serial} 3600 600 86400 300\n"


def write_root(folder: Path, address: str, delegations: str, key: Key) -> None:
    """The signed root zone, served at `address`, and the hints and the trust anchor that unbound starts from."""
    root = head() + f"@ 300 NS a.root.\na.root. 300 A {address}\n{delegations}"
    (folder / "root.zone").write_text(sign_text(root, ".", key))
    (folder / "hints.txt").write_text(f". 3600 NS a.root.\na.root. 3600 A {address}\n")
    (folder / "anchor.txt").write_text(f". IN {key.ds('.')}\n")


def nsd(folder: Path, label: str, address: str, zones: Mapping[str, str]) -> list[str]:
    """The command of one NSD that serves these zones (name to file)."""
    listed = "".join(f"zone:\n  name: {name}\n  zonefile: {file}\n" for name, file in zones.items())
    config = folder / f"{label}.conf"
    config.write_text(
        f'server:\n  ip-address: {address}@53\n  username: ""\n  chroot: ""\n  zonesdir: "{folder}"\n  database: ""\n'
        f'  pidfile: "{folder}/{label}.pid"\n  xfrdfile: "{folder}/{label}.xfrd"\n  zonelistfile: "{folder}/{label}.list"\n'
        f'  xfrdir: "{folder}"\n  logfile: "{folder}/{label}.log"\n  server-count: 1\n  rrl-ratelimit: 0\n'
        f"remote-control:\n  control-enable: no\n{listed}"
    )
    return ["nsd", "-d", "-c", str(config)]


def unbound(folder: Path, address: str = RESOLVER, *, validates: bool = True) -> list[str]:
    """The command of a resolver that starts from what `write_root` wrote."""
    config = folder / f"unbound.{address}.conf"
    modules = "validator iterator" if validates else "iterator"
    config.write_text(
        f'server:\n  directory: "{folder}"\n  chroot: ""\n  username: ""\n  pidfile: "{folder}/unbound.{address}.pid"\n'
        f"  interface: {address}@53\n  access-control: 0.0.0.0/0 allow\n  num-threads: 1\n"
        f'  root-hints: "{folder}/hints.txt"\n  trust-anchor-file: "{folder}/anchor.txt"\n  do-ip6: no\n'
        f'  do-not-query-localhost: no\n  module-config: "{modules}"\n  use-syslog: no\n  ede: yes\n'
        f'  logfile: "{folder}/unbound.{address}.log"\nremote-control:\n  control-enable: no\n'
    )
    return ["unbound", "-d", "-c", str(config)]


@contextmanager
def serving(
    addresses: Iterable[str], commands: Iterable[list[str]], answers: Iterable[tuple[str, str]]
) -> Iterator[None]:
    """Give the namespace its addresses and run the servers until the block ends.

    Args:
        answers: (address, name) pairs: the block begins when each answers a question for the name's SOA.
    """
    for words in (["link", "set", "lo", "up"], *(["addr", "add", f"{a}/32", "dev", "lo"] for a in addresses)):
        subprocess.run(["ip", *words], check=True)
    started = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        for address, name in answers:
            _wait_for(address, name)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(LONG)


def _wait_for(address: str, name: str) -> None:
    """Ask until there is an answer, whatever it says; the resolver's must hold a record."""
    ends = time.monotonic() + LONG
    while True:
        try:
            answer = dns.query.udp(dns.message.make_query(name, "SOA"), address, timeout=1)
        except (dns.exception.DNSException, OSError):
            answer = None
        if answer is not None and (address != RESOLVER or answer.answer):
            return
        if time.monotonic() > ends:
            raise TimeoutError(f"{address} does not answer")
        time.sleep(0.05)

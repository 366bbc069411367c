"""A signed Internet of real servers in a network namespace of its own: NSD for root, registry and zones, unbound.

Run as a program inside the namespace, it starts the servers, audits every domain and prints the findings as JSON.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.dnssec
import dns.exception
import dns.message
import dns.query

from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from tests.dns.signing import HOUR, Key, sign_text

ROOT, REGISTRY, FIRST, SECOND, EMPTY, SILENT = (f"193.0.14.{n}" for n in (10, 11, 12, 13, 14, 15))
RESOLVER = "193.0.14.2"
WEB = "193.0.14.80"
DOMAINS = ("healthy", "expired", "wrongds", "lame", "silent", "serials", "unsigned", "dead", "alias", "gone")
SIGNED = {"healthy", "expired", "wrongds", "serials"}
SERVERS = {"lame": ("first", "empty"), "silent": ("first", "silent"), "dead": ("empty", "silent")}
ADDRESSES = {"first": FIRST, "second": SECOND, "empty": EMPTY, "silent": SILENT}


def head(serial: int = 1) -> str:
    return f"@ 300 SOA first.hosts.example. h.hosts.example. {serial} 3600 600 86400 300\n"


def zone_text(name: str, serial: int = 1) -> str:
    servers = SERVERS.get(name, ("first", "second"))
    records = [f"@ 300 NS {server}.hosts.example." for server in servers]
    records += [f"@ 300 A {WEB}", "www 300 CNAME @", "@ 300 MX 10 mail", f"mail 300 A {WEB}"]
    if name == "alias":
        records += ["shop 300 CNAME gone.hosts.example.", "a 300 CNAME b", "b 300 CNAME a", "long 300 CNAME c1"]
        records += [f"c{n} 300 CNAME c{n + 1}" for n in range(1, 10)] + [f"c10 300 A {WEB}"]
    return head(serial) + "\n".join(records) + "\n"


def write_zones(folder: Path) -> None:
    """Every zone file, and the root's hints and trust anchor for unbound."""
    keys = {name: Key() for name in (".", "example.", *SIGNED)}
    registry = [head(), f"@ 300 NS registry.example.\nregistry 300 A {REGISTRY}\n"]
    for name in DOMAINS:
        if name == "gone":
            continue
        registry += [f"{name} 300 NS {server}.hosts.example.\n" for server in SERVERS.get(name, ("first", "second"))]
        ends = -HOUR if name == "expired" else 30 * 24 * HOUR
        for copy in ("first", "second"):
            text = zone_text(name, serial=2 if (name, copy) == ("serials", "second") else 1)
            if name in SIGNED:
                text = sign_text(text, f"{name}.example.", keys[name], begins=-3 * HOUR, ends=ends)
            (folder / f"{name}.{copy}.zone").write_text(text)
        if name in SIGNED:
            key = Key() if name == "wrongds" else keys[name]
            registry.append(f"{name} 300 {key.ds(f'{name}.example.')}\n")
    registry += [
        f"hosts 300 NS {server}.hosts.example.\n{server}.hosts 300 A {ADDRESSES[server]}\n"
        for server in ("first", "second")
    ]
    (folder / "example.zone").write_text(sign_text("".join(registry), "example.", keys["example."]))
    hosts = head() + "@ 300 NS first\n@ 300 NS second\n"
    (folder / "hosts.zone").write_text(hosts + "".join(f"{name} 300 A {a}\n" for name, a in ADDRESSES.items()))
    root = (
        head()
        + f"@ 300 NS a.root.\na.root. 300 A {ROOT}\nexample. 300 NS registry.example.\nregistry.example. 300 A {REGISTRY}\n"
    )
    root += f"example. 300 {keys['example.'].ds('example.')}\n"
    (folder / "root.zone").write_text(sign_text(root, ".", keys["."]))
    (folder / "hints.txt").write_text(f". 3600 NS a.root.\na.root. 3600 A {ROOT}\n")
    (folder / "anchor.txt").write_text(f". IN {keys['.'].ds('.')}\n")


def nsd(folder: Path, label: str, address: str, zones: dict[str, str]) -> list[str]:
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


def unbound(folder: Path) -> list[str]:
    config = folder / "unbound.conf"
    config.write_text(
        f'server:\n  directory: "{folder}"\n  chroot: ""\n  username: ""\n  pidfile: "{folder}/unbound.pid"\n'
        f"  interface: {RESOLVER}@53\n  access-control: 0.0.0.0/0 allow\n  num-threads: 1\n"
        f'  root-hints: "{folder}/hints.txt"\n  trust-anchor-file: "{folder}/anchor.txt"\n  do-ip6: no\n'
        '  do-not-query-localhost: no\n  module-config: "validator iterator"\n  use-syslog: no\n  ede: yes\n'
        f'  logfile: "{folder}/unbound.log"\nremote-control:\n  control-enable: no\n'
    )
    return ["unbound", "-d", "-c", str(config)]


def commands(folder: Path) -> list[list[str]]:
    write_zones(folder)
    served = [name for name in DOMAINS if name not in ("gone", "dead")]
    copies = {
        copy: {f"{name}.example": f"{name}.{copy}.zone" for name in served} | {"hosts.example": "hosts.zone"}
        for copy in ("first", "second")
    }
    return [
        nsd(folder, "root", ROOT, {".": "root.zone"}),
        nsd(folder, "registry", REGISTRY, {"example": "example.zone"}),
        nsd(folder, "first", FIRST, copies["first"]),
        nsd(folder, "second", SECOND, copies["second"]),
        nsd(folder, "empty", EMPTY, {"elsewhere.example": "hosts.zone"}),
        unbound(folder),
    ]


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """All servers up and answering; at SILENT a socket that nobody reads."""
    for words in (
        ["link", "set", "lo", "up"],
        *(["addr", "add", f"{a}/32", "dev", "lo"] for a in (ROOT, REGISTRY, FIRST, SECOND, EMPTY, SILENT, RESOLVER)),
    ):
        subprocess.run(["ip", *words], check=True)
    started = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands(folder)
    ]
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind((SILENT, 53))
    try:
        for address, name in (
            (RESOLVER, "healthy.example"),
            (FIRST, "healthy.example"),
            (SECOND, "healthy.example"),
            (EMPTY, "x.example"),
        ):
            wait_for(address, name)
        yield
    finally:
        silent.close()
        for process in started:
            process.terminate()
        for process in started:
            process.wait(10)


def wait_for(address: str, name: str) -> None:
    """Ask until there is an answer, whatever it says."""
    ends = time.monotonic() + 20
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


async def audit(name: str) -> dict[str, object]:
    subdomains = ("shop", "a", "long", "mail") if name == "alias" else ("mail",)
    async with Network(nameservers=[RESOLVER], dns_timeout=1.0) as network:
        subject = Subject.of(f"{name}.example", subdomains=subdomains)
        findings = await collect(subject, network, only=["dns"])
        counters = network.counters.as_dict()
    return {"findings": [finding.as_dict() for finding in findings], "counters": counters}


async def audit_all() -> dict[str, object]:
    found = await asyncio.gather(*(audit(name) for name in DOMAINS))
    return dict(zip(DOMAINS, found, strict=True))


if __name__ == "__main__":
    with running(Path(sys.argv[1])):
        print(json.dumps(asyncio.run(audit_all())))

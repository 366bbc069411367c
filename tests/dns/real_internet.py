"""A signed Internet of real servers in a network namespace of its own: NSD for root, registry and zones, unbound.

Run as a program inside the namespace, it starts the servers, audits every domain and prints the findings as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.query
from cryptography.hazmat.primitives.asymmetric import ed25519

from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from tests.dns.real_servers import RESOLVER, head, nsd, serving, unbound, write_root
from tests.dns.signing import HOUR, Key, sign_text

ROOT, REGISTRY, FIRST, SECOND, EMPTY, SILENT, NO_EDNS, SHORT = (f"193.0.14.{n}" for n in range(10, 18))
WEB, OTHER_WEB = "193.0.14.80", "193.0.14.81"
SIGNED = {"healthy", "edwards", "expired", "wrongds", "serials", "partly", "signedwild"}
SERVERS = {
    "lame": ("first", "empty"),
    "silent": ("first", "silent"),
    "dead": ("empty", "silent"),
    "lone": ("first",),
    "noedns": ("first", "noedns"),
    "short": ("first", "short"),
}
"""Whom the registry names, where not the first and the second."""
ADDRESSES = {
    "first": FIRST, "second": SECOND, "empty": EMPTY, "silent": SILENT, "noedns": NO_EDNS, "short": SHORT,
}  # fmt: skip
RECORDS = {
    "alias": [
        "shop 300 CNAME gone.hosts.example.",
        "a 300 CNAME b",
        "b 300 CNAME a",
        *(f"{owner} 300 CNAME c{n}" for owner, n in (("long", 1), ("fits", 4))),
        *(f"c{n} 300 CNAME c{n + 1}" for n in range(1, 11)),
        f"c11 300 A {WEB}",
    ],
    "wild": [f"* 300 A {WEB}"],
    "declaredwild": [f"* 300 A {WEB}"],
    "signedwild": [f"* 300 A {WEB}"],
    "ttl": [f"@ 172800 A {WEB}", "www 86400 CNAME @", "@ 86401 MX 10 mail"],
    "private": ["@ 300 A 10.1.2.3", "www 300 AAAA fd00::1"],
    "noapex": [f"www 300 A {WEB}"],
    "byhttps": [f'@ 300 HTTPS 1 . alpn="h2" ipv4hint="{WEB}"', f"www 300 A {WEB}"],
    "nowww": [f"@ 300 A {WEB}"],
    "forgotten": [f"staging 300 A {WEB}", "old 300 CNAME old.hosts.example.", f"@ 300 A {WEB}", "www 300 CNAME @"],
}
"""What a zone holds beside, or instead of (`INSTEAD`), the usual records."""
INSTEAD = {"ttl", "private", "noapex", "byhttps", "nowww", "forgotten"}
DOMAINS = (
    "healthy", "edwards", "expired", "wrongds", "unsignedds", "unknownds", "partly", "lame", "silent", "serials", "stale",
    "unsigned", "dead", "gone", "mismatch", "lone", "noedns", "short", *RECORDS,
)  # fmt: skip


def zone_text(name: str, copy: str) -> str:
    servers = {"mismatch": ("second", "third")}.get(name) or SERVERS.get(name, ("first", "second"))
    records = [f"@ 300 NS {server}.hosts.example." for server in servers]
    if name not in INSTEAD:
        web = OTHER_WEB if (name, copy) == ("stale", "second") else WEB
        records += [f"@ 300 A {web}", "www 300 CNAME @", "@ 300 MX 10 mail"]
    records += [f"mail 300 A {WEB}", *RECORDS.get(name, ())]
    return head(2 if (name, copy) == ("serials", "second") else 1) + "\n".join(records) + "\n"


def write_zones(folder: Path) -> None:
    """Every zone file, and the root's hints and trust anchor for unbound."""
    keys = {name: Key() for name in (".", "example.", *SIGNED)} | {"edwards": Key(ed25519.Ed25519PrivateKey.generate())}
    registry = [head(), f"@ 300 NS registry.example.\nregistry 300 A {REGISTRY}\n"]
    for name in DOMAINS:
        if name == "gone":
            continue
        registry += [f"{name} 300 NS {server}.hosts.example.\n" for server in SERVERS.get(name, ("first", "second"))]
        ends = -HOUR if name == "expired" else 30 * 24 * HOUR
        for copy in ("first", "second"):
            text = zone_text(name, copy)
            if name in SIGNED:
                text = sign_text(text, f"{name}.example.", keys[name], begins=-3 * HOUR, ends=ends)
            if name == "partly":
                # The alias was changed by hand after the zone had been signed.
                text = re.sub(r"(?m)^(www\S* \d+ IN CNAME) .*$", r"\1 mail.partly.example.", text)
            (folder / f"{name}.{copy}.zone").write_text(text)
        if name in SIGNED or name == "unsignedds":
            key = keys[name] if name in SIGNED and name != "wrongds" else Key()
            registry.append(f"{name} 300 {key.ds(f'{name}.example.')}\n")
    registry.append(f"unknownds 300 DS 1 253 2 {'00' * 32}\n")
    registry += [
        f"hosts 300 NS {server}.hosts.example.\n{server}.hosts 300 A {ADDRESSES[server]}\n"
        for server in ("first", "second")
    ]
    (folder / "example.zone").write_text(sign_text("".join(registry), "example.", keys["example."]))
    hosts = head() + "@ 300 NS first\n@ 300 NS second\n"
    (folder / "hosts.zone").write_text(hosts + "".join(f"{name} 300 A {a}\n" for name, a in ADDRESSES.items()))
    delegation = f"example. 300 NS registry.example.\nregistry.example. 300 A {REGISTRY}\n"
    write_root(folder, ROOT, f"{delegation}example. 300 {keys['example.'].ds('example.')}\n", keys["."])


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


def relay(address: str, change: Callable[[dns.message.Message, bytes], bytes | None]) -> socket.socket:
    """A server at `address`, UDP alone, that hands on what the first one says, changed; closing the socket ends it."""
    inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    inside.bind((address, 53))

    def serve() -> None:
        while True:
            try:
                wire, peer = inside.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(wire)
            reply = change(query, dns.query.udp(query, FIRST, timeout=5).to_wire())
            if reply is not None:
                inside.sendto(reply, peer)

    threading.Thread(target=serve, daemon=True).start()
    return inside


def without_edns(query: dns.message.Message, reply: bytes) -> bytes | None:
    return reply if query.edns < 0 else None


def cut_short(query: dns.message.Message, reply: bytes) -> bytes:
    short = dns.message.make_response(query)
    short.flags |= dns.flags.AA | dns.flags.TC
    return short.to_wire()


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """All servers up and answering; at SILENT a socket that nobody reads."""
    addresses = (ROOT, REGISTRY, *ADDRESSES.values(), RESOLVER)
    zone = "healthy.example"
    answers = ((RESOLVER, zone), (FIRST, zone), (SECOND, zone), (EMPTY, "x.example"))
    with (
        serving(addresses, commands(folder), answers),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent,
        relay(NO_EDNS, without_edns),
        relay(SHORT, cut_short),
    ):
        silent.bind((SILENT, 53))
        yield


async def audit(name: str) -> dict[str, object]:
    subdomains = ("shop", "a", "long", "fits", "mail") if name == "alias" else ("mail",)
    async with Network(nameservers=[RESOLVER], dns_timeout=1.0) as network:
        subject = Subject.of(f"{name}.example", subdomains=subdomains, wildcard=name == "declaredwild")
        findings = await collect(subject, network, only=["dns"])
        counters = network.counters.as_dict()
    return {"findings": [finding.as_dict() for finding in findings], "counters": counters}


async def audit_all() -> dict[str, object]:
    # A few at a time: one resolver serves them all, and a slow machine is no silent server.
    places = asyncio.Semaphore(4)

    async def in_turn(name: str) -> dict[str, object]:
        async with places:
            return await audit(name)

    found = await asyncio.gather(*(in_turn(name) for name in DOMAINS))
    return dict(zip(DOMAINS, found, strict=True))


if __name__ == "__main__":
    with running(Path(sys.argv[1])):
        print(json.dumps(asyncio.run(audit_all())))

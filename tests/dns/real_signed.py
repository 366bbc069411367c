"""Signed zones on two NSDs, right or wrong in one way each, through a resolver that validates and one that does not.

Run as a program inside a network namespace, it judges every domain through both and prints the findings as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from checks.network import Network
from checks.runner import collect
from checks.subject import Subject
from tests.dns.real_servers import RESOLVER, head, nsd, serving, unbound, write_root
from tests.dns.signing import HOUR, Key, sign_text, sign_text_nsec3

ROOT, REGISTRY, FIRST, SECOND, ELSEWHERE = (f"193.0.14.{n}" for n in range(10, 15))
PLAIN = "193.0.14.3"
WEB, OTHER_WEB = "193.0.14.80", "193.0.14.81"
RECORDS = f"@ 300 NS first.hosts.example.\n@ 300 NS second.hosts.example.\n@ 300 A {WEB}\n@ 300 MX 10 mail\n"
USUAL = f"{RECORDS}www 300 CNAME @\nmail 300 A {WEB}\na.b 300 A {WEB}\n"
CHILD = f"{RECORDS}www 300 NS first.hosts.example.\nwww 300 NS second.hosts.example.\nmail 300 A {WEB}\n"
"""www is an unsigned zone of its own, on the same servers."""
ALIAS = (
    f"{RECORDS}www 300 CNAME app.child\nmail 300 CNAME app.away\nchild 300 NS first.hosts.example.\n"
    "child 300 NS second.hosts.example.\naway 300 NS elsewhere.hosts.example.\n"
)
"""Names that are aliases of names in unsigned zones of their own, one on the same servers and one elsewhere."""
WILD = f"{RECORDS}* 300 A {WEB}\n"


def zone_of(domain: str, records: str, serial: int = 1) -> str:
    return f"$ORIGIN {domain}\n{head(serial)}{records}"


def unsign(text: str, owner: str, covered: str) -> str:
    """Without the signature of one record set."""
    return re.sub(rf"(?m)^{re.escape(owner)} \d+ IN RRSIG {covered} .*\n", "", text)


Signer = Callable[[str, str, Key], str]


def _optout(text: str, domain: str, key: Key) -> str:
    return sign_text_nsec3(text, domain, key, opt_out=True)


def _expired(text: str, domain: str, key: Key) -> str:
    return sign_text(text, domain, key, begins=-3 * HOUR, ends=-HOUR)


def _without(owner: str, covered: str) -> Signer:
    return lambda text, domain, key: unsign(sign_text(text, domain, key), f"{owner}{domain}", covered)


def _unsigned(text: str, domain: str, key: Key) -> str:
    return text


def _other_key(text: str, domain: str, key: Key) -> str:
    return sign_text(text, domain, Key())


def _bad_denial(text: str, domain: str, key: Key) -> str:
    """The proof at the apex was changed after it had been signed."""
    return re.sub(rf"(?m)^({re.escape(domain)} \d+ IN NSEC \S+ A )", r"\1AAAA ", sign_text(text, domain, key))


def _iterated(text: str, domain: str, key: Key) -> str:
    return sign_text_nsec3(text, domain, key, iterations=10)


def _lying(text: str, domain: str, key: Key) -> str:
    """The proof says, validly signed, that there is an AAAA, and none is served."""
    signed = sign_text(f"{text}@ 300 AAAA 2a00::1\n", domain, key)
    return unsign(re.sub(rf"(?m)^{re.escape(domain)} \d+ IN AAAA .*\n", "", signed), domain, "AAAA")


DOMAINS: dict[str, tuple[str, Signer, Signer]] = {
    "nsec": (USUAL, sign_text, sign_text),
    "nsec3": (USUAL, sign_text_nsec3, sign_text_nsec3),
    "iterated": (USUAL, _iterated, _iterated),
    "optout": (USUAL, _optout, _optout),
    "optchild": (CHILD, _optout, _optout),
    "child": (CHILD, sign_text, sign_text),
    "child3": (CHILD, sign_text_nsec3, sign_text_nsec3),
    "alias": (ALIAS, sign_text, sign_text),
    "alias3": (ALIAS, _optout, _optout),
    "wild": (WILD, sign_text, sign_text),
    "wild3": (WILD, sign_text_nsec3, sign_text_nsec3),
    "wildopt": (WILD, _optout, _optout),
    "halfexpired": (USUAL, sign_text, _expired),
    "halfunsigned": (USUAL, _unsigned, sign_text),
    "halfkey": (USUAL, sign_text, _other_key),
    "expired": (USUAL, _expired, _expired),
    "nomx": (USUAL, _without("", "MX"), _without("", "MX")),
    "nowww": (USUAL, _without("www.", "CNAME"), _without("www.", "CNAME")),
    "nomail": (USUAL, _without("mail.", "A"), _without("mail.", "A")),
    "nonsec": (USUAL, _without("", "NSEC"), _without("", "NSEC")),
    "baddenial": (USUAL, _bad_denial, _bad_denial),
    "lying": (USUAL, _lying, _lying),
}
"""Records, and how each of the two copies is signed."""


def write_zones(folder: Path) -> None:
    keys = {name: Key() for name in (".", "example.", *DOMAINS)}
    registry = [head(), f"@ 300 NS registry.example.\nregistry 300 A {REGISTRY}\n"]
    for name, (records, *signers) in DOMAINS.items():
        domain = f"{name}.example."
        for copy, signer in zip(("first", "second"), signers, strict=True):
            (folder / f"{name}.{copy}.zone").write_text(signer(zone_of(domain, records), domain, keys[name]))
        registry += [f"{name} 300 NS {server}.hosts.example.\n" for server in ("first", "second")]
        registry.append(f"{name} 300 {keys[name].ds(domain)}\n")
    (folder / "below.zone").write_text(f"{head()}@ 300 NS first.hosts.example.\n@ 300 A {WEB}\napp 300 A {WEB}\n")
    addresses = f"first.hosts 300 A {FIRST}\nsecond.hosts 300 A {SECOND}\n"
    registry += ["hosts 300 NS first.hosts\nhosts 300 NS second.hosts\n", addresses]
    (folder / "example.zone").write_text(sign_text("".join(registry), "example.", keys["example."]))
    names = (
        f"@ 300 NS first\n@ 300 NS second\nfirst 300 A {FIRST}\nsecond 300 A {SECOND}\nelsewhere 300 A {ELSEWHERE}\n"
    )
    (folder / "hosts.zone").write_text(head() + names)
    delegation = f"example. 300 NS registry.example.\nregistry.example. 300 A {REGISTRY}\n"
    write_root(folder, ROOT, f"{delegation}example. 300 {keys['example.'].ds('example.')}\n", keys["."])


def commands(folder: Path) -> list[list[str]]:
    write_zones(folder)
    below = {CHILD: "www", ALIAS: "child"}
    shared = {f"{below[one[0]]}.{name}.example": "below.zone" for name, one in DOMAINS.items() if one[0] in below}
    shared["hosts.example"] = "hosts.zone"
    copies = {
        copy: {f"{name}.example": f"{name}.{copy}.zone" for name in DOMAINS} | shared for copy in ("first", "second")
    }
    return [
        nsd(folder, "root", ROOT, {".": "root.zone"}),
        nsd(folder, "registry", REGISTRY, {"example": "example.zone"}),
        nsd(folder, "first", FIRST, copies["first"]),
        nsd(folder, "second", SECOND, copies["second"]),
        nsd(folder, "elsewhere", ELSEWHERE, {f"away.{name}.example": "below.zone" for name in ("alias", "alias3")}),
        unbound(folder),
        unbound(folder, PLAIN, validates=False),
    ]


async def judge(name: str, resolver: str) -> dict[str, object]:
    # Nobody keeps silent here, so a long wait costs nothing, and a slow machine asks nothing twice.
    async with Network(nameservers=[resolver], dns_timeout=10.0) as network:
        subject = Subject.of(f"{name}.example", subdomains=("mail",), wildcard=name.startswith("wild"))
        findings = await collect(subject, network, only=["dns"])
        seen = (f for f in findings if f.status in ("fail", "warn") and not f.check.startswith("dns.registration"))
        problems = sorted({f.check for f in seen})
        bogus = next(f for f in findings if f.check == "dns.dnssec-bogus")
        return {"bogus": bogus.as_dict(), "problems": problems, "counters": network.counters.as_dict()}


async def judge_all() -> dict[str, object]:
    found: dict[str, dict[str, object]] = {}
    for name in DOMAINS:
        validated, plain = await asyncio.gather(judge(name, RESOLVER), judge(name, PLAIN))
        found[name] = {"validated": validated, "plain": plain}
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    answers = [(address, "nsec.example") for address in (RESOLVER, PLAIN, FIRST, SECOND)]
    with serving((ROOT, REGISTRY, FIRST, SECOND, ELSEWHERE, RESOLVER, PLAIN), commands(folder), answers):
        print(json.dumps(asyncio.run(judge_all())))

"""Two whole sites of real servers in a network namespace: NSD and unbound, nginx with TLS, postfix.

Run as a program inside the namespace, it starts the servers, audits both sites with the command line of a process of
its own, and prints how each ended as JSON. `harbor.example` is in order; `ruin.example` has what its zone and its
server blocks say. The sites' public addresses, and one name, lead to loopback by a connect map.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from launchready_tui.lab.certificates import Authority
from tests.dns.real_servers import RESOLVER, head, nsd, serving, unbound, write_root
from tests.dns.signing import Key, sign_text
from tests.mail.real_host import MailHost, mail_host
from tests.mail.signing import zone_txt
from tests.programs import LONG
from tests.web.nginx import Site, free_ports, nginx

ROOT, REGISTRY, FIRST, SECOND = (f"193.0.14.{n}" for n in (10, 11, 12, 13))
EDGE = "104.16.1.10"
"""Of an edge's published range: the healthy site stands behind it."""
HOST = "193.0.14.81"
OFFICE, CELLAR = "193.0.14.25", "193.0.14.26"
"""The exchangers: with STARTTLS, and without."""
REGISTRIES = "193.0.14.43"
GOOD, BAD = "harbor.example", "ruin.example"

GOOD_ZONE = f"""
@ 300 NS first.hosts.example.
@ 300 NS second.hosts.example.
@ 300 A {EDGE}
www 300 A {EDGE}
mta-sts 300 A {EDGE}
@ 300 MX 10 mail
mail 300 A {OFFICE}
@ 300 TXT "v=spf1 ip4:{OFFICE} -all"
_dmarc 300 TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{GOOD}"
_mta-sts 300 TXT "v=STSv1; id=1"
_smtp._tls 300 TXT "v=TLSRPTv1; rua=mailto:tls@{GOOD}"
"""
BAD_ZONE = f"""
@ 300 NS first.hosts.example.
@ 604800 A {HOST}
app 300 A 193.0.14.82
blog 300 CNAME nothing.hosts.example.
promo 300 CNAME ruin-promo.azurewebsites.net.
shop 300 A 10.0.0.5
@ 300 MX 10 mail
mail 300 A {CELLAR}
@ 300 TXT "v=spf1 include:nothing.hosts.example +all"
_dmarc 300 TXT "v=DMARC1; p=none"
_mta-sts 300 TXT "v=STSv1; id=1"
_smtp._tls 300 TXT "v=TLSRPTv1; rua=ftp://{BAD}/"
"""
TEXT = "We sell good tea to good people. " * 60
GOOD_PAGE = (
    f"<!doctype html><html lang=en><head><title>Harbor Tea</title><link rel=canonical href=https://{GOOD}/>"
    f"<link rel=stylesheet href=/site.css></head><body><h1>Fresh tea by the sea</h1><p>{TEXT}</p></body></html>"
)
BAD_PAGE = (
    f"<!doctype html><html lang=en><head><title>Ruin</title><link rel=canonical href=http://www.{BAD}/>"
    "<script src=/assets/app.js></script><script src=http://cdn.hosts.example/a.js></script></head>"
    f"<body><h1>Ruin</h1><p>{TEXT}</p></body></html>"
)
COMPRESSION = "gzip on; gzip_types text/css; port_in_redirect off;"
GOOD_HEADERS = """
add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
add_header Content-Security-Policy "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'" always;
add_header X-Content-Type-Options nosniff always;
add_header Referrer-Policy strict-origin-when-cross-origin always;
"""


def write_zones(folder: Path, dkim: str) -> None:
    """Every zone file. The healthy zone is signed up to the root; `dkim` is the key record of its selector s1."""
    keys = {name: Key() for name in (".", "example.", f"{GOOD}.")}
    good = f"{head()}{GOOD_ZONE}s1._domainkey 300 {zone_txt(dkim)}\n"
    (folder / "good.zone").write_text(sign_text(good, f"{GOOD}.", keys[f"{GOOD}."]))
    (folder / "bad.zone").write_text(head() + BAD_ZONE)
    hosts = {"first": FIRST, "second": SECOND}
    both = "".join(f"hosts 300 NS {name}.hosts.example.\n{name}.hosts 300 A {at}\n" for name, at in hosts.items())
    good_servers = "".join(f"harbor 300 NS {name}.hosts.example.\n" for name in hosts)
    registry = (
        f"{head()}@ 300 NS registry\nregistry 300 A {REGISTRY}\nrdap 300 A {REGISTRIES}\n{both}{good_servers}"
        f"harbor 300 {keys[f'{GOOD}.'].ds(f'{GOOD}.')}\nruin 300 NS first.hosts.example.\n"
    )
    (folder / "example.zone").write_text(sign_text(registry, "example.", keys["example."]))
    addresses = "".join(f"{name} 300 A {at}\n" for name, at in hosts.items())
    (folder / "hosts.zone").write_text(f"{head()}@ 300 NS first\n@ 300 NS second\n{addresses}")
    elsewhere = f"{head()}@ 300 NS registry.example.\n"
    (folder / "iana.zone").write_text(f"{elsewhere}@ 300 A {REGISTRIES}\n")
    (folder / "azure.zone").write_text(elsewhere)
    delegations = "".join(
        f"{name}. 300 NS registry.example.\n" for name in ("example", "data.iana.org", "azurewebsites.net")
    )
    secure = f"registry.example. 300 A {REGISTRY}\nexample. 300 {keys['example.'].ds('example.')}\n"
    write_root(folder, ROOT, delegations + secure, keys["."])


@contextmanager
def name_servers(folder: Path, dkim: str) -> Iterator[None]:
    write_zones(folder, dkim)
    registry = {"example": "example.zone", "data.iana.org": "iana.zone", "azurewebsites.net": "azure.zone"}
    own = {"hosts.example": "hosts.zone", GOOD: "good.zone"}
    commands = [
        nsd(folder, "root", ROOT, {".": "root.zone"}),
        nsd(folder, "registry", REGISTRY, registry),
        nsd(folder, "first", FIRST, own | {BAD: "bad.zone"}),
        nsd(folder, "second", SECOND, own),
        unbound(folder),
    ]
    answers = ((FIRST, GOOD), (SECOND, GOOD), (REGISTRY, "example"), (RESOLVER, GOOD))
    with serving((ROOT, REGISTRY, FIRST, SECOND, RESOLVER, OFFICE), commands, answers):
        yield


def write_pages(folder: Path) -> None:
    """What nginx serves from disk, a folder a site."""
    files = {
        "good/index.html": GOOD_PAGE,
        "good/site.css": "body { font: 1rem sans-serif }\n" * 60,
        "bad/index.html": BAD_PAGE,
        "bad/assets/app.js": f'fetch("http://localhost:3000/api");{" " * 2000}\n//# sourceMappingURL=app.js.map\n',
        "bad/assets/app.js.map": json.dumps(
            {"version": 3, "sources": ["a.ts"], "sourcesContent": ["x"], "mappings": "A"}
        ),
        "bad/.env": "APP_NAME=ruin\nDB_HOST=db\n",
        "bad/.git/HEAD": "ref: refs/heads/main\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def registration(domain: str, days: int, *statuses: str) -> str:
    """A registry's answer about a domain, as nginx returns it."""
    ends = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {"eventAction": "expiration", "eventDate": ends}
    told = {"objectClassName": "domain", "ldhName": domain, "status": list(statuses), "events": [event]}
    return f"location = /domain/{domain} {{ return 200 '{json.dumps(told)}'; }}"


def sites(folder: Path, authority: Authority, plain: int, secure: int, old: int) -> list[Site]:
    """The server blocks of every name: one port for http, one for https, and one for https of long ago."""
    write_pages(folder)
    past = datetime.now(UTC) - timedelta(days=2)
    good = authority.issue(GOOD, f"www.{GOOD}", f"mta-sts.{GOOD}")
    registry = authority.issue("data.iana.org", "rdap.example")
    policy = f"version: STSv1\\nmode: enforce\\nmx: mail.{GOOD}\\nmax_age: 604800\\n"
    bootstrap = json.dumps({"services": [[["example"], ["https://rdap.example/"]]]})
    to_good = f"return 301 https://{GOOD}$request_uri;"
    reflected = "add_header Access-Control-Allow-Origin $http_origin; add_header Access-Control-Allow-Credentials true;"
    ruin = f"root {folder}/bad; location /assets/ {{ autoindex on; }} types {{ text/html html; text/javascript js; }}"
    return [
        Site(GOOD, plain, body=to_good),
        Site(f"www.{GOOD}", plain, body=to_good),
        Site(f"www.{GOOD}", secure, good, body=GOOD_HEADERS + to_good),
        Site(
            GOOD, secure, good,
            body=f"{GOOD_HEADERS}{COMPRESSION} root {folder}/good; types {{ text/html html; text/css css; }}"
            f"location = /site.css {{ {GOOD_HEADERS} add_header Cache-Control 'public, max-age=86400'; }}"
            "location = /spring { return 301 /; } location = /health { return 200 fine; }",
        ),
        Site(
            f"mta-sts.{GOOD}", secure, good,
            body=f'location = /.well-known/mta-sts.txt {{ default_type text/plain; return 200 "{policy}"; }}',
        ),
        Site("data.iana.org", secure, registry, body=f"location = /rdap/dns.json {{ return 200 '{bootstrap}'; }}"),
        Site(
            "rdap.example", secure, registry,
            body=registration(GOOD, 300, "client transfer prohibited") + registration(BAD, 10, "active"),
        ),
        Site(BAD, plain, body=ruin),
        Site(
            BAD, old, authority.issue(BAD, not_before=past - timedelta(days=90), not_after=past),
            "TLSv1 TLSv1.1 TLSv1.2", http2=False, body=f"{ruin} {reflected} add_header Set-Cookie session=1;",
        ),
        Site(f"app.{BAD}", secure, authority.issue("elsewhere.example"), http2=False, body=ruin),
    ]  # fmt: skip


def connect_map(host: MailHost, plain: int, secure: int, old: int) -> str:
    """Where the public addresses lead on this machine."""
    places = {EDGE: secure, HOST: old, REGISTRIES: secure, f"app.{BAD}": secure}
    web = [f"{at}:{port}:127.0.0.1:{to}" for at, https in places.items() for port, to in ((80, plain), (443, https))]
    mail = [f"{OFFICE}:25:127.0.0.1:{host.mx}", f"{CELLAR}:25:127.0.0.1:{host.mx_plain}"]
    return "\n".join(("# public address to loopback", *web, *mail, ""))


def audit(folder: Path, *words: str) -> dict[str, object]:
    """Run the command line as its user does."""
    command = [
        sys.executable, "-m", "launchready_tui", "audit", *words, "--json", "--nameserver", RESOLVER,
        "--connect-map", f"{folder}/map.txt", "--ca-file", f"{folder}/roots.pem",
    ]  # fmt: skip
    home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, env=os.environ | home)
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def main(folder: Path) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    authority = Authority()
    plain, secure, old = free_ports(3)
    (folder / "roots.pem").write_bytes(authority.pem)
    with mail_host(authority, f"mail.{GOOD}") as host, name_servers(folder, host.public_key):
        with nginx(*sites(folder / "pages", authority, plain, secure, old)):
            (folder / "map.txt").write_text(connect_map(host, plain, secure, old))
            good = audit(
                folder, GOOD, "--selector", "s1", "--sender", f"ip4:{OFFICE}", "--subdomain", "mail", "--subdomain",
                "mta-sts", "--campaign-url", f"https://{GOOD}/spring", "--route", "/health=200",
            )  # fmt: skip
            declared = [word for name in ("app", "blog", "promo", "shop", "mail") for word in ("--subdomain", name)]
            bad = audit(
                folder,
                BAD,
                "--selector",
                "s1",
                "--campaign-url",
                f"https://{BAD}/spring",
                "--route",
                "/health=200",
                *declared,
            )
    print(json.dumps({GOOD: good, BAD: bad}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

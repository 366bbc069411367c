"""The lab of the demo: Harbor Tea's whole Internet on loopback, its faults, and the session that starts on it."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from checks.network import Network
from launchready_tui.lab import harbor, inbox
from launchready_tui.lab.dns_server import Zone
from launchready_tui.lab.faults import Fault
from launchready_tui.lab.harbor import DOMAIN, EDGE, EDGE_V6, Harbor
from launchready_tui.lab.repository import build_repository
from launchready_tui.lab.smtp_server import SmtpServer
from launchready_tui.lab.web_server import Reply, Request, WebServer, page, pages
from launchready_tui.lab.world import World

SPF_BROKEN = "v=spf1 include:_spf.google.com ?all"
SPF_RIGHT = "v=spf1 include:_spf.google.com include:sendgrid.net ~all"
DMARC_RIGHT = f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{DOMAIN}"


def _dkim_key() -> str:
    """The p= value of a new 2048-bit key."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _strings(text: str) -> str:
    """A TXT value as quoted strings of at most 250 characters."""
    return " ".join(f'"{text[start : start + 250]}"' for start in range(0, len(text), 250))


class Lab:
    """A running lab. `faults` says what is wrong in it; `mend(id)` puts it right, as the consultant would.

    Args:
        folder: where the business's repository is made.
        host: where its servers listen.
    """

    def __init__(self, folder: Path, *, host: str = "127.0.0.1") -> None:
        self.domain = DOMAIN
        self.repo = folder / "repository"
        self.world = World(host=host)
        self.harbor = Harbor()
        self.has_git = False
        self._zone: Zone
        self._dkim = ""
        self._app: WebServer
        self._expires = datetime.now(UTC) + timedelta(days=11)
        self.faults: list[Fault] = []

    async def __aenter__(self) -> Self:
        await self.world.__aenter__()
        self._dkim, self.has_git = await asyncio.gather(
            asyncio.to_thread(_dkim_key), asyncio.to_thread(build_repository, self.repo, clean=False)
        )
        self._publish()
        await self._serve()
        self.faults = self._all_faults()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.world.__aexit__(kind, problem, trace)

    def network(self, **options: Any) -> Network:
        """A network that lives in the lab alone."""
        return self.world.network(**options)

    async def mend(self, fault_id: str) -> Fault:
        """Put one fault right and return it. Raises KeyError."""
        fault = next((fault for fault in self.faults if fault.id == fault_id), None)
        if fault is None:
            raise KeyError(fault_id)
        if not fault.fixed:
            done = fault.mend()
            if inspect.isawaitable(done):
                await done
            fault.fixed = True
        return fault

    # ---------------------------------------------------------------- names

    def _publish(self) -> None:
        servers = harbor.NAME_SERVERS
        world = self.world
        glue = {name: [f"A {address}"] for name, address in servers.items()}
        self._zone = world.zone(
            DOMAIN,
            {
                "@": [
                    *(f"NS {name}." for name in servers),
                    f"SOA ns1.dns-lab.example. hostmaster.{DOMAIN}. 2026112401 3600 600 86400 300",
                    f"A {EDGE}",
                    f"AAAA {EDGE_V6}",
                    "MX 1 smtp.google.com.",
                    f'TXT "{SPF_BROKEN}"',
                    'TXT "google-site-verification=lab"',
                ],
                "app": [f"A {harbor.APP}"],
                "old": [f"A {harbor.ORIGIN}"],
                "files": ["CNAME harbor-tea-files.s3.amazonaws.com."],
                "google._domainkey": [f"TXT {_strings(f'v=DKIM1; k=rsa; t=y; p={self._dkim}')}"],
                "s1._domainkey": ["CNAME s1.domainkey.u4711.wl083.sendgrid.net."],
                "em4711": ["CNAME u4711.wl083.sendgrid.net."],
            },
        )
        world.zone(
            "example",
            {
                "@": ["NS a.nic.example.", "SOA a.nic.example. hostmaster.nic.example. 1 3600 600 86400 300"],
                "a.nic": ["A 192.5.6.30"],
                DOMAIN + ".": [f"NS {name}." for name in servers],
                "dns-lab": [f"NS {name}." for name in servers],
                **{f"{name}.": lines for name, lines in glue.items()},
                "rdap": ["A 192.5.6.44"],
            },
        )
        world.zone(
            "dns-lab.example",
            {
                "@": [
                    *(f"NS {name}." for name in servers),
                    "SOA ns1.dns-lab.example. hostmaster.dns-lab.example. 1 3600 600 86400 300",
                ],
                **{f"{name}.": lines for name, lines in glue.items()},
                f"{inbox.HOST}.": [f"A {inbox.ADDRESS}"],
            },
        )
        world.zone("google.com", {"smtp": [f"A {harbor.MAIL_HOST}"], "_spf": ['TXT "v=spf1 ip4:142.250.0.0/15 ~all"']})
        world.zone(
            "sendgrid.net",
            {
                "@": ['TXT "v=spf1 ip4:167.89.0.0/17 ~all"'],
                "s1.domainkey.u4711.wl083": [f"TXT {_strings(f'k=rsa; t=s; p={self._dkim}')}"],
                "u4711.wl083": ["A 167.89.115.53", 'TXT "v=spf1 ip4:167.89.115.53 -all"', "MX 10 mx.sendgrid.net."],
            },
        )
        world.zone("amazonaws.com", {"*.s3": ["A 52.216.10.10"]})
        world.zone("iana.org", {"data": ["A 192.0.43.22"]})

    # ---------------------------------------------------------------- servers

    async def _serve(self) -> None:
        world, site = self.world, self.harbor
        issue = world.authority.issue
        certificate = issue(DOMAIN, f"*.{DOMAIN}", "old." + DOMAIN)
        for address in harbor.NAME_SERVERS.values():
            await world.nameserver(address, [self._zone, world.zones["dns-lab.example"]])
        await world.nameserver("192.5.6.30", [world.zones["example"]])
        edge = await world.web(EDGE, site.edge, certificate)
        plain = await world.web(EDGE, site.plain)
        world.route(EDGE_V6, 443, edge.port)
        world.route(EDGE_V6, 80, plain.port)
        self._app = await world.web(harbor.APP, site.edge, issue(f"app.{DOMAIN}", days=5))
        world.route(harbor.APP, 80, plain.port)
        await world.web(harbor.ORIGIN, site.origin, certificate, http2=False)
        await world.web(
            "52.216.10.10",
            pages({}, missing=page("<Code>NoSuchBucket</Code> The specified bucket does not exist", status=404)),
            issue("*.s3.amazonaws.com", f"files.{DOMAIN}"),
        )
        await world.place(SmtpServer(issue("smtp.google.com"), "smtp.google.com"), harbor.MAIL_HOST, 25)
        await world.web(inbox.ADDRESS, site.inbox.answer, issue(inbox.HOST))
        await world.web("192.0.43.22", self._bootstrap, issue("data.iana.org"))
        await world.web("192.5.6.44", self._rdap, issue("rdap.example"))

    def _bootstrap(self, request: Request) -> Reply:
        body = {"version": "1.0", "services": [[["example"], ["https://rdap.example/"]]]}
        return Reply(200, (("content-type", "application/json"),), json.dumps(body).encode())

    def _rdap(self, request: Request) -> Reply:
        body = {
            "objectClassName": "domain",
            "ldhName": DOMAIN,
            "status": ["client transfer prohibited"],
            "events": [
                {"eventAction": "registration", "eventDate": "2019-03-04T10:00:00Z"},
                {"eventAction": "expiration", "eventDate": self._expires.strftime("%Y-%m-%dT%H:%M:%SZ")},
            ],
            "nameservers": [{"objectClassName": "nameserver", "ldhName": n} for n in harbor.NAME_SERVERS],
            "entities": [
                {
                    "objectClassName": "entity",
                    "roles": ["registrar"],
                    "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Lab Registrar"]]],
                }
            ],
        }
        return Reply(200, (("content-type", "application/rdap+json"),), json.dumps(body).encode())

    # ---------------------------------------------------------------- faults

    def _all_faults(self) -> list[Fault]:
        state, zone = self.harbor.state, self._zone

        def site(name: str) -> Callable[[], None]:
            return lambda: setattr(state, name, False)

        def dns(owner: str, kind: str, *values: str) -> Callable[[], None]:
            return lambda: zone.set(owner, kind, *values)

        async def new_certificate() -> None:
            await self.world.web(
                harbor.APP, self.harbor.edge, self.world.authority.issue(f"app.{DOMAIN}", f"files.{DOMAIN}", days=90)
            )

        def renew() -> None:
            self._expires += timedelta(days=365)

        async def clean_repository() -> None:
            await asyncio.to_thread(build_repository, self.repo, clean=True)

        def hide_origin() -> None:
            state.origin_open = False
            zone.set("old", "A")

        def take_down_files() -> None:
            zone.set("files", "CNAME")
            zone.set("files", "A", harbor.APP)

        key = _strings(f"v=DKIM1; k=rsa; p={self._dkim}")
        return [
            Fault("dns.www-missing", "Publish www", f"CNAME www -> {DOMAIN}", dns("www", "CNAME", f"{DOMAIN}.")),
            Fault("dns.takeover", "Take the forgotten bucket's name back", "files now leads to the app's edge",
                  take_down_files),
            Fault("dns.registration-expiring", "Renew the domain for a year", "registration renewed", renew),
            Fault("tls.cert-expiring", "Renew the certificate of app", "new certificate for 90 days", new_certificate),
            Fault("web.http-open", "Send http to https at the edge", "Always Use HTTPS is on", site("http_serves")),
            Fault("web.noindex", "Let search engines in", "robots meta removed", site("noindex")),
            Fault("web.campaign-broken", "Redirect the old campaign address", "301 from /spring-tasting to /tasting",
                  site("campaign_gone")),
            Fault("edge.origin-exposed", "Let only the edge reach the origin", "origin firewall, old record removed",
                  hide_origin),
            Fault("edge.static-uncached", "Cache the assets for a year", "Cache-Control on /assets/",
                  site("assets_uncached")),
            Fault("edge.no-compression", "Turn compression on at the edge", "gzip for text", site("uncompressed")),
            Fault("headers.csp", "Send the security headers", "HSTS, CSP, nosniff and Referrer-Policy at the edge",
                  site("headers_missing")),
            Fault("exposure.env-file", "Take the .env file off the web", "/.env answers 404", site("env_exposed")),
            Fault("spf.sender-missing", "Publish one right SPF record", f"TXT {SPF_RIGHT}",
                  dns("@", "TXT", f'"{SPF_RIGHT}"', '"google-site-verification=lab"'), undo=f"TXT {SPF_BROKEN}"),
            Fault("dkim.testing", "Take the test flag off the DKIM key", "t=y removed",
                  dns("google._domainkey", "TXT", key)),
            Fault("dmarc.missing", "Publish a DMARC policy", f"TXT {DMARC_RIGHT}",
                  dns("_dmarc", "TXT", f'"{DMARC_RIGHT}"')),
            Fault("form.insecure", "Post the form over https", "form action is /contact", site("form_insecure")),
            Fault("form.silent", "Let the form's messages through", "the address that the form's handler sends to",
                  lambda: setattr(self.harbor.inbox, "loses", False)),
            Fault("errors.none", "Add an error tracker", "tracker script on every page", site("tracker_missing")),
            Fault("secrets.in-tree", "Clean the repository and rotate its key", "key rotated, history rewritten",
                  clean_repository),
        ]  # fmt: skip

    # ---------------------------------------------------------------- the session

    def session(self) -> dict[str, Any]:
        """The tables of the session file that the demo starts with."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        watched = [f"https://{DOMAIN}/", f"https://app.{DOMAIN}/health", f"https://app.{DOMAIN}/login"]
        return {
            "schema": 1,
            "site": {
                "domain": DOMAIN,
                "canonical": f"https://{DOMAIN}/",
                "subdomains": [f"app.{DOMAIN}", f"files.{DOMAIN}"],
                "campaign_urls": [harbor.CAMPAIGN],
                "routes": [
                    {"url": f"https://app.{DOMAIN}/health", "status": 200, "contains": "ok", "kind": "api"},
                    {"url": f"https://app.{DOMAIN}/login", "status": 200, "kind": "login"},
                ],
                "forms": [{"page": f"https://{DOMAIN}/", "destination": inbox.URL}],
            },
            "mail": {
                "senders": ["Google Workspace", "SendGrid"],
                "from_address": f"hello@{DOMAIN}",
                "deadline_minutes": 0.1,
            },
            "deploy": {"repo": str(self.repo), "environments": [], "rollback": "vercel rollback"},
            "monitor": {"urls": watched, "probes": watched},
            # Asked and given at the first meeting, as in every sprint.
            "consent": {"forms": True, "by": "Lin Moreau, Harbor Tea", "at": now},
            "sprint": {"started": now, "consultant": "You", "client": "Harbor Tea"},
        }

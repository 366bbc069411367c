"""Harbor Tea: the small business of the demo, its site, its records and its typical faults."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from urllib.parse import parse_qs

from launchready_tui.lab.inbox import Inbox
from launchready_tui.lab.web_server import Reply, Request, page, redirect

DOMAIN = "harbor-tea.example"
EDGE = "104.16.132.229"
EDGE_V6 = "2606:4700::6810:84e5"
ORIGIN = "45.76.120.18"
APP = "104.16.133.229"
MAIL_HOST = "142.250.27.27"
SHOP = "23.227.38.74"
NAME_SERVERS = {"ns1.dns-lab.example": "108.162.192.101", "ns2.dns-lab.example": "172.64.32.101"}
CAMPAIGN = f"https://{DOMAIN}/spring-tasting"

_STYLE = b"body{font:18px/1.6 Georgia,serif;max-width:42rem;margin:3rem auto;color:#233}h1{color:#0a5}" * 24
_SCRIPT = b"document.querySelector('form')?.addEventListener('submit',()=>{document.body.dataset.sent='1'});" * 20


@dataclass(slots=True)
class SiteState:
    """What is wrong with the web side. Every True is a fault."""

    http_serves: bool = True
    origin_open: bool = True
    env_exposed: bool = True
    noindex: bool = True
    headers_missing: bool = True
    assets_uncached: bool = True
    uncompressed: bool = True
    campaign_gone: bool = True
    form_insecure: bool = True
    tracker_missing: bool = True


def _home(state: SiteState) -> str:
    robots = '<meta name="robots" content="noindex, nofollow">' if state.noindex else ""
    action = f"http://{DOMAIN}/contact" if state.form_insecure else "/contact"
    tracker = (
        ""
        if state.tracker_missing
        else f'<script src="/tracker.js" data-dsn="https://7f3a9c1e5b2d4860a1b2c3d4e5f60718@errors.{DOMAIN}/1"></script>'
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Harbor Tea: tea for offices</title>'
        f'<meta name="viewport" content="width=device-width">{robots}<link rel="canonical" href="https://{DOMAIN}/">'
        f'<link rel="stylesheet" href="/assets/site.css"><script src="/assets/site.js" defer></script>{tracker}</head>'
        f"<body><h1>Harbor Tea</h1><p>Good tea, delivered to offices in the harbour, every Monday before nine.</p>"
        f"<p>Ask for a tasting and we bring six teas to your kitchen.</p>"
        f'<form method="post" action="{action}"><label>Name <input name="name" required></label>'
        f'<label>Mail <input type="email" name="email" required></label>'
        f'<label>Message <textarea name="message"></textarea></label><button>Ask for a tasting</button></form>'
        f"<p>{'Harbor Tea has served the offices of the quay since 2019. ' * 12}</p></body></html>"
    )


def security_headers(state: SiteState) -> tuple[tuple[str, str], ...]:
    """The headers that the site lacks until they are added at the edge."""
    if state.headers_missing:
        return ()
    return (
        ("strict-transport-security", "max-age=31536000"),
        ("content-security-policy", "default-src 'self'; frame-ancestors 'none'; form-action 'self'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
    )


def _compressed(request: Request, reply: Reply) -> Reply:
    """The reply in gzip, where the client takes it and it is worth it."""
    if len(reply.body) < 500 or "gzip" not in request.header("accept-encoding"):
        return reply
    marks = (("content-encoding", "gzip"), ("vary", "accept-encoding"))
    return Reply(reply.status, (*reply.headers, *marks), gzip.compress(reply.body, mtime=0))


class Harbor:
    """Answers for the site, at the edge and at the origin."""

    def __init__(self) -> None:
        self.state = SiteState()
        self.inbox = Inbox()

    def edge(self, request: Request) -> Reply:
        """What a visitor gets: the site with the marks of the edge."""
        if request.host == f"www.{DOMAIN}":
            return self._marked(redirect(f"https://{DOMAIN}{request.target}"))
        reply = self._app(request) if request.host == f"app.{DOMAIN}" else self._site(request)
        return self._marked(reply if self.state.uncompressed else _compressed(request, reply))

    def plain(self, request: Request) -> Reply:
        """Port 80 of the edge."""
        if self.state.http_serves:
            return self._marked(self._site(request))
        return self._marked(redirect(f"https://{request.host}{request.target}"))

    def origin(self, request: Request) -> Reply:
        """The server behind the edge, for whoever knows its address."""
        if self.state.origin_open:
            return self._site(request)
        return page("<title>Forbidden</title><h1>This server answers its edge only</h1>", status=403)

    def _marked(self, reply: Reply) -> Reply:
        marks = (("server", "cloudflare"), ("cf-ray", "8f0c2d4e6a8b0c1d-FRA"), ("cf-cache-status", "DYNAMIC"))
        return Reply(reply.status, (*reply.headers, *marks), reply.body, reply.chunks)

    def _app(self, request: Request) -> Reply:
        private = (*security_headers(self.state), ("cache-control", "private, no-store"))
        if request.path == "/health":
            return Reply(200, (("content-type", "application/json"), ("cache-control", "no-store")), b'{"ok": true}')
        if request.path in ("/", "/login"):
            return page("<title>Sign in</title><h1>Sign in to Harbor Tea</h1>", *private)
        return page("<title>Not found</title><h1>No such page</h1>", *private, status=404)

    def _site(self, request: Request) -> Reply:
        state = self.state
        cache = () if state.assets_uncached else (("cache-control", "public, max-age=31536000, immutable"),)
        match request.path:
            case "/":
                return page(_home(state), *security_headers(state), ("cache-control", "no-cache"))
            case "/assets/site.css":
                return Reply(200, (("content-type", "text/css"), *cache), _STYLE)
            case "/assets/site.js" | "/tracker.js":
                return Reply(200, (("content-type", "text/javascript"), *cache), _SCRIPT)
            case "/tasting":
                return page("<title>Tastings</title><h1>Tastings</h1>", *security_headers(state))
            case "/spring-tasting" if not state.campaign_gone:
                return redirect(f"https://{DOMAIN}/tasting")
            case "/.env" if state.env_exposed:
                lines = "APP_ENV=production\nMAIL_FROM=hello@harbor-tea.example\nFEATURE_TASTING=on\n"
                return Reply(200, (("content-type", "text/plain"),), lines.encode())
            case "/robots.txt":
                return Reply(200, (("content-type", "text/plain"),), b"User-agent: *\nAllow: /\n")
            case "/contact" if request.method == "POST":
                return self._contact(request)
        return page("<title>Not found</title><h1>No such page</h1>", *security_headers(state), status=404)

    def _contact(self, request: Request) -> Reply:
        data = {key: values[0] for key, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if "@" not in data.get("email", "") or not data.get("name"):
            return page("<title>Please complete</title><h1>Please give your name and mail address</h1>", status=422)
        self.inbox.deliver(data)
        return page("<title>Thank you</title><h1>Thank you, we will answer today</h1>")

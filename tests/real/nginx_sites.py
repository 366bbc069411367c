"""Sites for a real nginx: one that raises nothing, unusual ones that are right, and one for each fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.subject import Route
from tests.repo.secrets import fakes

EDGE = "104.16.{}.{}"
"""Of Cloudflare's published ranges."""
WORDS = "<p>Good tea, delivered to offices in the harbour, every Monday before nine.</p>" * 20
HOME = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Harbor Tea</title>"
    "<link rel=stylesheet href=/assets/site.css><script src=/assets/site.js defer></script>{head}</head>"
    f"<body><h1>Harbor Tea</h1>{WORDS}{{body}}</body></html>"
)
STYLE = "body{font:18px/1.6 Georgia,serif;max-width:42rem;margin:3rem auto}\n" * 40
SCRIPT = "document.querySelector('form')?.addEventListener('submit',()=>{document.body.dataset.sent='1'});\n" * 40
POLICY = "default-src 'self'; frame-ancestors 'none'"
SAFE = {
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
}
COMPRESSED = "gzip on; gzip_min_length 200; gzip_types text/css application/javascript application/json image/svg+xml;"
TYPES = (
    "types { text/html html; text/css css; application/javascript js; application/json json map; text/plain txt;"
    " image/svg+xml svg; }"
)
KEPT = 'add_header Cache-Control "public, max-age=31536000, immutable";'
TO_HTTPS = "return 301 https://$host$request_uri;"


def headers(*, less: str = "", more: tuple[str, ...] = (), **other: str) -> str:
    """add_header lines: the safe ones, without `less`, with `other` in place of them, and `more` written out."""
    values = {name: value for name, value in SAFE.items() if name != less} | {
        name.replace("_", "-"): value for name, value in other.items()
    }
    return " ".join((*(f'add_header {name} "{value}" always;' for name, value in values.items()), *more))


@dataclass(frozen=True)
class Case:
    """`secure`, `www`, `plain` and `plain_www` are nginx's words for the four addresses; {domain} and {folder} in
    them are filled in. `secure` of None is the usual folder of files with these `head`ers and `assets`."""

    expected: Mapping[str, str] = field(default_factory=dict)
    """Status by check: the problems to find, all of them."""
    head: str = headers()
    assets: str = KEPT
    more: str = ""
    """Further lines of the secure server."""
    compressed: str = COMPRESSED
    secure: str | None = None
    www: str = "return 301 https://{domain}$request_uri;"
    plain: str = TO_HTTPS
    plain_www: str = TO_HTTPS
    files: Mapping[str, str] = field(default_factory=dict)
    """Beside or in place of the usual ones, by path."""
    subject: Mapping[str, Any] = field(default_factory=dict)
    """What the user declared; {domain} is filled in."""
    http2: bool = True
    edge: bool = True
    origin: bool = False
    """Whether a sibling name shows the same server at an address of its own."""

    def write(self, folder: Path) -> None:
        usual = {"index.html": HOME.format(head="", body=""), "assets/site.css": STYLE, "assets/site.js": SCRIPT}
        for name, text in (usual | dict(self.files)).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def blocks(self, domain: str, folder: Path) -> dict[str, str]:
        """The bodies of the four servers by what they are."""
        usual = (
            f'root "{folder}"; index index.html; {self.compressed} {TYPES} {self.head} {self.more}'
            f" location /assets/ {{ {self.assets} }} location = /index.html {{ internal; }}"
        )
        bodies = {
            "secure": usual if self.secure is None else self.secure,
            "www": self.www,
            "plain": self.plain,
            "plain_www": self.plain_www,
        }
        return {
            name: body.replace("{domain}", domain).replace("{folder}", str(folder)) for name, body in bodies.items()
        }


def page(head: str = "", body: str = "") -> dict[str, str]:
    return {"index.html": HOME.format(head=head, body=body)}


NONCE = "script-src 'nonce-Zm9yIHRoZSB0ZXN0' 'unsafe-inline'; frame-ancestors 'none'"
ENV = "APP_ENV=production\nDATABASE_URL=postgres://app@db/app\nMAIL_FROM=hello@example.com\n"
TRACE = 'Traceback (most recent call last):\n  File "/srv/app/views.py", line 12, in home\n    raise KeyError(x)\n'
SPLIT = 'root "{folder}"; ' + COMPRESSED + TYPES + headers() + "location /assets/ { " + KEPT + " }"

RIGHT: dict[str, Case] = {
    "healthy": Case(),
    "by308": Case(plain="return 308 https://$host$request_uri;", plain_www="return 308 https://$host$request_uri;",
                  www="return 308 https://{domain}$request_uri;"),
    "www-first": Case(secure="return 301 https://www.{domain}$request_uri;", www=SPLIT),
    "app": Case(more="error_page 404 =200 /index.html;"),
    "policy-of-nonces": Case(head=headers(Content_Security_Policy=NONCE)),
    "two-policies": Case(head=headers(more=("add_header Content-Security-Policy \"script-src 'self' 'unsafe-inline'\" always;",))),
    "public-key": Case(files={"assets/site.js": "fetch('/x',{headers:{key:'" + "pk_live_" + "51HqLy" * 4 + "'}})\n" + SCRIPT}),
    "kept-from-caches": Case(head=headers(more=('add_header Set-Cookie "theme=dark; Path=/; Secure; SameSite=Lax";',
                                                'add_header Cache-Control "private, no-store";'))),
    "private-page": Case(more='location = /account { add_header Cache-Control "private, no-store"; return 200 "you"; }',
                         subject={"private_paths": ["/account"]}),
    "campaign": Case(more="location = /spring { return 301 https://{domain}/; }", subject={"campaign_urls": ["https://{domain}/spring"]}),
    "turned-away": Case(secure='add_header cf-mitigated challenge always; return 403 "<title>Just a moment</title>";'),
}  # fmt: skip
"""Unusual or not, nothing of these is a problem."""

WRONG: dict[str, Case] = {
    "chain": Case({"web.redirect-chain": "warn"}, plain="return 301 http://www.{domain}$request_uri;"),
    "temporary": Case({"web.redirect-temporary": "warn"}, www="return 302 https://{domain}$request_uri;"),
    "by-page": Case({"web.redirect-temporary": "warn"},
                    www="return 200 '<meta http-equiv=refresh content=\"0;url=https://{domain}$request_uri\">';"),
    "drops-path": Case({"web.redirect-drops-path": "warn"}, www="return 301 https://{domain}/;"),
    "drops-query": Case({"web.redirect-drops-path": "warn"}, www="return 301 https://{domain}$uri;"),
    "open": Case({"web.http-open": "fail"}, plain=SPLIT),
    "http-to-http": Case({"web.http-open": "fail"}, plain="return 301 http://{domain}/here;" .replace("return", "location = / { return") + "} location = /here { return 200 'here'; }"),
    "split": Case({"web.canonical-split": "fail"}, www=SPLIT),
    "loop": Case({"web.redirect-loop": "fail"}, plain_www="return 301 http://$host/;"),
    "downgrade": Case({"web.redirect-downgrade": "fail", "web.redirect-chain": "warn"},
                      www="return 301 http://{domain}$request_uri;"),
    "campaign-gone": Case({"web.campaign-broken": "fail"}, subject={"campaign_urls": ["https://{domain}/spring"]}),
    "route-down": Case({"web.error": "fail"}, more="location = /health { return 500; }",
                       subject={"routes": [Route("/health", status=200)]}),
    "route-without-text": Case({"web.error": "fail"}, more='location = /health { return 200 "sorry"; }',
                               subject={"routes": [Route("/health", contains="ok")]}),
    "error": Case({"web.error": "fail"}, secure="return 500;"),
    "placeholder": Case({"web.placeholder": "fail"}, files={"index.html": "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed and working. Further configuration is required.</p>"}),
    "noindex": Case({"web.noindex": "warn"}, head=headers(X_Robots_Tag="noindex")),
    "shut-out": Case({"web.noindex": "warn"}, files={"robots.txt": "User-agent: *\nDisallow: /\n"}),
    "other-canonical": Case({"web.canonical-tag": "warn"}, files=page("<link rel=canonical href=https://old.example/>")),
    "mixed": Case({"web.mixed-content": "warn"}, files=page(body="<img src=http://images.example/a.png>")),
    "developer": Case({"web.dev-url": "fail"}, files={"assets/site.js": "fetch('http://localhost:3000/api');\n" + SCRIPT}),
    "uncached": Case({"edge.static-uncached": "warn"}, assets=""),
    "short-cached": Case({"edge.static-uncached": "warn"}, assets="expires 10m;"),
    "cookie-cached": Case({"edge.private-cached": "fail"}, head=headers(more=(
        'add_header Set-Cookie "theme=dark; Path=/; Secure; SameSite=Lax";', 'add_header Cache-Control "public, max-age=600";'))),
    "private-cached": Case({"edge.private-cached": "fail"}, more='location = /account { return 200 "you"; }',
                           subject={"private_paths": ["/account"]}),
    "uncompressed": Case({"edge.no-compression": "warn"}, compressed=""),
    "old-http": Case({"edge.no-http2": "warn"}, http2=False),
    "no-edge": Case({"edge.none": "fail"}, edge=False),
    "origin": Case({"edge.origin-exposed": "fail"}, origin=True),
    "no-hsts": Case({"headers.hsts": "warn"}, head=headers(less="Strict-Transport-Security")),
    "short-hsts": Case({"headers.hsts": "warn"}, head=headers(Strict_Transport_Security="max-age=86400")),
    "first-hsts-short": Case({"headers.hsts": "warn"}, head=headers(
        Strict_Transport_Security="max-age=300", more=('add_header strict-transport-security "max-age=31536000" always;',))),
    "inline": Case({"headers.csp": "warn"}, head=headers(Content_Security_Policy="script-src 'self' 'unsafe-inline'; frame-ancestors 'none'")),
    "report-only": Case({"headers.csp": "warn", "headers.framing": "warn"}, head=headers(
        less="Content-Security-Policy", Content_Security_Policy_Report_Only=POLICY)),
    "framed": Case({"headers.framing": "warn"}, head=headers(
        Content_Security_Policy="default-src 'self'", X_Frame_Options="ALLOW-FROM https://other.example")),
    "sniffed": Case({"headers.nosniff": "warn"}, head=headers(less="X-Content-Type-Options")),
    "referrer": Case({"headers.referrer": "warn"}, head=headers(Referrer_Policy="no-referrer, unsafe-url")),
    "cookies": Case({"headers.cookies": "warn"}, head=headers(more=(
        'add_header Set-Cookie "PHPSESSID=one; Path=/; Secure";', 'add_header Cache-Control "private, no-store";'))),
    "cors": Case({"headers.cors": "fail"}, head=headers(more=(
        "add_header Access-Control-Allow-Origin $http_origin always;", "add_header Access-Control-Allow-Credentials true always;"))),
    "git": Case({"exposure.git": "fail"}, files={".git/HEAD": "ref: refs/heads/main\n"}),
    "env": Case({"exposure.env-file": "fail"}, files={".env": ENV}),
    "env-beside-an-app": Case({"exposure.env-file": "fail"}, files={".env.bak": ENV}, more="error_page 404 =200 /index.html;"),
    "map": Case({"exposure.source-map": "warn"}, files={
        "assets/site.js": SCRIPT + "//# sourceMappingURL=site.js.map\n",
        "assets/site.js.map": '{"version":3,"sources":["src/site.ts"],"mappings":"AAAA"}'}),
    "bundle": Case({"exposure.bundle-secret": "fail"}, files={"assets/site.js": fakes.of("stripe-secret-key", 1).line + "\n" + SCRIPT}),
    "listing": Case({"exposure.directory-listing": "warn"}, assets=KEPT + " autoindex on;"),
    "trace": Case({"exposure.debug": "fail"}, files={"404.html": f"<pre>{TRACE}</pre>"}, more="error_page 404 /404.html;"),
}  # fmt: skip
"""By what is wrong."""
CASES = RIGHT | WRONG

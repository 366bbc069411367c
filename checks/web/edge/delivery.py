"""edge.no-compression and edge.no-http2: whether pages travel as lightly as they can.

Compressing pages is asked for although BREACH can read secrets out of compressed answers: that needs a page that
reflects input beside a secret, and a same-site cookie already keeps the attacker's requests from carrying one.
"""

from __future__ import annotations

import asyncio
import re

from checks.catalogue import check
from checks.errors import CannotTell, NetworkError, NotApplicable
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.network import Response
from checks.web.edge.assets import assets
from checks.web.edge.front import front, the_canonical_host
from checks.web.headers.alt_svc import offers_http3
from checks.web.pages import first_party_references, homepage, redirect_chain
from checks.web.site.answers import named_routes, the_canonical_page
from checks.web.software import told

SMALL = 1400
"""Bytes that fit one packet, so that compressing them saves no time."""

_TEXT_TYPES = frozenset(
    "text/html application/xhtml+xml text/css text/javascript application/javascript application/x-javascript "
    "application/ecmascript text/ecmascript application/json image/svg+xml".split()
)
_COMPRESSING = {
    "nginx": "gzip on; gzip_vary on; gzip_proxied any; "
    "gzip_types text/css text/javascript application/javascript application/json image/svg+xml;",
    "Apache": "AddOutputFilterByType DEFLATE text/html text/css text/javascript application/javascript "
    "application/json image/svg+xml",
    "Cloudflare": "Rules, Compression Rules; and send no Cache-Control: no-transform",
    "Caddy": "encode zstd gzip",
    "IIS": 'in web.config: <urlCompression doStaticCompression="true" doDynamicCompression="true" />',
}
_SPEAKING_HTTP2 = {
    "nginx": "http2 on; beside listen 443 ssl; (before 1.25.1: listen 443 ssl http2;)",
    "Apache": "a2enmod http2, and Protocols h2 http/1.1",
    "Caddy": "take protocols h1 out of the servers options",
    "Cloudflare": "Speed, Protocol, HTTP/2",
}
_ALPN_H3 = re.compile(r"""\balpn="(?:[^",]*,)*h3[,"-]""")
_TEXT_ENDINGS = (".html", ".htm", ".css", ".js", ".mjs", ".json", ".svg")


@check(
    "edge.no-compression",
    title="Pages are sent uncompressed",
    when="a text response over 1400 bytes (html, css, js, json, svg) comes uncompressed though gzip, br and zstd were "
    "offered",
    status="warn",
    triage="later",
    risk="downtime",
    item=("S3.3",),
    source="RFC 9110 s8.4",
    cost="Pages load several times slower than they need to, most of all on phones.",
    each=the_canonical_page,
)
async def no_compression(facts: Facts, url: str) -> Verdict:
    page = await homepage(facts)
    try:
        found = await assets(facts)
        files, unread = [asset.response for asset in found.seen], found.unread
    except CannotTell as problem:
        files, unread = [], (problem.reason,)
    answers = {answer.url: answer for answer in (page.response, *files, *await _data(facts))}
    texts = [answer for answer in answers.values() if _is_text(answer) and answer.wire_size > 0]
    plain = [answer for answer in texts if _coding(answer) == "" and len(answer.body) > SMALL]
    shown = [f"{a.url}: {_coding(a) or 'not compressed'}, {a.wire_size} bytes sent" for a in plain or texts]
    if not plain:
        return passed(
            url, f"the {len(texts)} text answers looked at are compressed or small", evidence=(*shown, *unread)
        )
    return warned(
        url,
        f"{len(plain)} of {len(texts)} text answers come uncompressed",
        evidence=(*shown, "gzip, br and zstd were offered", *unread),
        fix=f"Turn compression on for text, at the server or at the edge before it {told(plain[0], _COMPRESSING)}.",
    )


async def _data(facts: Facts) -> list[Response]:
    """Good answers of the homepage's manifest and of the routes that the user named, an API's JSON among them."""
    urls = [reference.url for reference in await first_party_references(facts) if reference.kind == "manifest"]
    urls += [route.url for route in (await named_routes(facts)).values() if route.method == "GET"]
    chains = await asyncio.gather(*(redirect_chain(facts, wanted) for wanted in urls))
    return [chain.last for chain in chains if chain.ended and chain.last.ok]


def _is_text(answer: Response) -> bool:
    kind = answer.media_type
    if kind in _TEXT_TYPES or kind.endswith("+json"):
        return True
    return kind in ("", "application/octet-stream") and answer.url.partition("?")[0].lower().endswith(_TEXT_ENDINGS)


def _coding(answer: Response) -> str:
    """The content codings in effect; empty where it is sent as it is."""
    codings = (part.strip().lower() for part in answer.headers.joined("content-encoding").split(","))
    return ", ".join(coding for coding in codings if coding not in ("", "identity"))


@check(
    "edge.no-http2",
    title="Only the old HTTP/1.1 is spoken",
    when="the server negotiates HTTP/1.1 only",
    status="warn",
    triage="note",
    risk="downtime",
    item=("S3.3",),
    source="RFC 9113",
    cost="Pages with many files load more slowly than they need to.",
    each=the_canonical_host,
)
async def no_http2(facts: Facts, name: str) -> Verdict:
    answer = (await front(facts)).response
    if answer is None:
        raise NotApplicable(f"{name} gives no answer: web.unreachable tells")
    if answer.handshake is None:
        raise NotApplicable(f"{name} answers without TLS, where browsers speak HTTP/1.1 only")
    agreed = answer.handshake.alpn
    evidence = (
        f"{name} at {answer.address} agreed on {agreed or 'no protocol'} by ALPN",
        await _http3(facts, name, answer),
    )
    if agreed == "h2":
        return passed(name, f"{name} speaks HTTP/2", evidence=evidence)
    return warned(
        name,
        f"{name} negotiates HTTP/1.1 only",
        evidence=evidence,
        fix=f"Turn HTTP/2 on {told(answer, _SPEAKING_HTTP2)}; an edge does it by itself.",
    )


async def _http3(facts: Facts, name: str, answer: Response) -> str:
    """A line that says whether HTTP/3 is offered: by Alt-Svc, or by the HTTPS record (RFC 9460)."""
    if offers_http3(answer.headers.all("alt-svc")):
        return f"HTTP/3 is offered by Alt-Svc: {answer.headers.joined('alt-svc')[:120]}"
    try:
        record = await facts.network.resolve(name, "HTTPS")
    except NetworkError:
        return "no offer of HTTP/3 in Alt-Svc"
    offered = next((text for text in record.texts if _ALPN_H3.search(text)), "")
    return f"HTTP/3 is offered by the HTTPS record: {offered}" if offered else "no offer of HTTP/3 was seen"

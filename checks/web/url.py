"""URLs as browsers read them: a reference seen from a page becomes one absolute, canonical text."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, unquote, urljoin, urlsplit

from checks.subject import BadName, Subject, host_name

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
"""The special schemes of the URL standard that lead to a host, with the port that is never written."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_AROUND = "".join(map(chr, range(0x21)))
_BREAKS = str.maketrans("", "", "\t\n\r")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._[]|^"
_QUERY_SAFE = _PATH_SAFE + "?{}`\\"


def resolve(reference: str, base: str = "") -> str:
    """Return the absolute URL of `reference` seen from `base`, without its fragment (WHATWG URL).

    http, https, ws and wss come back in canonical form: lower-case A-label host, no default port, no dot
    segments, everything beyond ASCII percent-encoded. Other schemes come back as they are. Empty where
    `reference` is no URL.
    """
    text = reference.strip(_AROUND).translate(_BREAKS)
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    if match and scheme not in DEFAULT_PORTS:
        return text
    path, mark, rest = _cut(text[match.end() :] if match else text)
    text = path.replace("\\", "/") + mark + rest
    if match and (text.startswith("/") or not base.startswith(f"{scheme}:")):
        return _canonical(scheme, text.lstrip("/"))
    if text.startswith("//"):
        return _canonical(_scheme(base), text.lstrip("/"))
    try:
        joined = urljoin(base, text)
    except ValueError:
        return ""
    scheme, _, after = joined.partition("://")
    return _canonical(scheme, after)


def origin(url: str) -> str:
    """Scheme, host and port: "https://www.example.com"."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{re.split('[/?#]', rest, maxsplit=1)[0]}"


def host(url: str) -> str:
    """The host of an absolute URL, without port and brackets; empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def first_party(url: str, subject: Subject, canonical: str) -> bool:
    """Whether `url` lies with the site itself: its domain, what is below it, its variants, its canonical host."""
    name = host(url)
    own = (subject.domain, *subject.variants, host(canonical).removeprefix("www."))
    return any(name == domain or name.endswith(f".{domain}") for domain in own if domain)


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _cut(text: str) -> tuple[str, str, str]:
    """The part in which a backslash is a slash, and from the query on the rest."""
    ends = [index for index in (text.find("?"), text.find("#")) if index >= 0]
    end = min(ends, default=len(text))
    return text[:end], text[end : end + 1], text[end + 1 :]


def _canonical(scheme: str, rest: str) -> str:
    """`rest` is all that follows "://"."""
    if scheme not in DEFAULT_PORTS:
        return ""
    rest = rest.partition("#")[0]
    before, mark, query = rest.partition("?")
    authority, slash, path = before.partition("/")
    place = _authority(scheme, authority)
    if not place:
        return ""
    path = quote(_without_dots(slash + path) or "/", safe=_PATH_SAFE)
    return f"{scheme}://{place}{path}{mark}{quote(query, safe=_QUERY_SAFE)}"


def _authority(scheme: str, text: str) -> str:
    """The host and a port that is not the default; user and password are dropped; empty where it is none."""
    text = text.rpartition("@")[2]
    bracketed = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d{0,5}))?", text)
    if bracketed is None:
        return ""
    name, digits = bracketed[1], bracketed[2]
    try:
        place = f"[{ipaddress.IPv6Address(name[1:-1])}]" if name.startswith("[") else host_name(unquote(name))
    except (ValueError, BadName):
        return ""
    port = int(digits) if digits else None
    if port is not None and port > 65535:
        return ""
    return place if port in (None, DEFAULT_PORTS[scheme]) else f"{place}:{port}"


def _without_dots(path: str) -> str:
    """Resolve "." and ".." in an absolute path (RFC 3986 s5.2.4), percent-encoded dots included."""
    kept: list[str] = []
    segments = path.split("/")
    for index, segment in enumerate(segments):
        plain = segment.replace("%2e", ".").replace("%2E", ".")
        if plain not in (".", ".."):
            kept.append(segment)
            continue
        if plain == ".." and len(kept) > 1:
            kept.pop()
        if index == len(segments) - 1:
            kept.append("")
    return "/".join(kept)

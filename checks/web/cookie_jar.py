"""The cookies that a browser keeps on its way through a site, and where it sends them (RFC 6265bis s5.7, s5.8).

Public suffixes are not known here: a cookie for a whole one would be kept.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from checks.network import Response
from checks.web.headers.set_cookie import Cookie, parse_set_cookie
from checks.web.url import host


class Jar:
    """Cookies of one visitor."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], tuple[Cookie, bool]] = {}

    def take(self, response: Response) -> None:
        """Keep what an answer sets, let go what it deletes, ignore what browsers refuse."""
        name = host(response.url)
        for line in response.headers.all("set-cookie"):
            cookie = parse_set_cookie(line)
            if not isinstance(cookie, Cookie) or cookie.broken_prefix:
                continue
            domain = cookie.domain or name
            if domain != name and not (name.endswith(f".{domain}") and "." in domain):
                continue
            path = cookie.path or urlsplit(response.url).path.rpartition("/")[0] or "/"
            key = (cookie.name, domain, path)
            if cookie.deletes():
                self._kept.pop(key, None)
            else:
                self._kept[key] = (cookie, cookie.domain is None)

    def header(self, url: str) -> str:
        """The Cookie header for a request; empty where no cookie belongs there."""
        name, path, secure = host(url), urlsplit(url).path or "/", url.startswith("https:")
        fitting = [
            (where, cookie)
            for (_, domain, where), (cookie, alone) in self._kept.items()
            if (name == domain or (not alone and name.endswith(f".{domain}")))
            and (path == where or path.startswith(where.rstrip("/") + "/"))
            and (secure or not cookie.secure)
        ]
        fitting.sort(key=lambda entry: -len(entry[0]))
        return "; ".join(f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for _, cookie in fitting)

"""Whether folders of the site show what lies in them."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.network import Response
from checks.web.exposure.probes import FOLDERS, answers_of, is_no_such_page, probed, site
from checks.web.html import parse
from checks.web.pages import canonical, first_party_assets
from checks.web.site.answers import the_canonical_page
from checks.web.url import origin

_HEADLINE = re.compile(
    r"index of\b|directory listing (?:for|of)\b|directory: |listing directory\b|files within\b|miniserve: |"
    r".{0,200} - /",
    re.IGNORECASE,
)
_UP = frozenset({"[to parent directory]", "parent directory", "parent directory/", "../", "..", "go up"})
_JSON = re.compile(rb'\s*\[\s*\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"type"\s*:\s*"(?:file|directory)"')
_XML = re.compile(rb"<(?:ListBucketResult|EnumerationResults)[\s>]|<list>\s*<(?:file|directory) mtime=")
_BARE = re.compile(
    rb"\s*(?:<!doctype html>\s*)?(?:<meta [^>]{0,200}>\s*)?<pre>\s*<a href=\"(?:\./)?([^\"]+)\">\1</a>\s", re.IGNORECASE
)
"""What Go's file server sends: links that are called as they lead, and nothing else."""


def is_listing(response: Response) -> bool:
    """Whether an answer lists files, in the form of any usual web server or object store."""
    if response.status != 200:
        return False
    start = response.body[:5000]
    if _JSON.match(start) or _XML.search(start) or _BARE.match(start):
        return True
    document = parse(response.text)
    headlines = (document.title, *(heading.text for heading in document.headings))
    is_caddys = unquote(urlsplit(response.url).path) == document.title and b"https://caddyserver.com" in response.body
    is_titled = is_caddys or any(_HEADLINE.match(headline) for headline in headlines)
    links = [anchor.get("href") for anchor in document.anchors]
    goes_up = "../" in links or ".." in links or any(word in document.text.lower() for word in _UP)
    is_bare = not document.scripts or "listing" in response.text[:20_000].lower()
    return is_titled and bool(links) and (goes_up or is_bare)


@check(
    "exposure.directory-listing",
    title="A folder shows all its files",
    when="a parent folder of a first-party asset shows a listing of its files",
    status="warn",
    triage="later",
    risk="data",
    item=("S3.5",),
    source="CWE-548",
    cost="Backups, exports and unfinished work in that folder can be found by anybody.",
    each=the_canonical_page,
)
async def directory_listing(facts: Facts, url: str) -> Verdict | list[Verdict]:
    await site(facts)
    folders = _folders([asset.url for asset in await first_party_assets(facts)], await canonical(facts))
    if not folders:
        return passed(url, "the homepage uses no file in a folder of the site's own")
    asked = await probed(facts, folders)
    listings = [answer for answer in asked if isinstance(answer, Response) and is_listing(answer)]
    open_ones = [answer for answer in listings if not await is_no_such_page(facts, answer)]
    if not open_ones:
        evidence = [answer.describe() for answer in answers_of(asked)]
        return passed(url, "no folder of the homepage's files shows a listing", evidence=evidence)
    return [
        warned(
            answer.url,
            f"{answer.url} lists its files",
            evidence=[answer.describe(), f"title: {parse(answer.text).title!r}"],
            fix="Switch listings off (nginx: autoindex off;  Apache: Options -Indexes).",
        )
        for answer in open_ones
    ]


def _folders(assets: list[str], homepage: str) -> list[str]:
    """The folders that hold assets, those with most first, then those above them.

    The site's root is left out, whose page is the homepage.
    """
    holds: Counter[str] = Counter()
    steps: dict[str, int] = {}
    for asset in assets:
        folder, step = _above(asset.partition("?")[0]), 0
        while folder not in (f"{origin(asset)}/", homepage):
            holds[folder] += 1
            steps[folder] = min(step, steps.get(folder, step))
            folder, step = _above(folder[:-1]), step + 1
    return sorted(holds, key=lambda folder: (steps[folder], -holds[folder]))[:FOLDERS]


def _above(url: str) -> str:
    return url[: url.rfind("/") + 1]
